"""What is measured: one function for each group of claims; each adds its lines and figures to the bench."""

from __future__ import annotations

import functools
import json
import math
import os
import statistics
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmarks.clients.meter import CONNECTIONS, PAGE, digest
from benchmarks.environments import PEERS, ROOT, InstallError, Recipe
from benchmarks.harness import (
    Bench,
    ContenderError,
    Run,
    Server,
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
from benchmarks.sinks import into_files, memory_of_files, to_arrow, with_dlt

LATENCY = 0.05
"""Seconds."""

PEER_BARS: dict[str, tuple[str, str, float]] = {
    "requests": ("peer_requests", "requests + json", 2.3),
    "httpx-pydantic": ("peer_httpx_pydantic", "httpx + pydantic", 4.8),
    "dlt": ("peer_dlt", "dlt rest_api, iterating", 5.5),
    "openapi": ("peer_openapi", "openapi-python-client", 6.0),
    "airbyte-cdk": ("peer_airbyte", "airbyte-cdk low-code", 11.0),
    "singer-sdk": ("peer_singer", "singer-sdk tap", 15.0),
}
"""By environment: the program, the title, and how many times our CPU time it must take."""


def _ids(rows: int) -> range:
    return range(id_of(0), id_of(rows), id_of(1) - id_of(0))


def _need(failed: dict[str, str], *names: str) -> None:
    for name in names:
        if name in failed:
            raise ContenderError(f"{name}: {failed[name]}")


def decode(bench: Bench) -> None:
    """Item 1: one page of 100 rows, bytes to rows."""
    kinds = run(bench.ours, "decode", "--rounds", "5" if bench.quick else "15")
    full, subset = kinds["full"], kinds["subset"]
    best = min((way for way in full if "cattrs" in way), key=lambda way: statistics.median(full[way]))
    bench.figures["decode"] = {
        kind: {f"{way}, us": statistics.median(seconds) * 1e6 for way, seconds in ways.items()}
        for kind, ways in kinds.items()
    }
    bench.add(
        at_most(1, "decode: ours / bare msgspec, full rows", 1.1).measured(
            full["ours"], full["msgspec"], _each(full, "ours", "msgspec", "orjson")
        ),
        at_most(1, "decode: ours / bare msgspec, 3 columns", 1.1).measured(
            subset["ours"], subset["msgspec"], _each(subset, "ours", "msgspec", "orjson")
        ),
        at_least(1, f"decode: {best} / ours", 4.0).measured(full[best], full["ours"], _each(full, best)),
        at_most(1, "decode: 3 columns / full rows", 1.0).measured(subset["ours"], full["ours"]),
    )


def _each(ways: dict[str, list[float]], *names: str) -> str:
    return ", ".join(f"{name} {statistics.median(ways[name]) * 1e6:.0f} us" for name in names)


def end_to_end(bench: Bench) -> None:
    """Items 2 and 3: CPU seconds of the client process for 500 pages, beside the floors and the peers."""
    rows = 20_000 if bench.quick else 50_000
    contenders: dict[str, Callable[[], Run]] = {}
    requests: dict[str, float] = {}
    with serving(rows=rows) as server:

        def contend(python: Path, program: str, *more: str) -> Callable[[], Run]:
            return functools.partial(run, python, program, server.url, *more)

        contenders["ours"] = contend(bench.ours, "ours")
        contenders["ours, by page"] = contend(bench.ours, "ours", "--pages")
        for floor in ("msgspec", "orjson", "read"):
            contenders[f"floor: {floor}"] = contend(bench.ours, f"floor_{floor}")
        for recipe in () if bench.quick else PEERS:
            program, title, _ = PEER_BARS[recipe.name]
            python = _peer(bench, recipe, title)
            if python is not None:
                contenders[title] = contend(python, program)
        counted = {name: counting(server, rows, each, name, requests) for name, each in contenders.items()}
        runs, failed = in_turn(bench.rounds, counted)
    _need(failed, "ours", "floor: msgspec", "floor: orjson", "floor: read")
    bench.skipped |= failed
    same_rows(runs, rows, digest(_ids(rows)))
    names = ("cpu", "wall", "cpu_process", "rss")
    bench.figures["end to end"] = {
        name: {
            "rows": rows,
            **{figure: statistics.median(column(each, figure)) for figure in names},
            "requests per 10,000 rows": requests[name],
            "cpu_all": column(each, "cpu"),
        }
        for name, each in runs.items()
    }
    cpu = {name: column(each, "cpu") for name, each in runs.items()}
    wall = {name: statistics.median(column(each, "wall")) for name, each in runs.items()}
    speed = {
        name: f"{rows / statistics.median(values):,.0f} rows/s, {wall[name]:.2f} s wall, "
        f"{requests[name]:.0f} requests per 10,000 rows"
        for name, values in cpu.items()
    }
    for floor, bar in (("msgspec", 1.10), ("orjson", 1.5), ("read", 3.5)):
        other = f"floor: {floor}"
        claim = at_most(2, f"CPU: ours / aiohttp + {floor}", bar)
        bench.add(claim.measured(cpu["ours"], cpu[other], f"{speed['ours']}; {speed[other]}"))
    for _, title, bar in PEER_BARS.values():
        if title in cpu:
            detail = f"{speed[title]}; wall {wall[title] / wall['ours']:.1f}x"
            bench.add(at_least(3, f"CPU: {title} / ours", bar).measured(cpu[title], cpu["ours"], detail))


def _peer(bench: Bench, recipe: Recipe, title: str) -> Path | None:
    try:
        return bench.environments.python(recipe)
    except (InstallError, OSError) as failure:
        bench.skipped[title] = f"cannot be installed: {failure}"
        return None


def latency(bench: Bench) -> None:
    """Item 4: what ordering and windows cost when every answer takes a while; wall seconds over the ideal."""
    pages = 80 if bench.quick else 200
    rounds = 1 if bench.quick else max(3, bench.rounds // 2)
    rows = pages * PAGE
    # A stream's first page tells how many there are; only then can eight be in flight.
    ideal = LATENCY + math.ceil((pages - 1) / CONNECTIONS) * LATENCY
    with serving(rows=rows, latency="fixed", latency_seconds=LATENCY) as server:
        walls, _ = _walls(bench, "ours", server, rounds, rows)
    claim = at_most(4, f"wall: fixed 50 ms, {pages} pages / ideal", 1.08, gate=1.35)
    bench.add(claim.measured(walls, [ideal] * rounds, _of(walls, [ideal])))
    walls, ideals = [], []
    for seed in range(1, (3 if bench.quick else 9) + 1):
        with serving(rows=rows, latency="lognormal", latency_seconds=LATENCY, seed=seed) as server:
            wall, eighth = _walls(bench, "ours", server, 1, rows)
            walls, ideals = walls + wall, ideals + eighth
    claim = at_most(4, f"wall: lognormal, {pages} pages / (sum of latencies / 8)", 1.12, gate=1.7)
    bench.add(claim.measured(walls, ideals, _of(walls, ideals)))
    longest = round(rows / sum(1 / share for share in range(1, 6)))
    shares = [longest // share for share in range(1, 6)]
    requests = sum(math.ceil(share / PAGE) for share in shares)
    pooled = LATENCY + math.ceil((requests - len(shares)) / CONNECTIONS) * LATENCY
    with serving(rows=longest, latency="fixed", latency_seconds=LATENCY) as server:
        walls, _ = _walls(bench, "ours_streams", server, rounds, sum(shares))
    claim = at_most(4, f"wall: five streams, {requests} pages / pooled ideal", 1.12, gate=1.45)
    bench.add(claim.measured(walls, [pooled] * rounds, _of(walls, [pooled])))


def _of(walls: list[float], ideals: list[float]) -> str:
    return f"{statistics.median(walls):.3f} s, ideal {statistics.median(ideals):.3f} s"


def _walls(
    bench: Bench, program: str, server: Server, rounds: int, rows: int
) -> tuple[list[float], list[float]]:
    """Wall seconds of each walk, and an eighth of what its requests had to wait."""
    walls, eighths = [], []
    for turn in range(rounds + 1):
        server.counts()
        done = run(bench.ours, program, server.url)
        if done["rows"] != rows:
            raise ContenderError(f"{program} saw {done['rows']} rows, not {rows}")
        if turn:
            walls.append(float(done["wall"]))
            eighths.append(float(server.counts()["latency_total"]) / CONNECTIONS)
    return walls, eighths


def memory(bench: Bench) -> None:
    """Item 5: the peak resident set of walks of different lengths, and of one whose consumer sleeps."""
    few, many = 10_000, 200_000 if bench.quick else 1_000_000
    some, sleep = 100_000, 2.0
    rounds = 1 if bench.quick else 3
    with serving(rows=few) as short, serving(rows=many) as long, serving(rows=some) as slept:
        contenders: dict[str, Callable[[], Run]] = {
            "few": functools.partial(run, bench.ours, "ours_memory", short.url),
            "many": functools.partial(run, bench.ours, "ours_memory", long.url),
            "asleep": functools.partial(_asleep, bench, slept, sleep),
        }
        runs, failed = in_turn(rounds, contenders)
    _need(failed, *contenders)
    for name, rows in (("few", few), ("many", many), ("asleep", some)):
        same_rows({name: runs[name]}, rows, _folded(rows))
    rss = {name: column(each, "rss") for name, each in runs.items()}
    bench.figures["memory"] = {f"{name}, MiB": values for name, values in rss.items()}
    mib = {name: f"{statistics.median(values):.1f} MiB" for name, values in rss.items()}
    claim = at_most(5, f"peak RSS: {many:,} rows / {few:,}", 1.05, gate=1.25)
    bench.add(claim.measured(rss["many"], rss["few"], f"{mib['many']} and {mib['few']}"))
    claim = at_most(5, f"peak RSS: consumer asleep for {sleep:g} s / awake", 1.05, gate=1.25)
    stopped = sum(bool(each["stopped"]) for each in runs["asleep"])
    detail = f"{mib['asleep']}; fetching stopped in {stopped} of {rounds} walks"
    bench.add(claim.measured(rss["asleep"], rss["few"], detail))


def _asleep(bench: Bench, server: Server, sleep: float) -> Run:
    server.counts()
    done = run(bench.ours, "ours_memory", server.url, "--sleep", str(sleep))
    arrivals = server.counts()["arrivals"]
    # What was in flight when the consumer fell asleep may still arrive; after that nothing may.
    stopped = any(later - earlier > sleep * 0.9 for earlier, later in pairwise(arrivals))
    return done | {"stopped": stopped}


def _folded(rows: int) -> str:
    folded = 0
    for one in _ids(rows):
        folded = (folded * 31 + one) & 0xFFFFFFFF
    return f"{folded:08x}"


def quota(bench: Bench) -> None:
    """Item 6: the share of the allowed requests made over three windows, and how many were refused."""
    limit, seconds, windows = 25, 2.0 if bench.quick else 6.0, 3
    with serving(rows=50_000, limit=limit, limit_seconds=seconds) as server:
        arguments = ("--limit", limit, "--window", seconds, "--seconds", windows * seconds + 0.5)
        run(bench.ours, "ours_quota", server.url, *(str(each) for each in arguments))
        counts = server.counts()
    first = counts["arrivals"][0]
    made = sum(arrival < first + windows * seconds for arrival in counts["arrivals"])
    refused = int(counts["statuses"].get("429", 0))
    bench.figures["quota"] = {
        "statuses": counts["statuses"],
        "arrivals, s": [arrival - first for arrival in counts["arrivals"]],
    }
    what = f"quota: requests made of those allowed, {limit} per {seconds:g} s, {windows} windows"
    bench.add(
        at_least(6, what, 0.95, gate=0.9).measured([made], [limit * windows], f"{made} of {limit * windows}"),
        at_most(6, "quota: answers 429", 0.0).measured([refused], [1], f"{refused}"),
    )


def imports(bench: Bench) -> None:
    """Item 7: CPU seconds of an import, and of help, beside importing aiohttp.

    What a first stream loads (walking, decoding, one declaration) has no bar, but is told beside the import.
    """
    first = "from teamup_async import TeamUp; TeamUp(token='t').reports.attendances()"
    rounds = 7 if bench.quick else 25
    timed = "import time; t = time.process_time(); {}; print(time.process_time() - t)"
    contenders: dict[str, Callable[[], Run]] = {
        "teamup_async": functools.partial(_process, bench.ours, "-c", timed.format("import teamup_async")),
        "TeamUp": functools.partial(
            _process, bench.ours, "-c", timed.format("from teamup_async import TeamUp")
        ),
        "a first stream": functools.partial(_process, bench.ours, "-c", timed.format(first)),
        "aiohttp": functools.partial(_process, bench.ours, "-c", timed.format("import aiohttp")),
        "teamup pull --help": functools.partial(
            _process, bench.ours, "-m", "teamup_async", "pull", "attendances", "--help"
        ),
        "teamup --help": functools.partial(_process, bench.ours, "-m", "teamup_async", "--help"),
        "python": functools.partial(_process, bench.ours, "-c", "pass"),
    }
    runs, failed = in_turn(rounds, contenders)
    _need(failed, *contenders)
    alone = {
        name: column(runs[name], "said") for name in ("teamup_async", "TeamUp", "a first stream", "aiohttp")
    }
    whole = {name: column(each, "cpu") for name, each in runs.items()}
    alone_ms = {name: statistics.median(values) * 1e3 for name, values in alone.items()}
    whole_ms = {name: statistics.median(values) * 1e3 for name, values in whole.items()}
    bench.figures["import"] = {"import alone, ms": alone_ms, "whole process, ms": whole_ms}
    bench.add(
        at_most(7, "import teamup_async / import aiohttp", 1.15).measured(
            alone["teamup_async"],
            alone["aiohttp"],
            f"{alone_ms['teamup_async']:.0f} and {alone_ms['aiohttp']:.0f} ms",
        ),
        at_most(7, "from teamup_async import TeamUp / import aiohttp", 1.15).measured(
            alone["TeamUp"],
            alone["aiohttp"],
            f"{alone_ms['TeamUp']:.0f} and {alone_ms['aiohttp']:.0f} ms; "
            f"{alone_ms['a first stream']:.0f} ms with a first stream",
        ),
        at_most(7, "teamup --help / python importing aiohttp", 1.5).measured(
            whole["teamup --help"],
            whole["aiohttp"],
            f"{whole_ms['teamup --help']:.0f} and {whole_ms['aiohttp']:.0f} ms, whole processes",
        ),
        at_most(7, "teamup pull attendances --help / python importing aiohttp", 1.6).measured(
            whole["teamup pull --help"],
            whole["aiohttp"],
            f"{whole_ms['teamup pull --help']:.0f} and {whole_ms['aiohttp']:.0f} ms, whole processes",
        ),
    )


def _process(python: Path, *arguments: str) -> Run:
    """CPU seconds of a whole process, and the number it printed, if it printed one."""
    with subprocess.Popen(
        [str(python), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, complaint = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ContenderError((complaint.strip().splitlines() or ["no word"])[-1])
    try:
        number = float(json.loads(said))
    except (TypeError, ValueError):
        number = math.nan
    return {"cpu": usage.ru_utime + usage.ru_stime, "said": number}


ITEMS: dict[str, Callable[[Bench], None]] = {
    "decode": decode,
    "end-to-end": end_to_end,
    "latency": latency,
    "memory": memory,
    "quota": quota,
    "import": imports,
    "to-arrow": to_arrow,
    "into-files": into_files,
    "memory-of-files": memory_of_files,
    "dlt": with_dlt,
}
