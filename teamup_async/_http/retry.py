"""When to try again, and after how long; tenacity does the trying.

The first attempt is made without tenacity, which costs more than the rest of a request's bookkeeping; a
failure is handed over to it as its first attempt.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..errors import (
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

__all__ = ["RetryBudget", "RetryPolicy", "Tries"]

T = TypeVar("T")
_RETRIED_STATUSES = frozenset({500, 502, 503, 504})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How failures are retried.

    `attempts`: tries of one request, the first included; a 429 does not count. `rate_limits`: 429s in a row
    that one request bears. `base` and `maximum`: the wait before try n is random between 0 and ``base *
    2**(n-1)`` seconds, at most `maximum`. `budget`: how many retries a client may make in a row without
    successes in between (each success earns a fifth of one back), so that a dead server is left alone; None
    for no such bound.
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
        return random.uniform(0, min(self.maximum, self.base * 2 ** (failures - 1)))


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


class Tries:
    """The tries of one request after its first failure, as tenacity asks about them."""

    def __init__(self, first: RequestError, policy: RetryPolicy, budget: RetryBudget) -> None:
        self._first: RequestError | None = first
        self._policy = policy
        self._budget = budget
        self._limited = 0
        self._failed = 0
        self._misshapen = 0

    async def go_on(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        may_wait: Callable[[float], bool],
        sleep: Callable[[float], Awaitable[None]],
        waiting: Callable[[float], None],
    ) -> T:
        """Try again until it works, or until trying is no use; raises the last failure.

        `may_wait` says whether there is time to wait that many seconds; `waiting` is told each wait. After
        a 429 there is none here: the throttle makes the next attempt wait.
        """
        from tenacity import AsyncRetrying

        async def replay() -> T:
            first, self._first = self._first, None
            if first is not None:
                raise first
            return await attempt()

        retrying: Any = AsyncRetrying(
            retry=self._again,
            wait=self._wait,
            stop=lambda state: (
                not isinstance(_error(state), RateLimitError) and not may_wait(state.upcoming_sleep)
            ),
            sleep=sleep,
            before_sleep=lambda state: waiting(state.upcoming_sleep),
            reraise=True,
        )
        result: T = await retrying(replay)
        return result

    def _again(self, state: RetryCallState) -> bool:
        error = _error(state)
        if error is None or not self._policy.retryable(error):
            return False
        if isinstance(error, RateLimitError):
            self._limited += 1
            return self._limited <= self._policy.rate_limits
        self._limited = 0
        self._failed += 1
        if isinstance(error, ResponseDecodeError) and error.json_path is not None:
            self._misshapen += 1
        # JSON of the wrong shape is read once more, in case it was a slip: the next will hardly differ.
        return self._misshapen < 2 and self._failed < self._policy.attempts and self._budget.spend()

    def _wait(self, state: RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, RateLimitError):
            return 0.0
        asked = getattr(error, "retry_after", None) or 0.0
        return max(self._policy.backoff(self._failed), min(asked, self._policy.maximum))


def _error(state: RetryCallState) -> BaseException | None:
    outcome = state.outcome
    return None if outcome is None else outcome.exception()
