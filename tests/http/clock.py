"""A clock whose waits take no time: when all there is to do is to wait, it moves on to whoever waits least."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush

import aiohttp

STEPS = 12
"""Turns of the event loop without anything new after which there is nothing to do but wait."""


class Simulated:
    """Seconds pass when everybody waits for them, and no request is on its way: those take no time.

    `quiet`: seconds of real time in which nothing must happen first, for work that threads do.
    """

    def __init__(self, start: float = 1000.0, *, quiet: float = 0.0) -> None:
        self.time = start
        self.slept: list[float] = []
        self.on_the_way = 0
        self.moves = 0
        self._quiet = quiet
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._number = 0
        self._mover: asyncio.Task[None] | None = None

    def now(self) -> float:
        return self.time

    def epoch(self) -> float:
        return 1_760_000_000.0 + self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        woken = asyncio.get_running_loop().create_future()
        self.call_later(seconds, lambda: woken.done() or woken.set_result(None))
        await woken

    def call_later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call it when that many seconds have passed."""
        self._number += 1
        heappush(self._waiting, (self.time + max(0.0, seconds), self._number, call))
        if self._mover is None or self._mover.done():
            self._mover = asyncio.get_running_loop().create_task(self._move())

    async def end(self) -> None:
        """Forget who waits."""
        self._waiting.clear()
        if self._mover is not None:
            await self._mover

    async def _move(self) -> None:
        while self._waiting:
            await self._nothing_to_do()
            if not self._waiting:
                return
            self.time = max(self.time, self._waiting[0][0])
            self.moves += 1
            while self._waiting and self._waiting[0][0] <= self.time:
                heappop(self._waiting)[2]()

    async def _nothing_to_do(self) -> None:
        calm = turns = 0
        seen = -1, -1
        while calm < STEPS:
            # Sockets and threads are waited for, not tasks; at first without giving the processor away.
            turns += 1
            await asyncio.sleep(0.0005 if turns % 256 == 0 else 0)
            now = self.on_the_way, self._number
            calm = calm + 1 if now == seen and self.on_the_way <= 0 else 0
            seen = now
            if calm == STEPS and self._quiet:
                await asyncio.sleep(self._quiet)
                if seen != (self.on_the_way, self._number):
                    calm = 0

    def tracing(self) -> aiohttp.TraceConfig:
        """What tells this clock which requests are on their way."""
        trace = aiohttp.TraceConfig()

        async def starts(*_: object) -> None:
            self.on_the_way += 1

        async def ends(*_: object) -> None:
            self.on_the_way -= 1

        trace.on_request_start.append(starts)
        trace.on_request_end.append(ends)
        trace.on_request_exception.append(ends)
        # Who waits for a connection waits for others that are on their way.
        trace.on_connection_queued_start.append(ends)
        trace.on_connection_queued_end.append(starts)
        return trace

    def __call__(self) -> float:
        return self.time
