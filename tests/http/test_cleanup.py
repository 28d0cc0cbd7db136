"""However a walk is left, nothing stays behind: no task, no connection, no word in the log."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from teamup_async import ClientClosedError, TeamUp
from teamup_async.sandbox import Sandbox

Leave = Callable[[Any], Awaitable[None]]


class OopsError(Exception):
    pass


async def by_break(stream: Any) -> None:
    async for _ in stream:
        break


async def by_break_of_pages(stream: Any) -> None:
    async for _ in stream.pages():
        break


async def by_exception(stream: Any) -> None:
    with contextlib.suppress(OopsError):
        async for _ in stream:
            raise OopsError


async def by_cancellation(stream: Any) -> None:
    begun = asyncio.Event()

    async def consume() -> None:
        async for _ in stream:
            begun.set()

    task = asyncio.create_task(consume())
    await begun.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def by_timeout(stream: Any) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.02):
            async for _ in stream:
                pass


async def by_forgetting(stream: Any) -> None:
    rows = aiter(stream)
    await anext(rows)
    del rows


async def by_two_consumers(stream: Any) -> None:
    one, other = aiter(stream), aiter(stream)
    assert await anext(one) == await anext(other)
    del one
    await anext(other)
    del other


async def by_context(stream: Any) -> None:
    async with stream as rows:
        await anext(rows)


async def by_pages_context(stream: Any) -> None:
    async with stream.pages() as pages:
        await anext(pages)


async def by_an_impatient_consumer(stream: Any) -> None:
    rows = aiter(stream)
    got = []
    while len(got) < 40:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.003):
                got.append(await anext(rows))
    assert len({row.id for row in got}) == 40


WAYS: list[Leave] = [
    by_break, by_break_of_pages, by_exception, by_cancellation, by_timeout, by_forgetting, by_two_consumers,
    by_context, by_pages_context, by_an_impatient_consumer,
]  # fmt: skip


@contextlib.asynccontextmanager
async def quiet(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing is said by asyncio meanwhile, and no task is left."""
    loop = asyncio.get_running_loop()
    said: list[Any] = []
    loop.set_exception_handler(lambda _, context: said.append(context))
    caplog.set_level(logging.WARNING)
    before = asyncio.all_tasks()
    yield
    for _ in range(5):
        await asyncio.sleep(0)
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()
    gc.collect()
    await asyncio.sleep(0)
    assert said == []
    assert caplog.records == []


@pytest.fixture
def sandbox():
    # In a thread of its own, so that the tasks of this loop are the client's.
    with Sandbox.in_thread(rows=400, seed=4, rate=None, latency=0.004) as sandbox:
        yield sandbox


@pytest.mark.parametrize("window", [1, 16])
@pytest.mark.parametrize(
    "collected", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["gc", "no gc"]
)
@pytest.mark.parametrize("leave", WAYS, ids=lambda leave: leave.__name__)
async def test_leaving(sandbox, caplog, leave, window, collected):
    """No task, no connection, no request and no word is left, with and without the garbage collector."""
    if not collected:
        gc.disable()
    try:
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
            own = asyncio.all_tasks()
            async with quiet(caplog):
                await leave(teamup.reports.attendances().paged(size=20, window=window))
                for _ in range(1000):  # usually one or two; a busy machine may need more
                    if asyncio.all_tasks() == own and not sandbox_busy(sandbox):
                        break
                    await asyncio.sleep(0.002)
            assert teamup._requester._transport.http.connector._acquired == set()
            await teamup.reports.instructed_sessions().count()  # answered after all that was sent before it
            asked = sandbox.requests
            await asyncio.sleep(0.01)
            assert sandbox.requests == asked
            assert len(await teamup.reports.attendances().collect()) == 400
    finally:
        gc.enable()


def sandbox_busy(sandbox: Sandbox) -> bool:
    return any(request.status is None for request in sandbox.log)


async def test_closing_the_client(sandbox, caplog):
    """Leaving the client ends every walk; a consumer that goes on is told."""
    async with quiet(caplog):
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
            rows = aiter(teamup.reports.attendances().paged(size=20))
            await anext(rows)
        with pytest.raises(ClientClosedError, match="closed while"):
            async for _ in rows:
                pass


def test_a_loop_that_ends_early(caplog):
    """A walk that outlives its loop, without a client left open, says nothing."""
    with Sandbox.in_thread(rows=200, rate=None) as sandbox:

        async def begin() -> Any:
            async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
                rows = aiter(teamup.reports.attendances().paged(size=20))
                await anext(rows)
            return rows

        rows = asyncio.run(begin())
        del rows
        gc.collect()
    assert caplog.records == []
