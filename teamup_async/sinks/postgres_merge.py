"""Rows from stages into the tables that readers see, by SQL, inside of a transaction."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .base import Merge, Merged, SinkError, Target
from .postgres_address import quoted
from .postgres_tables import ACCOUNT, Fit, Tables
from .schema import Schema

__all__ = ["Arrival"]


@attrs.frozen
class Arrival:
    """Rows with the columns of `schema` that come into the table of a target."""

    tables: Tables
    target: Target
    schema: Schema

    def replace(self, parts: Sequence[str], fit: Fit) -> None:
        """Replace the rows of the target by those of the stages of `parts`."""
        new = self._make(fit)
        self._clear()
        for part in filter(self.tables.has_stage, parts):
            self._insert(part)
        if new:
            self.tables.index(self.target, self.schema)

    def merge(self, parts: Sequence[str], merge: Merge, fit: Fit) -> Merged:
        """Bring the rows of the target up to date with the stages of `parts`, and count what that did."""
        new_table = self._make(fit)
        part = self._joined(parts)
        if self.schema.has_id:
            new, changed, removed = self._merge_by_id(part, merge)
        elif merge.replace:
            changed = 0
            new, removed = self._exchange(part)
        else:
            raise SinkError(f"{self._place}: rows without an id can't be merged; read all of them")
        if new_table:
            self.tables.index(self.target, self.schema)
        return Merged(place=self._place, rows=self._rows(), new=new, changed=changed, removed=removed)

    @property
    def _place(self) -> str:
        return self.tables.place(self.target)

    @property
    def _table(self) -> str:
        return self.tables.table(self.target)

    def _make(self, fit: Fit) -> bool:
        """Make the table, or what of its columns must be made anew; whether it is a new table."""
        if self.tables.is_there(self.target):
            self.tables.remake(self.target, fit.remade)
            return False
        self.tables.create(self.target, self.schema)
        return True

    def _merge_by_id(self, part: str | None, merge: Merge) -> tuple[int, int, int]:
        """Rows with the values that they had are not written again."""
        removed = self._remove_gone(part, merge)
        if part is None:
            return 0, 0, removed
        stage, (whose, values) = self.tables.staged(part), self.tables.whose(self.target)
        same = f"({self._staged_values(part)}) IS NOT DISTINCT FROM ({self._values()})"
        self.tables.link.run(
            f"DELETE FROM {stage} s USING {self._table} t WHERE {whose} AND s.id = t.id AND {same}", *values
        )
        changed = self.tables.link.changed(
            f"DELETE FROM {self._table} t WHERE {whose} AND EXISTS (SELECT FROM {stage} s WHERE s.id = t.id)",
            *values,
        )
        return self._insert(part) - changed, changed, removed

    def _remove_gone(self, part: str | None, merge: Merge) -> int:
        """Remove rows that were not read again: those at or after a time, or all of them."""
        if not merge.replace and merge.since is None:
            return 0
        whose, values = self.tables.whose(self.target)
        gone = [whose]
        if part is not None:
            gone.append(f"NOT EXISTS (SELECT FROM {self.tables.staged(part)} s WHERE s.id = t.id)")
        if not merge.replace and merge.since is not None:
            field, moment = merge.since
            values = (*values, moment)
            gone.append(f"t.{quoted(field)}::timestamptz >= ${len(values)}::timestamptz")
        return self.tables.link.changed(f"DELETE FROM {self._table} t WHERE {' AND '.join(gone)}", *values)

    def _exchange(self, part: str | None) -> tuple[int, int]:
        """All rows make room for those of a stage; without an id a row is known by its values."""
        whose, values = self.tables.whose(self.target)
        before, new = self._rows(), 0
        if part is not None:
            staged = f"SELECT {self._staged_values(part)} FROM {self.tables.staged(part)} s"
            there = f"SELECT {self._values()} FROM {self._table} t WHERE {whose}"
            new = self.tables.link.count(f"SELECT count(*) FROM ({staged} EXCEPT {there}) AS others", *values)
        self._clear()
        rows = 0 if part is None else self._insert(part)
        return new, before + new - rows

    def _joined(self, parts: Sequence[str]) -> str | None:
        """The part whose stage now holds the rows of all; None where nothing was read. Later rows win."""
        staged = list(filter(self.tables.has_stage, parts))
        if not staged:
            return None
        first = self.tables.staged(staged[0])
        names = ", ".join(map(quoted, self.schema.names))
        for part in staged[1:]:
            other = self.tables.staged(part)
            if self.schema.has_id:
                self.tables.link.run(f"DELETE FROM {first} s USING {other} o WHERE s.id = o.id")
            self.tables.link.run(f"INSERT INTO {first} ({names}) SELECT {names} FROM {other}")
            self.tables.drop_stages([self.tables.stage(part)])
        self.tables.link.run(f"ANALYZE {first}")
        return staged[0]

    def _insert(self, part: str) -> int:
        """Move the rows of a stage into the table; how many they are."""
        names, values = ", ".join(map(quoted, self.schema.names)), self._staged_values(part)
        account = () if self.target.account is None else (self.target.account,)
        head, value = (f"{quoted(ACCOUNT)}, ", "$1, ") if account else ("", "")
        rows = self.tables.link.changed(
            f"INSERT INTO {self._table} ({head}{names}) SELECT {value}{values} FROM {self.tables.staged(part)} s",
            *account,
        )
        self.tables.drop_stages([self.tables.stage(part)])
        return rows

    def _clear(self) -> None:
        whose, values = self.tables.whose(self.target)
        self.tables.link.run(f"DELETE FROM {self._table} t WHERE {whose}", *values)

    def _rows(self) -> int:
        whose, values = self.tables.whose(self.target)
        return self.tables.link.count(f"SELECT count(*) FROM {self._table} t WHERE {whose}", *values)

    def _staged_values(self, part: str) -> str:
        return ", ".join(self.tables.values(self.target, self.schema, part))

    def _values(self) -> str:
        return ", ".join(f"t.{quoted(name)}" for name in self.schema.names)
