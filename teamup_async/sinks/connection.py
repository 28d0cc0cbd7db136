"""A database file that is open only while it is written, so that readers have it the rest of the time."""

from __future__ import annotations

import contextlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from .base import SinkBusyError, SinkError, State
from .lock import Lock, Wait, holder_of, process
from .pieces import Pieces, changed, in_pieces, whole

__all__ = ["META", "Database", "quoted"]

META: Final = "_teamup"
"""Table of ours: the state of a pull, the columns and marks of tables, by key."""
_STATE: Final = "state "
"""What the keys of the state's pieces begin with."""
_RUNNING: Final = 60.0
"""Seconds that a run waits at least for a reader once it has begun: giving up would cost what it has read."""


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def _nothing() -> bool:
    return False


class Database(ABC):
    """The file, the lock that keeps other runs out, and statements."""

    format: ClassVar[str]
    begin: ClassVar[str] = "BEGIN TRANSACTION"

    def __init__(self, path: str | os.PathLike[str], *, wait: float = 0.0) -> None:
        self.path = Path(path)
        self.wait = wait
        self.patience = wait
        self._lock = Lock(self.path.with_name(f".{self.path.name}.lock"), self.name)
        self._waiting = Wait()
        self._db: Any = None
        self._saved: Pieces | None = None
        self._saving: Pieces | None = None
        self.more_to_come: Callable[[], bool] = _nothing
        """Whether another call follows at once: then the file stays open. To open it takes longer than most calls."""

    @property
    def name(self) -> str:
        """The format and the path."""
        return f"{self.format}:{self.path}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    @abstractmethod
    def connect(self) -> Any:
        """A connection that does not begin transactions by itself."""

    @property
    @abstractmethod
    def failures(self) -> type[Exception]:
        """What the database raises."""

    @abstractmethod
    def held_by(self, error: Exception) -> int | bool:
        """Whether somebody else has the file open, and which process, if `error` tells that."""

    def interrupt(self) -> None:
        """End waiting for somebody else; may be called from any thread."""
        self._waiting.stop()

    def _take(self) -> None:
        """Keep other runs out, after they have finished."""
        self._waiting.restart()
        self.patience = self.wait
        self._waiting.until(self._lock.acquire, self.wait)

    def _taken(self) -> None:
        """The run has begun."""
        self.patience = max(self.wait, _RUNNING)

    @contextmanager
    def _working(self) -> Generator[None]:
        """Have the file open; what goes wrong is a `SinkError`."""
        with self._told():
            if self._db is None:
                self._db = self._waiting.until(self._connect, self.patience)
            try:
                yield
            except BaseException:
                self._disconnect()
                raise
            if not self.more_to_come():
                self._disconnect()

    def _disconnect(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    @contextmanager
    def _writing(self) -> Generator[None]:
        """The same, in one transaction."""
        with self._working(), self._transaction():
            yield

    def _connect(self) -> Any:
        with self._told():
            return self.connect()

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except self.failures as error:
            if whose := self.held_by(error):
                raise SinkBusyError(self._busy(whose)) from error
            raise SinkError(f"cannot write {self.path}: {' '.join(str(error).split())}") from error
        except OSError as error:
            raise SinkError(f"cannot write {self.path}: {error.strerror or error}") from error

    def _busy(self, whose: int | bool) -> str:
        pid = holder_of(self.path) if whose is True else whose
        who = process(pid) if pid else "another process, or another connection of this one,"
        waited = f" (waited {self.patience:g} s)" if self.patience else ""
        return (
            f"cannot write {self.path}: {who} has it open{waited}. Close it there, or wait for it: --wait 600, "
            "in Python wait=600"
        )

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute(self.begin)
        try:
            yield
            self._db.execute("COMMIT")
            if self._saving is not None:
                self._saved, self._saving = self._saving, None
        except BaseException:
            self._saving = None
            with contextlib.suppress(self.failures):  # a full disk may have rolled it back already
                self._db.execute("ROLLBACK")
            raise

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._db.execute(statement, values).fetchall()
        return rows

    def _count(self, statement: str, *values: Any) -> int:
        return int(self._run(statement, *values)[0][0])

    def _get(self, key: str) -> Any:
        found = self._run(f"SELECT value FROM {META} WHERE key = ?", key)
        return json.loads(found[0][0]) if found else None

    def _put(self, key: str, value: Any) -> None:
        self._run(f"DELETE FROM {META} WHERE key = ?", key)
        if value is not None:
            self._run(f"INSERT INTO {META} VALUES (?, ?)", key, json.dumps(value))

    def _get_state(self) -> State:
        """The state that was saved last."""
        found = self._run(f"SELECT key, value FROM {META} WHERE key LIKE '{_STATE}%' ORDER BY key")
        state = whole({key.removeprefix(_STATE): json.loads(value) for key, value in found})
        self._saved = in_pieces(state)
        return state

    def _put_state(self, state: State) -> None:
        """Save what of `state` is not saved yet."""
        before, self._saved = self._saved, None  # until the transaction is over it is not known what is saved
        self._saving = in_pieces(state)
        if before is None:
            self._run(f"DELETE FROM {META} WHERE key LIKE '{_STATE}%'")
        new, gone = changed(before or {}, self._saving)
        for key in gone:
            self._put(_STATE + key, None)
        for key, value in new.items():
            self._run(f"DELETE FROM {META} WHERE key = ?", _STATE + key)
            self._run(f"INSERT INTO {META} VALUES (?, ?)", _STATE + key, json.dumps(value))
