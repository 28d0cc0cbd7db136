"""What the sandbox remembers of the requests it received."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.define(eq=False)
class Received:
    """One request, as it arrived; `status` is None while (or when never) answered.

    `number` counts requests from 1, `path` is what follows the base URL, `params` are those of the URL in their order,
    `caller` says whose quota it used.

    `at` and `answered_at` are seconds of the sandbox's clock, `connection` numbers the connections in the
    order they were opened, `fault` names the fault it met. A fault that breaks the connection off leaves the
    status it began to send.
    """

    number: int
    method: str
    path: str
    params: list[tuple[str, str]]
    headers: Mapping[str, str] = attrs.field(repr=False)
    at: float
    connection: int
    body: bytes = attrs.field(default=b"", repr=False)
    status: int | None = None
    answered_at: float | None = None
    caller: str = ""
    fault: str | None = None

    def values(self, name: str) -> list[str]:
        """All values of a query parameter."""
        return [value for key, value in self.params if key == name]

    def value(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        return next(iter(self.values(name)), None)
