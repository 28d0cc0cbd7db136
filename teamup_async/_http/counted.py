"""A throttle whose quota, and whose gate after a 429, are kept elsewhere: by a counter that processes share."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Any, Protocol, Self

import attrs

from .clock import SYSTEM_CLOCK, Clock
from .slots import Slots
from .throttle import Lease, Throttle, margin_of

__all__ = ["Counter", "SharedThrottle", "Taken"]


@attrs.frozen(kw_only=True)
class Taken:
    """What a counter gave.

    `granted` tokens, to be used at once; `wait` seconds until there may be more. `generation` changes with each
    429 that closes the gate, and `strikes` is how many came without another answer between them. `asked` is when
    they were asked for, by the throttle's clock.
    """

    granted: int
    wait: float = 0.0
    generation: int = 0
    strikes: int = 0
    asked: float = 0.0


class Counter(Protocol):
    """What keeps the quota of one caller for several processes."""

    @property
    def quota(self) -> tuple[int, float]:
        """How many requests are allowed in how many seconds."""
        ...

    async def take(self, count: int) -> Taken:
        """Take up to `count` tokens. Raises `ConfigurationError` where it can't be asked."""
        ...

    async def refused(self, generation: int, wait: float) -> float:
        """A request of that generation got a 429: close the gate for `wait` seconds. Returns those until it opens."""
        ...

    async def late(self, seconds: float) -> None:
        """Count a token that was taken so many seconds ago as taken now: its request may have arrived only now."""
        ...

    async def ended(self, generation: int, *, answered: bool) -> None:
        """The request that found out whether the gate may stay open is over; `answered` with something else."""
        ...


class SharedThrottle(Throttle):
    """A `Throttle` that asks a counter for its tokens: at once for all requests that wait."""

    def __init__(
        self,
        counter: Counter,
        *,
        concurrency: int = 8,
        clock: Clock = SYSTEM_CLOCK,
        cap: asyncio.Semaphore | None = None,
    ) -> None:
        super().__init__(None, concurrency=concurrency, clock=clock, cap=cap)
        self._counter = counter
        self._margin = margin_of(counter.quota[1])
        self._line: deque[asyncio.Future[Taken]] = deque()
        self._counting: asyncio.Task[None] | None = None
        self._lost = 0.0

    @property
    def counter(self) -> Counter:
        """What keeps the quota."""
        return self._counter

    @property
    def quota(self) -> tuple[int, float] | None:
        """How many requests are allowed in how many seconds, to all processes together."""
        return self._counter.quota

    def lease(self, stream: object) -> Lease:
        """What one request of `stream` is sent under; see `Throttle`."""
        return _SharedLease(self, self._slots, stream)

    def try_acquire(self) -> bool:
        """Always False: without waiting for the counter, nobody can tell whether there is a token."""
        return False

    async def acquire(self) -> float:
        """Wait for a token and a slot of the cap; see `Throttle`."""
        return (await self.take())[1]

    def arrived(self, taken: float) -> None:
        """Nothing: the lease tells the counter."""

    def late(self, taken: float) -> float:
        """How late a request that is over may have arrived, if that is more than the margin; else 0."""
        passed = self._clock.now() - taken
        return passed if passed > self._margin else 0.0

    async def take(self) -> tuple[Taken, float]:
        """Wait for a token and a slot of the cap: what the counter gave, and the seconds lost to the quota."""
        given: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._line.append(given)
        if self._counting is None:
            self._counting = asyncio.create_task(self._count())
        try:
            taken = await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled() and given.exception() is None:
                self.release()
            elif not self._anyone():
                self._counting.cancel()
            raise
        self.granted += 1
        waited, self._lost = self._lost, 0.0
        self.waited += waited
        return taken, waited

    async def _count(self) -> None:
        """Take tokens for those who wait, until nobody does."""
        try:
            while self._anyone():
                delay = self._closed_until - self._clock.now()
                if delay <= 0:
                    delay = await self._serve()
                if delay > 0:
                    started = self._clock.now()
                    await self._clock.sleep(delay)
                    self._lost += self._clock.now() - started
        except Exception as error:  # noqa: BLE001 - it is for those who wait
            while self._anyone():
                self._line.popleft().set_exception(error)
        finally:
            self._counting = None
            if self._anyone():  # it was cancelled while somebody came
                self._counting = asyncio.create_task(self._count())

    async def _serve(self) -> float:
        """Ask the counter once; 0, or the seconds until it has more."""
        slots = 0
        try:
            # A token is for now: it is taken when there is a slot of the cap to use it with.
            while slots < len(self._line) and (not slots or self._cap is None or not self._cap.locked()):
                if self._cap is not None:
                    await self._cap.acquire()
                slots += 1
            asked = self._clock.now()
            taken = attrs.evolve(await self._counter.take(slots), asked=asked)
            self.generation, self._strikes = taken.generation, taken.strikes
            for _ in range(taken.granted):
                if not self._anyone():
                    break
                slots -= 1
                self._line.popleft().set_result(taken)
        finally:
            for _ in range(slots):
                self.release()
        return 0.0 if taken.granted else max(taken.wait, 0.001)

    def _anyone(self) -> bool:
        while self._line and self._line[0].cancelled():
            self._line.popleft()
        return bool(self._line)


class _SharedLease(Lease):
    """A lease that tells the counter how the request ended, where others must know."""

    __slots__ = ("_shared", "_taken", "_wait")

    def __init__(self, throttle: SharedThrottle, slots: Slots, stream: object) -> None:
        super().__init__(throttle, slots, stream)
        self._shared = throttle
        self._taken = Taken(granted=0)
        self._wait: float | None = None

    async def resend(self) -> bool:
        if late := self._shared.late(self._since):
            await self._shared.counter.late(late)
        self._since = self._shared.now()
        return bool((await self._shared.counter.take(1)).granted)

    def refused(self, after: float | None) -> float:
        self._wait = super().refused(after)
        return self._wait

    async def __aenter__(self) -> Self:
        await self._slots.acquire(self._stream)
        try:
            self._taken, self.waited = await self._shared.take()
        except BaseException:
            self._slots.release(self._stream)
            raise
        self._generation = self._taken.generation
        self._since = self._taken.asked
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._tell(answered=error is None)
        finally:
            await super().__aexit__(kind, error, trace)

    async def _tell(self, *, answered: bool) -> None:
        counter: Any = self._shared.counter
        if self._wait is not None:
            self._shared.close_for(await counter.refused(self._generation, self._wait))
            return
        if late := self._shared.late(self._since):
            await counter.late(late)
        if self._taken.strikes:
            await counter.ended(self._generation, answered=answered)
