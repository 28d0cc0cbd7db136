"""Answers gone wrong, on demand: each function here makes a `Fault`, `Faults.add` says when it happens.

    sandbox.faults.add(faults.status(503), times=2)                # the next two requests
    sandbox.faults.add(faults.reset(), path="attendances", nth=3)  # the third page of one report
    sandbox.faults.add(faults.hang(), when=lambda request: request.value("offset") == "100", times=None)
    sandbox.faults.script(faults.reset(), None, faults.status(500))  # one after the other; None is no fault

All happen on the real connection: a reset is an RST, a short body is short, a bomb inflates.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import attrs

from .bombs import flood, gzip_bomb
from .fault import Fault, Honest, uncoded
from .problems import envelope
from .render import to_json
from .wire import Reply, Wire

__all__ = [
    "Fault",
    "body",
    "broken_gzip",
    "chunked_cut",
    "clamp",
    "close_after",
    "delay",
    "disconnect",
    "drip",
    "drop_next",
    "empty_body",
    "flood",
    "gzip_bomb",
    "hang",
    "html",
    "invalid_json",
    "raw",
    "redirect",
    "reset",
    "reset_mid_body",
    "rewrite",
    "short_body",
    "status",
    "throttled",
    "wrong_shape",
]

_JSON: Final = {"Content-Type": "application/json"}
_CODES: Final = {
    400: "invalid",
    401: "authentication_failed",
    403: "permission_denied",
    404: "not_found",
    409: "conflict",
    429: "throttled",
}


def status(
    code: int,
    body: bytes | str | Mapping[str, Any] | None = None,
    *,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Fault:
    """An HTTP status, with the documented error envelope unless a body is given."""
    if body is None:
        body = envelope(_CODES.get(code, "server_error"), f"Status {code} on demand.")
    kind = content_type or ("text/html" if isinstance(body, str) else "application/json")
    data = (
        body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else to_json(dict(body))
    )
    reply = Reply(code, data, {"Content-Type": kind, **(headers or {})})
    return _instead(f"status {code}", reply)


def throttled(retry_after: str | None = None) -> Fault:
    """429; `retry_after` is the header's text (seconds or an HTTP date), absent by default as in the
    documents.
    """
    return attrs.evolve(
        status(429, headers={} if retry_after is None else {"Retry-After": retry_after}), name="throttled"
    )


def html(code: int = 200) -> Fault:
    """An HTML page, as a proxy or a maintenance page would answer."""
    page = "<!doctype html><html><head><title>Sorry</title></head><body><h1>Be right back</h1></body></html>"
    return attrs.evolve(status(code, page), name="html")


def empty_body(code: int = 200) -> Fault:
    """Right status, right type, no body."""
    return attrs.evolve(status(code, b""), name="empty body")


def wrong_shape(payload: Any = None) -> Fault:
    """Valid JSON that is no envelope."""
    return _instead(
        "wrong shape", Reply(200, to_json({"detail": "ok"} if payload is None else payload), _JSON)
    )


def invalid_json(body: bytes | None = None) -> Fault:
    """JSON that stops in the middle although the length fits."""
    return rewrite(
        lambda reply: attrs.evolve(reply, body=reply.body[:-20] if body is None else body), "invalid json"
    )


def redirect(url: str, code: int = 302) -> Fault:
    """A redirect to another URL."""
    return attrs.evolve(status(code, b"", headers={"Location": url}), name="redirect")


def clamp(size: int) -> Fault:
    """The true answer, of at most `size` rows whatever was asked for."""
    return Fault("clamp", clamp=size)


def rewrite(function: Callable[[Reply], Reply], name: str = "rewrite") -> Fault:
    """Any change of the true answer, which is not compressed."""

    async def play(wire: Wire, honest: Honest) -> None:
        await wire.reply(function(uncoded(await honest())))

    return Fault(name, play, keeps=True)


def body(function: Callable[[bytes], bytes]) -> Fault:
    """Any change of the true body."""
    return rewrite(lambda reply: attrs.evolve(reply, body=function(reply.body)), "body")


def raw(*pieces: bytes, then: Literal["close", "reset", "keep"] = "close") -> Fault:
    """Any bytes at all."""

    async def play(wire: Wire, _: Honest) -> None:
        for piece in pieces:
            await wire.send(piece)
        if then == "reset":
            await wire.reset()
        elif then == "close":
            await wire.close()

    return Fault("raw", play, keeps=then == "keep")


def reset() -> Fault:
    """RST before any byte of the answer."""

    async def play(wire: Wire, _: Honest) -> None:
        await wire.reset()

    return Fault("reset", play)


def disconnect() -> Fault:
    """The connection closed in order (FIN) before any byte of the answer."""

    async def play(wire: Wire, _: Honest) -> None:
        await wire.close()

    return Fault("disconnect", play)


def reset_mid_body(part: float = 0.5) -> Fault:
    """RST after the head and a part of the body."""

    async def play(wire: Wire, honest: Honest) -> None:
        reply = await honest()
        await wire.head(reply.status, reply.headers, length=len(reply.body))
        await wire.send(reply.body[: int(len(reply.body) * part)])
        await wire.reset()

    return Fault("reset mid-body", play)


def short_body(missing: int = 1) -> Fault:
    """The body ends (FIN) that many bytes before its Content-Length."""

    async def play(wire: Wire, honest: Honest) -> None:
        reply = await honest()
        await wire.head(reply.status, reply.headers, length=len(reply.body))
        await wire.send(reply.body[: max(0, len(reply.body) - missing)])
        await wire.close()

    return Fault("short body", play)


def chunked_cut(part: float = 0.5) -> Fault:
    """A chunked body that ends (FIN) without its last chunk."""

    async def play(wire: Wire, honest: Honest) -> None:
        reply = await honest()
        await wire.head(reply.status, reply.headers)
        await wire.chunk(reply.body[: max(1, int(len(reply.body) * part))])
        await wire.close()

    return Fault("chunked cut off", play)


def broken_gzip() -> Fault:
    """A gzip body with garbage in its second half."""

    def broken(reply: Reply) -> Reply:
        data = gzip.compress(reply.body)
        half = len(data) // 2
        return attrs.evolve(reply, body=data[:half] + bytes(255 - byte for byte in data[half:]))

    return rewrite(lambda reply: broken(reply).with_headers(Content_Encoding="gzip"), "broken gzip")


def drip(every: float = 0.05, size: int = 1) -> Fault:
    """The true answer, `size` bytes of its body every so many seconds."""

    async def play(wire: Wire, honest: Honest) -> None:
        reply = await honest()
        await wire.head(reply.status, reply.headers, length=len(reply.body))
        for index in range(0, len(reply.body), size):
            await wire.send(reply.body[index : index + size])
            await wire.pause(every)

    return Fault("drip", play)


def delay(seconds: float) -> Fault:
    """The true answer, that much later."""

    async def play(wire: Wire, honest: Honest) -> None:
        await wire.pause(seconds)
        await wire.reply(await honest())

    return Fault("delay", play, keeps=True)


def hang() -> Fault:
    """The request is accepted and never answered."""

    async def play(wire: Wire, _: Honest) -> None:
        await wire.silence()

    return Fault("hang", play)


def close_after() -> Fault:
    """The true answer, promising to keep the connection; then it is closed all the same."""

    async def play(wire: Wire, honest: Honest) -> None:
        await wire.reply((await honest()).with_headers(Connection="keep-alive"))
        await wire.close()

    return Fault("close after", play)


def drop_next() -> Fault:
    """The true answer; the next request on the same connection finds it reset."""

    async def play(wire: Wire, honest: Honest) -> None:
        await wire.reply((await honest()).with_headers(Connection="keep-alive"))

    return Fault("drop next", play, keeps=True, drops=True)


def _instead(name: str, reply: Reply) -> Fault:
    async def play(wire: Wire, _: Honest) -> None:
        await wire.reply(reply)

    return Fault(name, play, keeps=True)
