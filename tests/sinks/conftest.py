"""Sinks against a sandbox: reading back what they wrote."""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from teamup_async import RetryPolicy, TeamUp
from teamup_async.sandbox import Sandbox

Rows = list[dict[str, Any]]


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


def _csv(path: Path, _: str) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Objects as dotted columns."""
    found: dict[str, Any] = {}
    for name, item in value.items():
        found |= _flat(item, f"{prefix}{name}.") if isinstance(item, dict) else {prefix + name: item}
    return found


def _arrow(path: Path, _: str) -> Rows:
    with pa.ipc.open_file(path) as file:
        return file.read_all().to_pylist()


READERS: dict[str, Callable[[Path, str], Rows]] = {
    "jsonl": lambda path, _: [_flat(json.loads(line)) for line in path.read_text("utf-8").splitlines()],
    "json": lambda path, _: [_flat(row) for row in json.loads(path.read_text("utf-8"))],
    "csv": _csv,
    "parquet": lambda path, _: pq.read_table(path).to_pylist(),
    "arrow": _arrow,
    "sqlite": _sqlite,
    "duckdb": _duckdb,
}
"""How each format is read without this package: rows as dicts by dotted column."""


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """A sandbox for these tests."""
    with Sandbox.in_thread(rows=1500, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The sandbox without faults."""
    yield served
    served.faults.clear()
    served.before_request = None


@pytest.fixture
def client(sandbox: Sandbox) -> Callable[..., TeamUp]:
    """Makes clients of the sandbox that give up after the first try."""

    def make(**options: Any) -> TeamUp:
        settings = {"token": sandbox.token, "base_url": sandbox.url, "rate": None, "mode": "provider"}
        return TeamUp(**{**settings, "retry": RetryPolicy(attempts=1), **options})

    return make


@pytest.fixture
def readers() -> dict[str, Callable[[Path, str], Rows]]:
    """The readers by format."""
    return READERS


@pytest.fixture
def read(readers: dict[str, Any]) -> Callable[[str, Path, str], Rows]:
    """Reads a file or table: by format, path, and name of the table."""

    def reading(kind: str, path: Path, name: str = "") -> Rows:
        return readers[kind](path, name)

    return reading
