"""Requests that arrive late: held up after they were counted, by a slow connection or a busy machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import redis

from teamup_async import ConfigurationError, TeamUp, Throttle
from teamup_async._http.throttle import MARGIN
from teamup_async.bulk import QuotaFile, RedisQuota
from teamup_async.sandbox import Sandbox
from tests.http.clock import Simulated
from tests.http.test_throttle import busiest
from tests.redis_server import RedisServer

HELD_UP = 1.5


def slow(clock: Simulated, first: int) -> Callable[[object], Awaitable[None]]:
    """A hook that holds so many requests up on their way, before the server counts them."""
    left = first

    async def hold(record: object) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            clock.on_the_way -= 1  # what waits here lets time pass
            await clock.sleep(HELD_UP)
            clock.on_the_way += 1
            record.at = clock.now()  # type: ignore[attr-defined]

    return hold


RATE = 20


async def pulled(throttle: Throttle, clock: Simulated) -> list[float]:
    """When the requests of several streams arrived, of which the first were held up; none got a 429."""
    async with (
        Sandbox(rows=1500, seed=2, rate=RATE, clock=clock) as sandbox,
        TeamUp(
            base_url=sandbox.url, token=sandbox.token, clock=clock, throttle=throttle,
            trace_configs=[clock.tracing()],
        ) as teamup,
    ):  # fmt: skip
        sandbox.before_request = slow(clock, RATE)
        streams = [teamup.reports.attendances().paged(size=25) for _ in range(5)]
        await asyncio.gather(*(stream.collect() for stream in streams))
        assert {request.status for request in sandbox.log} == {200}
        return sorted(request.at for request in sandbox.log)


async def test_never_above_the_quota() -> None:
    """Requests that arrive long after they were counted take nothing from the window in which they arrive: never a
    429, and the quota is used all the same.
    """
    clock = Simulated()
    times = await pulled(Throttle(RATE, clock=clock, concurrency=RATE), clock)
    assert busiest(times, 60.0) <= RATE
    assert times[-1] - times[0] < (len(times) / RATE) * (60 * (1 + MARGIN) + HELD_UP / 2)


async def test_in_a_file(tmp_path: Path) -> None:
    """A quota in a file counts a late request once, at the time by when it has arrived."""
    clock = Simulated()
    with QuotaFile(tmp_path / "quota.sqlite", rate=3) as quota:
        throttle = Throttle(3, clock=clock, bucket=quota.bucket("one"))
        begun = clock.now()
        leases = [throttle.lease(object()) for _ in range(3)]
        for lease in leases:
            await lease.__aenter__()
        clock.time = begun + 0.5
        await leases[0].__aexit__(None, None, None)
        clock.time = begun + 20.0
        for lease in leases[1:]:
            await lease.__aexit__(None, None, None)
        got = []
        for passed in (60.0, 60.601, 60.602, 80.5, 80.601, 80.602, 80.603):
            clock.time = begun + passed
            if throttle.try_acquire():
                got.append(passed)
    assert got == [60.601, 80.601, 80.602]


async def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """Where a late request can't be counted anew, its answer is taken; the next request says what is wrong."""
    clock = Simulated()
    with QuotaFile(tmp_path / "quota.sqlite", rate=3) as quota:
        throttle = Throttle(3, clock=clock, bucket=quota.bucket("one"), concurrency=1)
        async with throttle.lease(object()):
            clock.time += 5.0
            quota.close()
        with pytest.raises(ConfigurationError, match="for the quota"):
            async with throttle.lease(object()):
                pass


async def test_in_redis() -> None:
    """A quota in Redis counts a late request once, at the time by when it has arrived."""
    clock = Simulated()
    with RedisServer() as server:
        async with RedisQuota(server.url, rate=5, window=30.0, clock=clock) as quota:
            throttle = quota.throttle("one")
            for seconds in (0.1, 2.0, 3.0):
                async with throttle.lease(object()):
                    clock.time += seconds
            with redis.Redis(port=server.port) as client:
                [key] = client.keys("*:times")
                times = [int(time) for time in client.lrange(key, 0, -1)]
            assert times == sorted(times)
            assert len(times) == 3
            assert (await throttle.counter.take(5)).granted == 2


async def test_moved_in_redis() -> None:
    """The token that was taken so long ago is the one that is counted anew; others stay as they are."""
    with RedisServer() as server, redis.Redis(port=server.port) as client:
        async with RedisQuota(server.url, rate=5, window=30.0) as quota:
            counter = quota.throttle("one").counter
            await counter.take(1)
            [key] = client.keys("*:times")
            [now] = (int(time) for time in client.lrange(key, 0, -1))
            old = [now - 20_000_000, now - 10_000_000, now - 5_000_000]
            client.delete(key)
            client.rpush(key, *old)
            await counter.late(9.0)
            times = [int(time) for time in client.lrange(key, 0, -1)]
    assert times[:2] == [old[0], old[2]]
    assert times[2] > now
