"""What processes share: a quota, counted in a file (`QuotaFile`) or in Redis (`RedisQuota`, in a module of its own)."""

from __future__ import annotations

import asyncio
import math
import os
import sqlite3
import time
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from .._http.clock import SystemClock
from .._http.throttle import Throttle, rates
from ..config import check_rate
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket

__all__ = ["QuotaFile", "SharedQuota", "digest_of"]


class SharedQuota(Protocol):
    """A quota that is counted outside of this process."""

    def throttle(self, token: str, *, concurrency: int = 8, cap: asyncio.Semaphore | None = None) -> Throttle:
        """A throttle for the clients of a token; see `Throttle`."""
        ...


def digest_of(token: str) -> str:
    """The name that a caller has where processes share its quota; the token can't be had from it."""
    return blake2b(token.encode(), digest_size=8, person=b"teamup_async").hexdigest()


class _WallClock(SystemClock):
    """Time that processes and restarts of the machine have in common."""

    def now(self) -> float:
        return time.time()


class QuotaFile:
    """A quota that processes on one machine share, since TeamUp counts for each caller, not for each process.

        with QuotaFile("quota.sqlite") as quota:
            TeamUp(token=token, throttle=quota.throttle(token))

    The file at `path` is made where it is missing. It holds times of requests, under a digest of the token. `rate`
    (requests) and `window` (seconds) must be the same everywhere.
    """

    def __init__(self, path: str | os.PathLike[str], *, rate: int = 250, window: float = 60.0) -> None:
        self.path = Path(path)
        self._rate, self._window = check_rate(rate), window
        self._opened: list[sqlite3.Connection] = []

    def bucket(self, token: str) -> AbstractBucket:
        """What a `Throttle` counts in."""
        from .._http.buckets import FileBucket

        table = f"caller_{digest_of(token)}"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
            self._opened.append(db)
            # Times of requests need not outlast a power failure, so nothing waits for the disk.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = OFF")
            db.execute(f"CREATE TABLE IF NOT EXISTS {table} (name VARCHAR, item_timestamp INTEGER)")
            db.execute(f"CREATE INDEX IF NOT EXISTS {table}_time ON {table} (item_timestamp)")
            # A clock that was set back must not block the account until its old time is reached again.
            later = math.floor((time.time() + self._window) * 1000)
            db.execute(f"DELETE FROM {table} WHERE item_timestamp > ?", (later,))  # noqa: S608 - a digest
            db.commit()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"cannot use {self.path} for the quota: {error}") from None
        return FileBucket(rates(self._rate, self._window), db, table, lock=_Exclusive(db, self.path))

    def throttle(self, token: str, *, concurrency: int = 8, cap: asyncio.Semaphore | None = None) -> Throttle:
        """A throttle for a client of that token; see `Throttle`. Raises `ConfigurationError`."""
        return Throttle(
            self._rate,
            window=self._window,
            concurrency=concurrency,
            clock=_WallClock(),
            bucket=self.bucket(token),
            cap=cap,
        )

    def close(self) -> None:
        """Close the file."""
        while self._opened:
            self._opened.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Exclusive:
    """The lock that the bucket holds while it counts and adds: the database's own, so other processes wait."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path
        self._depth = 0

    def __enter__(self) -> Self:
        if not self._depth:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise ConfigurationError(f"cannot use {self._path} for the quota: {error}") from None
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth and self._db.in_transaction:
            self._db.commit()
