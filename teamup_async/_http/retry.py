"""The tries of a request, one after the other, and who is told; tenacity does the trying, `policy` says when.

The first attempt is made without tenacity, which costs more than the rest of a request's bookkeeping; a
failure is handed over to it as its first attempt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from ..errors import GaveUp, RateLimitError, RequestError, ResponseDecodeError
from .clock import Clock
from .exchange import Exchange, failure_of, log
from .policy import RetryPolicy

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["OnRetry", "RetryBudget", "RetryEvent", "Tries", "announce"]

T = TypeVar("T")


class RetryBudget:
    """How many retries a client may still make.

    `probing` is held by the request that tries without any left, and `probes` counts such tries in a row.
    """

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._left = float(size or 0)
        self.probing = asyncio.Lock()
        self.probes = 0

    def spend(self) -> bool:
        """Take one retry; False when none is left."""
        if self._size is None:
            return True
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def earn(self) -> None:
        """A request succeeded."""
        if self._size is not None:
            self._left = min(float(self._size), self._left + 0.2)

    def refill(self) -> None:
        """The server is back."""
        self._left = float(self._size or 0)
        self.probes = 0


@attrs.frozen(kw_only=True)
class RetryEvent:
    """A request failed and will be tried again: what ``TeamUp(on_retry=...)`` is called with.

    `account`: whose request it is, as in the log. `method` and `path`: what was asked. `position`: where its
    walk stands, None outside of walks. `error`: why it failed. `attempt`: the number of the attempt that
    failed, from 1. `wait`: seconds until the next; after a 429 those until the quota's gate opens.
    """

    account: str
    method: str
    path: str
    position: dict[str, Any] | None
    error: RequestError
    attempt: int
    wait: float


OnRetry = Callable[[RetryEvent], object]


def announce(exchange: Exchange[Any], error: RequestError, wait: float, on_retry: OnRetry | None) -> None:
    """Say in the log, in the statistics and to the caller's hook that a request will be tried again."""
    exchange.note_retry(wait)
    if exchange.watch is not None:
        exchange.watch.again(error, wait)
    attempt = len(exchange.attempts)
    reason = exchange.attempts[-1].outcome
    if log.isEnabledFor(logging.INFO):
        told = exchange.about(attempt=attempt, **failure_of(error), wait=round(wait, 3))
        said = "%s: attempt %d failed: %s; trying again in %.1f s"
        log.info(said, exchange, attempt, reason, wait, extra=told)
    if on_retry is None:
        return
    exchange.tell(error)
    event = RetryEvent(
        account=exchange.account,
        method=exchange.method,
        path=exchange.path,
        position=exchange.position,
        error=error,
        attempt=attempt,
        wait=wait,
    )
    try:
        on_retry(event)
    except Exception:  # noqa: BLE001 - a hook that only looks on must not end a night's work
        log.exception("%s: on_retry failed", exchange, extra=exchange.about(attempt=attempt))


class Tries(Generic[T]):
    """The tries of one request after its first failure."""

    def __init__(
        self,
        exchange: Exchange[T],
        attempt: Callable[[], Awaitable[T]],
        *,
        policy: RetryPolicy,
        budget: RetryBudget,
        clock: Clock,
        on_retry: OnRetry | None,
    ) -> None:
        self._exchange = exchange
        self._attempt = attempt
        self._policy = policy
        self._budget = budget
        self._clock = clock
        self._on_retry = on_retry
        self._gave_up: GaveUp = "not retryable"
        self._began = clock.now() - exchange.waited
        self._limited = 0
        self._failed = 0
        self._misshapen = 0
        self._probes = False
        self._over = False
        self._failure: RequestError

    async def go_on(self, first: RequestError) -> T:
        """Try again until it works, or until trying is no use; raises the last failure, which says why."""
        from tenacity import AsyncRetrying

        failed: RequestError | None = first

        async def again() -> T:
            nonlocal failed
            error, failed = failed, None
            if error is not None:
                raise error
            return await (self._probe() if self._probes else self._attempt())

        retrying: Any = AsyncRetrying(
            retry=self._again,
            wait=self._wait,
            stop=self._no_time,
            sleep=self._clock.sleep,
            before_sleep=self._announce,
            reraise=True,
        )
        try:
            result: T = await retrying(again)
        except RequestError as error:
            error.gave_up = self._gave_up
            raise
        return result

    def _again(self, state: RetryCallState) -> bool:
        error = _error(state)
        if not isinstance(error, RequestError):
            return False
        self._failure = error
        reason = "no time left" if self._over else self._why_not(error)
        if reason is not None:
            self._gave_up = reason
        return reason is None

    def _why_not(self, error: RequestError) -> GaveUp | None:
        """Why there is no further try after `error`, or None if there is one."""
        policy = self._policy
        self._probes = False
        if not policy.retryable(error):
            return "not retryable"
        if isinstance(error, RateLimitError):
            self._limited += 1
            return None if self._limited <= policy.rate_limits else "tries spent"
        self._limited = 0
        self._failed += 1
        if isinstance(error, ResponseDecodeError) and error.json_path is not None:
            self._misshapen += 1
        if self._misshapen > 1:
            # JSON of the wrong shape is read once more, in case it was a slip: the next will hardly differ.
            return "tries spent"
        if self._failed >= policy.attempts and not self._patient():
            return "no time left" if policy.patience else "tries spent"
        self._probes = not self._budget.spend()
        return "retry budget spent" if self._probes and not self._patient() else None

    def _patient(self) -> bool:
        """Whether the policy's patience lasts."""
        patience = self._policy.patience
        return patience is not None and self._clock.now() - self._exchange.waited - self._began < patience

    def _wait(self, _: RetryCallState) -> float:
        error = self._failure
        if isinstance(error, RateLimitError) or self._probes:
            return 0.0  # the throttle's gate, or the turn to probe, is waited for in the next attempt
        asked = getattr(error, "retry_after", None) or 0.0
        return max(self._policy.backoff(self._failed), min(asked, self._policy.maximum))

    def _no_time(self, state: RetryCallState) -> bool:
        if isinstance(self._failure, RateLimitError):
            return False  # waits for quota do not count
        left = self._exchange.left(self._clock.now())
        if left is None or state.upcoming_sleep < left:
            return False
        self._gave_up = "no time left"
        return True

    def _announce(self, state: RetryCallState) -> None:
        if not self._probes:
            error = self._failure
            wait = self._exchange.gate if isinstance(error, RateLimitError) else state.upcoming_sleep
            announce(self._exchange, error, wait, self._on_retry)

    async def _probe(self) -> T:
        """Wait for the turn to find out whether the server is back; then try, at once if somebody found out."""
        budget, exchange, failed = self._budget, self._exchange, self._failure
        try:
            async with asyncio.timeout(exchange.left(self._clock.now())):
                await budget.probing.acquire()
        except TimeoutError:
            raise self._end(failed) from None
        try:
            if not budget.spend():
                budget.probes += 1
                wait = self._policy.backoff(budget.probes)
                left = exchange.left(self._clock.now())
                if not self._patient() or (left is not None and wait >= left):
                    raise self._end(failed)
                announce(exchange, failed, wait, self._on_retry)
                await self._clock.sleep(wait)
                result = await self._attempt()
                budget.refill()
                return result
        finally:
            budget.probing.release()
        announce(exchange, failed, 0.0, self._on_retry)
        return await self._attempt()

    def _end(self, error: RequestError) -> RequestError:
        """`error`, after which there is no further try."""
        self._over = True
        return error


def _error(state: RetryCallState) -> BaseException | None:
    outcome = state.outcome
    return None if outcome is None else outcome.exception()
