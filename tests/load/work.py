"""Many accounts at once in one process: half of them clients with streams of all kinds, half a bulk pull.

    python -m tests.load.work 200 20        # accounts, windows of the quota

prints what it took. Time is simulated, HTTP is real.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import attrs

from teamup_async import TeamUp
from teamup_async.bulk import Account, BulkPull, PullResult
from teamup_async.endpoints import ENDPOINTS
from tests.http.clock import Simulated
from tests.load.counting import Counting, Memory
from tests.load.server import MOST, WINDOW, Server, token

ATTENDANCES = next(endpoint for endpoint in ENDPOINTS if endpoint.name == "attendances")
COLUMNS = ["id", "status", "customer.id", "customer.name"]
"""What the server has of a row."""
ENDLESS = 10**9
SHORT = 100
WAY = 0.2
CONCURRENCY = 8

STREAMS = {"fast": 0.2, "also fast": 0.2, "slow": 0.12, "short": 0.2, "one by one": 1 / CONCURRENCY}
"""Streams of a client, with their fair shares of its quota: equal parts, but for two that want less. One is slow by
itself; one never has more than one request in flight, of eight.
"""
PARTS = (0.4, 0.3, 0.2, 0.1)
"""Parts of an account's bulk pull, by their size. Until the first is complete, their fair shares are equal."""


@attrs.frozen
class Figures:
    """What a run took. `shares`: of its fair share, what the least served got in its worst window."""

    requests: int
    refused: int
    busiest: int
    used: float
    shares: dict[str, float]
    rows: int
    complete: bool
    tasks: int
    connections: int
    seconds: float
    blocks: tuple[int, ...]
    resident: tuple[float, ...]


class Clock(Simulated):
    """One that does not remember who slept: a million entries would look like a leak."""

    async def sleep(self, seconds: float) -> None:
        self.slept.clear()
        await super().sleep(seconds)


async def walk(teamup: TeamUp, kind: str, number: int, clock: Simulated, rate: int) -> None:
    """One stream, for as long as it is left alone."""
    stream = teamup.reports.attendances(customers=[number], columns=COLUMNS)
    while kind == "short":
        await stream.collect()
    while kind == "one by one":
        await stream.count()
    async with stream.pages() as pages:
        async for _ in pages:
            if kind == "slow":
                await clock.sleep(60 / (0.12 * rate))


async def run(accounts: int, windows: int, *, rate: int = 250) -> Figures:
    """Let them all pull for so many windows of the quota."""
    begun = time.perf_counter()
    before = asyncio.all_tasks()
    clock = Clock()
    half = accounts // 2
    sizes = [round(share * rate * windows) * MOST for share in PARTS]
    rows = [*(SHORT if kind == "short" else ENDLESS for kind in STREAMS), *sizes]
    server = Server(clock, accounts, rows, rate=rate, windows=windows, way=WAY)
    sink = Counting()
    memory = Memory()
    options = {"base_url": await server.start(), "clock": clock, "rate": rate, "concurrency": CONCURRENCY}
    # Fewer connections than would be used at once, as many as the quota of all needs.
    most = max(CONCURRENCY, round(half * rate / 60 * WAY * 3))
    async with AsyncExitStack() as stack:
        streams = await _streams(stack, half, most, options)
        pull = await _bulk_pull(stack, range(half, accounts), most, options, sink)
        for number in range(windows):
            # Shortly before the next tokens of the quota, when nothing is in flight.
            await clock.sleep(server.begun + (number + 1) * WINDOW - 0.1 - clock.now())
            memory.look()
        await _end(streams)
        result = await pull
    await clock.end()
    connections = await _left_open(server)
    await server.stop()
    allowed = rate * windows * WINDOW / 60
    return Figures(
        requests=server.requests,
        refused=server.refused,
        busiest=max(server.busiest),
        used=min(sum(map(sum, account)) for account in server.served) / allowed,
        shares=_shares(server, half),
        rows=sink.rows,
        complete=result.ok and sink.rows == sum(sizes) * (accounts - half),
        tasks=len(asyncio.all_tasks() - before),
        connections=connections,
        seconds=time.perf_counter() - begun,
        blocks=tuple(memory.blocks),
        resident=tuple(memory.resident),
    )


async def _streams(
    stack: AsyncExitStack, accounts: int, most: int, options: Mapping[str, Any]
) -> list[asyncio.Task[None]]:
    """The streams of clients that share one HTTP session."""
    clock: Clock = options["clock"]
    http = await stack.enter_async_context(
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=most), trace_configs=[clock.tracing()])
    )
    clients = [
        await stack.enter_async_context(TeamUp(token=token(number), session=http, **options))
        for number in range(accounts)
    ]
    return [
        asyncio.create_task(walk(client, kind, number, clock, options["rate"]))
        for client in clients
        for number, kind in enumerate(STREAMS)
    ]


async def _bulk_pull(
    stack: AsyncExitStack, accounts: Iterable[int], most: int, options: Mapping[str, Any], sink: Counting
) -> asyncio.Task[PullResult]:
    """One pull of all parts for the other accounts."""
    named = [Account(name=f"studio{number}", token=token(number)) for number in accounts]
    tracing = [options["clock"].tracing()]
    bulk = await stack.enter_async_context(BulkPull(named, cap=most, trace_configs=tracing, **options))
    parts = {
        f"part{number}": ATTENDANCES.query(customers=[number], columns=COLUMNS)
        for number in range(len(STREAMS), len(STREAMS) + len(PARTS))
    }
    return asyncio.create_task(bulk.pull(parts, into=sink))


async def _end(streams: Sequence[asyncio.Task[None]]) -> None:
    for task in streams:
        task.cancel()
    ends = await asyncio.gather(*streams, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends


async def _left_open(server: Server) -> int:
    """How many connections stay open once all clients are closed."""
    for _ in range(100):
        if not server.connections:
            break
        await asyncio.sleep(0.001)
    return len(server.connections)


def _shares(server: Server, half: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for number, (kind, fair) in enumerate(STREAMS.items()):
        least = min(min(account[number]) for account in server.served[:half])
        found[kind] = least / (fair * server.rate)
    # The smallest part is complete after this many windows; by then the others have as much.
    together = int(PARTS[-1] * len(PARTS) * server.windows)
    least = [
        _least(account[len(STREAMS) + i][:together], round(share * server.rate * server.windows))
        for account in server.served[half:]
        for i, share in enumerate(PARTS)
    ]
    found["part of a bulk pull"] = min(least) / (server.rate / len(PARTS))
    return found


def _least(served: Sequence[int], pages: int) -> int:
    """The fewest requests that a part of so many pages got in a window; in its last one it wants no more."""
    ends = itertools.accumulate(served)
    return min(count for count, end in zip(served, ends, strict=True) if end < pages)


def main() -> None:
    """Print the figures."""
    accounts, windows = map(int, sys.argv[1:])
    figures = asyncio.run(run(accounts, windows))
    for name, value in attrs.asdict(figures).items():
        sys.stdout.write(f"{name}: {value}\n")


if __name__ == "__main__":
    main()
