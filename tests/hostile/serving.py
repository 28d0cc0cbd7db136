"""A server on loopback that answers with any bytes at all, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import ssl as tls
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

from teamup_async import RetryPolicy, TeamUp, Timeouts

Pieces = bytes | Iterable[bytes]
Answer = Callable[["Asked"], Pieces]


@attrs.frozen
class Asked:
    """A request as it came over the wire."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.line.split()[1]).query).items()}

    def number(self, name: str, default: int) -> int:
        return int(self.query.get(name, default))


@attrs.define
class Hostile:
    """A server that is running."""

    url: str
    asked: list[Asked] = attrs.field(factory=list[Asked])
    sent: int = 0


@contextlib.asynccontextmanager
async def serving(answer: Pieces | Answer, *, ssl: tls.SSLContext | None = None) -> AsyncIterator[Hostile]:
    """Answer each request with the same pieces, or with those that a function makes of it."""
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        # The client goes when it has read enough; that is no error.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                asked = Asked(head, await reader.readexactly(int(length or 0)))
                hostile.asked.append(asked)
                pieces = answer(asked) if callable(answer) else answer
                for piece in (pieces,) if isinstance(pieces, bytes) else pieces:
                    writer.write(piece)
                    hostile.sent += len(piece)
                    await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl)
    scheme = "https" if ssl else "http"
    hostile = Hostile(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield hostile
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def response(
    body: bytes | str, *headers: str, status: str = "200 OK", kind: str = "application/json"
) -> bytes:
    """A whole answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


@attrs.define
class Hurried:
    """A clock whose waits take no time."""

    time: float = 1000.0
    slept: list[float] = attrs.field(factory=list[float])

    def now(self) -> float:
        return self.time

    def epoch(self) -> float:
        return 1_760_000_000.0 + self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def client(url: str, **options: Any) -> TeamUp:
    """A client that tries once, and no longer than half a second."""
    settings: dict[str, Any] = {
        "token": "t0ken",
        "rate": None,
        "retry": RetryPolicy(attempts=1),
        "timeout": Timeouts(attempt=0.5),
        "clock": Hurried(),
        **options,
    }
    return TeamUp(base_url=url, **settings)


@contextlib.contextmanager
def memory(megabytes: float) -> Iterator[None]:
    """No more than so much is allocated at once meanwhile."""
    tracemalloc.start(1)
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak / 1e6 < megabytes
