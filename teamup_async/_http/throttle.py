"""The account's quota, spent ahead of time: an exact sliding window, a shared gate after a 429, and a limit
on requests under way. One `Throttle` is shared by all streams of a client, and may be shared by clients of
one token.

API document: guide "rate limits": 250 requests a minute for each caller, 429 beyond; no header tells what
is left.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from contextlib import nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from .clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, Rate

__all__ = ["Throttle", "cap_of", "rates"]

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

    `rate`: requests in each `window` seconds, None for no limit of one's own (a 429 is obeyed all the same).
    `concurrency`: requests under way at once. `bucket`: a pyrate-limiter bucket to count in instead of this
    process's memory. `cap`: a limit on requests under way that several throttles share; who waits for quota
    keeps no place under it from others.
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
        self._slots = _Slots(concurrency)
        self._cap = cap
        self._turn = asyncio.Lock()
        self._bucket = bucket if bucket is not None else _bucket(rate, window)
        self._closed_until = -math.inf
        self._strikes = 0
        self._probe: asyncio.Event | None = None
        self.generation = 0
        self.granted = 0
        self.waited = 0.0

    def place(self, stream: object) -> _Place:
        """What a request is under way in: ``async with throttle.place(stream) as waited``.

        Entering waits for a slot, a place under the cap and a permit, in this order, and gives the seconds
        that `acquire` gives. Streams that wait are let in by turns, however many requests each has.
        """
        return _Place(self, self._slots, stream)

    def try_acquire(self) -> bool:
        """A permit at once, or False. Never waits."""
        return not self._strikes and not self._turn.locked() and self._spend() == 0.0

    async def acquire(self) -> float:
        """Wait for a permit, in order of arrival; and for a place under the cap, to be given back by `release`.

        Returns the seconds waited as the first in line, so that those of all waiting add up to the time
        that was lost to the quota.
        """
        cap = self._cap
        if (cap is None or not cap.locked()) and self.try_acquire():
            if cap is not None:
                await cap.acquire()  # there is a place: at once
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
        """Give the place under the cap back."""
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

    async def _enter(self) -> float:
        """Take a place under the cap and a permit: 0, or (with neither) the seconds until there may be one."""
        # A permit is for now. A request that took one and then waited for a place would arrive in a later
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
        """Take a permit: 0, or the seconds until there may be one."""
        if self._bucket is None:
            self.granted += 1
            return 0.0
        from pyrate_limiter import RateItem

        # Counted at the time when it is this process's turn to count, which may not be at once.
        lock: Any = self._bucket.limiter_lock()
        with lock or nullcontext():
            now = math.floor(self._clock.now() * 1000)
            item = RateItem("teamup", now)
            permitted = self._bucket.put(item)
        if permitted:
            self.granted += 1
            self._bucket.leak(now)
            return 0.0
        wait = self._bucket.waiting(item)
        assert isinstance(wait, int)
        return max(wait, 1) / 1000


def _bucket(rate: int | None, window: float) -> AbstractBucket | None:
    if rate is None:
        return None
    from pyrate_limiter import InMemoryBucket

    return InMemoryBucket(rates(rate, window))


def rates(rate: int, window: float) -> list[Rate]:
    """The quota as pyrate-limiter's buckets take it: `rate` requests in `window` seconds, and a margin."""
    from pyrate_limiter import Rate

    return [Rate(rate, math.ceil(window * (1 + _MARGIN) * 1000))]


def cap_of(connector: Any) -> asyncio.Semaphore | None:
    """The cap for all throttles whose requests share `connector`, an aiohttp connector; None where it has no limit.

    A connector makes requests wait when its connections are all in use: behind the quota, where no request may wait.
    """
    limits = (getattr(connector, "limit", 0), getattr(connector, "limit_per_host", 0))
    limit = min(filter(None, limits), default=0)
    if not limit:
        return None
    return _caps.setdefault(connector, asyncio.Semaphore(limit))


_caps: WeakKeyDictionary[Any, asyncio.Semaphore] = WeakKeyDictionary()


class _Slots:
    """So many at once. The next is the stream with the fewest under way; of several, the one that had so few first.

    In order of arrival a stream that asks for one page at a time would wait, each time, behind all those
    that another fetches ahead.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._under_way: dict[int, int] = {}
        # For each number under way, the streams that wait, with their requests.
        self._waiting: list[OrderedDict[int, deque[asyncio.Future[None]]]] = [
            OrderedDict() for _ in range(count + 1)
        ]

    async def acquire(self, stream: object) -> None:
        key = id(stream)  # of something that lives while its request does
        if self._free:
            self._free -= 1
            self._under_way[key] = self._under_way.get(key, 0) + 1
            return
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[self._under_way.get(key, 0)].setdefault(key, deque()).append(given)
        try:
            await given
        except asyncio.CancelledError:
            if given.cancelled():
                self._forget(key, given)
            else:
                self.release(stream)
            raise

    def release(self, stream: object) -> None:
        """Pass a slot on."""
        key = id(stream)
        count = self._under_way.pop(key)
        if count > 1:
            self._under_way[key] = count - 1
        if line := self._waiting[count].pop(key, None):
            self._waiting[count - 1][key] = line
        self._free += 1
        for count, streams in enumerate(self._waiting):
            while streams:
                key, line = streams.popitem(last=False)
                while line and line[0].cancelled():
                    line.popleft()
                if not line:
                    continue
                self._free -= 1
                self._under_way[key] = count + 1
                line.popleft().set_result(None)
                if line:
                    self._waiting[count + 1][key] = line
                return

    def _forget(self, key: int, given: asyncio.Future[None]) -> None:
        streams = self._waiting[self._under_way.get(key, 0)]
        line = streams.get(key)
        if line is not None and given in line:
            line.remove(given)
            if not line:
                del streams[key]


class _Place:
    """Where one request is under way."""

    __slots__ = ("_slots", "_stream", "_throttle")

    def __init__(self, throttle: Throttle, slots: _Slots, stream: object) -> None:
        self._throttle = throttle
        self._slots = slots
        self._stream = stream

    async def __aenter__(self) -> float:
        await self._slots.acquire(self._stream)
        try:
            return await self._throttle.acquire()
        except BaseException:
            self._slots.release(self._stream)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._throttle.release()
        self._slots.release(self._stream)
