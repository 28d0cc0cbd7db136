"""A request and what has happened to it so far."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import attrs
from yarl import URL

from ..errors import Attempt, RequestError
from ..logs import about
from ..stats import Meter
from ..telemetry.hooks import NOT_WATCHED, Request, Tell, Try

__all__ = ["Exchange", "Where", "failure_of", "log"]

T = TypeVar("T")
Where = Callable[[], Mapping[str, Any]]
"""Gives a position as JSON; called only when something is to be said about it."""

log = logging.getLogger("teamup_async.http")


@attrs.define
class Exchange(Generic[T]):
    """A request, and what has happened to it so far. Times are seconds of the requester's clock.

    `meters` count it, and the first is what the throttle knows a stream by. `endpoint`: the name of the endpoint, or
    what stands for it. `secret`: its body and its answer hold tokens. `file`: it fetches a file. `watch` is told of its
    tries. `within` is how long all tries may take, `deadline` when the call must be over.
    `waited` is time spent waiting for slots and quota, `gate` how long the latest 429 closed the gate for. `told`
    is told the numbers that `meters` count.
    """

    method: str
    path: str
    url: URL
    parse: Callable[[bytes], T]
    meters: tuple[Meter, ...]
    account: str = ""
    endpoint: str = ""
    where: Where | None = None
    body: bytes | None = attrs.field(default=None, repr=False)
    secret: bool = False
    file: bool = False
    watch: Request | None = None
    started: float = 0.0
    within: float | None = None
    deadline: float | None = None
    waited: float = 0.0
    gate: float = 0.0
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    told: Tell | None = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.told = self.meters[0].tell

    @property
    def position(self) -> dict[str, Any] | None:
        """Where its walk stands, if it belongs to one."""
        return None if self.where is None else dict(self.where())

    @property
    def tries(self) -> int:
        """How many tries have failed so far."""
        return len(self.attempts)

    def attempt(self) -> AbstractContextManager[Try | None]:
        """A block that is one try, for whoever watches."""
        return NOT_WATCHED if self.watch is None else self.watch.attempt()

    def left(self, now: float) -> float | None:
        """Seconds left for it at `now`; None for no end. Time spent waiting for quota counts only for the deadline."""
        left = None if self.within is None else self.within - (now - self.started - self.waited)
        if self.deadline is None:
            return left
        return self.deadline - now if left is None else min(left, self.deadline - now)

    def count_sent(self, *, again: bool) -> None:
        """It goes over the wire; `again` where aiohttp sends it once more within an attempt."""
        for meter in self.meters:
            meter.requests += 1
            meter.in_flight += not again
        if self.told is not None:
            self.told("requests", 1)
            self.told("in_flight", not again)

    def count_ended(self) -> None:
        """What went over the wire was answered, or never will be."""
        for meter in self.meters:
            meter.in_flight -= 1
        if self.told is not None:
            self.told("in_flight", -1)

    def count_answer(self, size: int, *, throttled: bool) -> None:
        """An answer of `size` bytes has come."""
        for meter in self.meters:
            meter.bytes += size
            meter.throttled += throttled
        if self.told is not None:
            self.told("bytes", size)
            self.told("throttled", throttled)

    def count_waited(self, seconds: float) -> None:
        """So many seconds were lost to the quota."""
        if not seconds:
            return
        for meter in self.meters:
            meter.waited += seconds
        if self.told is not None:
            self.told("waited", seconds)

    def count_answering(self, seconds: float) -> None:
        """The answer took so many seconds to come."""
        for meter in self.meters:
            meter.answering += seconds

    def count_retry(self) -> None:
        """It will be sent again."""
        for meter in self.meters:
            meter.retries += 1
        if self.told is not None:
            self.told("retries", 1)

    def note_failure(self, error: RequestError, elapsed: float) -> None:
        """An attempt failed."""
        self.attempts.append(Attempt(_outcome(error), round(elapsed, 3)))

    def note_retry(self, wait: float) -> None:
        """It will be sent again, after `wait` seconds."""
        self.count_retry()
        self.attempts[-1] = attrs.evolve(self.attempts[-1], waited=round(wait, 3))

    def about(self, **more: Any) -> dict[str, Any]:
        """What a log line about it carries, with `more`."""
        asked = {"method": self.method, "path": self.path, "position": self.position}
        return about(self.account, self.endpoint, **asked, **more)

    def tell(self, error: RequestError) -> None:
        """Let `error` say what was asked, and what happened."""
        error.method, error.path, error.attempts = self.method, self.path, tuple(self.attempts)

    def __str__(self) -> str:
        place = "" if self.where is None else f" at {self.position}"
        return f"{self.account}: {self.method} {self.path}{place}"


def failure_of(error: RequestError) -> dict[str, Any]:
    """What a log line says of a failure besides its message."""
    status = getattr(error, "status", None)
    return {"error": type(error).__name__, **({"status": status} if status else {})}


def _outcome(error: RequestError) -> str:
    status = getattr(error, "status", None)
    return str(status) if status else f"{type(error).__name__}: {Exception.__str__(error)}"[:120]
