"""What a fault is: one way to answer wrongly."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable

import attrs

from .wire import Play, Reply

__all__ = ["Fault", "Honest", "uncoded"]

Honest = Callable[[], Awaitable[Reply]]
"""Makes the true answer."""


@attrs.frozen
class Fault:
    """One way to answer wrongly.

    `play` writes the answer by hand; without it the answer is the true one, of at most `clamp` rows. `keeps`
    leaves the connection open; `drops` resets it when the next request arrives on it.
    """

    name: str
    play: Play | None = None
    clamp: int | None = None
    keeps: bool = False
    drops: bool = False


def uncoded(reply: Reply) -> Reply:
    """The same answer, not compressed."""
    if reply.headers.get("Content-Encoding") != "gzip":
        return reply
    headers = {name: value for name, value in reply.headers.items() if name != "Content-Encoding"}
    return attrs.evolve(reply, body=gzip.decompress(reply.body), headers=headers)
