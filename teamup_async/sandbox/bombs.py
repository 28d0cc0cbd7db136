"""Bodies without an end: answers that would fill the memory of a client that takes whatever comes."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from .fault import Fault, Honest, uncoded
from .wire import Wire

__all__ = ["flood", "gzip_bomb"]

_BLOCK: Final = 1 << 20
_MANY: Final = 10 << 30


def gzip_bomb(size: int = _MANY) -> Fault:
    """The true body followed by `size` bytes of white space, in a gzip stream a thousandth of that; made as
    it is sent.
    """

    async def play(wire: Wire, honest: Honest) -> None:
        reply = uncoded(await honest())
        blocks = max(1, size // _BLOCK)
        start, spaces = reply.body, b" " * _BLOCK
        first, block = _flushed(start), _flushed(spaces)
        length = 10 + len(first) + blocks * len(block) + 2 + 8
        headers = reply.with_headers(Content_Encoding="gzip").headers
        await wire.head(reply.status, headers, length=length)
        await wire.send(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + first)
        checksum = zlib.crc32(start)
        for _ in range(blocks):
            checksum = zlib.crc32(spaces, checksum)
            await wire.send(block)
            await wire.pause(0)
        total = (len(start) + blocks * _BLOCK) & 0xFFFFFFFF
        await wire.send(b"\x03\x00" + struct.pack("<LL", checksum, total))

    return Fault("gzip bomb", play)


def _flushed(data: bytes) -> bytes:
    """A deflate block that can stand after and before any other."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush(zlib.Z_FULL_FLUSH)


def flood(size: int = _MANY, *, chunked: bool = False) -> Fault:
    """The true body followed by `size` bytes of white space, plain."""

    async def play(wire: Wire, honest: Honest) -> None:
        reply = uncoded(await honest())
        start, spaces = reply.body, b" " * (1 << 16)
        blocks = max(1, size // len(spaces))
        await wire.head(
            reply.status, reply.headers, length=None if chunked else len(start) + blocks * len(spaces)
        )
        send = wire.chunk if chunked else wire.send
        await send(start)
        for _ in range(blocks):
            await send(spaces)
            await wire.pause(0)
        if chunked:
            await wire.chunk(b"")

    return Fault("flood", play)
