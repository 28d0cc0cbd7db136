"""What a throttle counts in: pyrate-limiter's buckets, in which a token can be moved to a later time.

TeamUp counts a request when it arrives, a throttle when it lets it go. A request that was held up on its way (a new
connection, a busy machine) arrives in a later window than the one it was counted in, and would be one too many there.
So its token is moved to the time of the answer, by when it has arrived.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from contextlib import suppress
from typing import Protocol, runtime_checkable

from pyrate_limiter import InMemoryBucket, RateItem, SQLiteBucket

from ..errors import ConfigurationError

__all__ = ["FileBucket", "MemoryBucket", "Movable"]


@runtime_checkable
class Movable(Protocol):
    """A bucket that can count a token anew."""

    def move(self, then: int, now: int) -> None:
        """Count one token, taken at `then`, as taken `now` (both in milliseconds)."""
        ...


class MemoryBucket(InMemoryBucket):
    """Counts in the memory of this process."""

    def move(self, then: int, now: int) -> None:
        """See `Movable`."""
        # Tokens of one moment are all alike.
        index = bisect_right(self.items, then, key=_time)
        if index:
            del self.items[index - 1]
        self.items.append(RateItem("teamup", now))


class FileBucket(SQLiteBucket):
    """Counts in a database that processes share."""

    def move(self, then: int, now: int) -> None:
        """See `Movable`. Where the database can't be used, the next request says so."""
        with suppress(sqlite3.Error, ConfigurationError), self.lock:
            table = self.table  # a digest of the token
            latest = "item_timestamp <= ? ORDER BY item_timestamp DESC LIMIT 1"
            one = f"SELECT rowid FROM {table} WHERE {latest}"  # noqa: S608 - nobody else chooses its name
            self.conn.execute(f"DELETE FROM {table} WHERE rowid = ({one})", (then,))  # noqa: S608 - the same
            self.conn.execute(f"INSERT INTO {table} VALUES (?, ?)", ("teamup", now))  # noqa: S608 - the same
            self.conn.commit()


def _time(item: RateItem) -> int:
    return item.timestamp
