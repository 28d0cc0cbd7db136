"""Time as the I/O rooms see it, so that tests can simulate minutes without waiting for them."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["SYSTEM_CLOCK", "Clock", "SystemClock"]


class Clock(Protocol):
    """A source of time and of waiting, in seconds."""

    def now(self) -> float:
        """Seconds since some fixed moment; never runs backwards."""
        ...

    def epoch(self) -> float:
        """Seconds since 1970 (UTC), to compare with HTTP dates."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The real one."""

    def now(self) -> float:
        """``time.monotonic()``."""
        return time.monotonic()

    def epoch(self) -> float:
        """``time.time()``."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """``asyncio.sleep()``."""
        await asyncio.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
