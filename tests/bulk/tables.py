"""Reads what sinks wrote, as lists of dicts by dotted column."""

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

FORMATS = {
    "jsonl": "jsonl:{}",
    "json": "json:{}",
    "csv": "csv:{}",
    "parquet": "parquet:{}",
    "arrow": "arrow:{}",
    "sqlite": "sqlite:{}/gym.db",
    "duckdb": "duckdb:{}/gym.duckdb",
}
FILES = ("jsonl", "json", "csv", "parquet", "arrow")


def rows_of(kind: str, folder: Path, name: str) -> list[dict[str, Any]]:  # noqa: PLR0911 - a line for each format
    """The rows of a file or table, in their order."""
    if kind == "jsonl":
        return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
    if kind == "json":
        return json.loads((folder / f"{name}.json").read_text("utf-8"))
    if kind == "csv":
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if kind == "parquet":
        return pq.read_table(folder / f"{name}.parquet").to_pylist()
    if kind == "arrow":
        with pa.ipc.open_file(folder / f"{name}.arrow") as file:
            return file.read_all().to_pylist()
    if kind == "sqlite":
        db = sqlite3.connect(folder / "gym.db")
        db.row_factory = sqlite3.Row
        found = [dict(row) for row in db.execute(f'SELECT * FROM "{name}"')]
        db.close()
        return found
    with duckdb.connect(str(folder / "gym.duckdb"), read_only=True) as db:
        return db.sql(f'SELECT * FROM "{name}"').to_arrow_table().to_pylist()


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
