"""Sinks that are databases: stages are tables of their own, and readers see whole pulls, by transaction."""

from __future__ import annotations

import contextlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from .base import Batch, Merge, Merged, SinkError, State, Target
from .files import written
from .lock import Lock
from .moments import as_moment
from .schema import Schema, Type

__all__ = ["DatabaseSink", "quoted"]

_META: Final = "_teamup"
"""Table of ours: the state of a pull, the columns and marks of tables, by key."""
_ACCOUNT: Final = "account"


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


class DatabaseSink(ABC):
    """Tables in a database file, one for each target; with several accounts, column ``account`` says whose a row is.

    Tables that this package did not make are not touched.
    """

    format: ClassVar[str]

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = Lock(self.path.with_name(f".{self.path.name}.lock"), self.name)
        self._db: Any = None

    @property
    def name(self) -> str:
        """The format and the path."""
        return f"{self.format}:{self.path}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    # --- what differs between databases ---

    @abstractmethod
    def connect(self) -> Any:
        """A connection that does not begin transactions by itself."""

    @abstractmethod
    def sql_type(self, type_: Type) -> str:
        """The SQL type of a column."""

    @abstractmethod
    def insert(self, table: str, batch: Batch) -> None:
        """Insert a batch into a table."""

    @abstractmethod
    def batch(self, schema: Schema) -> Batch:
        """An empty batch."""

    @property
    @abstractmethod
    def failures(self) -> type[Exception]:
        """What the database raises."""

    @abstractmethod
    def exists(self, table: str) -> bool:
        """Whether a table or view of that name exists."""

    # --- the sink ---

    def open(self, targets: Sequence[Target]) -> State:
        """Take the file and give the state last saved."""
        if self.path.is_dir():
            raise SinkError(f"cannot write {self.path}: it is a directory")
        if self.path.exists() and not os.access(self.path, os.W_OK):
            raise SinkError(f"cannot write {self.path}: it is read-only")
        with written(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        try:
            return self._begin(targets)
        except BaseException:
            self.close()
            raise

    def _begin(self, targets: Sequence[Target]) -> State:
        with self._told():
            self._db = self.connect()
            with self._transaction():
                self._run(f"CREATE TABLE IF NOT EXISTS {_META} (key VARCHAR PRIMARY KEY, value VARCHAR)")
            for target in targets:
                if self.exists(target.name) and self._get(f"columns {target.name}") is None:
                    raise SinkError(
                        f"{self.path} has a table {target.name!r} that was not made by teamup_async: "
                        "rename it first"
                    )
            state: State = self._get("state") or {}
            return state

    def append(self, part: str, batch: Batch, state: State) -> None:
        """Insert into the stage of `part` and save `state`, in one transaction."""
        with self._told(), self._transaction():
            stage = self._stage(part)
            if not self.exists(stage):
                self._create(stage, self._columns(None, batch.schema))
            self.insert(quoted(stage), batch)
            self._put("state", state)

    def save(self, state: State) -> None:
        """Save `state` and drop the stages that it does not name."""
        with self._told(), self._transaction():
            named = {self._stage(part) for part in state.get("parts", {})}
            for stage in self._stages() - named:
                self._drop(stage)
            self._put("state", state or None)

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        """Replace the rows of `target`, drop its stages and save `state`, in one transaction."""
        with self._told(), self._transaction():
            self._make(target, schema)
            whose, values = self._whose(target)
            self._run(f"DELETE FROM {quoted(target.name)}{whose}", *values)
            for part in parts:
                self._copy(target, schema, part)
            self._forget(target)
            self._put("state", state)
        return f"{self.path} table {target.name}"

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark saved with the rows of `target`."""
        with self._told():
            mark: dict[str, Any] | None = self._get(f"mark {target}") if self.exists(target.name) else None
            return mark

    def merge(
        self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge, state: State
    ) -> Merged:
        """Upsert by id, remove what is gone, save mark and `state`, in one transaction."""
        with self._told(), self._transaction():
            stage = self._joined(parts, schema)
            self._make(target, schema, keep=not merge.replace)
            before, new, changed = self._compared(target, schema, stage)
            self._upsert(target, stage, merge)
            if stage is not None:
                self._copy(target, schema, parts[0])
            whose, values = self._whose(target)
            rows = self._count(f"SELECT count(*) FROM {quoted(target.name)}{whose}", *values)
            self._put(f"mark {target}", merge.mark)
            self._put("state", state)
        return Merged(
            place=f"{self.path} table {target.name}",
            rows=rows,
            new=new,
            changed=changed,
            removed=before + new - rows,
        )

    def _joined(self, parts: Sequence[str], schema: Schema) -> str | None:
        """The stages of `parts` in the first of them, quoted; None where nothing was read. Later rows win."""
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

    def _count(self, statement: str, *values: Any) -> int:
        return int(self._run(statement, *values)[0][0])

    def close(self) -> None:
        """Close the connection and let the file go."""
        db, self._db = self._db, None
        try:
            if db is not None:
                db.close()
        finally:
            self._lock.release()

    # --- tables ---

    def _make(self, target: Target, schema: Schema, *, keep: bool = False) -> None:
        """Make the table, or make sure that it has the columns of `schema`."""
        key, columns = f"columns {target.name}", self._columns(target, schema)
        known = self._get(key)
        if self.exists(target.name):
            if known == columns:
                return
            whose, values = self._whose(target)
            others = whose and self._run(
                f"SELECT 1 FROM {quoted(target.name)} WHERE {_ACCOUNT} IS DISTINCT FROM ? LIMIT 1", *values
            )
            if keep or others or (known and (known[0][0] == _ACCOUNT) != (target.account is not None)):
                raise SinkError(
                    f"table {target.name!r} of {self.path} has other columns than this pull: pull into another file, "
                    "or drop it first"
                )
            self._drop(target.name)
        self._create(target.name, columns)
        self._put(key, columns)

    def _create(self, table: str, columns: Iterable[Sequence[str]]) -> None:
        described = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
        self._run(f"CREATE TABLE {quoted(table)} ({described})")

    def _columns(self, target: Target | None, schema: Schema) -> list[list[str]]:
        own = [[column.path, self.sql_type(column.type)] for column in schema.columns]
        return own if target is None or target.account is None else [[_ACCOUNT, "VARCHAR"], *own]

    def _copy(self, target: Target, schema: Schema, part: str) -> None:
        """Move the rows of a stage into the table, if there are any."""
        stage = self._stage(part)
        if not self.exists(stage):
            return
        names = ", ".join(quoted(name) for name in schema.names)
        account = () if target.account is None else (target.account,)
        head, value = (f"{_ACCOUNT}, ", "?, ") if account else ("", "")
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

    def _whose(self, target: Target) -> tuple[str, tuple[Any, ...]]:
        return ("", ()) if target.account is None else (f" WHERE {_ACCOUNT} = ?", (target.account,))

    def _forget(self, target: Target) -> None:
        self._run(f"DELETE FROM {_META} WHERE key = ?", f"mark {target}")

    def _stage(self, part: str) -> str:
        return f"_teamup {part}"

    def _stages(self) -> set[str]:
        return {name for name in self.tables() if name.startswith("_teamup ")}

    @abstractmethod
    def tables(self) -> Iterable[str]:
        """The names of all tables."""

    # --- statements ---

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._db.execute(statement, values).fetchall()
        return rows

    def _drop(self, table: str) -> None:
        self._run(f"DROP TABLE IF EXISTS {quoted(table)}")

    def _get(self, key: str) -> Any:
        found = self._run(f"SELECT value FROM {_META} WHERE key = ?", key)
        return json.loads(found[0][0]) if found else None

    def _put(self, key: str, value: Any) -> None:
        self._run(f"DELETE FROM {_META} WHERE key = ?", key)
        if value is not None:
            self._run(f"INSERT INTO {_META} VALUES (?, ?)", key, json.dumps(value))

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN TRANSACTION")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(self.failures):  # a full disk may have rolled it back already
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except self.failures as error:
            raise SinkError(f"cannot write {self.path}: {' '.join(str(error).split())}") from error
        except OSError as error:
            raise SinkError(f"cannot write {self.path}: {error.strerror or error}") from error
