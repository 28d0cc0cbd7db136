"""Every call ends in the time that it was given, whatever it waits for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from teamup_async import RequestTimeoutError, RetryPolicy, TeamUp, TeamUpError, Throttle, Timeouts
from teamup_async.sandbox import Sandbox, faults

Call = Callable[[TeamUp], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "count": lambda teamup: teamup.reports.attendances().count(),
    "first": lambda teamup: teamup.reports.attendances().first(),
    "collect": lambda teamup: teamup.reports.attendances().collect(),
    "first of groups": lambda teamup: teamup.reports.attendance_strikes_grouped(
        columns=["customer", "count"]
    ).first(),
}
LIMITS: dict[str, Any] = {
    "a number": 0.4,
    "request": Timeouts(request=0.4),
    "walk": Timeouts(walk=0.4),
    "attempt": Timeouts(attempt=0.2, request=0.4),
}
LATE = 3.0
"""Seconds by which a busy machine may be late; the defaults would take ten times as long."""


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("call", CALLS)
async def test_no_answer(sandbox, call, limit):
    """A server that never answers, or drips for ever, is waited for no longer than was said, and the error says it."""
    for fault in (faults.hang(), faults.drip(every=0.1)):
        sandbox.faults.clear()
        sandbox.faults.add(fault, times=None)
        begun = time.monotonic()
        async with TeamUp(
            base_url=sandbox.url, token=sandbox.token, rate=None, timeout=LIMITS[limit]
        ) as teamup:
            with pytest.raises(RequestTimeoutError) as caught:
                await CALLS[call](teamup)
        assert time.monotonic() - begun < 0.4 + LATE
        assert caught.value.gave_up == "no time left"


async def test_whole_seconds_are_not_rounded_up(sandbox):
    """Limits of more than five seconds, which aiohttp rounds up to whole ones, are kept exactly."""
    async with TeamUp(base_url=sandbox.url, token="t", timeout=Timeouts(attempt=7.5)) as teamup:
        limits = teamup._requester._transport._timeout
        assert limits.total == 7.5
        assert limits.ceil_threshold > 7.5


@pytest.mark.parametrize("call", ["count", "first", "collect"])
async def test_waits_for_the_quota(sandbox, call):
    """The time given to a whole walk or call includes waits for the quota; that of a request does not."""
    throttle = Throttle(1, window=60.0)
    options: dict[str, Any] = {"base_url": sandbox.url, "token": sandbox.token, "throttle": throttle}
    async with TeamUp(**options, timeout=Timeouts(walk=0.3)) as teamup:
        await throttle.acquire()
        begun = time.monotonic()
        with pytest.raises(RequestTimeoutError, match=r"longer than 0\.3 seconds"):
            await CALLS[call](teamup)
        assert time.monotonic() - begun < 0.3 + LATE


async def test_waits_for_a_new_token(sandbox):
    """A request that waits for a new token ends in its time; the refresh goes on for the others."""
    sandbox.expire_tokens()
    sandbox.faults.add(faults.delay(1.0), path="/auth/refresh_access_token")
    options: dict[str, Any] = {"base_url": sandbox.url, "token": sandbox.token, "rate": None}
    async with TeamUp(**options, refresh_token=sandbox.refresh_token, timeout=Timeouts(walk=0.3)) as teamup:
        with pytest.raises(RequestTimeoutError):
            await teamup.reports.attendances().count()
        await asyncio.sleep(0)
        stream = teamup.reports.attendances().paged(timeout=30)
        assert await stream.count() == 300


async def test_waits_between_attempts(sandbox):
    """There is no wait that would end after the time given."""
    sandbox.faults.add(faults.status(503, headers={"Retry-After": "20"}), times=None)
    for limit in (Timeouts(request=1.0), Timeouts(walk=1.0)):
        begun = time.monotonic()
        async with TeamUp(
            base_url=sandbox.url, token=sandbox.token, rate=None, timeout=limit, retry=RetryPolicy.patient()
        ) as teamup:
            with pytest.raises(TeamUpError):
                await teamup.reports.attendances().count()
        assert time.monotonic() - begun < 1.0 + LATE
