"""DuckDB: columns, SQL for analysis, one file."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import duckdb
import pyarrow as pa

from .base import Batch, State, Target
from .columnar import ArrowBatch, warm_up
from .database import DatabaseSink
from .schema import ListOf, Scalar, Schema, Struct, Type

__all__ = ["DuckDB"]

_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "decimal": "DECIMAL(38,10)",
    "boolean": "BOOLEAN",
    "string": "VARCHAR",
    "json": "VARCHAR",
    "date-time": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "time": "TIME",
}


class DuckDB(DatabaseSink):
    """Tables in a DuckDB file, with real types: moments with time zone, exact decimals, lists and structs.

    * `path`: the file of the database.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    """

    format = "duckdb"
    columnar: ClassVar[bool] = True

    @property
    def failures(self) -> type[Exception]:
        """Every error of DuckDB."""
        return duckdb.Error

    def connect(self) -> Any:
        """A connection. While it is open, DuckDB lets no other process open the file, not even to read."""
        return duckdb.connect(str(self.path))

    def held_by(self, error: Exception) -> int | bool:
        """DuckDB names the process, if it is another one."""
        if found := re.search(r"Conflicting lock is held in .*\(PID (\d+)\)", str(error)):
            return int(found[1])
        return "Could not set lock" in str(error) or "different configuration" in str(error)

    def retype(self, table: str, column: str, sql_type: str) -> None:
        """Structs grow by name."""
        self._run(f"ALTER TABLE {table} ALTER COLUMN {column} SET DATA TYPE {sql_type}")

    def sql_type(self, type_: Type) -> str:
        """The type, with structs and lists spelled out."""
        match type_:
            case Scalar(kind):
                return _TYPES[kind]
            case ListOf(item):
                return f"{self.sql_type(item)}[]"
            case Struct(fields):
                inner = ", ".join(f'"{name}" {self.sql_type(inner)}' for name, inner in fields)
                return f"STRUCT({inner})"

    def open(self, targets: Sequence[Target]) -> State:
        """Take the file and give the state last saved."""
        warm_up()
        return super().open(targets)

    def make_batch(self, schema: Schema) -> ArrowBatch:
        """An empty batch."""
        return ArrowBatch(schema)

    def insert(self, table: str, batch: Batch) -> None:
        """Insert the rows of a batch."""
        assert isinstance(batch, ArrowBatch)
        rows = pa.Table.from_batches(batch.finish())
        self._db.register("_teamup_batch", rows)
        try:
            self._db.execute(f"INSERT INTO {table} SELECT * FROM _teamup_batch")
        finally:
            self._db.unregister("_teamup_batch")

    def tables(self) -> Iterable[str]:
        """The names of all tables."""
        return [name for (name,) in self._run("SELECT table_name FROM duckdb_tables()")]

    def exists(self, table: str) -> bool:
        """Whether a table or view of that name exists; case does not matter."""
        query = (
            "SELECT 1 FROM information_schema.tables "
            "WHERE table_schema = 'main' AND lower(table_name) = lower(?)"
        )
        return bool(self._run(query, table))
