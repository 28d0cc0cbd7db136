"""One account's database: its tables, what was asked of them lately, and changes on demand."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from random import Random
from typing import Any, Final, TypeVar

from .clock import Present, milliseconds
from .fill import generate
from .sizes import Sizes

T = TypeVar("T")
_VIEWS: Final = 8
"""Remembered results: an attendance walk costs 8 bytes a row while it is one of the last ones asked for."""
_SMALL: Final = 20_000
"""Attendances up to which any question is answered in some milliseconds."""
STAMPED: Final = frozenset({"attendances"})
"""Tables with ``updated_at``."""


class Store:
    """Safe to use from several threads: each call holds the lock, so that a page is read at one moment."""

    def __init__(self, index: int, seed: int, sizes: Sizes, present: Present) -> None:
        self._present = present
        self.lock = threading.RLock()
        self._small = sizes.attendances <= _SMALL
        self._connection = sqlite3.connect("", check_same_thread=False, isolation_level="IMMEDIATE")
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE"):
            self._connection.execute(f"PRAGMA {pragma}")
        self.studio = generate(self._connection, index, seed, sizes, present.now)
        self._views: OrderedDict[Any, Any] = OrderedDict()
        self._rng = Random(f"{seed}:{index}:changes")
        self._stamped = milliseconds(present.now)
        self._columns: dict[str, list[str]] = {}

    @property
    def now(self) -> datetime:
        """The moment that it is."""
        return self._present.now

    def time_passed(self) -> None:
        """Forget remembered results, which may depend on the time."""
        with self.lock:
            self._views.clear()

    def close(self) -> None:
        """Throw the data away."""
        with self.lock:
            self._connection.close()

    def execute(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, forget remembered results, and return its rows."""
        with self.lock, self._connection:
            self._views.clear()
            return self._connection.execute(statement, arguments).fetchall()

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a SELECT."""
        with self.lock:
            return self._connection.execute(statement, arguments).fetchall()

    def read_ids(self, statement: str, arguments: Sequence[Any] = ()) -> array[int]:
        """The first column of a SELECT, compactly."""
        with self.lock:
            return array("q", (row[0] for row in self._connection.execute(statement, arguments)))

    def remembered(self, key: Any, make: Callable[[], T]) -> T:
        """The result made for `key`, kept until the data change."""
        with self.lock:
            if key in self._views:
                self._views.move_to_end(key)
            else:
                self._views[key] = make()
                if len(self._views) > _VIEWS:
                    self._views.popitem(last=False)
            found: T = self._views[key]
            return found

    def knows(self, key: Any) -> bool:
        """Whether `remembered` would answer at once, or soon enough."""
        return self._small or key in self._views

    def insert(self, table: str, there: Sequence[int], count: int, values: dict[str, Any]) -> list[int]:
        """Add copies of random rows out of `there`, with new ids at the end (or `values["id"]`) and
        `values`.
        """
        if not there:
            raise ValueError(f"{table} is empty: there is no row to copy")
        with self.lock:
            values = self._cells(table, values)
            wanted = values.pop("id", None)
            new: list[int] = []
            for number in range(count):
                [(highest,)] = self.read(f"SELECT max(id) FROM {table}")
                key = highest + self._rng.randint(1, 5) if wanted is None else wanted + number
                others = ", ".join(column for column in self.columns(table) if column != "id")
                self.execute(
                    f"INSERT INTO {table} (id, {others}) SELECT ?, {others} FROM {table} WHERE id = ?",
                    [key, self._rng.choice(there)],
                )
                self._change(table, key, values)
                new.append(key)
            return new

    def delete(self, table: str, there: Sequence[int], ids: Iterable[int] | None, count: int) -> list[int]:
        """Remove the rows with these ids, or `count` random ones out of `there`."""
        with self.lock:
            chosen = self._chosen(table, there, ids, count)
            for key in chosen:
                self.execute(f"DELETE FROM {table} WHERE id = ?", [key])
            return chosen

    def update(
        self, table: str, there: Sequence[int], ids: Iterable[int] | None, count: int, values: dict[str, Any]
    ) -> list[int]:
        """Change columns of these rows, or of `count` random ones; ``updated_at`` moves on."""
        with self.lock:
            chosen = self._chosen(table, there, ids, count)
            cells = self._cells(table, values)
            for key in chosen:
                self._change(table, key, cells)
            return chosen

    def _change(self, table: str, key: int, values: dict[str, Any]) -> None:
        cells = {**self._stamp(table), **values}
        if cells:
            sets = ", ".join(f"{column} = ?" for column in cells)
            self.execute(f"UPDATE {table} SET {sets} WHERE id = ?", [*cells.values(), key])

    def tables(self) -> list[str]:
        """The names of the tables."""
        return [row[0] for row in self.read("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def columns(self, table: str) -> list[str]:
        """The table's column names."""
        if table not in self._columns:
            self._columns[table] = [row[1] for row in self.read(f"PRAGMA table_info({table})")]
        return self._columns[table]

    def _cells(self, table: str, values: dict[str, Any]) -> dict[str, Any]:
        unknown = values.keys() - set(self.columns(table))
        if unknown:
            raise ValueError(
                f"{table} has no column {', '.join(sorted(unknown))}; it has {', '.join(self.columns(table))}"
            )
        return {name: _cell(value) for name, value in values.items()}

    def _chosen(self, table: str, there: Sequence[int], ids: Iterable[int] | None, count: int) -> list[int]:
        if ids is None:
            return sorted(self._rng.sample(there, min(count, len(there))))
        return [key for key in ids if self.read(f"SELECT 1 FROM {table} WHERE id = ?", [key])]

    def _stamp(self, table: str) -> dict[str, int]:
        """``updated_at``: the present, and later than that of every change before."""
        if table not in STAMPED:
            return {}
        self._stamped = max(self._stamped + 1, milliseconds(self.now))
        return {"updated_at": self._stamped}


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
