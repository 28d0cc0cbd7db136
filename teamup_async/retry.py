"""When to try again, and after how long; tenacity does the trying.

The first attempt is made without tenacity, which costs more than the rest of a request's bookkeeping; a failure is handed over
to it as its first attempt.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .errors import (
    ConfigurationError,
    ConnectionFailedError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
)

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["RetryBudget", "RetryPolicy"]

T = TypeVar("T")
_RETRIED_STATUSES = frozenset({500, 502, 503, 504})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How failures are retried.

    `attempts`: tries of one request, the first included; a 429 does not count. `rate_limits`: 429s in a row that one
    request bears. `base` and `maximum`: the wait before try n is random between 0 and ``base * 2**(n-1)`` seconds, at most
    `maximum`. `budget`: how many retries a client may make in a row without successes in between (each
    success earns a fifth of one back), so that a dead server is left alone; None for no such bound.
    """

    attempts: int = 5
    rate_limits: int = 12
    base: float = 0.5
    maximum: float = 30.0
    budget: int | None = 100

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1 or self.rate_limits < 0 or self.base < 0 or self.maximum < self.base:
            raise ConfigurationError(
                f"{self!r}: attempts must be 1 or more, waits 0 or more, maximum >= base"
            )

    def retryable(self, error: BaseException) -> bool:
        """Whether trying again can help."""
        if isinstance(error, (ConnectionFailedError, ResponseDecodeError)):
            return error.retryable
        if isinstance(error, ServerError):
            return error.status in _RETRIED_STATUSES
        return isinstance(error, (RequestTimeoutError, RateLimitError))

    def backoff(self, failures: int) -> float:
        """Seconds to wait after the given number of failures: full jitter."""
        return random.uniform(0, min(self.maximum, self.base * 2 ** (failures - 1)))  # noqa: S311 - no secret


class RetryBudget:
    """A client's purse of retries."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._left = float(size or 0)

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


async def go_on(
    first: RequestError,
    attempt: Callable[[], Awaitable[T]],
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    within: float | None,
    spent: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    waiting: Callable[[RequestError, float], None],
) -> T:
    """Try again after `first`, as `policy` allows; raises the last failure.

    `spent` tells the seconds this request has taken without waits for the quota, `within` how many it may; `waiting` is told of each
    failure and the seconds waited after it. The wait for a 429 is the throttle's: it makes the next attempt wait.
    """
    from tenacity import AsyncRetrying

    pending: list[RequestError] = [first]
    failures = {"other": 0, "shape": 0, "limited": 0}

    async def replay() -> T:
        if pending:
            raise pending.pop()
        return await attempt()

    def retry(state: RetryCallState) -> bool:
        error = _error(state)
        if error is None or not policy.retryable(error) or not isinstance(error, RequestError):
            return False
        if isinstance(error, RateLimitError):
            failures["limited"] += 1
            return failures["limited"] <= policy.rate_limits
        failures["limited"] = 0
        failures["other"] += 1
        if isinstance(error, ResponseDecodeError) and error.json_path is not None:
            failures["shape"] += 1
            if failures["shape"] > 1:
                return False
        return failures["other"] < policy.attempts and budget.spend()

    def wait(state: RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, RateLimitError):
            return 0.0
        asked = getattr(error, "retry_after", None)
        seconds = policy.backoff(failures["other"])
        return seconds if asked is None else max(seconds, min(float(asked), policy.maximum))

    def stop(state: RetryCallState) -> bool:
        if isinstance(_error(state), RateLimitError):
            return False
        return within is not None and spent() + state.upcoming_sleep > within

    def before_sleep(state: RetryCallState) -> None:
        error = _error(state)
        assert isinstance(error, RequestError)
        waiting(error, state.upcoming_sleep)

    retrying: Any = AsyncRetrying(
        retry=retry, wait=wait, stop=stop, sleep=sleep, before_sleep=before_sleep, reraise=True
    )
    result: T = await retrying(replay)
    return result


def _error(state: RetryCallState) -> BaseException | None:
    outcome = state.outcome
    return None if outcome is None else outcome.exception()
