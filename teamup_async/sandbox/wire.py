"""Bytes on the connection itself, past the HTTP server: what faults are made of."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import attrs
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

_BUFFERED: Final = 1 << 20
"""Bytes kept for a client that reads slowly, before writing waits."""
_POLL: Final = 0.005


@attrs.frozen
class Reply:
    """A whole answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def with_headers(self, **headers: str) -> Reply:
        """The same answer with other headers (underscores stand for dashes)."""
        return attrs.evolve(
            self,
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )


class ClientGoneError(Exception):
    """The client closed the connection while it was written to."""


@attrs.frozen
class Wire:
    """One connection, for the length of one answer. `ended` is set when the sandbox stops."""

    transport: asyncio.Transport
    ended: asyncio.Event
    on_status: Callable[[int], None]

    async def send(self, data: bytes) -> None:
        """Write, and wait while the client reads too slowly; raises `ClientGoneError`."""
        if self.transport.is_closing():
            raise ClientGoneError
        self.transport.write(data)
        while self.transport.get_write_buffer_size() > _BUFFERED:
            await self.pause(_POLL)

    async def flush(self) -> None:
        """Wait until the kernel has everything; raises `ClientGoneError`."""
        while self.transport.get_write_buffer_size() > 0:
            await self.pause(_POLL)

    async def pause(self, seconds: float) -> None:
        """Wait; raises `ClientGoneError` when there is nobody left to wait for."""
        if self.transport.is_closing() or self.ended.is_set():
            raise ClientGoneError
        await asyncio.sleep(seconds)

    async def head(self, status: int, headers: Mapping[str, str], *, length: int | None = None) -> None:
        """Status line and headers; chunked unless a length is given."""
        self.on_status(status)
        framing = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
        lines = [f"HTTP/1.1 {status} {_reason(status)}"]
        lines += [f"{name}: {value}" for name, value in {**headers, **framing}.items()]
        await self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def chunk(self, data: bytes) -> None:
        """One chunk of a chunked body; an empty one ends it."""
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def reply(self, reply: Reply) -> None:
        """A whole, correct answer."""
        await self.head(reply.status, reply.headers, length=len(reply.body))
        await self.send(reply.body)

    async def reset(self) -> None:
        """Break the connection with RST, after what was sent so far."""
        await self.flush()
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def close(self) -> None:
        """End the connection in order (FIN), after what was sent so far."""
        self.transport.close()

    async def silence(self) -> None:
        """Say nothing until the client leaves or the sandbox stops."""
        with contextlib.suppress(ClientGoneError):
            while True:
                await self.pause(4 * _POLL)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class Played(web.StreamResponse):
    """Tells the HTTP server that the answer has been given by hand."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._kept = keep_alive

    @property
    def keep_alive(self) -> bool | None:
        return self._kept

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        del request
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        del data


Play = Callable[[Wire, Callable[[], Awaitable[Reply]]], Awaitable[Any]]
"""Plays an answer on the wire; the second argument makes the answer that would have been given."""
