"""Bytes of pages to Arrow arrays, straight and by way of row objects in turn; prints CPU seconds of each turn."""

from __future__ import annotations

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from teamup_async._decoding.columns import decode_columns
from teamup_async._decoding.fast import decode
from teamup_async.reports.attendances import ATTENDANCES
from teamup_async.sinks.columnar import ArrowBatch
from teamup_async.sinks.schema import Schema, schema_for

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.rows import Report

PAGES, PAGE = 100, 100
KINDS = {"full": (), "four": ("id", "customer.id", "event.starts_at", "status")}


def by_rows(schema: Schema, bodies: list[bytes]) -> pa.Table:
    batch = ArrowBatch(schema)
    for body in bodies:
        batch.add(decode(ATTENDANCES, body).rows)
    return pa.Table.from_batches(batch.finish())


def straight(schema: Schema, bodies: list[bytes]) -> pa.Table:
    batch = ArrowBatch(schema)
    for body in bodies:
        batch.add(decode_columns(ATTENDANCES, schema, ("id",), body).rows)
    return pa.Table.from_batches(batch.finish())


def timed(work: Callable[[], pa.Table]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    rounds: int = parser.parse_args().rounds
    found: dict[str, dict[str, list[float]]] = {}
    for kind, columns in KINDS.items():
        report = Report(columns)
        total = PAGES * PAGE
        bodies = [report.body(start, start + PAGE, total) for start in range(0, total, PAGE)]
        query = ATTENDANCES.query(columns=columns) if columns else ATTENDANCES.query()
        schema = schema_for(ATTENDANCES, query)
        ways = {
            "rows": functools.partial(by_rows, schema, bodies),
            "columns": functools.partial(straight, schema, bodies),
        }
        assert ways["rows"]() == ways["columns"]()
        found[kind] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, work in ways.items():
                found[kind][way].append(timed(work))
    print(json.dumps({"rows": PAGES * PAGE, **found}))


if __name__ == "__main__":
    main()
