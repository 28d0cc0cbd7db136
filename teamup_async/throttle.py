"""The account's quota, spent ahead of time: an exact sliding window, a shared gate after a 429, and a
limit on
requests under way. One `Throttle` is shared by all streams of a client, and may be shared by clients of
one token.

API document: guide "rate limits": 250 requests a minute for each caller, 429 beyond; no header tells what
is left.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from .clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket

__all__ = ["Throttle"]

_LEAST: Final = 0.1
"""Seconds a gate stays closed at least, even after ``Retry-After: 0``."""

_MARGIN: Final = 0.01
"""Part of the window added to it: requests may travel faster than the ones before them."""

_WAITS: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds to wait after a 429 without ``Retry-After``, one after another: together they outlast a minute's
window.
"""


class Throttle:
    """Hands out permits to send.

    `rate`: requests in each `window` seconds, None for no limit of one's own (a 429 is obeyed all the
    same). `concurrency`:
    requests under way at once. `bucket`: a pyrate-limiter bucket to count in instead of this process's
    memory.
    """

    def __init__(
        self,
        rate: int | None = 250,
        *,
        window: float = 60.0,
        concurrency: int = 8,
        clock: Clock = SYSTEM_CLOCK,
        bucket: AbstractBucket | None = None,
    ) -> None:
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._turn = asyncio.Lock()
        self._bucket = bucket if bucket is not None else _bucket(rate, window)
        self._closed_until = -math.inf
        self._strikes = 0
        self._probe: asyncio.Event | None = None
        self.generation = 0
        self.granted = 0
        self.waited = 0.0

    @property
    def slots(self) -> asyncio.Semaphore:
        """Held while a request is under way."""
        return self._slots

    def try_acquire(self) -> bool:
        """A permit at once, or False. Never waits."""
        return not self._strikes and not self._turn.locked() and self._spend() == 0.0

    async def acquire(self) -> float:
        """Wait for a permit, in order of arrival.

        Returns the seconds waited as the first in line, so that those of all waiting add up to the time
        that was lost to the quota.
        """
        if self.try_acquire():
            return 0.0
        async with self._turn:
            started = self._clock.now()
            while True:
                if self._probe is not None:
                    await self._probe.wait()
                    continue
                delay = self._closed_until - self._clock.now()
                if delay <= 0:
                    delay = self._spend()
                    if delay == 0.0:
                        break
                await self._clock.sleep(delay)
            if self._strikes:
                # The gate has just opened: one request finds out whether the account is free again.
                self._probe = asyncio.Event()
        waited = self._clock.now() - started
        self.waited += waited
        return waited

    def refused(self, generation: int, retry_after: float | None) -> float:
        """A request of `generation` got a 429: close the gate for all. Returns the seconds until it opens.

        Of a burst of requests refused together, only the first makes the next wait longer.
        """
        now = self._clock.now()
        if generation == self.generation:
            self.generation += 1
            self._strikes += 1
            self._end_probe()
        wait = (
            _WAITS[min(self._strikes, len(_WAITS)) - 1] if retry_after is None else max(retry_after, _LEAST)
        )
        self._closed_until = max(self._closed_until, now + wait)
        return self._closed_until - now

    def ended(self, generation: int, *, answered: bool) -> None:
        """A request of `generation` is over; `answered` with something else than 429, or not at all."""
        if generation == self.generation:
            if answered:
                self._strikes = 0
            self._end_probe()

    def now(self) -> float:
        """The throttle's time in seconds."""
        return self._clock.now()

    def _end_probe(self) -> None:
        if self._probe is not None:
            self._probe.set()
            self._probe = None

    def _spend(self) -> float:
        """Take a permit: 0, or the seconds until there may be one."""
        if self._bucket is None:
            self.granted += 1
            return 0.0
        from pyrate_limiter import RateItem

        now = math.floor(self._clock.now() * 1000)
        item = RateItem("teamup", now)
        if self._bucket.put(item):
            self.granted += 1
            self._bucket.leak(now)
            return 0.0
        wait = self._bucket.waiting(item)
        assert isinstance(wait, int)
        return max(wait, 1) / 1000


def _bucket(rate: int | None, window: float) -> AbstractBucket | None:
    if rate is None:
        return None
    from pyrate_limiter import InMemoryBucket, Rate

    return InMemoryBucket([Rate(rate, math.ceil(window * (1 + _MARGIN) * 1000))])
