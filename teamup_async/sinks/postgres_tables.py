"""The tables of a PostgreSQL sink: those that readers see, how their columns change, and the stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from .base import SinkError, Target
from .evolution import Change, change, type_from_json, type_to_json
from .naming import Names
from .postgres_address import fitting, quoted
from .postgres_link import Link
from .postgres_notes import Notes
from .postgres_types import moved, sql_type, staged_type
from .schema import Scalar, Schema, Type

__all__ = ["ACCOUNT", "Fit", "Tables"]

ACCOUNT: Final = "account"
"""The column that says whose a row is, where there are several accounts."""
_STAGE: Final = "stage "
_EXACT: Final = 1 << 53
"""Up to here a floating-point number holds every whole number."""

Columns = list[tuple[str, Type]]


@attrs.frozen
class Fit:
    """Columns that must be made anew with other types, and those that are not read any more."""

    remade: tuple[tuple[str, Type], ...] = ()
    missing: tuple[str, ...] = ()


class Tables(Notes):
    """Tables that are made and changed here. Nobody else's are touched."""

    def __init__(self, link: Link, names: Names) -> None:
        super().__init__(link)
        self._names = names

    def place(self, target: Target) -> str:
        """The table of a target, for people."""
        return f"{self.address.database} table {self.address.schema}.{fitting(target.name)}"

    def table(self, target: Target) -> str:
        """The table of a target, for SQL."""
        return quoted(self.address.schema, target.name)

    def check_owner(self, target: Target) -> None:
        """Make sure that the table of a target is one of ours, or not there."""
        if self.is_there(target) and self.get(f"columns {target.name}") is None:
            raise SinkError(
                f"{self.address.shown} has a table {fitting(target.name)!r} that was not made by teamup_async: rename "
                "it first, or write to another schema: ?schema=NAME"
            )

    def is_there(self, target: Target) -> bool:
        """Whether a target has a table."""
        return self.exists(self.address.schema, target.name)

    def columns(self, target: Target | None, schema: Schema) -> Columns:
        """The columns of a table, or of a stage."""
        own: Columns = [(column.name, column.type) for column in schema.columns]
        return own if target is None or target.account is None else [(ACCOUNT, Scalar("string")), *own]

    def known(self, target: Target) -> Columns:
        """The columns of a table of ours."""
        return [(name, type_from_json(type_)) for name, type_ in self.get(f"columns {target.name}")]

    def whose(self, target: Target) -> tuple[str, tuple[Any, ...]]:
        """A condition for the rows ``t`` of a target's account, with ``$1``."""
        return ("true", ()) if target.account is None else (f"t.{quoted(ACCOUNT)} = $1", (target.account,))

    def has_others(self, target: Target) -> bool:
        """Whether a table holds rows of other accounts."""
        whose, values = self.whose(target)
        return bool(values) and bool(
            self.link.run(
                f"SELECT 1 FROM {self.table(target)} t WHERE ({whose}) IS NOT TRUE LIMIT 1", *values
            )
        )

    def fit(self, target: Target, schema: Schema, *, anew: bool) -> Fit:
        """Give a table that is there the columns of `schema`, as far as that loses nothing.

        It stays the same table, with its indexes, grants and the views on it. `anew` says that its rows are about to be
        replaced, all of them: then columns may be left that have to be made anew, or that are not read any more.
        """
        known, wanted = self.known(target), self.columns(target, schema)
        if known == wanted:
            return Fit()
        if not anew:
            self._check_names(target)
        clashing = frozenset(self._clashing(target, dict(known), wanted) if anew else ())
        kept = [(name, dict(known)[name] if name in clashing else type_) for name, type_ in wanted]
        grown = change(f"table {target.name}", known, kept)
        self._alter(target, dict(known), grown)
        if anew:
            return Fit(tuple((name, type_) for name, type_ in wanted if name in clashing), grown.missing)
        for note in grown.notes(self.place(target)):
            self.tell(note)
        return Fit()

    def _clashing(self, target: Target, known: dict[str, Type], wanted: Columns) -> Iterable[str]:
        for name, type_ in wanted:
            if name in known:
                try:
                    change("", [(name, known[name])], [(name, type_)])
                    self.check_width(self.table(target), name, known[name], type_)
                except SinkError:
                    yield name

    def _alter(self, target: Target, before: dict[str, Type], grown: Change) -> None:
        table, after = self.table(target), dict(grown.columns)
        steps = [f"ADD COLUMN {quoted(name)} {sql_type(after[name])}" for name in grown.added]
        for name in grown.widened:
            self.check_width(table, name, before[name], after[name])
            if sql_type(before[name]) != sql_type(after[name]):
                steps.append(f"ALTER COLUMN {quoted(name)} TYPE {sql_type(after[name])}")
        if steps:
            self.link.briefly(f"ALTER TABLE {table} {', '.join(steps)}")
        self._know(target, grown.columns)

    def remake(self, target: Target, columns: Iterable[tuple[str, Type]]) -> None:
        """Make columns anew, whose values are gone."""
        for name, type_ in columns:
            column = quoted(name)
            self.link.run(
                f"ALTER TABLE {self.table(target)} DROP COLUMN {column}, ADD COLUMN {column} {sql_type(type_)}"
            )
            rest = [(other, known) for other, known in self.known(target) if other != name]
            self._know(target, [*rest, (name, type_)])

    def drop_column(self, target: Target, name: str) -> None:
        """Drop a column that is not read any more. Raises `InUseError` where a view reads it."""
        self.link.briefly(f"ALTER TABLE {self.table(target)} DROP COLUMN {quoted(name)}")
        self._know(target, [(other, known) for other, known in self.known(target) if other != name])

    def empty_column(self, target: Target, name: str) -> None:
        """Empty a column that is not read any more: rows that were not written again may have values in it."""
        column = quoted(name)
        self.link.run(f"UPDATE {self.table(target)} SET {column} = NULL WHERE {column} IS NOT NULL")

    def _know(self, target: Target, columns: Iterable[tuple[str, Type]]) -> None:
        self.put({f"columns {target.name}": _to_json(columns), f"names {target.name}": self._names})

    def _check_names(self, target: Target) -> None:
        """Make sure that rows which stay have their columns under the same names."""
        before = self.get(f"names {target.name}")
        if before != self._names:
            raise SinkError(
                f"{self.place(target)} has {before} column names, and rows that stay: use names={before!r} (--names "
                f"{before}), write into another schema (?schema=NAME), or drop the table first"
            )

    def check_width(self, table: str, column: str, old: Type, new: Type) -> None:
        """Make sure that whole numbers become numbers with fractions without losing a digit."""
        if (old, new) == (Scalar("integer"), Scalar("number")) and self.link.run(
            f"SELECT 1 FROM {table} WHERE abs({quoted(column)}) > {_EXACT} LIMIT 1"
        ):
            raise SinkError(
                f"column {column} of {table} holds whole numbers that are too large for the numbers with fractions "
                "that come now: read everything again (--full), or write to another schema"
            )

    def check_accounts(self, target: Target) -> None:
        """Make sure that a table that is there is of one account, or of several, as the target is."""
        if (self.known(target)[0][0] == ACCOUNT) != (target.account is not None):
            now = "of one account" if target.account is None else "of several accounts"
            raise SinkError(
                f"table {target.name!r} of {self.address.shown} is of another kind than this pull {now} (a column "
                f"{ACCOUNT!r} says whose rows are): pull into another schema (?schema=NAME), or drop it first"
            )

    def create(self, target: Target, schema: Schema) -> None:
        """Make the table of a target."""
        columns = self.columns(target, schema)
        described = ", ".join(f"{quoted(name)} {sql_type(type_)}" for name, type_ in columns)
        self.link.run(f"CREATE TABLE {self.table(target)} ({described})")
        self._know(target, columns)

    def index(self, target: Target, schema: Schema) -> None:
        """Let rows be found by id: a merge looks for them, and so do readers."""
        if schema.has_id:
            keys = "id" if target.account is None else f"{ACCOUNT}, id"
            self.link.run(f"CREATE INDEX ON {self.table(target)} ({keys})")

    # --- stages ---

    def stage(self, part: str) -> str:
        """The name of the stage of a part."""
        return fitting(_STAGE + part)

    def stages(self) -> set[str]:
        """All stages that are there."""
        found = self.link.run(
            "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            f"WHERE nspname = $1 AND starts_with(relname::text, '{_STAGE}')",
            self.address.workshop,
        )
        return {name for (name,) in found}

    def staged(self, part: str) -> str:
        """The stage of a part, for SQL."""
        return quoted(self.address.workshop, self.stage(part))

    def has_stage(self, part: str) -> bool:
        """Whether a part has a stage: one without rows has none."""
        return self.exists(self.address.workshop, self.stage(part))

    def make_stage(self, part: str, schema: Schema) -> None:
        """Make the stage of a part, if it is not there."""
        if self.has_stage(part):
            self.check_stage(part, schema)
            return
        columns = self.columns(None, schema)
        described = ", ".join(f"{quoted(name)} {staged_type(type_)}" for name, type_ in columns)
        # Logged: unlogged tables are empty after the server went down, and what they held had cost requests.
        self.link.run(f"CREATE TABLE {self.staged(part)} ({described})")
        self.put({f"staged {self.stage(part)}": _to_json(columns)})

    def check_stage(self, part: str, schema: Schema) -> None:
        """Make sure that a stage has the columns of `schema`: an older version may have begun it."""
        if self.get(f"staged {self.stage(part)}") != _to_json(self.columns(None, schema)):
            raise SinkError(
                f"{self.address.shown} holds an unfinished pull with other columns; start anew with restart"
            )

    def drop_stages(self, names: Iterable[str]) -> None:
        """Drop stages."""
        for name in names:
            self.link.run(f"DROP TABLE {quoted(self.address.workshop, name)}")
            self.put({}, [f"staged {name}"])

    def values(self, target: Target, schema: Schema, part: str) -> Sequence[str]:
        """The columns of a stage, as SQL that gives them the types of the table's columns."""
        types = dict(self.known(target))
        for name, type_ in self.columns(None, schema):
            self.check_width(self.staged(part), name, type_, types[name])
        return [moved(f"s.{quoted(name)}", type_, types[name]) for name, type_ in self.columns(None, schema)]


def _to_json(columns: Iterable[tuple[str, Type]]) -> list[list[Any]]:
    return [[name, type_to_json(type_)] for name, type_ in columns]
