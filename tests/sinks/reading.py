"""Reads what sinks wrote, without this package: rows as dicts, in their order."""

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from teamup_async.sinks.table import SINKS
from tests.postgres_server import read_table, schema_of, server
from tests.s3_server import store

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


def _xlsx(path: Path, name: str) -> Rows:
    book = openpyxl.load_workbook(path)
    head, *rows = book[name[:31] or book.sheetnames[0]].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _delta(path: Path, _: str) -> Rows:
    return DeltaTable(path).to_pyarrow_table().to_pylist()


READERS: dict[str, Callable[[Path, str], Rows]] = {
    "jsonl": lambda path, _: [json.loads(line) for line in path.read_text("utf-8").splitlines()],
    "json": lambda path, _: json.loads(path.read_text("utf-8")),
    "csv": _csv,
    "parquet": lambda path, _: pq.read_table(path).to_pylist(),
    "arrow": _arrow,
    "delta": _delta,
    "sqlite": _sqlite,
    "xlsx": _xlsx,
    "duckdb": _duckdb,
    "postgresql": read_table,
}
"""How each format is read: by path, and by the name of the table. A new sink needs a reader here, and nothing else."""

DATABASES = tuple(kind for kind in SINKS if SINKS[kind].database)
FILES = tuple(kind for kind in SINKS if not SINKS[kind].database)
MERGING = tuple(kind for kind in SINKS if hasattr(SINKS[kind].load(), "merge"))


def path_of(kind: str, base: Path) -> Path:
    """The file of a sink; for a sink that has no files, the path that stands for its schema."""
    return Path(f"{base}{next(iter(SINKS[kind].endings), '')}")


def place_of(kind: str, base: Path) -> str:
    """What a sink is called that writes one file, or the tables of one database; `READERS` reads its `path_of`."""
    if SINKS[kind].schemes:
        return server().url(schema_of(path_of(kind, base)))
    return f"{kind}:{path_of(kind, base)}"


@attrs.frozen
class Place:
    """What a sink is called, with a gap for the folder; a text with a gap can't start a server."""

    kind: str

    def format(self, folder: Path) -> str:
        """What the sink is called that writes into a folder: into files of it, or into a database there."""
        kind, _, stored = self.kind.partition("@")
        if stored:
            return f"{kind}:{store().place(folder)}"
        return place_of(kind, folder / "gym") if kind in DATABASES else f"{kind}:{folder}"


UNORDERED = ("delta", "delta@s3", "postgresql")
STORED = ("parquet@s3", "delta@s3")
"""Sinks in an object store: files are all alike there."""
FORMATS = {kind: Place(kind) for kind in (*SINKS, *STORED)}
"""The places of tests that give each sink a folder."""


def rows_of(kind: str, folder: Path, name: str) -> Rows:
    """The rows of a file or table of a pull into `FORMATS`; JSON is nested, other columns have dotted names."""
    kind, _, stored = kind.partition("@")
    folder = store().copy(folder) if stored else folder
    if kind == "delta":  # a folder
        return READERS[kind](folder / name, name)
    return READERS[kind](path_of(kind, folder / ("gym" if kind in DATABASES else name)), name)


def in_order(kind: str, rows: list[Any]) -> list[Any]:
    """Rows as they lie; where a table has no order of its own, in the order of their values."""
    return sorted(rows, key=repr) if kind in UNORDERED else rows


def flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A row with its objects as dotted columns."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
