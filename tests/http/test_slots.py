"""Which request is let in next: by turns among streams, and with quota only where there is a slot to use it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from teamup_async import TeamUp, Throttle
from teamup_async.sandbox import Sandbox
from tests.http.clock import Simulated


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Requests:
    """Requests of streams, each in flight until it is told to end."""

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle
        self.in_flight: list[str] = []
        self._streams: dict[str, object] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, *names: str) -> None:
        for name in names:
            self._ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._run(name))
        await settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settle()

    async def _run(self, name: str) -> None:
        async with self.throttle.lease(self._streams.setdefault(name[0], object())):
            self.in_flight.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.in_flight.remove(name)


async def test_turns():
    """The next is the stream with the fewest requests in flight; of several, the one that had so few first."""
    requests = Requests(Throttle(None, concurrency=3))
    await requests.begin("a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1")
    assert requests.in_flight == ["a1", "a2", "a3"]
    await requests.end("a1")
    await requests.end("a2")
    assert requests.in_flight == ["a3", "b1", "c1"]
    await requests.end("c1")
    assert requests.in_flight == ["a3", "b1", "b2"]
    await requests.end("a3")
    assert requests.in_flight == ["b1", "b2", "a4"]
    await requests.end("b1")
    assert requests.in_flight == ["b2", "a4", "a5"]


async def test_cancelled_requests():
    """Requests that are cancelled, waiting or just let in, leave their slot to the others."""
    throttle = Throttle(None, concurrency=1)
    requests = Requests(throttle)
    first = throttle.lease(object())
    await first.__aenter__()
    await requests.begin("a1", "a2", "b1", "b2", "c1", "c2", "d1")
    for name in ("a2", "b1", "b2"):
        requests.tasks[name].cancel()
    await settle()
    requests.tasks["a1"].cancel()  # it has not yet noticed when the slot is free
    await first.__aexit__(None, None, None)
    requests.tasks["c1"].cancel()  # it was let in, and has not yet noticed
    await settle()
    assert requests.in_flight == ["d1"]
    await requests.end("d1")
    assert requests.in_flight == ["c2"]
    await requests.end("c2")
    await requests.begin("e1")
    assert requests.in_flight == ["e1"]
    await requests.end("e1")


async def test_cap():
    """A request that waits for quota holds no slot of the cap, and one that waits for a slot has spent no quota."""
    clock = Simulated()
    cap = asyncio.Semaphore(1)
    poor = Requests(Throttle(1, clock=clock, cap=cap))
    rich = Requests(Throttle(None, clock=clock, cap=cap))
    clock.on_the_way = 1  # time stands still
    await poor.begin("a1")
    await poor.end("a1")
    await poor.begin("a2")
    assert not cap.locked()
    await rich.begin("b1")
    assert rich.in_flight == ["b1"]
    clock.on_the_way = 0
    await poor.tasks["a1"]
    await clock.sleep(70)
    assert (poor.in_flight, poor.throttle.granted) == ([], 1)
    await rich.end("b1")
    await settle()
    assert (poor.in_flight, poor.throttle.granted) == (["a2"], 2)


@pytest.mark.parametrize(("limits", "cap"), [((5, 3), 3), ((5, 0), 5), ((0, 0), None)])
async def test_connections_of_a_shared_session(limits, cap):
    """Clients that share a session send no more at once, together, than it has connections for one host."""
    limit, per_host = limits
    connector = aiohttp.TCPConnector(limit=limit, limit_per_host=per_host)
    queued: list[object] = []

    async def note(*_: object) -> None:
        queued.append(1)

    trace = aiohttp.TraceConfig()
    trace.on_connection_queued_start.append(note)
    async with (
        Sandbox(rows=600, seed=2, rate=None, latency=0.005) as sandbox,
        aiohttp.ClientSession(connector=connector, trace_configs=[trace]) as http,
        TeamUp(base_url=sandbox.url, token=sandbox.token, session=http) as one,
        TeamUp(base_url=sandbox.url, token=sandbox.token, session=http) as other,
    ):
        streams = [teamup.reports.attendances().paged(size=20) for teamup in (one, other)]
        assert [len(rows) for rows in await asyncio.gather(*(s.collect() for s in streams))] == [600, 600]
        assert sandbox.peak == (cap or 16)
    assert queued == []
