"""A request and what has happened to it so far."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs
from yarl import URL

from ..errors import Attempt, RequestError
from ..stats import Meter

__all__ = ["Exchange", "log"]

T = TypeVar("T")

log = logging.getLogger("teamup_async")


@attrs.define
class Exchange(Generic[T]):
    """A request with what has happened to it so far; `waited` is seconds of waiting for a permit to send."""

    method: str
    path: str
    url: URL
    parse: Callable[[bytes], T]
    meter: Meter
    body: bytes | None = attrs.field(default=None, repr=False)
    waited: float = 0.0
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])

    def note_failure(self, error: RequestError, elapsed: float) -> None:
        self.attempts.append(Attempt(_outcome(error), round(elapsed, 3)))
        log.info("%s %s: %s after %.3f s", self.method, self.path, self.attempts[-1].outcome, elapsed)

    def note_wait(self, seconds: float) -> None:
        self.meter.retries += 1
        log.info("%s %s: trying again in %.3f s", self.method, self.path, seconds)
        self.attempts[-1] = attrs.evolve(self.attempts[-1], waited=round(seconds, 3))

    def tell(self, error: RequestError) -> None:
        """Let `error` say what was asked, and what happened."""
        error.method, error.path, error.attempts = self.method, self.path, tuple(self.attempts)


def _outcome(error: RequestError) -> str:
    status = getattr(error, "status", None)
    return str(status) if status else f"{type(error).__name__}: {Exception.__str__(error)}"[:120]
