"""`TeamUp.get`: any path of the API, with all that declared ones have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from teamup_async import (
    ClientClosedError,
    NotFoundError,
    QueryError,
    ResponseDecodeError,
    TeamUp,
    Throttle,
)
from teamup_async.sandbox import Sandbox, faults
from tests.hostile.serving import client as hostile_client
from tests.hostile.serving import response, serving
from tests.http.clock import Simulated


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


PARAMETERS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"query": "São & Zoë", "deleted": False, "page": 2}, "?query=S%C3%A3o%20%26%20Zo%C3%AB&deleted=false&page=2"),
    ({"nothing": None, "day": date(2025, 1, 31), "price": Decimal("9.50")}, "?day=2025-01-31&price=9.50"),
    ({"since": datetime(2025, 1, 31, 8, tzinfo=UTC)}, "?since=2025-01-31T08%3A00%3A00%2B00%3A00"),
    ({"expand": ["event", "customer"], "status": ["a", "b"]}, "?expand=event%2Ccustomer&status=a&status=b"),
    ({"ids": (1, 2), "fields": []}, "?ids=1&ids=2"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "query"), PARAMETERS)
async def test_urls(parameters, query):
    """A path and its parameters are encoded, and the JSON comes decoded."""
    async with (
        serving(response('{"id": 12, "name": "Hall", "areas": [1.5, null]}')) as server,
        hostile_client(server.url) as teamup,
    ):
        venue = await teamup.get("/venues/12", **parameters)
    assert venue == {"id": 12, "name": "Hall", "areas": [1.5, None]}
    assert [asked.line for asked in server.asked] == [f"GET /venues/12{query} HTTP/1.1"]
    assert b"Authorization: Token t0ken" in server.asked[0].head


@pytest.mark.parametrize(
    ("path", "sent"), [("venues/12", "/venues/12"), ("/a b/ö/", "/a%20b/%C3%B6/"), ("/50%", "/50%25")]
)
async def test_paths(path, sent):
    """A path needs no slash at its beginning, and may hold anything that can be encoded."""
    async with serving(response("[]")) as server, hostile_client(server.url) as teamup:
        assert await teamup.get(path) == []
    assert [asked.line for asked in server.asked] == [f"GET {sent} HTTP/1.1"]


@pytest.mark.parametrize(
    "path",
    ["https://example.org/venues", "//example.org/venues", "/venues?page=2", "/venues#1", "/../admin",
     "/venues/./1", "", "/", "/venues//1", "/venues\r\nX: y"],
)  # fmt: skip
async def test_paths_refused(sandbox, path):
    """A path that leads elsewhere, or holds its parameters, is refused before anything is sent."""
    async with TeamUp(base_url=sandbox.url, token=sandbox.token) as teamup:
        with pytest.raises(QueryError, match="path must be one"):
            await teamup.get(path)
        with pytest.raises(QueryError, match="where must be text, a number"):
            await teamup.get("/venues", where={"a": 1})
    assert sandbox.requests == 0


async def test_as_everywhere(sandbox):
    """Errors, retries, statistics and the quota are those of declared paths."""
    clock = Simulated()
    throttle = Throttle(3, clock=clock)
    options: dict[str, Any] = {"throttle": throttle, "clock": clock, "trace_configs": [clock.tracing()]}
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, **options) as teamup:
        sandbox.faults.add(faults.status(503))
        sandbox.faults.add(faults.invalid_json(), nth=2)
        report = await teamup.get("/reports/attendances/data", format="json", limit=2)
        assert (report["total"], len(report["rows"])) == (300, 2)
        assert (teamup.stats.requests, teamup.stats.retries) == (3, 2)
        begun = clock.now()
        with pytest.raises(NotFoundError) as caught:
            await teamup.get("/nothing/here")
        assert clock.now() - begun > 50
        assert (caught.value.path, caught.value.gave_up) == ("/nothing/here", "not retryable")
    with pytest.raises(ClientClosedError):
        await teamup.get("/venues/12")


async def test_no_json(sandbox):
    """An answer that is no JSON is an error of this package."""
    sandbox.faults.add(faults.invalid_json(b'{"a": '), times=None)
    clock = Simulated()
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None, clock=clock) as teamup:
        with pytest.raises(ResponseDecodeError, match="the answer is no JSON"):
            await teamup.get("/reports/attendances/data", format="json")
