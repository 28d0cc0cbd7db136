"""One account's database: its tables, what was asked of them lately, and changes on demand."""

from __future__ import annotations

import re
import sqlite3
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final, TypeVar, cast

from .clock import Present, milliseconds, utc_offset
from .entities import ENTITIES, INDEXES
from .fill import plan_courses
from .maker import MOVED, Maker
from .reference import cell
from .sizes import AccountIds, Sizes
from .studio import make_studio

T = TypeVar("T")
_VIEWS: Final = 8
"""Remembered results in any case: an attendance walk costs 8 bytes a row while it is one of the last ones asked for."""
_IDS: Final = 1_000_000
"""As many more results are remembered as hold this many ids together."""
_SMALL: Final = 20_000
"""Attendances up to which any question is answered in some milliseconds."""
_AT_START: Final = ("attendances", "instructed_sessions", "attendance_strikes")
"""Tables that are filled when the sandbox starts, with all that they need. The others are filled when a statement first
names them.
"""
_MOVING: Final = ("events", "course_sessions")
_WORD: Final = re.compile(r"[a-z_]+")


@lru_cache(maxsize=2048)
def _tables_in(statement: str) -> tuple[str, ...]:
    return tuple(
        word for word in dict.fromkeys(_WORD.findall(statement)) if word in ENTITIES or word in INDEXES
    )


class Store:
    """Safe to use from several threads: each call holds the lock, so that a page is read at one moment."""

    def __init__(self, index: int, seed: int, sizes: Sizes, present: Present) -> None:
        self._present = present
        self.seed = seed + index
        self.lock = threading.RLock()
        self._small = sizes.attendances <= _SMALL
        self._connection = sqlite3.connect("", check_same_thread=False, isolation_level="IMMEDIATE")
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE"):
            self._connection.execute(f"PRAGMA {pragma}")
        self.studio = make_studio(index, Random(f"{seed}:{index}"), present.now.astimezone(UTC).date())
        self._maker = Maker(
            self._connection,
            index,
            seed,
            sizes,
            AccountIds.of(index),
            self.studio,
            present.now,
            self._fill,
        )
        plan_courses(self._maker)
        for entity in ENTITIES.values():
            self._connection.execute(entity.create)
        self._connection.create_function("local_time", 2, self._local_time, deterministic=True)
        self._filled: set[str] = set()
        for name in _AT_START:
            self._fill(name)
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
        self._prepare(statement)
        with self.lock, self._connection:
            self._views.clear()
            return self._connection.execute(statement, arguments).fetchall()

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a SELECT."""
        with self.lock:
            self._prepare(statement)
            return self._connection.execute(statement, arguments).fetchall()

    def read_ids(self, statement: str, arguments: Sequence[Any] = ()) -> array[int]:
        """The first column of a SELECT, compactly."""
        with self.lock:
            self._prepare(statement)
            return array("q", (row[0] for row in self._connection.execute(statement, arguments)))

    def _prepare(self, statement: str) -> None:
        """Fill the tables and make the indexes that a statement names."""
        if not self._filled.issuperset(names := _tables_in(statement)):
            with self.lock, self._connection:
                for name in names:
                    self._fill(name)

    def _fill(self, name: str) -> None:
        if name in self._filled:
            return
        self._filled.add(name)
        if name in INDEXES:
            self._fill(INDEXES[name].partition(" ")[0])
            self._connection.execute(f"CREATE INDEX {name} ON {INDEXES[name]}")
            return
        entity = ENTITIES[name]
        found = entity.fill(self._maker)
        if isinstance(found, str):
            for other in _tables_in(found):
                self._fill(other)
            names = [
                column[0]
                for column in self._connection.execute(f"SELECT * FROM ({found}) LIMIT 0").description
            ]
            self._connection.execute(f"INSERT INTO {name} ({', '.join(names)}) {found}")
        else:
            marks = ", ".join("?" for _ in entity.columns)
            self._connection.executemany(
                f"INSERT INTO {name} VALUES ({marks})",
                ([cell(row, column, kind) for column, kind in entity.columns.items()] for row in found),
            )
        if name in _MOVING:
            self._connection.executescript(MOVED.format(table=name))

    def _local_time(self, starts_at: int, venue: int) -> str:
        utc = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=starts_at)
        zone = self.studio.venues[venue]["timezone"]
        return (utc + utc_offset(zone, utc.date())).replace(tzinfo=None).isoformat()

    def remembered(self, key: Any, make: Callable[[], T]) -> T:
        """The result made for `key`, kept until the data change."""
        with self.lock:
            if key in self._views:
                self._views.move_to_end(key)
            else:
                self._views[key] = make()
                while len(self._views) > _VIEWS and sum(map(_weight, self._views.values())) > _IDS:
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
        if "updated_at" not in self.columns(table):
            return {}
        self._stamped = max(self._stamped + 1, milliseconds(self.now))
        return {"updated_at": self._stamped}


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _weight(result: Any) -> int:
    """How many ids a remembered result is worth; groups take more room."""
    return len(cast("Sequence[int]", result)) if isinstance(result, array) else 50 * len(result[-1])
