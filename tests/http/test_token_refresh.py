"""A token refresh belongs to the client: one for all who wait, whoever of them leaves, in a bounded number of tries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from teamup_async import AuthenticationError, RefreshedToken, RetryPolicy, TeamUp
from teamup_async.sandbox import Sandbox, faults
from tests.hostile.serving import response, serving
from tests.http.clock import Simulated

REFRESH = "/auth/refresh_access_token"


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    settings: dict[str, Any] = {"rate": None, "refresh_token": sandbox.refresh_token, **options}
    return TeamUp(base_url=sandbox.url, token=sandbox.token, **settings)


def posts(sandbox: Sandbox) -> int:
    return sum(request.method == "POST" for request in sandbox.log)


async def until(reached: Callable[[], bool]) -> None:
    """Wait until something has happened, as long as a busy machine may take."""
    async with asyncio.timeout(30):
        while not reached():  # noqa: ASYNC110 - the sandbox's log tells nobody
            await asyncio.sleep(0.002)


async def by_timeout(teamup: TeamUp, refreshing: Callable[[], bool]) -> None:
    async def leave() -> None:
        await until(refreshing)
        limit.reschedule(0)  # the time is over while the server makes the token, however busy the machine is

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as group:
            group.create_task(leave())
            await teamup.reports.attendances().count()
    assert limit.expired()


async def by_cancelling(teamup: TeamUp, refreshing: Callable[[], bool]) -> None:
    work = asyncio.create_task(teamup.reports.attendances().count())
    await until(refreshing)
    work.cancel()
    await asyncio.wait([work])
    assert work.cancelled()


async def by_aclose(teamup: TeamUp, refreshing: Callable[[], bool]) -> None:
    rows = aiter(teamup.reports.attendances())
    work = asyncio.create_task(anext(rows))
    await until(refreshing)
    work.cancel()
    await asyncio.wait([work])
    await rows.aclose()


@pytest.mark.parametrize("leave", [by_timeout, by_cancelling, by_aclose])
async def test_leaving_while_the_token_is_refreshed(sandbox, leave):
    """The stream that needed a new token is left while the server makes one: the token comes all the same, the
    caller is told it, and other streams go on with it.
    """
    told: list[RefreshedToken] = []
    sandbox.expire_tokens()
    sandbox.faults.add(faults.delay(0.3), path=REFRESH)
    async with client(sandbox, on_token_refresh=told.append) as teamup:
        await leave(teamup, lambda: posts(sandbox) == 1)
        assert await teamup.reports.attendances().count() == 300
        assert (posts(sandbox), len(told)) == (1, 1)


async def test_closing_while_the_token_is_refreshed(sandbox):
    """A client that is closed meanwhile waits for the new token, which would be lost else, and tells it."""
    told: list[RefreshedToken] = []
    sandbox.expire_tokens()
    sandbox.faults.add(faults.delay(0.2), path=REFRESH)
    async with client(sandbox, on_token_refresh=told.append) as teamup:
        work = asyncio.create_task(teamup.reports.attendances().count())
        await until(lambda: posts(sandbox) == 1)
    await asyncio.wait([work])
    assert len(told) == 1


BROKEN: dict[str, Callable[[], Any]] = {
    "HTML": faults.html,
    "a dropped connection": faults.reset_mid_body,
    "a server error": lambda: faults.status(503),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_refresh(sandbox, name):
    """Where the token can't be refreshed, all streams that wait for it get one error after one series of tries;
    later ones get it at once, without another try.
    """
    sandbox.expire_tokens()
    sandbox.faults.add(BROKEN[name](), path=REFRESH, times=None)
    clock = Simulated()
    async with client(sandbox, clock=clock, trace_configs=[clock.tracing()]) as teamup:
        for _ in range(3):
            works = (teamup.reports.attendances().paged(size=20).collect() for _ in range(10))
            results = await asyncio.gather(*works, return_exceptions=True)
            assert {type(result) for result in results} == {AuthenticationError}
            assert len({str(result) for result in results}) == 1
            assert len({id(result) for result in results}) == 10
            assert posts(sandbox) == RetryPolicy().attempts
    assert "the token refresh failed" in str(results[0])


async def test_a_refresh_that_is_well_again(sandbox):
    """After some minutes a broken refresh is tried once more, so that a client that runs for months recovers."""
    sandbox.expire_tokens()
    sandbox.faults.add(faults.status(503), path=REFRESH, times=5)
    clock = Simulated()
    async with client(sandbox, clock=clock, trace_configs=[clock.tracing()]) as teamup:
        with pytest.raises(AuthenticationError, match="the token refresh failed"):
            await teamup.reports.attendances().count()
        await clock.sleep(301)
        assert await teamup.reports.attendances().count() == 300


async def test_a_refused_refresh(sandbox):
    """A refresh token that is refused is sent once, however many streams there are and however long they try."""
    sandbox.expire_tokens()
    clock = Simulated()
    async with client(
        sandbox, refresh_token="worn-out", clock=clock, trace_configs=[clock.tracing()]
    ) as teamup:
        for _ in range(3):
            works = (teamup.reports.attendances().count() for _ in range(5))
            results = await asyncio.gather(*works, return_exceptions=True)
            assert {type(result) for result in results} == {AuthenticationError}
            await clock.sleep(10_000)
    assert posts(sandbox) == 1


async def test_new_tokens_that_are_refused():
    """A server that refuses each token it gave, gets one request for another, and no more."""
    asked = 0

    def answer(request: Any) -> bytes:
        nonlocal asked
        if request.line.startswith("POST"):
            asked += 1
            return response(f'{{"access_token": "new-{asked}", "refresh_token": "again-{asked}"}}')
        return response('{"code": "token_expired", "message": "Expired."}', status="401 Unauthorized")

    async with (
        serving(answer) as server,
        TeamUp(base_url=server.url, token="old", refresh_token="r", rate=None) as teamup,
    ):
        for _ in range(3):
            works = (teamup.reports.attendances().count() for _ in range(5))
            results = await asyncio.gather(*works, return_exceptions=True)
            assert {type(result) for result in results} == {AuthenticationError}
    assert asked == 1


async def test_the_doctor_after_a_refresh(sandbox):
    """A diagnosis asks with the token of the present, not with the one that the client was made with."""
    sandbox.expire_tokens()
    async with client(sandbox) as teamup:
        await teamup.reports.attendances().count()
        diagnosis = await teamup.diagnose()
    assert diagnosis.requests > 10
