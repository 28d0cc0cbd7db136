"""The tables of a database sink: those that readers see, the stages, and how their columns change."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .base import SinkError, Target
from .connection import Database, quoted
from .evolution import change, type_from_json, type_to_json
from .naming import Names
from .schema import Scalar, Schema, Type

__all__ = ["ACCOUNT", "Tables"]

ACCOUNT: Final = "account"
"""The column that says whose a row is, where there are several accounts."""
_EXACT: Final = 1 << 53
"""Up to here a floating-point number holds every whole number."""


Columns = list[tuple[str, Type]]


class Tables(Database):
    """A database whose tables are made and changed here."""

    notes: list[str]
    names: Names

    @abstractmethod
    def sql_type(self, type_: Type) -> str:
        """The SQL type of a column."""

    @abstractmethod
    def exists(self, table: str) -> bool:
        """Whether a table or view of that name exists."""

    @abstractmethod
    def tables(self) -> Iterable[str]:
        """The names of all tables."""

    @abstractmethod
    def retype(self, table: str, column: str, sql_type: str) -> None:
        """Change the type of a column, and its values with it; names are quoted."""

    def _make(self, target: Target, schema: Schema, *, keep: bool = False) -> None:
        """Make the table, or make sure that it has the columns of `schema`.

        What others keep in it, or what is to be kept, is not lost: columns are added and widened. Otherwise the
        table is made anew.
        """
        columns = self._columns(target, schema)
        if self.exists(target.name):
            known = self._known(target.name)
            if known == columns:
                return
            self._check_accounts(target, known)
            if keep or self._of_others(target):
                self._check_names(target.name)
                self._evolve(target, known, columns)
                return
            self._drop(target.name)
        self._create(target.name, columns)
        self._note_names(target.name)

    def _note_names(self, table: str) -> None:
        self._put(f"names {table}", None if self.names == "dotted" else self.names)

    def _check_names(self, table: str) -> None:
        """Make sure that rows which stay have their columns under the same names."""
        before = self._get(f"names {table}") or "dotted"
        if before != self.names:
            raise SinkError(
                f"table {table!r} of {self.path} has {before} column names, and rows that stay: use "
                f"names={before!r} (--names {before}), write into another file, or drop the table first"
            )

    def _of_others(self, target: Target) -> bool:
        """Whether the table holds rows of other accounts."""
        whose, values = self._whose(target)
        return bool(whose) and bool(
            self._run(
                f"SELECT 1 FROM {quoted(target.name)} WHERE {ACCOUNT} IS DISTINCT FROM ? LIMIT 1", *values
            )
        )

    def _check_accounts(self, target: Target, known: Columns) -> None:
        if (known[0][0] == ACCOUNT) != (target.account is not None):
            now = "of one account" if target.account is None else "of several accounts"
            raise SinkError(
                f"table {target.name!r} of {self.path} is of another kind than this pull {now} (a column "
                f"{ACCOUNT!r} says whose rows are): pull into another file, or drop it first"
            )

    def _evolve(self, target: Target, known: Columns, columns: Columns) -> None:
        changed = change(f"table {target.name}", known, columns)
        table = quoted(target.name)
        types = dict(changed.columns)
        for name in changed.added:
            self._run(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {self.sql_type(types[name])}")
        for name in changed.widened:
            self._widen(target.name, name, dict(known)[name], types[name])
        self._put(f"columns {target.name}", _to_json(changed.columns))
        for note in changed.notes(f"table {target.name} of {self.path}"):
            self.notes.append(note)

    def _widen(self, table: str, column: str, old: Type, new: Type) -> None:
        name = quoted(column)
        if (old, new) == (Scalar("integer"), Scalar("number")) and self._count(
            f"SELECT count(*) FROM {quoted(table)} WHERE abs({name}) > {_EXACT}"
        ):
            raise SinkError(
                f"column {column} of {table} holds whole numbers that are too large for the numbers with fractions "
                "that come now: read everything again (--full), or write to another file"
            )
        if self.sql_type(old) != self.sql_type(new):
            self.retype(quoted(table), name, self.sql_type(new))

    def _create(self, table: str, columns: Columns) -> None:
        described = ", ".join(f"{quoted(name)} {self.sql_type(type_)}" for name, type_ in columns)
        self._run(f"CREATE TABLE {quoted(table)} ({described})")
        self._put(f"columns {table}", _to_json(columns))

    def _rename(self, table: str, name: str) -> None:
        self._run(f"ALTER TABLE {quoted(table)} RENAME TO {quoted(name)}")
        self._put(f"columns {name}", self._get(f"columns {table}"))
        self._put(f"columns {table}", None)

    def _drop(self, table: str) -> None:
        self._run(f"DROP TABLE IF EXISTS {quoted(table)}")
        self._put(f"columns {table}", None)
        self._put(f"names {table}", None)

    def _known(self, table: str) -> Columns:
        """The columns of a table of ours."""
        return [(name, type_from_json(type_)) for name, type_ in self._get(f"columns {table}")]

    def _columns(self, target: Target | None, schema: Schema) -> Columns:
        own: Columns = [(column.name, column.type) for column in schema.columns]
        return own if target is None or target.account is None else [(ACCOUNT, Scalar("string")), *own]

    def _whose(self, target: Target) -> tuple[str, tuple[Any, ...]]:
        return ("", ()) if target.account is None else (f" WHERE {ACCOUNT} = ?", (target.account,))

    # --- stages ---

    def _stage(self, part: str) -> str:
        return f"_teamup {part}"

    def _stages(self) -> set[str]:
        return {name for name in self.tables() if name.startswith("_teamup ")}

    def _check_stage(self, stage: str, schema: Schema) -> None:
        """Make sure that a stage has the columns of `schema`: an older version may have begun it."""
        if self._known(stage) != self._columns(None, schema):
            raise SinkError(
                f"{self.path} holds an unfinished pull with other columns; start anew with restart"
            )

    def _fit(self, target: Target, schema: Schema, part: str) -> None:
        """Give the columns of a stage the types of the target's."""
        types, stage = dict(self._known(target.name)), self._stage(part)
        for name, type_ in self._columns(None, schema):
            if types[name] != type_:
                self._widen(stage, name, type_, types[name])

    def _joined(self, parts: Sequence[str], schema: Schema) -> str | None:
        """The stages of `parts` in the first of them, quoted; None where nothing was read. Later rows win."""
        for part in parts:
            if self.exists(self._stage(part)):
                self._check_stage(self._stage(part), schema)
        first, *others = map(self._stage, parts)
        for other in others:
            if not self.exists(other):
                continue
            if not self.exists(first):
                self._create(first, self._columns(None, schema))
            self._run(f"DELETE FROM {quoted(first)} WHERE id IN (SELECT id FROM {quoted(other)})")
            names = ", ".join(map(quoted, schema.names))
            self._run(f"INSERT INTO {quoted(first)} ({names}) SELECT {names} FROM {quoted(other)}")
            self._drop(other)
        return quoted(first) if self.exists(first) else None


def _to_json(columns: Iterable[tuple[str, Type]]) -> list[list[Any]]:
    return [[name, type_to_json(type_)] for name, type_ in columns]
