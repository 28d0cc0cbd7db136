"""Metrics: the same numbers as `Stats`, by account and endpoint, and how long tries take."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from opentelemetry import metrics
from opentelemetry.semconv.attributes import error_attributes as err
from opentelemetry.semconv.attributes import http_attributes as http
from opentelemetry.semconv.metrics import http_metrics

from teamup_async import RetryPolicy, TeamUp
from teamup_async.bulk import Account, BulkPull
from teamup_async.sandbox import Sandbox, faults
from teamup_async.telemetry.naming import METRICS
from tests.http.clock import Simulated

FAULTS: list[Any] = [
    *(None,) * 8,
    faults.status(500),
    faults.throttled("1"),
    faults.throttled(),
    faults.reset_mid_body(),
    faults.invalid_json(),
]


def client(sandbox: Sandbox, collected: Any, **options: Any) -> TeamUp:
    clock = Simulated()
    settings: dict[str, Any] = {
        "account": "north",
        "rate": None,
        "retry": RetryPolicy(attempts=20, budget=None, rate_limits=20),
        "clock": clock,
        "trace_configs": [clock.tracing()],
        "telemetry": collected.telemetry,
        **options,
    }
    return TeamUp(base_url=sandbox.url, token=sandbox.token, **settings)


@pytest.mark.parametrize("seed", range(3))
async def test_numbers_are_those_of_stats(sandbox, collected, seed):
    """Whatever goes wrong and moves: for each walk the metrics say what its `Stats` say, and for all the client's."""
    chance = random.Random(seed)

    def move(request: Any) -> None:
        if request.path == "/reports/attendances/data" and chance.random() < 0.5:
            sandbox.delete("attendances", n=2)

    sandbox.faults.script(*chance.choices(FAULTS, k=40))
    sandbox.before_request = move
    async with client(sandbox, collected) as teamup:
        streams: list[Any] = [
            teamup.reports.attendances().paged(size=20),
            teamup.reports.customers().paged(size=10, window=3),
            teamup.lists.venues(),
        ]
        for stream in streams:
            await stream.collect()

    numbers = collected.numbers()
    for stream in streams:
        told = stream.stats.to_json()
        assert {name: told[name] for name in METRICS} == {
            name: pytest.approx(numbers.get((metric, "north", stream.endpoint.key), 0))
            for name, (metric, _, _) in METRICS.items()
        }
    assert teamup.stats.repairs > 0
    assert teamup.stats.throttled == sum(
        amount for (name, _, _), amount in numbers.items() if name == "teamup.client.throttled"
    )


async def test_rows_yielded(sandbox, collected):
    """A report that is read twice to be confirmed counts the rows that it yields, and all its requests."""
    async with client(sandbox, collected) as teamup:
        stream = teamup.reports.attendances().paged(size=50, confirm=True)
        await stream.collect()

    numbers = collected.numbers()
    assert numbers["teamup.client.rows", "north", "attendances"] == 300
    assert numbers["teamup.client.requests", "north", "attendances"] == sandbox.requests > 12


async def test_durations(sandbox, collected):
    """Each try has its duration, under the name and with the attributes that the conventions give it."""
    sandbox.faults.script(faults.status(503), faults.reset_mid_body())
    async with client(sandbox, collected) as teamup:
        await teamup.reports.attendances().paged(size=50).collect()

    points = [
        point for name, point in collected.points() if name == http_metrics.HTTP_CLIENT_REQUEST_DURATION
    ]
    seen = Counter[Any]()
    for point in points:
        told = point.attributes
        assert told[http.HTTP_REQUEST_METHOD] == "GET"
        assert told["url.template"] == "/reports/attendances/data"
        assert "url.full" not in told
        seen[told.get(http.HTTP_RESPONSE_STATUS_CODE), told.get(err.ERROR_TYPE)] += point.count
    assert seen == {(200, None): sandbox.requests - 2, (503, "503"): 1, (None, "ConnectionFailedError"): 1}
    assert all(point.sum > 0 for point in points)


async def test_waits(collected):
    """Stretches of time lost to the quota are a histogram of seconds; they add up to what `Stats` says."""
    clock = Simulated()
    async with (
        Sandbox(rows=400, seed=4, rate=10, window=60.0, clock=clock) as sandbox,
        client(sandbox, collected, rate=10, clock=clock, trace_configs=[clock.tracing()]) as teamup,
    ):
        await teamup.reports.attendances().paged(size=20).collect()
        [point] = [point for name, point in collected.points() if name == "teamup.client.quota.wait"]

    assert point.sum == pytest.approx(teamup.stats.waited)
    assert point.max > 30


async def test_accounts_are_apart(sandbox, collected, tmp_path):
    """Many accounts have numbers of their own, which are those of the result."""
    accounts = [
        Account(name=name, token=account.token, provider_id=account.provider_id)
        for name, account in zip(("north", "south"), sandbox.accounts, strict=True)
    ]
    async with BulkPull(accounts, base_url=sandbox.url, rate=None, telemetry=collected.telemetry) as bulk:
        result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")

    numbers = collected.numbers()
    assert {name: stats.rows for name, stats in result.accounts.items()} == {
        name: numbers["teamup.client.rows", name, "attendances"] for name in ("north", "south")
    }


async def test_units(sandbox, collected):
    """Each metric says its unit and what it counts."""
    async with client(sandbox, collected) as teamup:
        await teamup.reports.attendances().collect()

    data = collected.reader.get_metrics_data()
    told = {m.name: (m.unit, m.description) for m in data.resource_metrics[0].scope_metrics[0].metrics}
    duration = told.pop("http.client.request.duration")
    assert duration == ("s", "Duration of HTTP client requests.")
    assert set(told.items()) <= {(name, (unit, what)) for name, unit, what in METRICS.values()}
    assert metrics.get_meter_provider() is not collected.meters
