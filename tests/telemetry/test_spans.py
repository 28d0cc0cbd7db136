"""Spans: what there is one for, what belongs to what, and that each of them ends."""

from __future__ import annotations

import asyncio
import gc
from itertools import pairwise
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.semconv.attributes import error_attributes as err
from opentelemetry.semconv.attributes import http_attributes as http
from opentelemetry.semconv.attributes import server_attributes as srv
from opentelemetry.semconv.attributes import url_attributes as url
from opentelemetry.trace import SpanKind, StatusCode

from teamup_async import PaginationDriftError, RetryPolicy, ServerError, TeamUp
from teamup_async.blocking import TeamUp as BlockingTeamUp
from teamup_async.bulk import Account, BulkPull
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated
from tests.telemetry.collected import Collected

DATA = "GET /reports/attendances/data"
TRIES: dict[str, Any] = {"request attendances": {DATA: {}}}


def client(sandbox: Sandbox, collected: Collected, **options: Any) -> TeamUp:
    clock = Simulated()
    settings: dict[str, Any] = {
        "token": sandbox.token,
        "account": "north",
        "rate": None,
        "clock": clock,
        "trace_configs": [clock.tracing()],
        "telemetry": collected.telemetry,
        **options,
    }
    return TeamUp(base_url=sandbox.url, **settings)


async def test_a_walk(sandbox, collected):
    """A walk, its requests and their tries are within each other, whichever task fetches a page ahead."""
    with collected.tracers.get_tracer("service").start_as_current_span("nightly report") as own:
        async with client(sandbox, collected) as teamup:
            stream = teamup.reports.attendances().paged(size=20, window=6)
            rows = await stream.collect()

    assert collected.tree() == {"nightly report": {"walk attendances": TRIES}}
    assert {span.context.trace_id for span in collected.spans} == {own.get_span_context().trace_id}
    walk = collected.one("walk attendances")
    assert dict(walk.attributes) == {
        "teamup.account": "north",
        "teamup.endpoint": "attendances",
        "teamup.rows": len(rows),
        "teamup.pages": stream.stats.pages,
        "teamup.requests": stream.stats.requests,
        "teamup.retries": 0,
        "teamup.repairs": 0,
        "teamup.waited": 0.0,
        "teamup.finished": True,
    }
    assert len(collected.named(DATA)) == len(collected.named("request attendances")) == sandbox.requests


async def test_a_try(sandbox, collected):
    """A try is a span of the kind CLIENT with the names of the conventions for HTTP; values of the query are hidden."""
    async with client(sandbox, collected) as teamup:
        await teamup.reports.attendances(customers=[7]).paged(size=20).first()

    seen = collected.named(DATA)[0]
    server = sandbox.url.removeprefix("http://").partition("/")[0]
    told = dict(seen.attributes)
    shown = told.pop("url.full")
    assert seen.kind is SpanKind.CLIENT
    assert told == {
        http.HTTP_REQUEST_METHOD: "GET",
        http.HTTP_RESPONSE_STATUS_CODE: 200,
        srv.SERVER_ADDRESS: "127.0.0.1",
        srv.SERVER_PORT: int(server.partition(":")[2]),
        url.URL_SCHEME: "http",
        "url.template": "/reports/attendances/data",
        "teamup.account": "north",
        "teamup.endpoint": "attendances",
    }
    assert shown.startswith(f"{sandbox.url}/reports/attendances/data?")
    assert "customers=REDACTED" in shown
    assert "limit=1" in shown
    assert "7" not in shown.partition("?")[2]


async def test_tries_after_failures(sandbox, collected):
    """Each try has its number and its error; the request says that it was tried again, and ends well."""
    sandbox.faults.script(faults.status(503), faults.throttled("1"), faults.reset_mid_body())
    async with client(sandbox, collected) as teamup:
        await teamup.reports.attendances().paged(size=100, window=1, thrifty=True).first()

    request = collected.named("request attendances")[0]
    tries = collected.children(request)
    assert [
        (
            one.attributes.get(http.HTTP_REQUEST_RESEND_COUNT),
            one.attributes.get(http.HTTP_RESPONSE_STATUS_CODE),
            one.attributes.get(err.ERROR_TYPE),
            one.status.status_code,
        )
        for one in tries
    ] == [
        (None, 503, "503", StatusCode.ERROR),
        (1, 429, "429", StatusCode.ERROR),
        (2, None, "ConnectionFailedError", StatusCode.ERROR),
        (3, 200, None, StatusCode.UNSET),
    ]
    assert [(event.name, event.attributes["error.type"]) for event in request.events] == [
        ("teamup.retry", "503"),
        ("teamup.retry", "429"),
        ("teamup.retry", "ConnectionFailedError"),
    ]
    assert request.status.status_code is StatusCode.UNSET
    assert all(one.end_time <= later.start_time for one, later in pairwise(tries))


async def test_what_fails(sandbox, collected):
    """Where tries are spent, the request and its walk have failed and say why: the status, and no words of a server."""
    sandbox.faults.add(faults.status(500, body=b'{"detail": "Mrs Jones is not here"}'), times=None)
    async with client(sandbox, collected, retry=RetryPolicy(attempts=2)) as teamup:
        with pytest.raises(ServerError):
            await teamup.reports.attendances().collect()

    for name in ("request attendances", "walk attendances"):
        span = collected.named(name)[0]
        assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "tries spent")
        assert span.attributes[err.ERROR_TYPE] == "500"
    assert "Jones" not in collected.everything()


async def test_drift(sandbox, collected):
    """A walk that went back says where, and how often; one that gave up says so."""

    def move(request: Any) -> None:
        if request.value("offset") in {"59", "119"}:
            sandbox.delete("attendances", n=5)

    sandbox.before_request = move
    async with client(sandbox, collected) as teamup:
        stream = teamup.reports.attendances().paged(size=60, window=1, thrifty=False)
        await stream.collect()
        with pytest.raises(PaginationDriftError):
            await stream.paged(on_drift="raise").collect()

    healed, raised = collected.named("walk attendances")
    assert healed.attributes["teamup.repairs"] == stream.stats.repairs > 0
    assert [event.name for event in healed.events] == ["teamup.repair"] * stream.stats.repairs
    assert raised.attributes[err.ERROR_TYPE] == "PaginationDriftError"


def ended(collected: Collected) -> dict[str, Any]:
    """What there is; all that was begun has ended, since only what has ended is seen, and belongs to what is seen."""
    seen = {span.context.span_id for span in collected.spans}
    assert all(span.parent is None or span.parent.span_id in seen for span in collected.spans)
    return dict(collected.one("walk attendances").attributes)


async def test_left_early(sandbox, collected):
    """A walk that is left by `break` ends there, also where nothing waits for its end."""
    async with client(sandbox, collected) as teamup:
        async for _ in teamup.reports.attendances().paged(size=20):
            break
        gc.collect()
        assert ended(collected)["teamup.finished"] is False
        assert trace.get_current_span() is trace.INVALID_SPAN

    assert len(collected.named(DATA)) == len(collected.named("request attendances"))


async def test_cancelled(sandbox, collected):
    """A walk whose task is cancelled ends, and so do its requests; nothing was wrong with them."""
    asked = asyncio.Event()

    async def hold(_: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    sandbox.before_request = hold
    async with client(sandbox, collected) as teamup:
        reading = asyncio.create_task(teamup.reports.attendances().collect())
        await asked.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    assert ended(collected)["teamup.finished"] is False
    for span in collected.spans:
        assert span.status.status_code is StatusCode.UNSET
    assert collected.named(DATA)[0].attributes[err.ERROR_TYPE] == "CancelledError"


async def test_a_wait_that_is_cancelled(sandbox, collected):
    """Whoever cancels the wait for a page, and asks again, goes on with the same walk."""
    async with client(sandbox, collected) as teamup, teamup.reports.attendances().paged(size=100) as rows:
        waiting = asyncio.ensure_future(anext(rows))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        count = len([row async for row in rows])

    assert ended(collected)["teamup.rows"] == count == 300


async def test_walks_side_by_side(sandbox, collected):
    """Requests of several walks at once are each within their own, whichever waits for which."""
    async with client(sandbox, collected, concurrency=2) as teamup:
        streams = [teamup.reports.attendances(), teamup.reports.customers(), teamup.lists.venues()]
        await asyncio.gather(*(stream.paged(size=10).collect() for stream in streams))

    assert collected.tree() == {
        "walk attendances": TRIES,
        "walk customers": {"request customers": {"GET /reports/customers/data": {}}},
        "walk venues": {"request venues": {"GET /venues": {}}},
    }


async def test_single_requests(sandbox, collected):
    """What is asked outside of walks has spans too; an id is in none of their names."""
    async with client(sandbox, collected) as teamup:
        venue = await teamup.lists.venues().first()
        assert venue is not None
        await teamup.lists.venues.get(venue.id)
        await teamup.get(f"/venues/{venue.id}")
        await teamup.reports.attendances().count()

    assert collected.tree() == {
        "walk venues": {"request venues": {"GET /venues": {}}},
        "request venues": {"GET /venues/{id}": {}},
        "request /venues/{id}": {"GET /venues/{id}": {}},
        "count attendances": TRIES,
    }


async def test_exports(sandbox, collected, tmp_path):
    """An export is started, waited for and downloaded; where its file lies is told to nobody."""
    async with client(sandbox, collected) as teamup:
        job = await teamup.reports.attendances().export()
        await job.wait()
        await job.download(tmp_path / "rows.csv")

    look = {"GET /jobs/{id}": {}, "GET /{file}": {}}
    assert collected.tree() == {
        "start export attendances": {"request attendances": {"POST /reports/attendances/export": {}}},
        "wait for export attendances": {"request attendances": look},
        "download export attendances": {"request attendances": look},
    }
    [shown] = {span.attributes["url.full"] for span in collected.named("GET /{file}")}
    assert shown.endswith("/REDACTED")


async def test_a_token_refresh(sandbox, collected):
    """A token refresh belongs to the request that needed it."""
    async with client(sandbox, collected, refresh_token=sandbox.refresh_token) as teamup:
        sandbox.expire_tokens()
        await teamup.reports.attendances().paged(size=100, window=1, thrifty=True).first()

    refresh = collected.one("request /auth/refresh_access_token")
    [asking] = [span for span in collected.spans if span.context.span_id == refresh.parent.span_id]
    assert asking.name == "request attendances"
    assert [one.attributes.get(err.ERROR_TYPE) for one in collected.named(DATA)[:2]] == ["401", None]


async def test_a_sync_of_many(sandbox, collected, tmp_path):
    """A sync is one tree: its parts, what they find out first, and what they do in the end, each with its account."""
    accounts = [
        Account(name=name, token=account.token, provider_id=account.provider_id)
        for name, account in zip(("north", "south"), sandbox.accounts, strict=True)
    ]
    async with BulkPull(accounts, base_url=sandbox.url, rate=None, telemetry=collected.telemetry) as bulk:
        for _ in range(2):
            await bulk.sync({"attendances": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")

    assert collected.tree() == {
        "sync": {
            "prepare attendances": {"walk attendances": TRIES},
            "part attendances": {"walk attendances": TRIES},
            "finish attendances": {"count attendances": TRIES},
        }
    }
    assert {span.attributes.get("teamup.account") for span in collected.spans if span.name != "sync"} == {
        "north",
        "south",
    }
    first, second = collected.named("sync")
    assert (first.attributes["teamup.rows"], first.attributes["teamup.parts"]) == (375, 2)
    assert (first.attributes["teamup.incomplete"], second.attributes["teamup.incomplete"]) == (0, 0)


async def test_a_pull_that_fails_in_part(sandbox, collected, tmp_path):
    """A part that fails has failed, and the pull says how many are incomplete."""
    sandbox.faults.add(faults.status(403), path="/reports/customers/data", times=None)
    async with client(sandbox, collected) as teamup:
        await teamup.pull({"attendances": {}, "customers": {}}, into=f"jsonl:{tmp_path}")

    [failed] = collected.named("part customers")
    assert (failed.attributes[err.ERROR_TYPE], failed.status.status_code) == ("403", StatusCode.ERROR)
    assert failed.attributes["teamup.account"] == "north"
    assert collected.named("part attendances")[0].status.status_code is StatusCode.UNSET
    assert collected.one("pull").attributes["teamup.incomplete"] == 1


async def test_diagnosis(sandbox, collected):
    """What the doctor asks belongs to its diagnosis."""
    async with client(sandbox, collected) as teamup:
        await teamup.diagnose()

    assert list(collected.tree()) == ["diagnose"]
    assert (
        sum(len(collected.children(one)) for one in collected.children(collected.one("diagnose")))
        == sandbox.requests
    )


def test_code_without_asyncio(collected):
    """Walks of the blocking client belong to the span of the thread that asks, and end when they are left."""
    with (
        Sandbox.in_thread(rows=200, seed=4, rate=None) as sandbox,
        BlockingTeamUp(
            base_url=sandbox.url, token=sandbox.token, rate=None, telemetry=collected.telemetry
        ) as teamup,
        collected.tracers.get_tracer("service").start_as_current_span("nightly report"),
    ):
        teamup.reports.attendances().collect()
        for _ in teamup.reports.customers():
            break

    customers = {"request customers": {"GET /reports/customers/data": {}}}
    walks = {"walk attendances": TRIES, "walk customers": customers}
    assert collected.tree() == {"nightly report": walks}


async def test_nothing_is_sent_along(sandbox, collected):
    """TeamUp learns nothing of the caller's traces: no request has a header for them."""
    async with client(sandbox, collected) as teamup:
        await teamup.reports.attendances().first()

    names = {name.lower() for seen in sandbox.log for name in seen.headers}
    assert names & {"traceparent", "tracestate", "baggage", "b3"} == set()
