"""What a PostgreSQL sink knows of its tables and runs, in a table of its own: notes by key, and the state."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final

from .base import State
from .pieces import Pieces, changed, in_pieces, whole
from .postgres_address import Address, fitting, quoted
from .postgres_link import Link

__all__ = ["Notes"]

_STATE: Final = "state "
"""What the keys of the state's pieces begin with."""


class Notes:
    """Values by key, which change in the transaction of the rows that they tell of; `notes` are for people."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.notes: list[str] = []
        self._meta = quoted(self.address.workshop, "meta")
        self._saved: Pieces | None = None

    @property
    def address(self) -> Address:
        """Where the database is, and the schemas in it."""
        return self.link.address

    def tell(self, note: str) -> None:
        """Note something, once."""
        if note not in self.notes:
            self.notes.append(note)

    def prepare(self) -> None:
        """Make the schemas and the table of notes, if they are not there."""
        for schema in (self.address.schema, self.address.workshop):
            if not self.link.run("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema):
                self.link.run(f"CREATE SCHEMA {quoted(schema)}")
        if not self.exists(self.address.workshop, "meta"):
            self.link.run(f"CREATE TABLE {self._meta} (key text PRIMARY KEY, value text NOT NULL)")

    def exists(self, schema: str, table: str) -> bool:
        """Whether a table, view, or whatever has rows, exists."""
        return bool(
            self.link.run(
                "SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
                "WHERE nspname = $1 AND relname = $2",
                schema,
                fitting(table),
            )
        )

    def get(self, key: str) -> Any:
        """What was noted; None where nothing was."""
        found = self.link.run(f"SELECT value FROM {self._meta} WHERE key = $1", key)
        return json.loads(found[0][0]) if found else None

    def put(self, values: Pieces, gone: Iterable[str] = ()) -> None:
        """Note `values`, and forget the keys that are `gone`."""
        if gone := list(gone):
            self.link.run(f"DELETE FROM {self._meta} WHERE key = ANY($1)", gone)
        if values:
            self.link.run(
                f"INSERT INTO {self._meta} SELECT * FROM unnest($1::text[], $2::text[]) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                list(values),
                [json.dumps(value) for value in values.values()],
            )

    def get_state(self) -> State:
        """The state that was saved last."""
        found = self.link.run(f"SELECT key, value FROM {self._meta} WHERE starts_with(key, '{_STATE}')")
        state = whole({key.removeprefix(_STATE): json.loads(value) for key, value in sorted(found)})
        self._saved = in_pieces(state)
        return state

    @contextmanager
    def saving(self, state: State) -> Generator[None]:
        """A transaction that ends with saving `state`."""
        with self.link.transaction():
            yield
            self._put_state(state)
        self._saved = in_pieces(state)

    def _put_state(self, state: State) -> None:
        """Save what of `state` is not saved yet."""
        before, self._saved = self._saved, None  # until the transaction is over it is not known what is saved
        if before is None:
            self.link.run(f"DELETE FROM {self._meta} WHERE starts_with(key, '{_STATE}')")
        new, gone = changed(before or {}, in_pieces(state))
        self.put({_STATE + key: value for key, value in new.items()}, (_STATE + key for key in gone))
