"""A quota that processes on several machines share: counted in Redis, by the clock of the Redis server."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import attrs

from .._http.clock import SYSTEM_CLOCK, Clock
from .._http.counted import SharedThrottle, Taken
from .._http.throttle import MARGIN
from ..config import check_rate
from ..errors import ConfigurationError
from .redis_script import SCRIPT
from .shared import digest_of

__all__ = ["OnLost", "RedisQuota"]

log = logging.getLogger("teamup_async.quota")

OnLost = Literal["error", "slow"]

_PATIENCE: Final = 2.0
"""Seconds that Redis may take to answer."""
_AGAIN: Final = 5.0
"""Seconds between two times that a lost Redis is looked for."""
_FRESH: Final = 0.25
"""Seconds for which a token is good on its way here, at least: longer where the margin of the window is."""
_LATE: Final = 3
"""So many answers that come too late, one after another, and Redis counts as lost."""
_MOST: Final = 500
"""Commands that are sent together."""


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
        self._server = _Server(url)

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
            except _Lost as error:
                await self.aclose()
                raise self._server.missing(error) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class _Lost(Exception):  # noqa: N818 - never leaves this module
    """Redis does not answer."""


class _Server:
    """One connection to Redis. Commands of all callers that wait for it travel together."""

    def __init__(self, url: str) -> None:
        try:
            import redis.asyncio
            from redis import exceptions
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
        except ModuleNotFoundError:
            raise ConfigurationError(
                "RedisQuota needs the package redis: pip install 'teamup-async[redis]'"
            ) from None
        try:
            parts = urlsplit(url)
            self.place = (
                f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
            )
            client: Any = redis.asyncio.Redis
            self._client = client.from_url(
                url,
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise ConfigurationError("the URL of Redis must look like redis://host:6379/0") from None
        self._errors: Any = exceptions
        self._known = ""  # the digest of the script, once Redis has it
        self._waiting: deque[tuple[tuple[Any, ...], asyncio.Future[Any]]] = deque()
        self._sender: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Let Redis know the script. Raises `_Lost`."""
        try:
            self._known = await self._client.script_load(SCRIPT)
        except (OSError, TimeoutError, self._errors.RedisError) as error:
            raise self._lost(error) from None

    def missing(self, reason: object) -> ConfigurationError:
        """The error for whoever can't go on."""
        return ConfigurationError(
            f"cannot use {self.place} for the quota: {reason} (with on_lost='slow', RedisQuota goes on without it)"
        )

    async def ask(self, *arguments: Any) -> Any:
        """What the script answers. Raises `_Lost`."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((arguments, answer))
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return await answer

    async def aclose(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        await self._client.aclose()

    async def _send(self) -> None:
        asked: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                asked = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
                answers = await self._twice([arguments for arguments, _ in asked])
                for (_, future), answer in zip(asked, answers, strict=True):
                    if future.done():
                        continue
                    if isinstance(answer, Exception):
                        future.set_exception(self._lost(answer))
                    else:
                        future.set_result(answer)
                asked = []
        except (OSError, TimeoutError, self._errors.RedisError) as error:
            for _, future in (*asked, *self._waiting):
                if not future.done():
                    future.set_exception(self._lost(error))
            self._waiting.clear()
        finally:
            self._sender = None

    async def _twice(self, asked: list[tuple[Any, ...]]) -> list[Any]:
        """Ask again at once where the connection is broken: Redis may have closed it, and be there."""
        try:
            return await self._together(asked)
        except self._errors.ConnectionError:
            return await self._together(asked)

    async def _together(self, asked: list[tuple[Any, ...]]) -> list[Any]:
        """One round trip for all; another where Redis does not know the script (it was restarted)."""
        answers: list[Any] = [self._errors.NoScriptError()] * len(asked)
        for _ in range(2):
            again = [i for i, answer in enumerate(answers) if isinstance(answer, self._errors.NoScriptError)]
            if not again:
                break
            if not self._known:
                self._known = await self._client.script_load(SCRIPT)
            async with self._client.pipeline(transaction=False) as pipe:
                for i in again:
                    pipe.evalsha(self._known, 2, *asked[i])
                for i, answer in zip(again, await pipe.execute(raise_on_error=False), strict=True):
                    answers[i] = answer
            if any(isinstance(answers[i], self._errors.NoScriptError) for i in again):
                self._known = ""
        return answers

    def _lost(self, error: Exception) -> _Lost:
        return _Lost(" ".join(f"{type(error).__name__}: {error}".split())[:200])


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

    def __init__(self, server: _Server, caller: str, quota: RedisQuota, clock: Clock) -> None:
        self._server = server
        # One hash tag: both keys are on one node of a cluster.
        self._keys = (f"teamup_async:{{{caller}}}:times", f"teamup_async:{{{caller}}}:state")
        self._shared = quota
        self._clock = clock
        self._window = math.ceil(quota.window * (1 + MARGIN) * 1_000_000)
        self._epoch, self._heard, self._late = b"", -math.inf, 0
        self._alone: _Alone | None = None

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
                    raise _Lost("it answers too slowly")  # noqa: TRY301 - as if it did not
                granted = wait = 0
            else:
                self._late = 0
        except _Lost as error:
            return self._without(str(error), count)
        if alone is not None:
            self._alone = None
            log.warning("%s is back: the quota is shared again", self._server.place)
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
        except _Lost:
            return wait  # this process's own gate is closed; `take` says that Redis is gone

    async def ended(self, generation: int, *, answered: bool) -> None:
        with suppress(_Lost):  # the same
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
                self._server.place, reason, limit, shared.window, shared.window,
            )  # fmt: skip
            window = self._window / 1_000_000
            self._alone = _Alone(limit=limit, window=window, opens=now + window, looks=now + _AGAIN)
        self._alone.looks = now + _AGAIN
        taken = self._alone.take(count, now)
        return taken if taken.granted else attrs.evolve(taken, wait=min(taken.wait, _AGAIN))
