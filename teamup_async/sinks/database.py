"""Sinks that are databases: stages are tables of their own, and readers see whole pulls, by transaction."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .base import Batch, Extra, Merge, Merged, SinkError, State, Target
from .connection import META, quoted
from .history import add
from .locations import written
from .moments import as_moment
from .naming import Names, check_names, named
from .schema import Schema, with_extra
from .tables import ACCOUNT, Tables

__all__ = ["DatabaseSink"]


class DatabaseSink(Tables):
    """Tables in a database file, one for each target; with several accounts, column ``account`` says whose a row is.

    Tables that this package did not make are not touched. `wait` is how many seconds to wait for another run, or
    for a program that has the file open. `extra` ``"keep"`` adds a column ``extra`` for fields that the row class does
    not know; `names` ``"snake"`` calls columns ``customer_name`` instead of ``customer.name``; `notes` says what
    changed in the tables of the latest run.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        wait: float = 0.0,
        extra: Extra = "drop",
        names: Names = "dotted",
    ) -> None:
        super().__init__(path, wait=wait)
        self.extra = extra
        self.names: Names = check_names(names)
        self.notes = []

    @abstractmethod
    def insert(self, table: str, batch: Batch) -> None:
        """Insert a batch into a table."""

    def batch(self, schema: Schema) -> Batch:
        """An empty batch."""
        return self.make_batch(self.columns(schema))

    @abstractmethod
    def make_batch(self, schema: Schema) -> Batch:
        """An empty batch for exactly these columns."""

    def columns(self, schema: Schema) -> Schema:
        """The columns that are written, by their names: those of `schema`, and ``extra`` where that is kept.

        Raises `QueryError` where two would have the same name.
        """
        kept = with_extra(schema) if self.extra == "keep" else schema
        return named(kept, self.names)

    def open(self, targets: Sequence[Target]) -> State:
        """Take the file and give the state last saved."""
        if self.path.is_dir():
            raise SinkError(f"cannot write {self.path}: it is a directory")
        if self.path.exists() and not os.access(self.path, os.W_OK):
            raise SinkError(f"cannot write {self.path}: it is read-only")
        with written(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._take()
        try:
            state = self._begin(targets)
        except BaseException:
            self.close()
            raise
        self.notes.clear()
        self._taken()
        return state

    def _begin(self, targets: Sequence[Target]) -> State:
        with self._writing():
            self._run(f"CREATE TABLE IF NOT EXISTS {META} (key VARCHAR PRIMARY KEY, value VARCHAR)")
            for target in targets:
                if self.exists(target.name) and self._get(f"columns {target.name}") is None:
                    raise SinkError(
                        f"{self.path} has a table {target.name!r} that was not made by teamup_async: "
                        "rename it first"
                    )
            return self._get_state()

    def append(self, part: str, batch: Batch, state: State) -> None:
        """Insert into the stage of `part` and save `state`, in one transaction."""
        with self._writing():
            stage = self._stage(part)
            if self.exists(stage):
                self._check_stage(stage, batch.schema)
            else:
                self._create(stage, self._columns(None, batch.schema))
            self.insert(quoted(stage), batch)
            self._put_state(state)

    def save(self, state: State) -> None:
        """Save `state` and drop the stages that it does not name."""
        with self._writing():
            named = {self._stage(part) for part in state.get("parts", {})}
            for stage in self._stages() - named:
                self._drop(stage)
            self._put_state(state)

    def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep `run` in the table of ours."""
        with self._writing():
            history, earlier = add(self._get("runs"), run)
            self._put("runs", history)
        return earlier

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        """Replace the rows of `target`, drop its stages and save `state`, in one transaction."""
        schema = self.columns(schema)
        with self._writing():
            staged = [part for part in parts if self.exists(self._stage(part))]
            for part in staged:
                self._check_stage(self._stage(part), schema)
            if staged and target.account is None and not self.exists(target.name):
                # Rows that are in a table of their own already need not be copied.
                self._rename(self._stage(staged.pop(0)), target.name)
                self._note_names(target.name)
            else:
                self._make(target, schema)
                whose, values = self._whose(target)
                self._run(f"DELETE FROM {quoted(target.name)}{whose}", *values)
            for part in staged:
                self._fit(target, schema, part)
                self._copy(target, schema, part)
            self._forget(target)
            self._put_state(state)
        return f"{self.path} table {target.name}"

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark saved with the rows of `target`."""
        with self._working():
            mark: dict[str, Any] | None = self._get(f"mark {target}") if self.exists(target.name) else None
            return mark

    def merge(
        self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge, state: State
    ) -> Merged:
        """Upsert by id, remove what is gone, save mark and `state`, in one transaction."""
        schema = self.columns(schema)
        with self._writing():
            stage = self._joined(parts, schema)
            self._make(target, schema, keep=not merge.replace)
            if stage is not None:
                self._fit(target, schema, parts[0])
            before, new, changed = self._compared(target, schema, stage)
            self._upsert(target, stage, merge)
            if stage is not None:
                self._copy(target, schema, parts[0])
            whose, values = self._whose(target)
            rows = self._count(f"SELECT count(*) FROM {quoted(target.name)}{whose}", *values)
            self._put(f"mark {target}", merge.mark)
            self._put_state(state)
        return Merged(
            place=f"{self.path} table {target.name}",
            rows=rows,
            new=new,
            changed=changed,
            removed=before + new - rows,
        )

    def _compared(self, target: Target, schema: Schema, stage: str | None) -> tuple[int, int, int]:
        """How many rows the target has, how many of the stage are new to it, and how many differ."""
        table, (whose, values) = quoted(target.name), self._whose(target)
        before = self._count(f"SELECT count(*) FROM {table}{whose}", *values)
        if stage is None:
            return before, 0, 0
        names = ", ".join(map(quoted, schema.names))
        kept = f"{whose} AND" if whose else " WHERE"
        same = f"{kept} id IN (SELECT id FROM {stage})" if schema.has_id else whose
        other = self._count(
            f"SELECT count(*) FROM (SELECT {names} FROM {stage} EXCEPT SELECT {names} FROM {table}{same})",
            *values,
        )
        if not schema.has_id:
            return before, other, 0
        new = self._count(
            f"SELECT count(*) FROM {stage} WHERE id NOT IN (SELECT id FROM {table}{whose})", *values
        )
        return before, new, other - new

    def _upsert(self, target: Target, stage: str | None, merge: Merge) -> None:
        """Make room for the rows of a stage: what they replace goes, and what is gone at the source."""
        table, (whose, values) = quoted(target.name), self._whose(target)
        if merge.replace:
            self._run(f"DELETE FROM {table}{whose}", *values)
            return
        if merge.since is not None:
            self._remove_gone(target, stage, merge.since)
        if stage is not None:
            also = f"{whose} AND" if whose else " WHERE"
            self._run(f"DELETE FROM {table}{also} id IN (SELECT id FROM {stage})", *values)

    def close(self) -> None:
        """Let the file go."""
        try:
            self._disconnect()
        finally:
            self._lock.release()

    def _copy(self, target: Target, schema: Schema, part: str) -> None:
        """Move the rows of a stage into the table."""
        stage = self._stage(part)
        names = ", ".join(quoted(name) for name in schema.names)
        account = () if target.account is None else (target.account,)
        head, value = (f"{ACCOUNT}, ", "?, ") if account else ("", "")
        self._run(
            f"INSERT INTO {quoted(target.name)} ({head}{names}) SELECT {value}{names} FROM {quoted(stage)}",
            *account,
        )
        self._drop(stage)

    def _remove_gone(self, target: Target, stage: str | None, since: tuple[str, str]) -> None:
        """Remove rows at or after a time that were not read again."""
        field, moment = since[0], datetime.fromisoformat(since[1])
        table, (whose, values) = quoted(target.name), self._whose(target)
        read: set[Any] = {i for (i,) in self._run(f"SELECT id FROM {stage}")} if stage else set()
        found = self._run(f"SELECT id, CAST({quoted(field)} AS VARCHAR) FROM {table}{whose}", *values)
        gone = [i for i, text in found if i not in read and text and as_moment(text) >= moment]
        also = f"{whose} AND" if whose else " WHERE"
        for i in gone:
            self._run(f"DELETE FROM {table}{also} id = ?", *values, i)

    def _forget(self, target: Target) -> None:
        self._run(f"DELETE FROM {META} WHERE key = ?", f"mark {target}")
