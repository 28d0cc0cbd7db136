"""SQLite: in the standard library, and everywhere else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from .base import Batch, SinkError
from .database import DatabaseSink
from .extract import values_by_row
from .schema import Scalar, Schema, Type
from .text import decimal_text, json_text

__all__ = ["SQLite"]

_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN"}


class SQLite(DatabaseSink):
    """Tables in an SQLite file.

    Times are text in UTC with microseconds (``2025-01-31T18:00:00.000000Z``: it sorts, and SQLite's date functions
    read it), decimals exact text, lists and objects JSON.

    * `path`: the file of the database.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    """

    format = "sqlite"
    columnar: ClassVar[bool] = True
    """Batches take twins of rows: a pull makes no row objects for them."""
    begin = "BEGIN IMMEDIATE"

    @property
    def failures(self) -> type[Exception]:
        """Every error of sqlite3."""
        return sqlite3.Error

    def connect(self) -> sqlite3.Connection:
        """A connection with manual transactions; a crash of the system loses nothing that was committed."""
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=self.patience)
        db.execute("PRAGMA synchronous = FULL")
        return db

    def held_by(self, error: Exception) -> int | bool:
        """SQLite says only that it is locked."""
        code = getattr(error, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

    def retype(self, table: str, column: str, sql_type: str) -> None:
        """SQLite changes no types: the values go into a new column, the last one, which takes the name."""
        self._run(f"ALTER TABLE {table} ADD COLUMN _teamup_wider {sql_type}")
        self._run(f"UPDATE {table} SET _teamup_wider = CAST({column} AS {sql_type})")
        self._run(f"ALTER TABLE {table} DROP COLUMN {column}")
        self._run(f"ALTER TABLE {table} RENAME COLUMN _teamup_wider TO {column}")

    def sql_type(self, type_: Type) -> str:
        """INTEGER, REAL, BOOLEAN or TEXT."""
        return _TYPES.get(type_.kind, "TEXT") if isinstance(type_, Scalar) else "TEXT"

    def make_batch(self, schema: Schema) -> _Rows:
        """An empty batch."""
        return _Rows(schema)

    def insert(self, table: str, batch: Batch) -> None:
        """Insert the rows of a batch."""
        assert isinstance(batch, _Rows)
        marks = ", ".join("?" * len(batch.schema.columns))
        try:
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", batch.rows)
        except (OverflowError, UnicodeError) as error:
            raise SinkError(f"a value does not fit {table}: {error}") from None

    def tables(self) -> Iterable[str]:
        """The names of all tables."""
        return [name for (name,) in self._run("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def exists(self, table: str) -> bool:
        """Whether a table or view of that name exists; case does not matter."""
        query = "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(?)"
        return bool(self._run(query, table))


class _Rows:
    """Rows as tuples of what SQLite stores."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.rows: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, rows: Sequence[Any]) -> None:
        """Take the rows of a page."""
        self.rows += [tuple(map(_stored, values)) for values in values_by_row(self.schema, rows)]


def _stored(value: Any) -> Any:
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
    if value is None or kind in _KEPT:
        return value
    if kind is datetime:
        if value.tzinfo is None:
            raise SinkError(f"{value} has no time zone")
        try:
            value = value.astimezone(UTC)
        except OverflowError:  # at the ends of what Python counts
            return value.isoformat()
        return f"{value.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if kind is Decimal:
        return decimal_text(value)
    return value.isoformat() if hasattr(value, "isoformat") else json_text(value)


_KEPT = frozenset({str, int, float, bool})
