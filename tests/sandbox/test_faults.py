"""Faults happen on the real connection, when and as often as asked."""

import asyncio
import gzip
import json
import ssl
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from teamup_async.sandbox import Sandbox, faults

PATH = "/reports/attendances/data"
QUERY = "?format=json&limit=5"


class Socket:
    """A connection without an HTTP library: what comes is seen byte by byte."""

    def __init__(self, sandbox: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sandbox, self.reader, self.writer = sandbox, reader, writer

    async def ask(self, query: str = QUERY, *, accept: str = "identity") -> None:
        url = urlsplit(self.sandbox.url)
        lines = [
            f"GET {url.path}{PATH}{query} HTTP/1.1",
            f"Host: {url.netloc}",
            f"Authorization: Token {self.sandbox.token}",
            f"Accept-Encoding: {accept}",
        ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.writer.drain()

    async def head(self) -> dict[str, str]:
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        return {"status": first.split()[1], **headers}

    async def rest(self) -> bytes:
        return await self.reader.read()

    async def reply(self) -> tuple[dict[str, str], bytes]:
        head = await self.head()
        return head, await self.reader.readexactly(int(head["content-length"]))


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Socket]:
    """One connection."""
    url = urlsplit(sandbox.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    yield Socket(sandbox, reader, writer)
    writer.close()


async def truth(call: Any) -> Any:
    return (await call(PATH, format="json", limit=5)).body


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
async def test_status(call: Any, sandbox: Sandbox, code: int) -> None:
    """A status with the documented envelope; the next request is answered rightly."""
    sandbox.faults.add(faults.status(code))

    first, second = await call(PATH), await call(PATH)

    assert (first.status, second.status) == (code, 200)
    assert set(first.body) == {"code", "message", "type", "field_errors"}
    assert [request.status for request in sandbox.log] == [code, 200]
    assert [request.fault for request in sandbox.log] == [f"status {code}", None]


async def test_status_with_a_body(call: Any, sandbox: Sandbox) -> None:
    """A status can have any body, type and headers."""
    sandbox.faults.script(
        faults.status(503, "<h1>down</h1>", headers={"Retry-After": "7"}),
        faults.status(418, {"detail": "no"}),
    )

    page, refusal = await call(PATH), await call(PATH)

    assert (page.body, page.headers["Retry-After"]) == (b"<h1>down</h1>", "7")
    assert page.headers["Content-Type"] == "text/html"
    assert (refusal.status, refusal.body) == (418, {"detail": "no"})


@pytest.mark.parametrize("retry_after", [None, "3", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_throttled(call: Any, sandbox: Sandbox, retry_after: str | None) -> None:
    """429 with seconds, with a date, with neither."""
    sandbox.faults.add(faults.throttled(retry_after))

    answered = await call(PATH)

    assert (answered.status, answered.body["code"]) == (429, "throttled")
    assert answered.headers.get("Retry-After") == retry_after


async def test_wrong_bodies(call: Any, sandbox: Sandbox) -> None:
    """HTML, nothing, another shape, a redirect."""
    sandbox.faults.script(
        faults.html(),
        faults.empty_body(),
        faults.wrong_shape([1]),
        faults.redirect(f"{sandbox.url}/course_sessions"),
    )

    html, empty, shape, redirected = [await call(PATH) for _ in range(3)] + [await call(PATH, page_size=1)]

    assert html.status == 200
    assert html.body.startswith(b"<!doctype html>")
    assert empty.status == 200
    assert shape.body == [1]
    assert redirected.status == 200
    assert "results" in redirected.body


async def test_invalid_json(wire: Socket, sandbox: Sandbox) -> None:
    """The length fits, the JSON does not; also for those who accept compressed answers."""
    sandbox.faults.add(faults.invalid_json())
    await wire.ask(accept="gzip")

    head, body = await wire.reply()

    assert head["content-type"] == "application/json"
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        json.loads(body)


@pytest.mark.parametrize("fault", [faults.reset(), faults.disconnect()])
async def test_nothing_answered(wire: Socket, sandbox: Sandbox, fault: faults.Fault) -> None:
    """The connection ends before the answer: by RST or by FIN."""
    sandbox.faults.add(fault)
    await wire.ask()

    if fault.name == "reset":
        with pytest.raises(ConnectionResetError):
            await wire.rest()
    else:
        assert await wire.rest() == b""
    assert sandbox.log[0].status is None


async def test_reset_mid_body(wire: Socket, sandbox: Sandbox) -> None:
    """Head and half of the body, then RST."""
    sandbox.faults.add(faults.reset_mid_body())
    await wire.ask()

    head = await wire.head()
    with pytest.raises(ConnectionResetError):
        await wire.reader.readexactly(int(head["content-length"]))

    assert head["status"] == "200"


async def test_short_body(wire: Socket, sandbox: Sandbox) -> None:
    """The body ends before its Content-Length."""
    sandbox.faults.add(faults.short_body(missing=7))
    await wire.ask()

    head = await wire.head()

    assert len(await wire.rest()) == int(head["content-length"]) - 7


async def test_chunked_cut(wire: Socket, sandbox: Sandbox) -> None:
    """A chunked body without its last chunk."""
    sandbox.faults.add(faults.chunked_cut())
    await wire.ask()

    head = await wire.head()
    body = await wire.rest()

    assert head["transfer-encoding"] == "chunked"
    assert not body.endswith(b"0\r\n\r\n")


async def test_broken_gzip(wire: Socket, sandbox: Sandbox) -> None:
    """A gzip body that cannot be inflated."""
    sandbox.faults.add(faults.broken_gzip())
    await wire.ask()

    head, body = await wire.reply()

    assert head["content-encoding"] == "gzip"
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(body)


async def test_gzip_bomb(wire: Socket, sandbox: Sandbox, call: Any) -> None:
    """A valid gzip stream, a thousandth of what it inflates to, made while it is sent."""
    expected = await truth(call)
    sandbox.faults.add(faults.gzip_bomb(32 << 20))
    await wire.ask()

    _, body = await wire.reply()
    inflated = gzip.decompress(body)

    assert len(inflated) > 32 << 20 > 500 * len(body)
    assert json.loads(inflated) == expected


async def test_a_bomb_nobody_reads(session: aiohttp.ClientSession, sandbox: Sandbox) -> None:
    """A bomb of 10 GB starts at once, and ends when the client leaves."""
    sandbox.faults.script(faults.gzip_bomb(), faults.flood(), faults.flood(chunked=True))
    headers = {"Authorization": f"Token {sandbox.token}"}

    for _ in range(3):
        async with session.get(sandbox.url + PATH + QUERY, headers=headers) as answer:
            await answer.content.readexactly(100_000)
            answer.close()

    assert sandbox.requests == 3


async def test_flood(session: aiohttp.ClientSession, sandbox: Sandbox, call: Any) -> None:
    """The true body, followed by so much white space."""
    expected = await truth(call)
    sandbox.faults.add(faults.flood(1 << 20, chunked=True))
    async with session.get(
        sandbox.url + PATH + QUERY, headers={"Authorization": f"Token {sandbox.token}"}
    ) as answer:
        body = await answer.read()

    assert len(body) > 1 << 20
    assert json.loads(body) == expected


async def test_drip_and_delay(call: Any, sandbox: Sandbox) -> None:
    """Slow answers are right ones."""
    expected = await truth(call)
    sandbox.faults.script(faults.drip(every=0.0, size=200), faults.delay(0.01))

    assert [await truth(call), await truth(call)] == [expected, expected]
    assert sandbox.log[-1].answered_at - sandbox.log[-1].at >= 0.01


async def test_hang(wire: Socket, sandbox: Sandbox) -> None:
    """Accepted and never answered; the request ends with the connection."""
    sandbox.faults.add(faults.hang())
    await wire.ask()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await wire.rest()
    assert sandbox.log[0].answered_at is None
    wire.writer.close()


async def test_close_after(wire: Socket, sandbox: Sandbox) -> None:
    """The whole answer with a promise to keep the connection, which is then closed."""
    sandbox.faults.add(faults.close_after())
    await wire.ask()

    head, _ = await wire.reply()

    assert head["connection"] == "keep-alive"
    assert await wire.rest() == b""


async def test_drop_next(wire: Socket, sandbox: Sandbox) -> None:
    """The whole answer; the next request on the connection finds it reset."""
    sandbox.faults.add(faults.drop_next())
    await wire.ask()
    await wire.reply()
    await wire.ask()

    with pytest.raises(ConnectionResetError):
        await wire.rest()
    assert [request.fault for request in sandbox.log] == ["drop next", "dropped"]
    assert sandbox.connections == 1


async def test_clamp(call: Any, sandbox: Sandbox) -> None:
    """The server may give fewer rows than asked for, without a word."""
    sandbox.faults.add(faults.clamp(7), times=None)

    report = await call(PATH, format="json", limit=50, offset=3)
    listing = await call("/course_sessions", page_size=50)

    assert len(report.body["rows"]) == len(listing.body["results"]) == 7
    assert report.body["total"] == 600


async def test_body_and_rewrite(call: Any, sandbox: Sandbox) -> None:
    """Any change of the true answer."""
    sandbox.faults.add(
        faults.body(
            lambda body: body.replace(b"total", b"sum"),
        )
    )

    answered = await call(PATH, format="json", limit=1)

    assert "sum" in answered.body


async def test_raw(wire: Socket, sandbox: Sandbox) -> None:
    """Any bytes at all."""
    sandbox.faults.add(faults.raw(b"HTTP/1.1 200", b" OK\r\nX: 1\r\n\r\n"))
    await wire.ask()

    assert await wire.rest() == b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\n"


async def test_when(call: Any, sandbox: Sandbox) -> None:
    """By endpoint name or path, from the nth request on, so many times, by a predicate."""
    by_name = sandbox.faults.add(faults.status(500), path="course_sessions", nth=2, times=2)
    by_rule = sandbox.faults.add(faults.status(502), when=lambda r: r.value("offset") == "10", times=None)

    sessions = [(await call("/course_sessions")).status for _ in range(4)]
    rows = [(await call(PATH, offset=offset)).status for offset in (0, 10, 20, 10)]
    sandbox.faults.clear()

    assert sessions == [200, 500, 500, 200]
    assert rows == [200, 502, 200, 502]
    assert (by_name.seen, by_name.fired, by_rule.fired) == (4, 2, 2)
    assert (await call(PATH, offset=10)).status == 200


async def test_script(call: Any, sandbox: Sandbox) -> None:
    """One fault after the other; None answers rightly."""
    sandbox.faults.script(faults.status(500), None, faults.status(502))

    assert [(await call(PATH)).status for _ in range(4)] == [500, 200, 502, 200]


def test_counting_starts_at_one(sandbox: Sandbox) -> None:
    """nth and times of zero are mistakes."""
    with pytest.raises(ValueError, match="count from 1"):
        sandbox.faults.add(faults.reset(), nth=0)


async def test_stopping_while_it_hangs(session: aiohttp.ClientSession) -> None:
    """The sandbox stops at once, whatever it was doing."""
    async with Sandbox(rows=10) as sandbox:
        sandbox.faults.script(faults.hang(), faults.drip(every=60.0))
        headers = {"Authorization": f"Token {sandbox.token}"}
        arrived = asyncio.Event()
        sandbox.before_request = lambda _: arrived.set()
        waiting = asyncio.ensure_future(session.get(sandbox.url + PATH, headers=headers))
        await arrived.wait()
        start = time.monotonic()
    stopped = time.monotonic() - start
    with pytest.raises(aiohttp.ClientError):
        await waiting

    assert stopped < 5.0


async def test_tls(session: aiohttp.ClientSession) -> None:
    """With a TLS context the sandbox speaks https; resets work there too."""
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with Sandbox(rows=10, ssl=context) as sandbox:
        headers = {"Authorization": f"Token {sandbox.token}"}
        assert sandbox.url.startswith("https://")
        async with session.get(sandbox.url + PATH, headers=headers, ssl=trusting) as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(sandbox.url + PATH, headers=headers)
        sandbox.faults.add(faults.reset_mid_body(), times=None)
        with pytest.raises(aiohttp.ClientError):
            async with session.get(sandbox.url + PATH, headers=headers, ssl=trusting) as answer:
                await answer.read()


@pytest.mark.parametrize(
    "body", [b'{"total": NaN}', b'{"rows": [], "rows": 1}', b"[" * 100_000, b'{"total": ' + b"9" * 400 + b"}"]
)
async def test_hostile_bodies(wire: Socket, sandbox: Sandbox, body: bytes) -> None:
    """A body can be replaced by anything that a hostile server would send."""
    sandbox.faults.add(faults.invalid_json(body))
    await wire.ask()

    assert (await wire.reply())[1] == body
