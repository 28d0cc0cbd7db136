"""A quota that processes share through Redis: counted by one clock, used fully, and what happens when Redis is gone."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from teamup_async import ConfigurationError, TeamUp
from teamup_async._http.throttle import MARGIN
from teamup_async.bulk import Account, BulkPull, RedisQuota
from teamup_async.sandbox import Sandbox, faults
from tests.http.test_throttle import busiest
from tests.redis_server import RedisServer

PULLER = Path(__file__).with_name("puller.py")
RATE, WINDOW, SLACK = 30, 3.0, 0.2


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def there(server: RedisServer) -> RedisServer:
    """The server without anything in it."""
    with redis.Redis(port=server.port) as client:
        client.flushall()
    return server


class Patient:
    """A clock whose waits take no time."""

    def __init__(self, start: float = 0.0) -> None:
        self.time = start

    def now(self) -> float:
        return self.time

    def epoch(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


async def most(quota: RedisQuota, token: str = "one", wanted: int = 100) -> int:
    """How many tokens there are at once."""
    return (await quota.throttle(token).counter.take(wanted)).granted


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=900, seed=3, rate=RATE, window=WINDOW)
def test_processes(teamup_sandbox: Sandbox, there: RedisServer) -> None:
    """Processes whose clocks are 2 s apart get all rows without a 429 and use 90 % of the quota and more; one that is
    killed meanwhile does not disturb them.
    """
    sandbox = teamup_sandbox

    def start(off: int) -> subprocess.Popen[str]:
        command = [PULLER, "client", sandbox.url, sandbox.token, there.url, RATE, WINDOW + SLACK, off]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, *map(str, command)], stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
        )

    killed, *others = (start(off) for off in (1, 2, 0))
    assert [process.stdout.readline() for process in (killed, *others)] == ["begun\n"] * 3
    begun = time.monotonic()
    killed.kill()
    killed.communicate()
    for process in others:
        said, errors = process.communicate(timeout=60)
        assert (said.splitlines()[-1:], errors) == (["900"], "")
    times = sorted(request.at for request in sandbox.log)
    assert {request.status for request in sandbox.log} <= {200, None}  # None: of the one that was killed
    assert busiest(times, WINDOW) <= RATE
    # Requests come in bursts, and a busy machine starts processes one after the other: so a whole window of the
    # clients is looked at, the one in which all had something to do.
    whole = (WINDOW + SLACK) * (1 + MARGIN)
    assert times[-1] - begun > whole
    assert busiest(times, whole) >= 0.9 * RATE
    with redis.Redis(port=there.port) as client:
        assert all(sandbox.token not in str(key) for key in client.scan_iter())


async def test_exact_window(there: RedisServer) -> None:
    """Tokens are counted for each caller, exactly, and come back when the window has passed."""
    async with (
        RedisQuota(there.url, rate=5, window=0.3) as quota,
        RedisQuota(there.url, rate=5, window=0.3) as other,
    ):
        assert await most(quota, wanted=3) == 3
        assert await most(other) == 2
        assert await most(quota, "two") == 5
        refused = await other.throttle("one").counter.take(1)
        assert refused.granted == 0
        assert 0 < refused.wait <= 0.303
        throttle = other.throttle("one")
        assert throttle.quota == (5, pytest.approx(0.303))
        await asyncio.gather(*(throttle.acquire() for _ in range(5)))
        assert throttle.granted == 5
        assert throttle.waited > 0


async def test_clock_set_back(there: RedisServer) -> None:
    """Where the server's clock is set back, what was counted before counts as sent just now: never more than the quota,
    and not blocked until the old time comes again.
    """
    async with RedisQuota(there.url, rate=4, window=0.2) as quota:
        assert await most(quota, wanted=1) == 1
        with redis.Redis(port=there.port) as client:
            [times] = client.keys("*:times")
            hour = 3_600_000_000
            later = [int(time) + hour for time in client.lrange(times, 0, -1)] * 3
            client.delete(times)
            client.rpush(times, *later)
        assert await most(quota) == 1
        throttle = quota.throttle("one")
        async with asyncio.timeout(10):
            await throttle.acquire()


async def test_one_gate(there: RedisServer) -> None:
    """After a 429 that one process got, another waits as well; then one request finds out for both."""
    async with (
        Sandbox(rows=400, seed=1, rate=None) as sandbox,
        RedisQuota(there.url, rate=1000) as one,
        RedisQuota(there.url, rate=1000) as other,
    ):
        refused: list[float] = []
        sandbox.faults.add(faults.status(429, headers={"Retry-After": "1"}), nth=1)
        settings = {"base_url": sandbox.url, "token": sandbox.token}
        told = asyncio.Event()
        retries = {"on_retry": lambda _: told.set()}
        throttles = [quota.throttle(sandbox.token) for quota in (one, other)]
        async with (
            TeamUp(**settings, **retries, throttle=throttles[0]) as first,
            TeamUp(**settings, throttle=throttles[1]) as second,
        ):
            walking = asyncio.create_task(first.reports.attendances().collect())
            await told.wait()
            rows = await second.reports.attendances().collect()
            assert len(await walking) == len(rows) == 400
        log = sorted(sandbox.log, key=lambda request: request.at)
        refused = [request.at for request in log if request.status == 429]
        after = [request.at for request in log if request.at > refused[-1] + 0.5]
        assert [request for request in log if refused[-1] + 0.2 < request.at < refused[-1] + 0.99] == []
        assert len(after) >= 8
        assert all(throttle.generation == 1 for throttle in throttles)


async def test_strikes_are_shared(there: RedisServer) -> None:
    """Of requests refused together only the first makes the next wait longer, in whichever process they are; and an
    answer opens the gate for all.
    """
    async with RedisQuota(there.url) as one, RedisQuota(there.url) as other:
        a, b = (quota.throttle("one").counter for quota in (one, other))
        taken = [await a.take(1), await b.take(1)]
        assert [each.strikes for each in taken] == [0, 0]
        assert await a.refused(taken[0].generation, 0.05) == pytest.approx(0.05)
        assert await b.refused(taken[1].generation, 0.05) <= 0.1
        while (probe := await b.take(8)).granted == 0:
            assert probe.wait <= 0.25
            await asyncio.sleep(probe.wait)
        assert (probe.granted, probe.strikes, probe.generation) == (1, 1, 1)
        assert (await a.take(8)).granted == 0
        await a.ended(taken[0].generation, answered=True)  # a request from before says nothing
        assert (await a.take(8)).granted == 0
        await b.ended(probe.generation, answered=True)
        assert (await a.take(8)).granted == 8


async def test_cancelled_waiters(there: RedisServer) -> None:
    """Requests that are cancelled while they wait leave their places, and nothing behind."""
    async with RedisQuota(there.url, rate=2, window=0.5) as quota:
        cap = asyncio.Semaphore(2)
        throttle = quota.throttle("one", cap=cap)
        await asyncio.gather(throttle.acquire(), throttle.acquire())
        throttle.release()
        throttle.release()
        waiting = [asyncio.create_task(throttle.acquire()) for _ in range(3)]
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        assert all(
            isinstance(e, asyncio.CancelledError)
            for e in await asyncio.gather(*waiting, return_exceptions=True)
        )
        async with asyncio.timeout(10):
            await throttle.acquire()
        await cap.acquire()
        assert cap.locked()


async def test_gone(there: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """Without Redis a request is a clear error that holds no password; or it goes on, after a window, with its share.
    When Redis is back, what was sent meanwhile counts; and Redis, which forgot what was before, is not trusted at once.
    """
    clock = Patient()
    url = there.url.replace("//", "//:s3cret@")
    slow = RedisQuota(there.url, rate=20, window=60, on_lost="slow", share=0.2, clock=clock)
    async with slow, RedisQuota(there.url, rate=20) as strict:
        counter = slow.throttle("one").counter
        assert (await counter.take(2)).granted == 2
        assert await most(strict, wanted=1) == 1
        there.stop()
        try:
            with pytest.raises(
                ConfigurationError, match=r"cannot use redis://127\.0\.0\.1:\d+/0 for the quota.*on_lost"
            ) as no:
                await RedisQuota(url).throttle("one").acquire()
            assert "s3cret" not in str(no.value) + repr(RedisQuota(url))

            throttle, begun = slow.throttle("one"), clock.now()
            for _ in range(4):
                await throttle.acquire()
            assert 60 <= clock.now() - begun <= 61
            await throttle.acquire()
            assert 120 <= clock.now() - begun <= 123
            assert [record.levelname for record in caplog.records] == ["WARNING"]
        finally:
            there.start()
        await clock.sleep(10)
        back = await throttle.counter.take(100)
        assert (back.granted, len(caplog.records)) == (19, 2)
        assert (await strict.throttle("one").counter.take(1)).granted == 0
        # It was in touch with Redis a moment ago, and Redis does not know of it any more.
        with redis.Redis(port=there.port) as client:
            client.flushall()
        again = await throttle.counter.take(1)
        assert again.granted == 0
        assert 59 < again.wait < 61


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"url": "http://x"}, "must look like redis://host:6379/0"),
        ({"on_lost": "stop"}, "on_lost must be 'error' or 'slow'"),
        ({"share": 0}, "share must be more than 0"),
        ({"rate": 0}, "rate must be a whole number"),
    ],
)
def test_settings(arguments: dict[str, object], problem: str) -> None:
    """What can't work is refused at once; a quota that holds connections is not pickled."""
    with pytest.raises(ConfigurationError, match=problem):
        RedisQuota(**{"url": "redis://127.0.0.1", **arguments})
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(RedisQuota("redis://127.0.0.1"))


async def test_bulk_pull(there: RedisServer, tmp_path: Path) -> None:
    """Accounts of two tokens are counted apart, in one pull through one connection to Redis."""
    async with Sandbox(rows=400, seed=1, rate=None) as sandbox, RedisQuota(there.url) as quota:
        accounts = [
            Account(name=name, token=account.token, provider_id=account.provider_id)
            for name, account in zip(("north", "south"), sandbox.accounts, strict=True)
        ]
        async with BulkPull(accounts, base_url=sandbox.url, quota=quota) as bulk:
            result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}", raise_on_error=True)
        with redis.Redis(port=there.port) as client:
            counted = sorted(client.llen(key) for key in client.keys("*:times"))
    assert result.rows == 500
    assert len(counted) == 2
    assert sum(counted) == sandbox.requests
