"""Reads what sinks wrote, without this package: rows as dicts, in their order."""

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from teamup_async.sinks.table import SINKS

Rows = list[dict[str, Any]]


def _csv(path: Path, _: str) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _arrow(path: Path, _: str) -> Rows:
    with pa.ipc.open_file(path) as file:
        return file.read_all().to_pylist()


def _sqlite(path: Path, name: str) -> Rows:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in db.execute(f'SELECT * FROM "{name}"')]
    finally:
        db.close()


def _duckdb(path: Path, name: str) -> Rows:
    with duckdb.connect(str(path), read_only=True) as db:
        return db.sql(f'SELECT * FROM "{name}"').to_arrow_table().to_pylist()


READERS: dict[str, Callable[[Path, str], Rows]] = {
    "jsonl": lambda path, _: [json.loads(line) for line in path.read_text("utf-8").splitlines()],
    "json": lambda path, _: json.loads(path.read_text("utf-8")),
    "csv": _csv,
    "parquet": lambda path, _: pq.read_table(path).to_pylist(),
    "arrow": _arrow,
    "sqlite": _sqlite,
    "duckdb": _duckdb,
}
"""How each format is read: by path, and by the name of the table. A new sink needs a reader here, and nothing else."""

DATABASES = tuple(kind for kind in SINKS if SINKS[kind].database)
FILES = tuple(kind for kind in SINKS if not SINKS[kind].database)
MERGING = tuple(kind for kind in SINKS if hasattr(SINKS[kind].load(), "merge"))
FORMATS = {kind: f"{kind}:{{}}/gym{SINKS[kind].endings[-1]}" for kind in DATABASES} | {
    kind: f"{kind}:{{}}" for kind in FILES
}
"""What each sink is called, with a gap for the folder."""


def rows_of(kind: str, folder: Path, name: str) -> Rows:
    """The rows of a file or table of a pull into `FORMATS`; JSON is nested, other columns have dotted names."""
    endings = SINKS[kind].endings
    return READERS[kind](folder / (f"gym{endings[-1]}" if kind in DATABASES else f"{name}{endings[0]}"), name)


def flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A row with its objects as dotted columns."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
