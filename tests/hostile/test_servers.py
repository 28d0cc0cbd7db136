"""Servers that answer with what no server should: bounded memory and time, and one clear error."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl as tls
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
import trustme

from teamup_async import (
    ConnectionFailedError,
    PaginationDriftError,
    PaginationStalledError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    StatusError,
    TeamUp,
    TeamUpDialectWarning,
)
from tests.hostile.serving import Asked, Hurried, client, memory, response, serving

LONGEST = 8.0
"""Seconds after which something hangs."""


def attendances(teamup: TeamUp) -> Any:
    return teamup.reports.attendances()


def strikes(teamup: TeamUp) -> Any:
    return teamup.reports.attendance_strikes_grouped(columns=["customer", "count"])


def sessions(teamup: TeamUp) -> Any:
    return teamup.course_sessions()


# --- bodies -----------------------------------------------------------------------------------------------


@attrs.frozen
class Body:
    """What a body holds, and the error it makes, or what its rows are."""

    make: Callable[[], str | bytes]
    says: str = ""
    rows: Callable[[list[Any]], bool] | None = None
    walk: Callable[[TeamUp], Any] = attendances


def page(rows: str = "", total: str = "1", more: str = "") -> str:
    return f'{{"rows":[{rows}],"total":{total}{more}}}'


def many(text: str, times: int = 1_000_000) -> str:
    return ",".join([text] * times)


DEEP = "[" * 100_000
KEYS = '{"id":1,' + ",".join(f'"k{number}":0' for number in range(1_000_000)) + "}"
DIGITS = "9" * 10**5

BODIES: dict[str, Body] = {
    "arrays 100,000 deep": Body(lambda: DEEP, "not JSON that can be read"),
    "rows 100,000 deep": Body(lambda: page(DEEP + "]" * 100_000), "not JSON that can be read"),
    "a new field 100,000 deep": Body(
        lambda: page("{}", more=f',"x":{DEEP}{"]" * 100_000}'), "not JSON that can be read"
    ),
    "objects 100,000 deep": Body(
        lambda: '{"results":[' + '{"course":{"course_sessions":[' * 100_000, "can be read", walk=sessions
    ),
    "a million columns": Body(lambda: page(more=f',"column_headers":[{many("{}")}]'), "more values than"),
    "20,000 columns": Body(
        lambda: page(more=f',"column_headers":[{many("{}", 20_000)}]'), "20,000 columns, too many"
    ),
    "a million rows": Body(lambda: page(many("{}")), "more values than a page can"),
    "20,000 rows": Body(lambda: page(many("{}", 20_000)), "20,000 rows, too many"),
    "a million keys in a row": Body(lambda: page(KEYS), rows=lambda rows: rows[0].id == 1),
    "a million keys, and a pivoted column": Body(
        lambda: page(KEYS, more=',"column_headers":[{"key":"k7"}]'),
        rows=lambda rows: rows[0].counts == {"k7": 0},
        walk=strikes,
    ),
    "a text of 20 megabytes": Body(
        lambda: page(f'{{"id":1,"status":"{"x" * 20_000_000}"}}'),
        rows=lambda rows: len(rows[0].status) == 20_000_000,
    ),
    "a total below zero": Body(lambda: page(total="-5"), r"\$\.total is -5, not a count"),
    "a total beyond 64 bits": Body(lambda: page(total=str(2**64)), r"\$\.total .*not a count"),
    "a total of 100,000 digits": Body(lambda: page(total=DIGITS), r"\$\.total|can be read"),
    "a total with a huge exponent": Body(lambda: page(total="1e999999999"), r"\$\.total .*not a count"),
    "a total of NaN": Body(lambda: page(total="NaN"), "not JSON that can be read"),
    "a total of Infinity": Body(lambda: page(total="-Infinity"), "not JSON that can be read"),
    "an id beyond 64 bits": Body(lambda: page(f'{{"id":{2**70}}}'), rows=lambda rows: rows[0].id == 2**70),
    "an id of 100,000 digits": Body(lambda: page(f'{{"id":{DIGITS}}}'), r"\$\.rows|can be read"),
    "an id with a huge exponent": Body(lambda: page('{"id":1e999999999}'), r"id is 1E\+999999999, not a whole"),
    "an id with a longer exponent": Body(lambda: page(f'{{"id":1e{DIGITS}}}'), r"\$\.rows|can be read"),
    "a row of NaN": Body(lambda: page('{"id":NaN}'), "not JSON that can be read"),
    "keys that come twice": Body(
        lambda: page('{"id":1,"id":2}', more=',"total":1,"rows":[{"id":3,"id":4}]'),
        rows=lambda rows: [row.id for row in rows] == [4],
    ),
    "half a surrogate": Body(lambda: page('{"id":1,"status":"\\ud800"}'), "not JSON that can be read"),
    "half a surrogate in a key": Body(lambda: page('{"id":1,"\\udfff":1}'), "not JSON that can be read"),
    "bytes that are no UTF-8": Body(
        lambda: page('{"id":1,"status":"?"}').encode().replace(b"?", b"\xed\xa0\x80\xff"), "can be read"
    ),
    "UTF-16": Body(lambda: page().encode("utf-16"), "not JSON that can be read"),
    "a byte order mark": Body(lambda: b"\xef\xbb\xbf" + page().encode(), "not JSON that can be read"),
    "control characters": Body(lambda: "\x1b[2J\x00\r\n\x9b31m", "not JSON that can be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
async def test_bodies(name):
    """A body that no report has is refused with its place, or read without loss; in bounded memory and time."""
    case = BODIES[name]
    body = response(case.make())
    async with serving(body) as server, asyncio.timeout(LONGEST):
        with memory(max(64, 24 * len(body) / 1e6)):
            async with client(server.url, timeout=LONGEST) as teamup:
                if case.rows is not None:
                    assert case.rows(await case.walk(teamup).collect())
                else:
                    with pytest.raises(ResponseDecodeError, match=case.says) as caught:
                        await case.walk(teamup).collect()
                    assert len(str(caught.value)) < 700
                    assert str(caught.value).isprintable()
    assert len(server.asked) == 1


# --- the wire ---------------------------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LINES = b"".join(b"X-%d: a\r\n" % number for number in range(1000))


def endless(start: bytes, block: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: itertools.chain([start], itertools.repeat(block))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def bomb() -> Iterable[bytes]:
    """A gzip stream without end, of which each 16 kilobytes hold 16 megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    start = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    head = HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(start)
    return endless(head, chunk(block))()


@attrs.frozen
class Stream:
    """Bytes that never should end well."""

    make: Callable[[], bytes | Iterable[bytes]]
    error: type[RequestError] = ConnectionFailedError
    says: str | None = None


TOO_LARGE = "larger than 4,000,000 bytes"
STREAMS: dict[str, Stream] = {
    "chunks without end": Stream(
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk(bytes(65536))), ResponseDecodeError, TOO_LARGE
    ),
    "a body without end": Stream(endless(HEAD + b"\r\n", bytes(65536)), ResponseDecodeError, TOO_LARGE),
    "ten gigabytes announced": Stream(
        endless(HEAD + b"Content-Length: 10000000000\r\n\r\n", bytes(65536)), ResponseDecodeError, TOO_LARGE
    ),
    "a gzip bomb": Stream(bomb, ResponseDecodeError, TOO_LARGE),
    "headers without end": Stream(endless(HEAD, LINES)),
    "a header without end": Stream(endless(HEAD + b"X: ", b"a" * 65536)),
    "a status line without end": Stream(endless(b"HTTP/1.1 200 ", b"a" * 65536)),
    "trailers without end": Stream(endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", LINES)),
    "a chunk extension without end": Stream(
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 65536), RequestError
    ),
    "100 Continue without end": Stream(
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), RequestError
    ),
    "a length below zero": Stream(lambda: HEAD + b"Content-Length: -5\r\n\r\n"),
    "a length beyond 64 bits": Stream(lambda: HEAD + b"Content-Length: " + b"9" * 50 + b"\r\n\r\n"),
    "two lengths": Stream(lambda: HEAD + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\naaaaa"),
    "no HTTP": Stream(lambda: b"\x00\xff\x1b[31mSSH-2.0\r\n\r\n"),
    "a status of five digits": Stream(lambda: response("{}", status="99999 X")),
    "status 101": Stream(lambda: response("{}", status="101 X"), RequestError),
    "status 000": Stream(lambda: response("{}", status="000 X"), StatusError),
    "status 206": Stream(lambda: response(page(), status="206 X"), StatusError, "206"),
    "status 999": Stream(lambda: response("{}", status="999 X"), ServerError, "999"),
    "a type of 4,000 characters": Stream(
        lambda: response("{}", kind="text/" + "x" * 4000), ResponseDecodeError, "not JSON"
    ),
    "an error 100,000 deep": Stream(lambda: response('{"message":' + DEEP, status="500 X"), ServerError, "500"),
    "an error that clears the screen": Stream(
        lambda: response('{"code":"\\u001b[2J","message":"\\u009b31m\\r\\n","field_errors":{"\\u001b":["\\u0007"]}}',
                         status="400 X"),
        StatusError,
        "400",
    ),
    "half a million field errors": Stream(
        lambda: response('{"field_errors":{"a":[' + many('"b"', 500_000) + "]}}", status="400 X"),
        StatusError,
        "a: b; b",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
async def test_streams(name):
    """Bytes that are no answer, or have no end: one short error of this package, soon, in bounded memory."""
    case = STREAMS[name]
    async with serving(lambda _: case.make()) as server, asyncio.timeout(LONGEST):
        with memory(64):
            async with client(server.url, max_body=4_000_000) as teamup:
                with pytest.raises(case.error, match=case.says) as caught:
                    await teamup.reports.attendances().collect()
    error = caught.value
    assert len(str(error)) < 1200
    if isinstance(error, (StatusError, ResponseDecodeError)):
        assert str(error).isprintable()
        assert repr(vars(error)).isprintable()
        assert "\\x1b" not in repr(vars(error))
    assert len(server.asked) == 1


# --- other places -----------------------------------------------------------------------------------------


def listed(asked: Asked, elsewhere: str) -> bytes:
    """A page of course sessions whose links lead elsewhere."""
    number, size = asked.number("page", 1), asked.number("page_size", 10)
    since = datetime.fromisoformat(asked.query.get("starts_at_gte", "2024-01-01T00:00:00Z"))
    rows = [
        {"id": place, "starts_at": str(start)}
        for place in range(300)
        if (start := datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=place)) >= since
    ]
    page = rows[(number - 1) * size : number * size]
    answer = {"count": len(rows), "next": elsewhere, "previous": elsewhere, "results": page}
    return response(json.dumps(answer))


async def test_next_links_are_not_followed():
    """Links to other origins and schemes do not matter: each request goes to the base URL."""
    async with serving(response("{}")) as other:
        for elsewhere in (f"{other.url}/x", f"//{other.url[7:]}/x", "file:///etc/passwd", "x" * 10_000, ""):
            async with (
                serving(lambda asked, link=elsewhere: listed(asked, link)) as server,
                client(server.url) as teamup,
            ):
                rows = await teamup.course_sessions().collect()
            assert [row.id for row in rows] == list(range(300))
            assert all(asked.line.startswith("GET /course_sessions?") for asked in server.asked)
    assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status):
    """A redirect to another origin, to plain http, or to itself is one error after one request."""
    authority = trustme.CA()
    served = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(served)
    trusting = tls.create_default_context()
    authority.configure_trust(trusting)
    async with serving(response("{}")) as plain:
        for target in (f"{plain.url}/x", f"//{plain.url[7:]}/x", "/", "", "javascript:1"):
            answer = response("", f"Location: {target}", status=f"{status} Elsewhere")
            async with serving(answer, ssl=served) as server, client(server.url, ssl=trusting) as teamup:
                with pytest.raises(StatusError, match="redirect, which is not followed"):
                    await teamup.reports.attendances().collect()
            assert len(server.asked) == 1
    assert plain.asked == []


# --- pages without end ------------------------------------------------------------------------------------


def rows_from(first: int, count: int) -> str:
    return ",".join(f'{{"id":{number}}}' for number in range(first, first + count))


async def test_the_same_page_for_ever():
    """A server that gives the same page whatever it is asked is found out after a bounded number of requests."""
    same = response(page(rows_from(1, 100), total=str(2**62)))
    async with serving(same) as server, client(server.url) as teamup, asyncio.timeout(LONGEST):
        with pytest.raises(PaginationStalledError, match="no new row"), pytest.warns(TeamUpDialectWarning):
            await teamup.reports.attendances().paged(window=2).collect()
        with pytest.raises(
            PaginationStalledError, match=r"do not come sorted|repeat|no new row|does not match"
        ):
            await teamup.reports.attendances(sort=["-status"]).paged(window=2).collect()
    assert len(server.asked) < 20


async def test_a_total_that_is_too_great():
    """Rows that were announced and never come are an error, not the end; what came before was yielded."""

    def answer(asked: Asked) -> bytes:
        offset = asked.number("offset", 0)
        first = asked.number("id_gt", 0) + offset + 1
        return response(page(rows_from(first, max(0, min(100, 251 - first))), total=str(2**62)))

    async with serving(answer) as server, client(server.url) as teamup, asyncio.timeout(LONGEST):
        rows: list[Any] = []
        with pytest.raises(PaginationStalledError, match="no new row although more were announced"):
            async for row in teamup.reports.attendances().paged(window=2):
                rows.append(row)
    assert [row.id for row in rows] == list(range(1, 251))
    assert len(server.asked) < 3 + 10


async def test_a_total_that_is_too_small():
    """A total that is always below the number of rows that came loses none of these, on any page."""

    def answer(asked: Asked) -> bytes:
        first = asked.number("id_gt", 0) + asked.number("offset", 0) + 1
        return response(page(rows_from(first, max(0, min(100, 251 - first))), total="3"))

    async with serving(answer) as server, client(server.url) as teamup:
        assert len(await teamup.reports.attendances().collect()) == 250
    assert len(server.asked) == 4


async def test_a_total_that_grows():
    """A report that never ends is read in bounded memory, for as long as the reader likes or the walk may take."""

    def answer(asked: Asked) -> bytes:
        offset = asked.number("offset", 0)
        first = asked.number("id_gt", 0) + offset + 1
        return response(page(rows_from(first, 100), total=str(offset + 1000)))

    async with serving(answer) as server, asyncio.timeout(LONGEST):
        async with client(server.url, clock=Hurried(), timeout=LONGEST) as teamup:
            read = 0
            with memory(24):
                async for row in teamup.reports.attendances().paged(window=8):
                    read += 1
                    assert row.id == read
                    if read == 20_000:
                        break
        async with TeamUp(base_url=server.url, token="t0ken", rate=None) as teamup:
            with pytest.raises(RequestTimeoutError, match="the walk took longer"):
                async for _ in teamup.reports.attendances().paged(timeout=0.1):
                    pass


@pytest.mark.parametrize("total", [str(2**62), "null"])
async def test_groups_without_end(total):
    """A grouped report is held until it was read to its end: one without an end is refused."""
    names = itertools.count()

    def answer(asked: Asked) -> bytes:
        rows = ",".join(f'{{"customer":{{"id":{next(names)}}},"count":1}}' for _ in range(100))
        return response(page(rows, total=total))

    async with serving(answer) as server, client(server.url) as teamup, asyncio.timeout(LONGEST):
        with pytest.raises(
            (ResponseDecodeError, PaginationDriftError), match=r"held in memory|does not match"
        ):
            await strikes(teamup).paged(window=2).collect()
    assert len(server.asked) < 20


# --- Retry-After ------------------------------------------------------------------------------------------

WAITS = [
    "-5", "1e999", "nan", "inf", "-inf", "9" * 400, "1_0", "0x10", "\u0663", "\u00b2", "+", ",", "1;2",
    "Wed, 99 Foo 99999 25:61:61 GMT", "Thu, 01 Jan 0001 00:00:00 -0000", "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 01 Jan 1 00:00 +99999999999999999999", "x" * 8000,
]  # fmt: skip


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("value", WAITS, ids=range(len(WAITS)))
async def test_retry_after(status, value):
    """A Retry-After that makes no sense is as if there were none; one that is huge is cut to an hour."""
    answers = iter([response("{}", f"Retry-After: {value}", status=f"{status} X"), response(page(total="0"))])
    clock = Hurried()
    async with (
        serving(lambda _: next(answers)) as server,
        client(server.url, clock=clock, retry=RetryPolicy(), timeout=5) as teamup,
        asyncio.timeout(LONGEST),
    ):
        try:
            assert await teamup.reports.attendances().collect() == []
        except RequestError as error:  # a header that is no HTTP, a wait that is longer than the time
            assert isinstance(error, (RateLimitError, ServerError, ConnectionFailedError))
    assert all(0 <= seconds <= 3600 for seconds in clock.slept)
