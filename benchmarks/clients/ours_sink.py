"""The package pulls into a file: checkpoints, stages and all. With ``--by-rows`` it makes row objects on the way.

Besides CPU and memory it tells the longest time that the event loop could do nothing else: on the wall, and of the
loop's own thread.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loaded import load
from meter import CONNECTIONS, TOKEN, Meter, arguments

from teamup_async import TeamUp
from teamup_async.sinks import sink_named
from teamup_async.sinks.columnar import warm_up


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", choices=list(READERS), default="parquet")
    parser.add_argument("--columns", nargs="*", default=None)
    parser.add_argument("--by-rows", action="store_true")
    parser.add_argument("--count", action="store_true", help="count rows only: their ids would be in memory")


class Stalls:
    """Wakes as often as it can and notes the longest time between."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    async def watch(self) -> None:
        while True:
            wall, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0)
            self.wall = max(self.wall, time.perf_counter() - wall)
            self.cpu = max(self.cpu, time.thread_time() - cpu)
            await asyncio.sleep(0.001)


async def pull(given: argparse.Namespace, place: str, stalls: Stalls) -> None:
    query: dict[str, Any] = {} if given.columns is None else {"columns": given.columns}
    into: Any = sink_named(place)
    if given.by_rows:
        into.columnar = False
    async with TeamUp(token=TOKEN, base_url=given.url, rate=None, concurrency=CONNECTIONS) as teamup:
        watching = asyncio.create_task(stalls.watch())
        result = await teamup.pull({"attendances": query}, into=into)
        watching.cancel()
    assert result.ok, result


def _parquet(folder: Path) -> list[int]:
    from pyarrow import parquet

    return parquet.read_table(folder / "attendances.parquet", columns=["id"])["id"].to_pylist()


def _arrow(folder: Path) -> list[int]:
    import pyarrow as pa

    with pa.ipc.open_file(folder / "attendances.arrow") as file:
        return file.read_all()["id"].to_pylist()


def _duckdb(file: Path) -> list[int]:
    import duckdb

    with duckdb.connect(str(file), read_only=True) as db:
        return [one for (one,) in db.execute("SELECT id FROM attendances").fetchall()]


def _jsonl(folder: Path) -> list[int]:
    import json

    with (folder / "attendances.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["id"] for line in lines]


def _csv(folder: Path) -> list[int]:
    import csv

    with (folder / "attendances.csv").open(encoding="utf-8", newline="") as lines:
        return [int(row["id"]) for row in csv.DictReader(lines)]


READERS: dict[str, Callable[[Path], list[int]]] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "duckdb": _duckdb,
    "jsonl": _jsonl,
    "csv": _csv,
}


def main() -> None:
    load()
    given, meter, stalls = arguments(options), Meter(), Stalls()
    sink_named(f"{given.into}:x.{given.into}")
    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("gym.duckdb" if given.into == "duckdb" else "gym")
        with meter.walk():
            asyncio.run(pull(given, f"{given.into}:{path}", stalls))
        rss = meter.rss()
        ids = READERS[given.into](path)
    if given.count:
        meter.finish((), rows=len(ids), checksum="", rss=rss)
        return
    meter.finish(ids, rss=rss, stall=stalls.wall, stall_cpu=stalls.cpu)


if __name__ == "__main__":
    main()
