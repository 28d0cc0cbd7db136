"""Where pulls put rows: files (jsonl, csv, Parquet, Arrow, Excel), Delta Lake, databases (DuckDB, PostgreSQL, SQLite).

    from teamup_async.sinks import DuckDB
    await teamup.pull({"attendances": {"status": ["attended"]}}, into=DuckDB("gym.duckdb"))

To write a sink, write a class with the methods of `Sink`. Formats that need another package (the extras ``parquet``,
``delta``, ``duckdb``, ``excel`` and ``postgres``) load it when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import Batch, Merge, MergingSink, Sink, SinkBusyError, SinkError, State, Target
from .named import sink_named
from .table import SINKS

if TYPE_CHECKING:
    from .arrow import Arrow
    from .csv import Csv
    from .delta import Delta
    from .duckdb import DuckDB
    from .json import Json
    from .jsonl import Jsonl
    from .parquet import Parquet
    from .postgresql import PostgreSQL
    from .sqlite import SQLite
    from .xlsx import Xlsx

__all__ = [
    "Arrow",
    "Batch",
    "Csv",
    "Delta",
    "DuckDB",
    "Json",
    "Jsonl",
    "Merge",
    "MergingSink",
    "Parquet",
    "PostgreSQL",
    "SQLite",
    "Sink",
    "SinkBusyError",
    "SinkError",
    "State",
    "Target",
    "Xlsx",
    "sink_named",
]


def __getattr__(name: str) -> Any:
    for made in SINKS.values():
        if made.home.endswith(f":{name}"):
            return made.load()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
