"""What is measured of pulls into columns and files: straight to Arrow, into Parquet and DuckDB, beside other ways."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable
from pathlib import Path

from benchmarks.clients.meter import digest
from benchmarks.environments import PEERS, InstallError
from benchmarks.harness import (
    Bench,
    ContenderError,
    Run,
    at_least,
    at_most,
    column,
    counting,
    in_turn,
    run,
    same_rows,
    serving,
)
from benchmarks.rows import id_of

FOUR = ("--columns", "id", "customer.id", "event.starts_at", "status")
PEER_BARS: dict[str, tuple[str, str, float, tuple[str, ...]]] = {
    "dlt": ("peer_dlt_parquet", "dlt rest_api into Parquet", 10.0, ()),
    "airbyte-cdk": ("peer_airbyte", "airbyte-cdk into jsonl", 10.0, ("--jsonl",)),
    "singer-sdk": ("peer_singer", "singer tap into jsonl", 15.0, ("--jsonl",)),
}
"""By environment: the program, the title, how many times our CPU time it must take, and its options."""


def to_arrow(bench: Bench) -> None:
    """Item 8: bytes of pages to Arrow, straight and by way of row objects."""
    found = run(bench.ours, "columns", "--rounds", "7" if bench.quick else "21")
    rows = int(found["rows"])
    bars = {"full": ("all columns", 1.35, 1.2), "four": ("4 columns", 4.0, 3.4)}
    for kind, (title, bar, gate) in bars.items():
        by_rows, straight = found[kind]["rows"], found[kind]["columns"]
        speeds = [f"{rows / statistics.median(each):,.0f}" for each in (straight, by_rows)]
        claim = at_least(8, f"bytes to Arrow, {title}: by rows / straight", bar, gate=gate)
        bench.add(claim.measured(by_rows, straight, f"{speeds[0]} and {speeds[1]} rows/s"))
    bench.figures["to Arrow"] = {
        f"{title}, {way}, rows/s": rows / statistics.median(found[kind][way])
        for kind, (title, _, _) in bars.items()
        for way in ("columns", "rows")
    }


def into_files(bench: Bench) -> None:
    """Item 9: CPU seconds of a pull into a file over HTTP, with checkpoints, stages and a file that appears whole."""
    rows = 20_000 if bench.quick else 50_000
    ours = functools.partial(run, bench.ours, "ours_sink")
    requests: dict[str, float] = {}
    with serving(rows=rows) as server:
        ways: dict[str, tuple[Callable[..., Run], tuple[str, ...]]] = {
            "Parquet": (ours, ()),
            "Parquet by rows": (ours, ("--by-rows",)),
            "Parquet, 4 columns": (ours, FOUR),
            "Parquet by rows, 4 columns": (ours, (*FOUR, "--by-rows")),
            "DuckDB": (ours, ("--into", "duckdb")),
            "DuckDB by rows": (ours, ("--into", "duckdb", "--by-rows")),
            "floor: from_pylist": (functools.partial(run, bench.ours, "floor_parquet"), ()),
        }
        for recipe in () if bench.quick else PEERS:
            if recipe.name in PEER_BARS:
                program, title, _, options = PEER_BARS[recipe.name]
                try:
                    python = bench.environments.python(recipe)
                except (InstallError, OSError) as failure:
                    bench.skipped[title] = f"cannot be installed: {failure}"
                else:
                    ways[title] = (functools.partial(run, python, program), options)
        runs, failed = in_turn(
            bench.rounds,
            {
                name: counting(server, rows, functools.partial(pull, server.url, *more), name, requests)
                for name, (pull, more) in ways.items()
            },
        )
    for name in ("Parquet", "Parquet by rows", "floor: from_pylist"):
        if name in failed:
            raise ContenderError(f"{name}: {failed[name]}")
    bench.skipped |= failed
    same_rows(runs, rows, digest(range(id_of(0), id_of(rows), id_of(1) - id_of(0))))
    _compare(bench, rows, runs, requests)


def _compare(bench: Bench, rows: int, runs: dict[str, list[Run]], requests: dict[str, float]) -> None:
    cpu = {name: column(each, "cpu") for name, each in runs.items()}
    wall = {name: statistics.median(column(each, "wall")) for name, each in runs.items()}

    def told(name: str) -> str:
        speed = rows / statistics.median(cpu[name])
        asked = f"{requests[name]:.0f} requests per 10,000 rows"
        return f"{name}: {speed:,.0f} rows/s of CPU, {wall[name]:.2f} s wall, {asked}"

    bars = [
        ("Parquet by rows", "Parquet", 1.6, 1.25),
        ("Parquet by rows, 4 columns", "Parquet, 4 columns", 1.6, 1.25),
        ("DuckDB by rows", "DuckDB", 1.3, 1.05),
        ("floor: from_pylist", "Parquet", 1.2, 1.1),
        *((title, "Parquet", bar, None) for _, title, bar, _ in PEER_BARS.values()),
    ]
    for other, mine, bar, gate in bars:
        if other in cpu and mine in cpu:
            claim = at_least(9, f"CPU into files: {other} / {mine}", bar, gate=gate)
            bench.add(claim.measured(cpu[other], cpu[mine], f"{told(mine)}; {told(other)}"))
    stalls = {name: column(runs[name], "stall") for name in ("Parquet", "Parquet by rows")}
    own = {name: statistics.median(column(runs[name], "stall_cpu")) * 1e3 for name in stalls}
    shown = ", ".join(f"{name} {statistics.median(each) * 1e3:.1f} ms" for name, each in stalls.items())
    busy = column(runs["Parquet"], "stall_cpu")
    least = [0.02] * len(busy)
    bench.add(
        # On the wall a busy machine's other programs count too, so the gate is on what the loop itself does.
        at_most(9, "longest stall of the event loop into Parquet / 20 ms", 1.0, gate=10.0).measured(
            stalls["Parquet"], least, shown
        ),
        at_most(9, "longest work of the event loop into Parquet, CPU / 20 ms", 1.0, gate=1.0).measured(
            busy, least, f"Parquet {own['Parquet']:.1f} ms, Parquet by rows {own['Parquet by rows']:.1f} ms"
        ),
    )
    bench.figures["into files"] = {
        name: {
            "rows": rows,
            "cpu": statistics.median(cpu[name]),
            "wall": wall[name],
            "rss": statistics.median(column(each, "rss")),
            "requests per 10,000 rows": requests[name],
        }
        for name, each in runs.items()
    }


def with_dlt(bench: Bench) -> None:
    """Item 11: CPU seconds of a pipeline of dlt, its own rest_api beside the package's source."""
    rows = 20_000 if bench.quick else 50_000
    programs = {"rest_api": "peer_dlt_parquet", "teamup_source": "ours_dlt"}
    with serving(rows=rows) as server:
        runs, failed = in_turn(
            1 if bench.quick else bench.rounds,
            {
                f"{name} into {place}": functools.partial(
                    run, bench.ours, program, server.url, "--into", place.lower()
                )
                for place in ("Parquet", "DuckDB")
                for name, program in programs.items()
            },
        )
    for name, reason in failed.items():
        raise ContenderError(f"{name}: {reason}")
    same_rows(runs, rows, digest(range(id_of(0), id_of(rows), id_of(1) - id_of(0))))
    for place, bar in (("Parquet", 5.0), ("DuckDB", 4.0)):
        theirs, mine = (column(runs[f"{name} into {place}"], "cpu") for name in programs)
        speeds = [f"{rows / statistics.median(each):,.0f}" for each in (mine, theirs)]
        claim = at_least(11, f"CPU: dlt into {place}, rest_api / teamup_source", bar, gate=bar * 2 / 3)
        bench.add(claim.measured(theirs, mine, f"{speeds[0]} and {speeds[1]} rows/s of CPU"))


def memory_of_files(bench: Bench) -> None:
    """Item 10: the peak resident set of a pull of many rows into Parquet, beside one of few."""
    few, many = 10_000, 200_000 if bench.quick else 1_000_000
    rounds = 1 if bench.quick else 3

    def pull(python: Path, url: str) -> Run:
        return run(python, "ours_sink", url, "--count")

    with serving(rows=few) as short, serving(rows=many) as long:
        runs, failed = in_turn(
            rounds,
            {
                "few": functools.partial(pull, bench.ours, short.url),
                "many": functools.partial(pull, bench.ours, long.url),
            },
        )
    for name, reason in failed.items():
        raise ContenderError(f"{name}: {reason}")
    same_rows({"few": runs["few"]}, few, "")
    same_rows({"many": runs["many"]}, many, "")
    rss = {name: column(each, "rss") for name, each in runs.items()}
    detail = f"{statistics.median(rss['many']):.0f} and {statistics.median(rss['few']):.0f} MiB"
    claim = at_most(10, f"peak RSS into Parquet: {many:,} rows / {few:,}", 1.5, gate=1.6)
    bench.add(claim.measured(rss["many"], rss["few"], detail))
