"""What goes wrong on the wire, at any page, once or for good: all rows once and in order, or one clear error."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async import (
    ConnectionFailedError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    StatusError,
    TeamUp,
    Timeouts,
)
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated

ATTEMPTS = 3
QUICK = Timeouts(connect=2.0, read=0.3, attempt=0.6)
"""Seconds to wait for what never comes; what comes, but late on a busy machine, is waited for longer."""
PATIENT = Timeouts(connect=10.0, read=10.0, attempt=20.0)


@attrs.frozen
class Case:
    """A fault, how often it is tried in all, and the error if it stays.

    `resent`: aiohttp itself sends a request again, once, where a kept-alive connection is found dropped.
    """

    fault: Callable[[], Any]
    error: type[RequestError]
    tries: int = ATTEMPTS
    resent: bool = False

    @property
    def timeout(self) -> Timeouts:
        """How long to wait."""
        return QUICK if self.error is RequestTimeoutError else PATIENT


def throttled(**headers: str) -> Callable[[], Any]:
    return lambda: faults.status(429, headers=headers)


MATRIX: dict[str, Case] = {
    "429 with seconds": Case(throttled(**{"Retry-After": "3"}), RateLimitError),
    "429 with a date": Case(throttled(**{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), RateLimitError),
    "429 with neither": Case(throttled(), RateLimitError),
    "500": Case(lambda: faults.status(500), ServerError),
    "502 with HTML": Case(lambda: faults.status(502, body="<html>Bad Gateway</html>"), ServerError),
    "503": Case(lambda: faults.status(503), ServerError),
    "504": Case(lambda: faults.status(504), ServerError),
    "400": Case(lambda: faults.status(400), StatusError, tries=1),
    "501": Case(lambda: faults.status(501), ServerError, tries=1),
    "a redirect": Case(lambda: faults.redirect("http://127.0.0.1:9/"), StatusError, tries=1),
    "reset before the answer": Case(faults.reset, ConnectionFailedError, resent=True),
    "disconnected before the answer": Case(faults.disconnect, ConnectionFailedError, resent=True),
    "reset in the body": Case(faults.reset_mid_body, ConnectionFailedError),
    "a body shorter than its length": Case(faults.short_body, ConnectionFailedError),
    "chunks cut off": Case(faults.chunked_cut, ConnectionFailedError),
    "broken gzip": Case(faults.broken_gzip, ConnectionFailedError),
    "a gzip bomb": Case(faults.gzip_bomb, ResponseDecodeError, tries=1),
    "a body without end": Case(faults.flood, ResponseDecodeError, tries=1),
    "invalid JSON": Case(faults.invalid_json, ResponseDecodeError),
    "JSON of another shape": Case(faults.wrong_shape, ResponseDecodeError, tries=2),
    "200 with HTML": Case(faults.html, ResponseDecodeError),
    "an empty body": Case(faults.empty_body, ResponseDecodeError),
    "bytes that drip": Case(faults.drip, RequestTimeoutError),
    "no answer": Case(faults.hang, RequestTimeoutError),
}
PAGES = {"first": 1, "middle": 4, "last": 6}


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, clock: Simulated, **options: Any) -> TeamUp:
    settings: dict[str, Any] = {
        "retry": RetryPolicy(attempts=ATTEMPTS, rate_limits=ATTEMPTS - 1),
        "timeout": PATIENT,
        "max_body": 4_000_000,
        "rate": None,
        "clock": clock,
        "trace_configs": [clock.tracing()],
        **options,
    }
    return TeamUp(base_url=sandbox.url, token=sandbox.token, **settings)


def pull(teamup: TeamUp) -> Any:
    return teamup.reports.attendances().paged(size=50, window=3)


def at_page(number: int) -> Callable[[Any], bool]:
    # Pages of 50 rows begin at 0, 49, 99, 149, ...: the row before is repeated.
    offset = 0 if number == 1 else (number - 1) * 50 - 1

    def matches(request: Any) -> bool:
        return request.value("offset") == str(offset)

    return matches


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", MATRIX)
async def test_once(sandbox, name, page):
    """A fault that passes costs a retry and no row; one that can't be retried is an error to go on from."""
    case, clock = MATRIX[name], Simulated()
    async with client(sandbox, clock, timeout=case.timeout) as teamup:
        expected = await pull(teamup).collect()
        before = sandbox.requests
        rule = sandbox.faults.add(case.fault(), when=at_page(PAGES[page]), times=1)
        rows: list[Any] = []
        stream = pull(teamup)
        if case.tries == 1:
            with pytest.raises(case.error) as caught:
                async for row in stream:
                    rows.append(row)
            assert rows == expected[: len(rows)]
            rows += await stream.paged(start=json.loads(json.dumps(caught.value.position))).collect()
        else:
            rows = await stream.collect()
            # Six full pages, the question whether there is more behind the last, and one more try.
            assert sandbox.requests - before == 6 + 1 + 1 == stream.stats.requests
            assert stream.stats.retries == (0 if case.resent else 1)
            assert stream.integrity.exact
        assert rule.fired == 1
        assert rows == expected


@pytest.mark.slow
@pytest.mark.parametrize("page", ["first", "middle"])
@pytest.mark.parametrize("name", MATRIX)
async def test_for_good(sandbox, name, page):
    """A fault that stays ends in one error with its history, after the tries allowed and no more; from its
    position the rest comes when the server is well again.
    """
    case, clock = MATRIX[name], Simulated()
    async with client(sandbox, clock, timeout=case.timeout) as teamup:
        expected = await pull(teamup).collect()
        rule = sandbox.faults.add(case.fault(), when=at_page(PAGES[page]), times=None)
        rows: list[Any] = []
        stream = pull(teamup)
        with pytest.raises(case.error) as caught:
            async for row in stream:
                rows.append(row)
        assert len(caught.value.attempts) == case.tries
        assert case.tries <= rule.fired <= case.tries * (2 if case.resent else 1)
        assert (caught.value.method, caught.value.path) == ("GET", "/reports/attendances/data")
        assert len(str(caught.value)) < 1500
        assert not stream.integrity.exact
        sandbox.faults.clear()
        rows += await stream.paged(start=json.loads(json.dumps(caught.value.position))).collect()
        assert rows == expected


@pytest.mark.parametrize("name", ["500", "reset in the body", "invalid JSON"])
@pytest.mark.parametrize(
    ("stream_of", "by"),
    [
        (lambda t: t.reports.instructed_sessions(), "id"),
        (lambda t: t.reports.instructed_sessions(), "page"),
        (lambda t: t.reports.attendance_strikes_grouped(columns=["customer", "status", "count"]), "page"),
        (lambda t: t.course_sessions(), "page"),
    ],
)
async def test_other_walks(sandbox, name, stream_of, by):
    """Every other way to walk bears faults on every second request."""
    async with client(sandbox, Simulated()) as teamup:
        expected = await stream_of(teamup).collect()
        sandbox.faults.script(*(f for _ in range(20) for f in (MATRIX[name].fault(), None)))
        stream = stream_of(teamup).paged(by=by, size=20, window=1)
        assert await stream.collect() == expected
        assert stream.stats.retries > 0


async def test_dropped_connections_are_counted(sandbox):
    """Kept-alive connections that the server drops are renewed, and every request that it sees is counted."""
    async with client(sandbox, Simulated(), concurrency=1) as teamup:
        for _ in range(3):
            sandbox.faults.add(faults.drop_next())
            stream = pull(teamup)
            before = sandbox.requests
            assert len(await stream.collect()) == 300
            assert stream.stats.requests >= sandbox.requests - before


async def test_refused_connection():
    """A port where nobody listens is tried again, and then said to be one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    clock = Simulated()
    async with TeamUp(base_url=f"http://127.0.0.1:{port}", token="t", clock=clock, rate=None) as teamup:
        with pytest.raises(ConnectionFailedError, match="gave up after 5 attempts"):
            await teamup.reports.attendances().count()
    assert len(clock.slept) == 4


async def test_unknown_host():
    """A host that no resolver knows is a connection error, too."""
    async with TeamUp(
        base_url="https://nowhere.invalid/api/v2", token="t", retry=RetryPolicy(attempts=1)
    ) as teamup:
        with pytest.raises(ConnectionFailedError, match=r"nowhere\.invalid"):
            await teamup.reports.attendances().count()


async def test_a_dead_server_is_left_alone(sandbox):
    """A server that only fails gets a bounded number of requests, however many walks there are."""
    sandbox.faults.add(faults.status(500), times=None)
    policy = RetryPolicy(attempts=5, budget=10)
    async with client(sandbox, Simulated(), retry=policy) as teamup:
        walks = [teamup.reports.attendances().count() for _ in range(20)]
        results = await asyncio.gather(*walks, return_exceptions=True)
    assert all(isinstance(result, ServerError) for result in results)
    assert sandbox.requests == 20 + 10


async def test_time_for_a_request(sandbox):
    """All tries of a request together may take so long; waits for the quota do not count."""
    sandbox.faults.add(faults.status(503, headers={"Retry-After": "20"}), times=None)
    clock = Simulated()
    limits = attrs.evolve(QUICK, request=50.0)
    async with client(sandbox, clock, timeout=limits, retry=RetryPolicy(attempts=99)) as teamup:
        with pytest.raises(ServerError) as caught:
            await teamup.reports.attendances().count()
    assert sum(clock.slept) <= 50.0
    assert [attempt.waited >= 20 for attempt in caught.value.attempts] == [True, True, False]


async def test_time_for_a_walk(sandbox):
    """A whole walk may be given so many seconds; the error tells where it stood."""
    sandbox.faults.add(faults.hang(), when=at_page(3), times=None)
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
        stream = pull(teamup).paged(timeout=0.3)
        rows: list[Any] = []
        with pytest.raises(RequestTimeoutError, match=r"longer than 0\.3 seconds") as caught:
            async for row in stream:
                rows.append(row)
        assert len(rows) == 100
        sandbox.faults.clear()
        rest = await pull(teamup).paged(start=caught.value.position).collect()
        assert len(rest) == 200


def table() -> str:
    """The table of docs/promises.md."""
    lines = ["| fault | once | for good |", "| --- | --- | --- |"]
    for name, case in MATRIX.items():
        if case.resent:
            once = "sent again by aiohttp, and counted"
        else:
            once = f"`{case.error.__name__}`" if case.tries == 1 else "tried again, all rows"
        tries = "at once" if case.tries == 1 else f"after {case.tries} tries"
        if case.tries == ATTEMPTS:
            tries = "after the tries of the policy"
        lines.append(f"| {name} | {once} | `{case.error.__name__}` {tries} |")
    return "\n".join(lines)


def test_the_table_is_current():
    """docs/promises.md shows this matrix."""
    assert table() in (Path(__file__).parents[2] / "docs" / "promises.md").read_text(encoding="utf-8")
