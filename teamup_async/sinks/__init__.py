"""Where pulls put rows: files (jsonl, csv, Parquet, Arrow) and databases (DuckDB, SQLite).

    from teamup_async.sinks import DuckDB
    await teamup.pull({"attendances": {"status": ["attended"]}}, into=DuckDB("gym.duckdb"))

A sink of one's own is a class with the methods of `Sink`. Formats that need another package (the extras ``parquet`` and
``duckdb``) load it when they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .base import Batch, Merge, MergingSink, Sink, SinkBusyError, SinkError, State, Target
from .named import sink_named

if TYPE_CHECKING:
    from .arrow import Arrow, Parquet
    from .csv import Csv
    from .duckdb import DuckDB
    from .jsonl import Jsonl
    from .sqlite import SQLite

__all__ = [
    "Arrow",
    "Batch",
    "Csv",
    "DuckDB",
    "Jsonl",
    "Merge",
    "MergingSink",
    "Parquet",
    "SQLite",
    "Sink",
    "SinkBusyError",
    "SinkError",
    "State",
    "Target",
    "sink_named",
]

_HOMES = {
    "Arrow": "arrow",
    "Csv": "csv",
    "DuckDB": "duckdb",
    "Jsonl": "jsonl",
    "Parquet": "arrow",
    "SQLite": "sqlite",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
