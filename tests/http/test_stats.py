"""The numbers that clients, walks and runs tell of themselves, compared with what the server has seen."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from teamup_async import RequestError, RetryPolicy, Stats, TeamUp
from teamup_async.bulk import Account, BulkPull
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sandbox.record import Received
from tests.http.clock import Simulated

SEEDS = int(os.environ.get("TEAMUP_ASYNC_STATS", "4"))
FAULTS: list[Any] = [
    *(None,) * 8,
    faults.status(500),
    faults.throttled("1"),
    faults.throttled(),
    faults.reset(),
    faults.reset_mid_body(),
    faults.invalid_json(),
]
ADDED = ("rows", "pages", "requests", "retries", "throttled", "bytes", "repairs", "detours", "in_flight")


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=400, seed=4, rate=None) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    clock = Simulated()
    settings: dict[str, Any] = {
        "retry": RetryPolicy(attempts=20, budget=None, rate_limits=20),
        "rate": None,
        "clock": clock,
        "trace_configs": [clock.tracing()],
        **options,
    }
    return TeamUp(base_url=sandbox.url, token=sandbox.token, **settings)


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_numbers_are_those_of_the_server(sandbox, seed, moving):
    """Whatever goes wrong and moves: requests, retries and answers with 429 are as many as the server has seen, and
    the client's numbers are the sums of its walks'.
    """
    chance = random.Random(seed)

    def move(request: Received) -> None:
        if request.path == "/reports/attendances/data" and chance.random() < 0.5:
            sandbox.delete("attendances", n=2)

    sandbox.faults.script(*chance.choices(FAULTS, k=60))
    sandbox.before_request = move if moving else None
    told: list[Any] = []
    async with client(sandbox, on_retry=told.append) as teamup:
        streams: list[Any] = [
            teamup.reports.attendances().paged(size=20),
            teamup.reports.attendances().paged(size=30, thrifty=True),
            teamup.reports.customers().paged(size=10, window=3),
            teamup.lists.venues(),
        ]
        rows = [len(await stream.collect()) for stream in streams]
        walks = [stream.stats for stream in streams]
        stats = teamup.stats

    failed = sum(seen.fault is not None for seen in sandbox.log)
    throttled = sum(seen.status == 429 for seen in sandbox.log)
    assert stats.retries == len(told) > 0
    if moving:
        # A walk that goes back forgets what was fetched ahead: on its way to the server, answered, or to be retried.
        assert stats.requests >= sandbox.requests
        assert stats.throttled <= throttled
        assert stats.retries <= failed
        assert stats.repairs > 0
    else:
        assert stats.requests == sandbox.requests == len(sandbox.log)
        assert stats.throttled == throttled
        # aiohttp sends a request once more by itself where a kept-alive connection turns out to be dropped.
        resent = sum(seen.fault == "reset" for seen in sandbox.log)
        assert failed - resent <= stats.retries <= failed
        assert stats.repairs == 0
    assert [walk.rows for walk in walks] == rows
    assert [walk.repairs for walk in walks] == [
        stream.integrity.repairs + stream.integrity.rereads for stream in streams
    ]
    assert {name: getattr(stats, name) for name in ADDED} == {
        name: sum(getattr(walk, name) for walk in walks) for name in ADDED
    }
    assert (stats.in_flight, stats.total) == (0, None)


async def test_bytes(sandbox):
    """Bytes are those of the bodies, after decompression."""
    sizes: list[int] = []
    async with client(sandbox, retry=RetryPolicy(attempts=1)) as teamup:
        sandbox.dialect = "gzip=never"
        plain = teamup.reports.attendances()
        await plain.collect()
        sizes.append(plain.stats.bytes)
        sandbox.dialect = "gzip=on_request"
        packed = teamup.reports.attendances()
        await packed.collect()
        sizes.append(packed.stats.bytes)
        body = await teamup.get("/reports/attendances/data", format="json", limit=1, offset=0)

        assert body["total"] == 400
        assert sizes[0] == sizes[1] > 10_000
        assert teamup.stats.bytes > sum(sizes)


async def test_in_flight(sandbox):
    """What is in flight is as much as the server has before it, and nothing once a walk was left."""
    seen: list[tuple[int, int]] = []
    async with client(sandbox) as teamup:
        working = 0

        def look(_: Received) -> None:
            nonlocal working
            working += 1
            seen.append((teamup.stats.in_flight, working))

        def answered(_: Received) -> None:
            nonlocal working
            working -= 1

        sandbox.before_request, sandbox.before_reply = look, answered
        async with teamup.reports.attendances().paged(size=10, window=6) as rows:
            async for _ in rows:
                break
        left = teamup.stats.in_flight

    assert all(flying >= handled for flying, handled in seen)
    assert max(flying for flying, _ in seen) <= 8
    assert left == 0


async def test_waited():
    """The seconds lost to the quota are those that the clock has passed, for the client as for its walk."""
    clock = Simulated()
    async with (
        Sandbox(rows=600, seed=4, rate=10, window=60.0, clock=clock) as sandbox,
        client(sandbox, rate=10, clock=clock, trace_configs=[clock.tracing()]) as teamup,
    ):
        begun = clock.now()
        stream = teamup.reports.attendances().paged(size=20)
        await stream.collect()

        assert stream.stats.waited == teamup.stats.waited == pytest.approx(clock.now() - begun, rel=0.01)
        assert teamup.stats.waited > 100
        assert teamup.stats.throttled == 0


async def test_requests_without_a_walk(sandbox):
    """What is asked outside of walks counts for the client; views of it share its numbers."""
    async with client(sandbox, retry=None) as teamup:
        await teamup.reports.attendances().count()
        await teamup.lists.venues().first()
        await teamup.patient().get("/venues")
        sandbox.faults.add(faults.status(404))
        with pytest.raises(RequestError):
            await teamup.get("/venues/1")

        assert teamup.stats.requests == teamup.patient().stats.requests == sandbox.requests
        assert teamup.stats.rows == teamup.stats.pages == 1


async def test_a_pull_of_one_account(sandbox, tmp_path):
    """A run has numbers of its own, of all that it asked; the client's go on."""
    async with client(sandbox) as teamup:
        await teamup.reports.attendances().collect()
        before = sandbox.requests
        sandbox.faults.add(faults.throttled("1"), times=2)
        first = await teamup.sync({"attendances": {}, "venues": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")
        between = sandbox.requests
        second = await teamup.sync({"attendances": {}, "venues": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")

        assert (first.ok, second.ok) == (True, True)
        assert list(first.accounts) == [None]
        assert first.stats.requests == first.accounts[None].requests == between - before
        assert second.stats.requests == sandbox.requests - between
        assert (first.stats.throttled, second.stats.throttled) == (2, 0)
        assert teamup.stats.requests == sandbox.requests
        # Finding out what changed, whose rows they are, and how many there must be, takes requests besides the parts.
        assert sum(part.stats.requests for part in first.parts) < first.stats.requests
        assert sum(part.stats.rows for part in first.parts) <= first.stats.rows


async def test_many_accounts(sandbox, tmp_path):
    """Each account has its own numbers, in the result of a run and in all, also after the end."""
    names = ("north", "south")
    accounts = [
        Account(name=name, token=account.token, provider_id=account.provider_id)
        for name, account in zip(names, sandbox.accounts, strict=True)
    ]
    async with BulkPull(accounts, base_url=sandbox.url, rate=None) as bulk:
        assert bulk.stats == {"north": Stats(), "south": Stats()}
        result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'rows'}")
        await bulk.clients["south"].reports.attendances().count()
        open_ = bulk.stats

    def asked(account: Any) -> int:
        return sum(seen.headers["Authorization"].endswith(account.token) for seen in sandbox.log)

    assert result.ok
    assert list(result.accounts) == list(names)
    assert {name: stats.rows for name, stats in result.accounts.items()} == {"north": 400, "south": 100}
    assert {name: stats.requests for name, stats in open_.items()} == {
        name: asked(account) for name, account in zip(names, sandbox.accounts, strict=True)
    }
    assert open_["north"] == result.accounts["north"]
    assert open_["south"].requests > result.accounts["south"].requests
    assert bulk.stats == open_
    assert result.stats.requests == Stats.sum(result.accounts.values()).requests
