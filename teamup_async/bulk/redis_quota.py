"""A quota that processes on several machines share: counted in Redis, by the clock of the Redis server."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, Self

import attrs

from .._http.clock import SYSTEM_CLOCK, Clock
from .._http.counted import SharedThrottle, Taken
from .._http.throttle import MARGIN
from ..config import check_rate
from ..errors import ConfigurationError
from ..logs import about
from .redis_link import LostError, RedisLink
from .shared import digest_of

__all__ = ["OnLost", "RedisQuota"]

log = logging.getLogger("teamup_async.quota")

OnLost = Literal["error", "slow"]

_AGAIN: Final = 5.0
"""Seconds between two times that a lost Redis is looked for."""
_FRESH: Final = 0.25
"""Seconds for which a token is good on its way here, at least: longer where the margin of the window is."""
_LATE: Final = 3
"""So many answers that come too late, one after another, and Redis counts as lost."""


class RedisQuota:
    """A quota that processes on any machine share through a Redis server (extra ``redis``).

        async with RedisQuota("redis://quota.internal:6379/0") as quota:
            async with BulkPull(accounts, quota=quota) as bulk: ...

    Requests are counted in an exact sliding window by the clock of the Redis server, so the clocks of the processes
    do not matter. After a 429 all processes wait. Redis holds times of requests, under a digest of the token.

    Args:
        url: Where Redis is: ``redis://``, ``rediss://`` or ``unix://``, as redis-py takes it. A password in it is
            never shown.
        rate: Requests in each `window`; must be the same everywhere.
        window: Seconds.
        on_lost: What to do when Redis does not answer: ``"error"``, or ``"slow"`` to go on with `share`.
        share: With ``on_lost="slow"``, the part of `rate` that this process uses while Redis is gone, more than 0.
            The shares of all processes together must be 1 or less. It waits for one `window` first, since it can't
            know what others have just spent.
        clock: Where this process's time comes from; tests simulate it. Nothing is counted by it.

    Raises `ConfigurationError` for what can't work. Use it in one event loop.
    """

    def __init__(
        self,
        url: str,
        *,
        rate: int = 250,
        window: float = 60.0,
        on_lost: OnLost = "error",
        share: float = 0.1,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if on_lost not in ("error", "slow"):
            raise ConfigurationError(f"on_lost must be 'error' or 'slow', not {on_lost!r}")
        if not 0 < share <= 1:
            raise ConfigurationError(f"share must be more than 0 and at most 1, not {share!r}")
        self.rate, self.window = check_rate(rate), window
        self.on_lost: OnLost = on_lost
        self.share = share
        self._clock = clock
        self._server = RedisLink(url)

    def __repr__(self) -> str:
        return f"<RedisQuota {self._server.place}>"

    def __reduce__(self) -> Any:
        raise TypeError("a RedisQuota holds connections and is not pickled; make it where it is used")

    def throttle(
        self, token: str, *, concurrency: int = 8, cap: asyncio.Semaphore | None = None
    ) -> SharedThrottle:
        """A throttle for the clients of that token; see `Throttle`."""
        counter = _RedisCounter(self._server, digest_of(token), self, self._clock)
        return SharedThrottle(counter, concurrency=concurrency, clock=self._clock, cap=cap)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._server.aclose()

    async def __aenter__(self) -> Self:
        """Make sure that Redis is there, unless this can go on without. Raises `ConfigurationError`."""
        if self.on_lost == "error":
            try:
                await self._server.load()
            except LostError as error:
                await self.aclose()
                raise self._server.missing(error) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@attrs.define
class _Alone:
    """What a process counts by itself while Redis is gone: its share, in an exact window."""

    limit: int
    window: float
    opens: float
    looks: float
    sent: deque[float] = attrs.field(factory=deque[float])

    def take(self, count: int, now: float) -> Taken:
        while self.sent and self.sent[0] <= now - self.window:
            self.sent.popleft()
        if now < self.opens:
            return Taken(granted=0, wait=self.opens - now)
        granted = min(count, self.limit - len(self.sent))
        self.sent.extend([now] * granted)
        return Taken(granted=granted, wait=0.0 if granted else self.sent[0] + self.window - now)


class _RedisCounter:
    """The quota of one caller. A `Counter`."""

    def __init__(self, server: RedisLink, caller: str, quota: RedisQuota, clock: Clock) -> None:
        self._server = server
        # One hash tag: both keys are on one node of a cluster.
        self._keys = (f"teamup_async:{{{caller}}}:times", f"teamup_async:{{{caller}}}:state")
        self._shared = quota
        self._clock = clock
        self._window = math.ceil(quota.window * (1 + MARGIN) * 1_000_000)
        self._epoch, self._heard, self._late = b"", -math.inf, 0
        self._alone: _Alone | None = None
        self._about = about(None, server=server.place)  # a quota may be that of several accounts

    @property
    def quota(self) -> tuple[int, float]:
        return self._shared.rate, self._shared.window * (1 + MARGIN)

    async def take(self, count: int) -> Taken:
        alone, now = self._alone, self._clock.now()
        if alone is not None and now < alone.looks:
            return alone.take(count, now)
        owed = 0 if alone is None else sum(sent > now - alone.window for sent in alone.sent)
        # What happened more than a window ago is of no account: then this process need not remember it either.
        epoch = self._epoch if now - self._heard < self._shared.window else b""
        try:
            granted, wait, generation, strikes, epoch = await self._ask(
                "take", self._shared.rate, count, epoch, owed
            )
            if self._clock.now() - now > max(_FRESH, self._shared.window * MARGIN):
                # The tokens are for a moment that has passed.
                self._late += 1
                if self._late >= _LATE:
                    raise LostError("it answers too slowly")  # noqa: TRY301 - as if it did not
                granted = wait = 0
            else:
                self._late = 0
        except LostError as error:
            return self._without(str(error), count)
        if alone is not None:
            self._alone = None
            log.warning("%s is back: the quota is shared again", self._server.place, extra=self._about)
        self._epoch, self._heard = epoch, now
        return Taken(
            granted=int(granted),
            wait=int(wait) / 1_000_000,
            generation=int(generation),
            strikes=int(strikes),
        )

    async def refused(self, generation: int, wait: float) -> float:
        try:
            return int(await self._ask("refused", generation, math.ceil(wait * 1_000_000))) / 1_000_000
        except LostError:
            return wait  # this process's own gate is closed; `take` says that Redis is gone

    async def late(self, seconds: float) -> None:
        if self._alone is not None:
            return
        with suppress(LostError):  # the same
            await self._ask("late", math.floor(seconds * 1_000_000))

    async def ended(self, generation: int, *, answered: bool) -> None:
        with suppress(LostError):  # the same
            await self._ask("ended", generation, int(answered))

    async def _ask(self, what: str, *arguments: Any) -> Any:
        return await self._server.ask(*self._keys, what, self._window, *arguments)

    def _without(self, reason: str, count: int) -> Taken:
        """Go on without Redis, or not. Raises `ConfigurationError`."""
        shared, now = self._shared, self._clock.now()
        if shared.on_lost == "error":
            raise self._server.missing(reason) from None
        if self._alone is None:
            limit = max(1, math.floor(shared.rate * shared.share))
            log.warning(
                "%s is gone (%s): on with %d requests in %g s, after a pause of %g s",
                self._server.place, reason, limit, shared.window, shared.window, extra=self._about,
            )  # fmt: skip
            window = self._window / 1_000_000
            self._alone = _Alone(limit=limit, window=window, opens=now + window, looks=now + _AGAIN)
        self._alone.looks = now + _AGAIN
        taken = self._alone.take(count, now)
        return taken if taken.granted else attrs.evolve(taken, wait=min(taken.wait, _AGAIN))
