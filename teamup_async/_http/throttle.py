"""The account's quota, spent ahead of time: an exact sliding window, and a gate for all after a 429. One
`Throttle` is shared by all streams of a client, and may be shared by clients of one token.

A request enters the throttle and gets a `Lease`; nothing else is to be known about it from outside:

    async with throttle.lease(stream) as lease:   # waits for a slot, and for a token of the quota
        ...                                       # send it; lease.resend() before sending it again
        lease.refused(after)                      # it was answered with 429

API document: guide "rate limits": 250 requests a minute for each caller, 429 beyond; no header tells what
is left.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakKeyDictionary

from ..config import check_rate
from .clock import SYSTEM_CLOCK, Clock
from .slots import Slots

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, Rate

__all__ = ["MARGIN", "Lease", "Throttle", "margin_of", "rates"]

_LEAST: Final = 0.1
"""Seconds a gate stays closed at least, even after ``Retry-After: 0``."""

MARGIN: Final = 0.01
"""Part of the window added to it: requests may travel faster than the ones before them. One that was later than that
is counted anew when it is over.
"""

_WAITS: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds to wait after a 429 without ``Retry-After``, one after another: together they outlast a minute's
window.
"""


class Throttle:
    """Lets requests of one token be sent, within its quota.

    `rate`: requests in each `window` (seconds); None to leave the quota to the server (a 429 is obeyed all the same).
    `concurrency`: requests in flight at once. `bucket`: a pyrate-limiter bucket to count in instead of this
    process's memory. `cap`: a limit on requests in flight that several throttles share; a request that waits
    for quota holds no slot of it. `clock`: what time it is and how to wait, for simulations.

    Raises `ConfigurationError` for a rate of less than 1.
    """

    def __init__(
        self,
        rate: int | None = 250,
        *,
        window: float = 60.0,
        concurrency: int = 8,
        clock: Clock = SYSTEM_CLOCK,
        bucket: AbstractBucket | None = None,
        cap: asyncio.Semaphore | None = None,
    ) -> None:
        self._clock = clock
        self._slots = Slots(concurrency)
        self._cap = cap
        self._turn = asyncio.Lock()
        self._bucket = bucket if bucket is not None else _bucket(rate, window)
        self._margin = (
            math.inf
            if self._bucket is None
            else margin_of(min(rate.interval for rate in self._bucket.rates) / 1000)
        )
        self._closed_until = -math.inf
        self._strikes = 0
        self._probe: asyncio.Event | None = None
        self.readers: WeakKeyDictionary[object, bool] = WeakKeyDictionary()
        """Who reads under this quota, and whether they fetch many pages ahead."""
        self.generation = 0
        self.counted = 0.0
        """When the latest token was counted, or asked for in vain."""
        self.granted = 0
        self.waited = 0.0

    @property
    def quota(self) -> tuple[int, float] | None:
        """How many requests are allowed in how many seconds; None where the quota is left to the server."""
        if self._bucket is None:
            return None
        slowest = min(self._bucket.rates, key=lambda rate: rate.limit / rate.interval)
        return slowest.limit, slowest.interval / 1000

    def lease(self, stream: object) -> Lease:
        """What one request of `stream` is sent under, to be used with ``async with``.

        Entering waits for a slot, a slot of the cap and a token of the quota, in this order. Streams that
        wait are let in by turns, however many requests each has.
        """
        return Lease(self, self._slots, stream)

    def try_acquire(self) -> bool:
        """Take a token of the quota at once, or return False. Never waits."""
        return not self._strikes and not self._turn.locked() and self._spend() == 0.0

    async def acquire(self) -> float:
        """Wait for a token, in order of arrival, and for a slot of the cap, which `release` gives back.

        Returns the seconds waited as the first in line, so that those of all waiting add up to the time
        that was lost to the quota.
        """
        cap = self._cap
        if (cap is None or not cap.locked()) and self.try_acquire():
            if cap is not None:
                await cap.acquire()  # there is a slot: at once
            return 0.0
        waited = 0.0
        async with self._turn:
            while True:
                started = self._clock.now()
                if self._probe is not None:
                    await self._probe.wait()
                elif self._closed_until > started:
                    await self._clock.sleep(self._closed_until - started)
                else:
                    delay = await self._enter()
                    if not delay:
                        break
                    started = self._clock.now()
                    await self._clock.sleep(delay)
                waited += self._clock.now() - started
            if self._strikes:
                # The gate has just opened: one request finds out whether the account is free again.
                self._probe = asyncio.Event()
        self.waited += waited
        return waited

    def release(self) -> None:
        """Give the slot of the cap back."""
        if self._cap is not None:
            self._cap.release()

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

    def close_for(self, seconds: float) -> None:
        """Close the gate for at least so long."""
        self._closed_until = max(self._closed_until, self._clock.now() + seconds)

    def ended(self, generation: int, *, answered: bool) -> None:
        """A request of `generation` is over; `answered` with something else than 429, or not at all."""
        if generation == self.generation:
            if answered:
                self._strikes = 0
            self._end_probe()

    def arrived(self, taken: float) -> None:
        """The request whose token was taken then is over, and has arrived, if it ever does.

        One that took longer than the margin may have arrived only just now, and is counted as of now.
        """
        now = self._clock.now()
        if now - taken > self._margin:
            self._move(taken, now)

    def _move(self, taken: float, now: float) -> None:
        from .buckets import Movable

        bucket: object = self._bucket
        if isinstance(bucket, Movable):
            bucket.move(math.floor(taken * 1000), math.ceil(now * 1000))

    def now(self) -> float:
        """The throttle's time in seconds."""
        return self._clock.now()

    def _end_probe(self) -> None:
        if self._probe is not None:
            self._probe.set()
            self._probe = None

    async def _enter(self) -> float:
        """Take a slot of the cap and a token: 0, or (with neither) the seconds until there may be one."""
        # A token is for now. A request that took one and then waited for a slot would arrive in a later
        # window than the one it was counted in.
        if self._cap is not None:
            await self._cap.acquire()
        delay = math.inf
        try:
            delay = max(0.0, self._closed_until - self._clock.now()) or self._spend()
        finally:
            if delay:
                self.release()
        return delay

    def _spend(self) -> float:
        """Take a token: 0, or the seconds until there may be one."""
        if self._bucket is None:
            self.granted += 1
            return 0.0
        from pyrate_limiter import RateItem

        # Counted at the time when it is this process's turn to count, which may not be at once.
        lock: Any = self._bucket.limiter_lock()
        with lock or nullcontext():
            self.counted = self._clock.now()
            now = math.floor(self.counted * 1000)
            item = RateItem("teamup", now)
            granted = self._bucket.put(item)
        if granted:
            self.granted += 1
            self._bucket.leak(now)
            return 0.0
        wait = self._bucket.waiting(item)
        assert isinstance(wait, int)
        return max(wait, 1) / 1000


class Lease:
    """Leave to send one request. `waited` is the seconds that were lost to the quota."""

    __slots__ = ("_generation", "_refused", "_since", "_slots", "_stream", "_throttle", "waited")

    def __init__(self, throttle: Throttle, slots: Slots, stream: object) -> None:
        self._throttle = throttle
        self._slots = slots
        self._stream = stream
        self._refused = False
        self._generation = 0
        self._since = 0.0
        self.waited = 0.0

    async def resend(self) -> bool:
        """Take another token, to send the same request once more. False if there is none at hand."""
        self._throttle.arrived(self._since)
        granted = self._throttle.try_acquire()
        self._since = self._throttle.now()
        return granted

    def refused(self, after: float | None) -> float:
        """The answer is 429, and asks for `after` seconds (None: it does not say): close the gate for all.

        Returns the seconds until it opens.
        """
        self._refused = True
        return self._throttle.refused(self._generation, after)

    async def __aenter__(self) -> Self:
        await self._slots.acquire(self._stream)
        try:
            self.waited = await self._throttle.acquire()
        except BaseException:
            self._slots.release(self._stream)
            raise
        self._generation = self._throttle.generation
        self._since = self._throttle.counted
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._refused:
            self._throttle.arrived(self._since)
        self._throttle.ended(self._generation, answered=error is None and not self._refused)
        self._throttle.release()
        self._slots.release(self._stream)


def _bucket(rate: int | None, window: float) -> AbstractBucket | None:
    if rate is None:
        return None
    from .buckets import MemoryBucket

    return MemoryBucket(rates(rate, window))


def margin_of(window: float) -> float:
    """By how many seconds a request may be late, and still arrive in the `window` (seconds) that it was counted in."""
    return window * MARGIN / (1 + MARGIN)


def rates(rate: int, window: float) -> list[Rate]:
    """The quota as pyrate-limiter's buckets take it: `rate` requests in `window` seconds, and a margin.

    Raises `ConfigurationError` for a rate of less than 1.
    """
    from pyrate_limiter import Rate

    check_rate(rate)
    return [Rate(rate, math.ceil(window * (1 + MARGIN) * 1000))]
