"""Which failures are tried again, how often, and after how long: settings, and what follows from them."""

from __future__ import annotations

import random
from typing import Final, Self

import attrs

from ..errors import (
    ConfigurationError,
    ConnectionFailedError,
    RateLimitError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
)

__all__ = ["OncePolicy", "RetryPolicy"]

_RETRIED_STATUSES: Final = frozenset({500, 502, 503, 504})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How failures are retried.

    `attempts`: tries of one request, the first included; a 429 does not count. `rate_limits`: 429s in a row
    that one request bears. `base` and `maximum`: the wait before try n is random between 0 and ``base *
    2**(n-1)`` seconds, at most `maximum`. `budget`: how many retries a client may make in a row without
    successes in between (each success earns a fifth of one back), so that a dead server is left alone; None
    for no such bound. `patience`: seconds for which a request goes on beyond its `attempts` (time spent
    waiting for quota does not count), so that it outlasts an outage; when the budget is spent meanwhile, one
    request at a time finds out whether the server is back, and the others wait for it. None for no patience.

    Raises `ConfigurationError` for what can't be followed.
    """

    attempts: int = 5
    rate_limits: int = 12
    base: float = 0.5
    maximum: float = 30.0
    budget: int | None = 100
    patience: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1 or self.rate_limits < 0 or self.base < 0 or self.maximum < self.base:
            raise ConfigurationError(
                f"{self!r}: attempts must be 1 or more, waits 0 or more, maximum >= base"
            )
        if self.patience is not None and not self.patience >= 0:
            raise ConfigurationError(f"{self!r}: patience must be 0 seconds or more")

    @classmethod
    def patient(cls, seconds: float = 600.0) -> Self:
        """The policy of bulk pulls and syncs: a request outlasts an outage of that many `seconds`."""
        return cls(patience=seconds)

    def retryable(self, error: BaseException) -> bool:
        """Whether trying again can help."""
        if isinstance(error, (ConnectionFailedError, ResponseDecodeError)):
            return error.retryable
        if isinstance(error, ServerError):
            return error.status in _RETRIED_STATUSES
        return isinstance(error, (RequestTimeoutError, RateLimitError))

    def backoff(self, failures: int) -> float:
        """Seconds to wait after the given number of failures: full jitter."""
        return random.uniform(0, min(self.maximum, self.base * 2 ** min(failures - 1, 100)))


class OncePolicy(RetryPolicy):
    """For a request that must not be carried out twice: it is sent again only after a 429, which says that it was
    not.
    """

    def retryable(self, error: BaseException) -> bool:
        """Whether trying again can help, and do no harm."""
        return isinstance(error, RateLimitError)

    @classmethod
    def like(cls, policy: RetryPolicy) -> Self:
        """The settings of `policy`."""
        return cls(**attrs.asdict(policy, recurse=False))
