"""Who may be told what a client does, and when. Everything here is asked for only where telemetry is on."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from yarl import URL

__all__ = ["NOT_WATCHED", "Asked", "Operation", "Request", "Telemetry", "Tell", "Try", "during"]

Tell = Callable[[str, float], object]
"""Told the name of one of the numbers of `Stats`, and how much is added to it."""


class Asked(Protocol):
    """A request as telemetry sees it.

    `path` is below the base URL. `file`: it fetches a file, whose URL is itself a secret. `waited`: seconds that it has
    waited for slots and quota.
    """

    method: str
    path: str
    url: URL
    account: str
    endpoint: str
    file: bool
    waited: float

    @property
    def tries(self) -> int:
        """How many tries have failed so far."""
        ...


class Try(Protocol):
    """One try of a request."""

    def begin(self) -> None:
        """It is sent now: what came before was waiting."""
        ...

    def answered(self, status: int) -> None:
        """The server's answer has come."""
        ...


class Request(Protocol):
    """A request with all its tries."""

    def attempt(self) -> AbstractContextManager[Try]:
        """One try; an exception that leaves the block is why it failed."""
        ...

    def again(self, reason: Exception, wait: float) -> None:
        """It will be tried again in `wait` seconds."""
        ...


class Operation(Protocol):
    """Work that takes a while: a walk, a pull, an export. Ended once, from whatever thread."""

    def current(self) -> AbstractContextManager[object]:
        """A block in which it is what is being done: what begins there belongs to it."""
        ...

    def end(self, error: BaseException | None = None, **values: Any) -> None:
        """It is over; `error` is why it failed, `values` what it has come to."""
        ...


class Telemetry(Protocol):
    """What ``TeamUp(telemetry=...)`` takes; `OpenTelemetry` is one."""

    def tell(self, account: str, endpoint: str) -> Tell:
        """Who is told the numbers of an endpoint of an account."""
        ...

    def request(self, asked: Asked) -> AbstractContextManager[Request]:
        """A request begins; an exception that leaves the block is what became of it."""
        ...

    def operation(self, name: str, account: str = "", endpoint: str = "", **values: Any) -> Operation:
        """Work of that name begins."""
        ...


NOT_WATCHED: AbstractContextManager[Try | None] = nullcontext()
"""A try that nobody is told of."""


@contextmanager
def during(
    telemetry: Telemetry | None, name: str, account: str = "", endpoint: str = "", **values: Any
) -> Generator[dict[str, Any]]:
    """A block that is an operation, where there is telemetry; what is put into the dictionary is told at its end."""
    found: dict[str, Any] = {}
    if telemetry is None:
        yield found
        return
    operation = telemetry.operation(name, account, endpoint, **values)
    try:
        with operation.current():
            yield found
    except BaseException as error:
        operation.end(error, **found)
        raise
    operation.end(**found)
