"""A clock whose waits take no time: who sleeps moves it on."""

from __future__ import annotations

import asyncio

import aiohttp


class Simulated:
    """Seconds pass when somebody waits for them, and no request is on its way: those take no time."""

    def __init__(self, start: float = 1000.0) -> None:
        self.time = start
        self.slept: list[float] = []
        self.on_the_way = 0

    def now(self) -> float:
        return self.time

    def epoch(self) -> float:
        return 1_760_000_000.0 + self.time

    async def sleep(self, seconds: float) -> None:
        while self.on_the_way:  # noqa: ASYNC110 - sockets are waited for, not tasks
            await asyncio.sleep(0.0005)
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

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
        return trace

    def __call__(self) -> float:
        return self.time
