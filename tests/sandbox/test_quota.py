"""The quota: an exact sliding window for each caller."""

import asyncio
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.sandbox import Sandbox
from teamup_async.sandbox.quota import Quota

PATH = "/reports/attendances/data"


@attrs.define
class Clock:
    time: float = 1000.0

    def __call__(self) -> float:
        return self.time


@given(rate=st.integers(1, 5), steps=st.lists(st.floats(0, 3).map(lambda step: round(step, 3)), max_size=60))
def test_sliding_window(rate: int, steps: list[float]) -> None:
    """No window ever holds more than `rate` admitted requests, and one is refused only when a window is full."""
    clock = Clock()
    quota = Quota(rate, 2.0, clock)
    admitted: list[float] = []
    for step in steps:
        clock.time += step
        recent = [time for time in admitted if time > clock.time - 2.0]
        wait = quota.admit("a")
        assert (wait == 0.0) == (len(recent) < rate)
        if wait == 0.0:
            admitted.append(clock.time)
        else:
            assert wait == pytest.approx(recent[0] + 2.0 - clock.time)
    assert quota.used("a") == len([time for time in admitted if time > clock.time - 2.0])


def test_no_quota() -> None:
    """`rate=None` admits everything."""
    quota = Quota(None, 60.0, Clock())

    assert all(quota.admit("a") == 0.0 for _ in range(1000))


@pytest.mark.parametrize(("retry_after", "pattern"), [(None, None), ("seconds", "31"), ("date", " GMT")])
async def test_throttled(call: Any, retry_after: Any, pattern: str | None) -> None:
    """The request after the last admitted one gets 429; Retry-After only where asked for."""
    clock = Clock()
    async with Sandbox(rows=40, rate=3, clock=clock, retry_after=retry_after) as sandbox:
        other = attrs.evolve(call, sandbox=sandbox)
        statuses = []
        for step in (0, 10, 10, 10):
            clock.time += step
            statuses.append((await other(PATH)).status)
        refused = await other(PATH)
        separate = await other(PATH, token=sandbox.accounts[1].token)
        clock.time += 30.0
        again = await other(PATH)

    assert statuses == [200, 200, 200, 429]
    assert (refused.body["code"], refused.body["type"]) == ("throttled", "invalid_request_error")
    header = refused.headers.get("Retry-After")
    assert header is None if pattern is None else pattern in header
    assert (separate.status, again.status) == (200, 200)


async def test_burst(call: Any) -> None:
    """Of many requests at once exactly `rate` pass."""
    async with Sandbox(rows=40, rate=25) as sandbox:
        other = attrs.evolve(call, sandbox=sandbox)
        statuses = [answered.status for answered in await asyncio.gather(*(other(PATH) for _ in range(60)))]

    assert (statuses.count(200), statuses.count(429)) == (25, 35)
