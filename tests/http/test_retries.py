"""How failures are retried, how long an outage is borne, and what users are told of it."""

from __future__ import annotations

import asyncio
import logging
import pickle
import socket
from collections.abc import Callable
from typing import Any

import pytest

from teamup_async import RequestError, RetryEvent, RetryPolicy, ServerError, StatusError, TeamUp, Timeouts
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated


@pytest.fixture
def clock():
    return Simulated()


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, clock: Simulated, **options: Any) -> TeamUp:
    settings: dict[str, Any] = {"token": sandbox.token, "rate": None, "clock": clock, **options}
    return TeamUp(base_url=sandbox.url, trace_configs=[clock.tracing()], **settings)


def outage(clock: Simulated, seconds: float) -> Callable[[object], bool]:
    """Whether the server is still down."""
    ends = clock.now() + seconds
    return lambda _: clock.now() < ends


WHY: list[tuple[str, dict[str, Any], Any, int]] = [
    ("not retryable", {}, lambda: faults.status(403), 1),
    ("tries spent", {"retry": RetryPolicy(attempts=3)}, lambda: faults.status(503), 3),
    ("tries spent", {"retry": RetryPolicy(attempts=2, patience=0)}, lambda: faults.status(503), 2),
    ("retry budget spent", {"retry": RetryPolicy(budget=1)}, lambda: faults.status(503), 2),
    (
        "no time left",
        {"timeout": 30.0, "retry": RetryPolicy(attempts=9)},
        lambda: faults.status(503, headers={"Retry-After": "20"}),
        2,
    ),
]


@pytest.mark.parametrize(("reason", "options", "fault", "attempts"), WHY)
async def test_why_no_further_try(sandbox, clock, reason, options, fault, attempts, caplog):
    """An error says why there was no further try: in its text, in `gave_up`, also after pickling, and in the log."""
    caplog.set_level(logging.INFO, "teamup_async")
    sandbox.faults.add(fault(), times=None)
    async with client(sandbox, clock, **options) as teamup:
        with pytest.raises(StatusError) as caught:
            await teamup.reports.attendances().collect()
    error = caught.value
    assert (error.gave_up, len(error.attempts)) == (reason, attempts)
    assert str(error).endswith(f"{reason})")
    assert pickle.loads(pickle.dumps(error)).gave_up == reason
    assert f"gave up after {attempts} attempts: {reason}" in caplog.text


async def test_patience_spent(sandbox, clock):
    """A patient request gives up, too, when its patience is over."""
    sandbox.faults.add(faults.status(503), times=None)
    begun = clock.now()
    async with client(sandbox, clock, retry=RetryPolicy.patient(400)) as teamup:
        with pytest.raises(ServerError) as caught:
            await teamup.reports.attendances().count()
    assert caught.value.gave_up == "no time left"
    assert 400 <= clock.now() - begun <= 400 + 2 * RetryPolicy().maximum
    assert sandbox.requests < 100


async def test_events(sandbox, clock, caplog):
    """`on_retry` is told what failed, where the walk stood, why, which attempt it was, and how long is waited; the
    log says the same, with the account.
    """
    caplog.set_level(logging.INFO, "teamup_async")
    told: list[RetryEvent] = []
    sandbox.faults.add(faults.status(503), times=2, when=lambda request: request.value("offset") == "99")
    async with client(sandbox, clock, on_retry=told.append, account="north") as teamup:
        rows = await teamup.reports.attendances().paged(window=1).collect()
        assert len(rows) == 300
        assert teamup.stats.retries == 2
    assert [event.attempt for event in told] == [1, 2]
    for event in told:
        assert (event.account, event.method, event.path) == ("north", "GET", "/reports/attendances/data")
        assert event.position is not None
        assert event.position["done"] == 100
        assert isinstance(event.error, ServerError)
        assert event.error.gave_up is None
        assert f"attempt {event.attempt} failed: 503; trying again in {event.wait:.1f} s" in caplog.text
    assert [event.wait for event in told] == clock.slept
    assert f"north: GET /reports/attendances/data at {told[0].position}" in caplog.text


async def test_events_of_a_closed_gate(sandbox, clock):
    """After a 429 the event says how long the quota's gate is closed."""
    told: list[RetryEvent] = []
    sandbox.faults.add(faults.throttled("17"))
    async with client(sandbox, clock, on_retry=told.append) as teamup:
        await teamup.reports.attendances().count()
    assert [event.wait for event in told] == [17.0]


async def test_a_hook_that_fails(sandbox, clock, caplog):
    """A hook that fails ends nothing; the log says so."""

    def fails(_: RetryEvent) -> None:
        raise ZeroDivisionError

    sandbox.faults.add(faults.status(503))
    async with client(sandbox, clock, on_retry=fails) as teamup:
        assert await teamup.reports.attendances().count() == 300
    assert "on_retry failed" in caplog.text


@pytest.mark.parametrize(
    "fault",
    [lambda: faults.status(503), lambda: faults.status(500), faults.reset_mid_body, faults.html],
    ids=["503", "500", "connections that break", "HTML"],
)
async def test_an_outage_is_outlasted(sandbox, clock, fault):
    """A patient client loses no row to an outage of more than five minutes, however many pages it fetches ahead, and
    leaves the server alone meanwhile: once its retries are spent, one request at a time looks whether it is back.
    """
    async with client(sandbox, clock, concurrency=4) as teamup:
        streams = [teamup.patient().reports.attendances().paged(size=5) for _ in range(6)]
        walks = [stream.pages() for stream in streams]
        rows = [[*(await anext(pages)).rows] for pages in walks]
        rule = sandbox.faults.add(fault(), times=None, when=outage(clock, 330))

        async def finish(number: int) -> None:
            async for page in walks[number]:
                rows[number] += page.rows

        await asyncio.gather(*map(finish, range(6)))
        assert [len({row.id for row in each}) for each in rows] == [300] * 6
        fetched_ahead, free, probes = 6 * 16, 100, 50
        assert 20 < rule.fired < fetched_ahead + free + probes


async def test_an_outage_of_quick_calls(sandbox, clock):
    """An ordinary client gives up within half a minute."""
    sandbox.faults.add(faults.status(503), times=None)
    begun = clock.now()
    async with client(sandbox, clock) as teamup:
        with pytest.raises(RequestError, match=r"gave up after 5 attempts: tries spent"):
            await teamup.reports.attendances().count()
    assert clock.now() - begun < 30


async def test_one_broken_report(sandbox, clock):
    """A report that stays broken holds up no other one, also while it is patiently tried again."""
    sandbox.faults.add(faults.status(500), path="attendances", times=None)
    async with client(sandbox, clock) as teamup:
        patient = teamup.patient(1200)
        broken = [asyncio.create_task(patient.reports.attendances().count()) for _ in range(20)]
        begun = clock.now()
        for _ in range(20):
            assert await patient.reports.instructed_sessions().count() > 0
        assert clock.now() - begun < 60
        results = await asyncio.gather(*broken, return_exceptions=True)
        assert {type(result) for result in results} == {ServerError}


async def test_probing_in_the_time_given(sandbox, clock):
    """A request that waits for its turn to look for the server ends in the time it was given."""
    sandbox.faults.add(faults.status(503), times=None)
    policy = RetryPolicy(budget=0, patience=10_000.0)
    begun = clock.now()
    async with client(sandbox, clock, retry=policy, timeout=Timeouts(request=200.0)) as teamup:
        works = (teamup.reports.attendances().count() for _ in range(5))
        results = await asyncio.gather(*works, return_exceptions=True)
    assert {getattr(result, "gave_up", None) for result in results} == {"no time left"}
    assert clock.now() - begun <= 200


def test_patient_clients(sandbox):
    """A client with a policy of its own keeps it in bulk work; views share its statistics."""
    own = TeamUp(token="t", retry=RetryPolicy(attempts=2))
    assert own.patient() is own
    plain = TeamUp(token="t")
    assert plain.patient() is not plain
    assert plain.patient().stats == plain.stats


async def test_refused_connections(sandbox, clock):
    """A server that listens again after more than five minutes is found again, and every row comes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = asyncio.Event()
    url = f"http://127.0.0.1:{port}/api/v2"

    async def start_late() -> None:
        await started.wait()
        clock.on_the_way += 1  # time stands still meanwhile
        async with Sandbox(rows=300, seed=4, rate=None, port=port) as late:
            clock.on_the_way -= 1
            tokens.append(late.token)
            await ended.wait()

    tokens: list[str] = []
    ended = asyncio.Event()
    server = asyncio.create_task(start_late())
    begun = clock.now()
    clock.call_later(330, started.set)
    traces = [clock.tracing()]
    async with TeamUp(
        base_url=url, token=sandbox.token, rate=None, clock=clock, trace_configs=traces
    ) as teamup:
        rows = await teamup.patient().reports.attendances().collect()
    ended.set()
    await server
    assert len({row.id for row in rows}) == 300
    assert tokens == [sandbox.token]
    assert clock.now() - begun >= 330
