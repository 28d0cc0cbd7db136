"""How walks end over HTTP, and what they cost: totals that lie, limits, thrifty walks, readings that are confirmed."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from teamup_async import PaginationDriftError, PaginationStalledError, QueryError, TeamUp
from teamup_async.endpoints import endpoint_named
from teamup_async.lists.customers import CUSTOMERS
from teamup_async.lists.events import EVENTS
from teamup_async.lists.venues import VENUES
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated

EARLY = datetime(2001, 1, 1, tzinfo=UTC)
LATE = datetime(2030, 1, 1, tzinfo=UTC)
GROUPED: dict[str, Any] = {"columns": ["customer", "status", "count"]}


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    """A client of `sandbox` whose waits take no time."""
    return TeamUp(
        base_url=sandbox.url, token=sandbox.token, **{"rate": None, "clock": Simulated(), **options}
    )


def ways(sandbox: Sandbox, teamup: TeamUp) -> list[Any]:
    """Each endpoint in each way."""
    streams = []
    for name in ("attendances", "instructed_sessions", "course_sessions"):
        endpoint = endpoint_named(name)
        stream = teamup.stream(endpoint)
        streams += [
            stream.paged(by=by, thrifty=thrifty) for by in endpoint.pagings for thrifty in (True, False)
        ]
    return [*streams, teamup.reports.attendance_strikes_grouped(**GROUPED)]


async def test_a_full_page_never_ends_a_walk():
    """Pages that say there are 3 rows, none at all, or another number each time lose no row of any endpoint."""
    async with (
        Sandbox(rows=730, seed=3, rate=None, course_sessions=310) as sandbox,
        client(sandbox) as teamup,
    ):
        for stream in ways(sandbox, teamup):
            sandbox.total = None
            expected = await stream.collect()
            for total in (lambda *_: 3, lambda *_: None, lambda exact, _: max(0, exact - 5)):
                sandbox.total = total
                assert await stream.collect() == expected
                assert stream.integrity.steady


@pytest.mark.parametrize("too_many", [1, 500, 10**12])
@pytest.mark.parametrize("name", ["attendances", "course_sessions"])
async def test_a_total_that_is_too_large(name, too_many):
    """Every row comes; then fewer than ten questions, with pauses between them, and one clear error."""
    async with Sandbox(rows=777, seed=3, rate=None, course_sessions=777) as sandbox:
        clock = Simulated()
        async with client(sandbox, clock=clock) as teamup:
            stream = teamup.stream(endpoint_named(name)).paged(thrifty=True)
            expected = await stream.collect()
            needed = stream.stats.requests
            sandbox.total = lambda exact, _: exact + too_many
            rows: list[Any] = []
            with pytest.raises(
                PaginationStalledError, match="brought no new row although more were announced"
            ):
                async for row in stream:
                    rows.append(row)
            assert rows == expected
            assert stream.stats.requests - needed < 10
            assert sum(clock.slept) > 1
            # What is fetched ahead in vain is bounded by the pages in flight.
            ahead = stream.paged(thrifty=False)
            with pytest.raises(PaginationStalledError):
                await ahead.collect()
            assert ahead.stats.requests - needed < 10 + 32


@pytest.mark.parametrize("thrifty", [True, False])
@pytest.mark.parametrize("name", ["attendances", "course_sessions"])
async def test_counted_then_selected(name, thrifty):
    """Rows that come between the count and the selection of any page hide no others, also not the last."""
    async with (
        Sandbox(rows=199, seed=5, rate=None, course_sessions=199) as sandbox,
        client(sandbox) as teamup,
    ):
        stream = teamup.stream(endpoint_named(name)).paged(thrifty=thrifty)
        before = {row.id for row in await stream.collect()}

        days = itertools.count()

        def come(_: Any) -> None:
            for _ in range(3):
                starts = {"starts_at": LATE + timedelta(days=next(days))} if name == "course_sessions" else {}
                sandbox.insert(name, **starts)

        sandbox.between_count_and_rows = come
        ids = [row.id for row in await stream.paged(size=20).collect(limit=700)]
        assert len(set(ids)) == len(ids)
        assert before <= set(ids)


@pytest.mark.parametrize("thrifty", [True, False])
async def test_cut_off_at_the_count(thrifty):
    """Sessions that come in front, between count and selection, push others off the last page: all come in the end."""
    async with (
        Sandbox(rows=100, seed=5, rate=None, course_sessions=199) as sandbox,
        client(sandbox) as teamup,
    ):
        stream = teamup.course_sessions().paged(thrifty=thrifty)
        before = {row.id for row in await stream.collect()}
        quiet = stream.stats.requests

        def come(_: Any) -> None:
            sandbox.insert("course_sessions", starts_at=EARLY)

        sandbox.between_count_and_rows = come
        ids = [row.id for row in await stream.collect()]
        assert len(set(ids)) == len(ids)
        assert before <= set(ids)
        assert stream.stats.requests - quiet <= 2


async def test_small_questions_of_groups():
    """first() and collect(limit=) of a grouped report ask for no more than they need."""
    async with Sandbox(rows=3000, seed=3, rate=None) as sandbox, client(sandbox) as teamup:
        stream = teamup.reports.attendance_strikes_grouped(columns=["customer", "status", "event", "count"])
        groups = await stream.collect()
        assert len(groups) > 250
        before = sandbox.requests
        assert await stream.first() == groups[0]
        assert sandbox.requests - before == 1
        assert sandbox.log[-1].value("limit") == "1"
        assert await stream.collect(limit=5) == groups[:5]
        assert sandbox.requests - before == 2
        assert await stream.collect(limit=101) == groups[:101]
        assert sandbox.requests - before == 4
        assert [row async for row in stream.up_to(20)] == groups[:20]
        assert sandbox.requests - before == 5
        pages = [page async for page in stream.up_to(150).pages()]
        assert [len(page) for page in pages] == [100, 99]
        with pytest.raises(QueryError, match="limit must be 1 or more"):
            stream.up_to(0)


@pytest.mark.parametrize(("limit", "most"), [(1, 1), (100, 1), (101, 2), (200, 3), (300, 4), (700, 8)])
@pytest.mark.parametrize("name", ["attendances", "course_sessions"])
async def test_limits(name, limit, most):
    """collect(limit=) fetches ahead no further than the limit needs, and thrifty walks need the least."""
    async with (
        Sandbox(rows=2000, seed=3, rate=None, course_sessions=2000) as sandbox,
        client(sandbox) as teamup,
    ):
        stream = teamup.stream(endpoint_named(name))
        before = sandbox.requests
        rows = await stream.collect(limit=limit)
        assert len(rows) == limit
        asked = sandbox.requests - before
        assert asked <= (most if name == "attendances" else most + 1)
        assert len(await stream.paged(thrifty=True).collect(limit=limit)) == limit
        assert sandbox.requests - before - asked <= -(-limit // 100) + (name != "attendances")


@pytest.mark.parametrize("by", ["default", "page"])
@pytest.mark.parametrize(
    ("name", "share"), [("attendances", 1.01), ("instructed_sessions", 1.01), ("course_sessions", 1.03)]
)
async def test_thrifty(name, share, by):
    """A thrifty walk takes one request more than the least at most: 1.01 of it with ids, 1.03 in lists by time.

    Walked by numbers of pages it takes one more: the last page may have been cut off at its total.
    """
    async with (
        Sandbox(rows=12_000, seed=3, rate=None, course_sessions=4000) as sandbox,
        client(sandbox) as teamup,
    ):
        stream = teamup.stream(endpoint_named(name))
        if by == "page":
            stream = stream.paged(by="page")
        thrifty = stream.paged(thrifty=True)
        rows = [row.id async for row in thrifty]
        least = -(-len(rows) // 100)
        assert least > 10
        numbered = by == "page" or name == "course_sessions"
        assert least <= thrifty.stats.requests - numbered <= max(least + 1, share * least)
        assert sandbox.peak == 1
        assert rows == [row.id async for row in stream.paged(thrifty=False)]
        assert stream.stats.requests != thrifty.stats.requests


async def test_the_quota_decides():
    """A walk that the quota bounds is thrifty by itself; one that fits into it, or is told not to, fetches ahead."""
    async with Sandbox(rows=100, seed=3, rate=None, course_sessions=1850) as sandbox:
        requests: list[int] = []
        for rate, options in [(30, {}), (10, {}), (10, {"thrifty": False}), (30, {"thrifty": True})]:
            async with client(sandbox, rate=rate) as teamup:
                stream = teamup.course_sessions().paged(**options)
                assert len(await stream.collect()) == 1850
                requests.append(stream.stats.requests)
        ahead, bound, told, thrifty = requests
        assert (ahead, bound) == (told, thrifty)
        assert bound == 20 < ahead


@pytest.mark.parametrize("by", ["offset", "page", "id"])
@pytest.mark.parametrize("thrifty", [True, False])
async def test_a_total_of_the_whole_report(thrifty, by):
    """A total that counts the whole report behind a key, too, is found out: it says no more than it knows.

    All rows come without a question more, each page's total is that of the report, and every position goes on.
    """
    async with Sandbox(rows=400, seed=3, rate=None) as sandbox, client(sandbox) as teamup:
        ids = sandbox.ids("attendances")
        stream = teamup.reports.attendances().paged(thrifty=thrifty, by=by)
        sandbox.total = lambda _exact, _request: len(ids)
        pages = [page async for page in stream.pages()]
        assert [row.id for page in pages for row in page.rows] == ids
        assert stream.integrity.exact
        assert stream.stats.requests <= len(ids) // 100 + 2
        if by != "page" or thrifty:
            assert {page.total for page in pages} == {len(ids)}
        for number, page in enumerate(pages[:-1], start=1):
            rest = [row.id for page in pages[number:] for row in page.rows]
            resumed = stream.paged(start=page.next)
            assert [row.id for row in await resumed.collect()] == rest
            assert resumed.stats.requests <= len(pages) - number + 2


async def test_thrifty_together():
    """Walks that the quota bounds are thrifty side by side, too, and no slower than ones that fetch ahead."""
    requests, seconds = [], []
    for thrifty in (None, False):
        async with Sandbox(rows=100, seed=3, rate=None, course_sessions=1850) as sandbox:
            clock = Simulated()
            async with client(sandbox, rate=10, clock=clock, trace_configs=[clock.tracing()]) as teamup:
                streams = [teamup.course_sessions() for _ in range(3)]
                if thrifty is not None:
                    streams = [stream.paged(thrifty=thrifty) for stream in streams]
                began = clock.now()
                await asyncio.gather(*(stream.collect() for stream in streams))
                seconds.append(clock.now() - began)
                requests += [stream.stats.requests for stream in streams]
    assert requests[:3] == [20, 20, 20]
    assert min(requests[3:]) > 21
    assert seconds[0] <= seconds[1]


@pytest.mark.parametrize("name", ["attendances", "course_sessions"])
async def test_the_pace_changes(name):
    """A thrifty walk turns to pages by number once another one fetches ahead, and back when that one has ended."""
    async with (
        Sandbox(rows=2000, seed=3, rate=None, course_sessions=2000) as sandbox,
        client(sandbox, rate=10) as teamup,
    ):
        stream = teamup.stream(endpoint_named(name)).paged(window=3)
        other = teamup.reports.instructed_sessions().paged(size=5, window=1, thrifty=False)
        ids: list[int] = []
        phases: list[int] = []

        async with stream.pages() as pages, other.pages() as beside:

            async def read(n: int) -> None:
                before = len(sandbox.log)
                for _ in range(n):
                    ids.extend(row.id for row in (await anext(pages)).rows)
                asked = [request for request in list(sandbox.log)[before:] if name in request.path]
                numbered = [r for r in asked if int(r.value("page") or 1) > 1 or int(r.value("offset") or 0)]
                phases.append(len(numbered))

            await read(5)
            await anext(beside)
            await read(6)
            await beside.aclose()
            await read(3)
            await read(3)
            ids.extend([row.id async for page in pages for row in page.rows])
        assert phases[0] == 0
        assert phases[1] > 2
        assert phases[3] == 0
        assert ids == [row.id for row in await stream.collect()]


@pytest.mark.parametrize("thrifty", [True, None])
async def test_a_slow_reader_finds_pages(thrifty):
    """A thrifty walk asks for its next page when one arrives, not when its reader comes back; for `window` at most."""
    async with Sandbox(rows=2000, seed=3, rate=None) as sandbox:
        clock = Simulated()
        async with client(sandbox, rate=10, clock=clock, trace_configs=[clock.tracing()]) as teamup:
            stream = teamup.reports.attendances().paged(thrifty=thrifty, window=5)
            async with stream.pages() as pages:
                await anext(pages)
                await clock.sleep(30)
                assert (stream.stats.pages, stream.stats.requests) == (1, 6)
                assert sandbox.peak == 1
                for _ in range(3):
                    await anext(pages)
                await clock.sleep(30)
                assert stream.stats.requests == 9
            assert [request.value("id_gt") is None for request in sandbox.log] == [True] + [False] * 8


@pytest.mark.parametrize("size", [10, 25, 30, 50])
async def test_a_first_page_that_seems_to_be_all(size):
    """A first page of a round number of rows, just as many as were counted, does not end the walk of a new client.

    It asks once more. A client that has seen a larger page knows that the server gives more, and does not ask.
    """
    columns = ["customer", "status", "event", "count"]
    async with Sandbox(rows=300, seed=3, rate=None, course_sessions=300) as sandbox:
        expected = sandbox.ids("attendances")
        async with client(sandbox) as teamup:
            groups = await teamup.reports.attendance_strikes_grouped(columns=columns).collect()
        sandbox.faults.add(faults.clamp(size), times=None)
        sandbox.total = lambda exact, _request: min(exact, size)
        async with client(sandbox) as teamup:
            assert [row.id for row in await teamup.reports.attendances().collect()] == expected
        async with client(sandbox) as teamup:
            assert len(await teamup.course_sessions().collect()) == 300
        async with client(sandbox) as teamup:
            stream = teamup.reports.attendance_strikes_grouped(columns=columns)
            assert await stream.collect() == groups
        sandbox.faults.clear()
        sandbox.total = None
        sandbox.delete("attendances", n=300 - size)
        async with client(sandbox) as teamup:
            small = teamup.reports.attendances()
            assert len(await small.collect()) == size
            assert small.stats.requests == 2
            await teamup.course_sessions().collect()
            assert len(await small.collect()) == size
            assert small.stats.requests == 1


@pytest.mark.parametrize("clamp", [5, 30])
async def test_a_small_first_page(clamp):
    """A first page that is smaller than asked for while more are counted tells how large pages are: one is enough."""
    async with Sandbox(rows=300, seed=3, rate=None) as sandbox, client(sandbox) as teamup:
        sandbox.faults.add(faults.clamp(clamp), times=None)
        stream = teamup.reports.attendances().paged(window=4)
        rows = await stream.collect()
        assert [row.id for row in rows] == sandbox.ids("attendances")
        assert [request.value("limit") for request in sandbox.log] == ["100"] + [str(clamp)] * (
            len(sandbox.log) - 1
        )
        assert sandbox.requests == 1 + -(-(300 - clamp) // (clamp - 1))


async def test_confirmed():
    """confirm=True reads until two readings agree: the report is exact, and what changed meanwhile is in it."""
    async with Sandbox(rows=3000, seed=3, rate=None) as sandbox, client(sandbox) as teamup:
        stream = teamup.reports.attendance_strikes_grouped(columns=["customer", "status", "event", "count"])
        once = await stream.collect()
        assert (stream.integrity.exact, stream.integrity.steady) == (False, True)
        assert "confirm=True" in stream.integrity.unproved[0]
        requests = stream.stats.requests
        confirmed = stream.paged(confirm=True)
        assert await confirmed.collect() == once
        assert confirmed.integrity.exact
        assert confirmed.integrity.confirmed
        assert confirmed.stats.requests == 2 * requests
        # One page is of one moment, and is read once.
        small = teamup.reports.attendance_strikes_grouped(columns=["status", "count"]).paged(confirm=True)
        await small.collect()
        assert (small.integrity.exact, small.stats.requests) == (True, 1)


async def test_raise_heals_nothing():
    """With on_drift="raise" a page that brings nothing new is an error at once."""
    async with Sandbox(rows=150, seed=3, rate=None) as sandbox, client(sandbox) as teamup:
        stream = teamup.reports.attendances().paged(on_drift="raise")
        sandbox.total = lambda exact, _: exact + 1
        with pytest.raises(PaginationStalledError, match="brought no new row"):
            await stream.collect()
        assert stream.stats.requests <= 4
        assert stream.integrity.repairs == 0


async def test_moved_sessions_do_not_come_twice():
    """A session that is moved behind the walk's position is yielded once, and integrity says what it can't promise."""
    async with Sandbox(rows=10, seed=3, rate=None, course_sessions=400) as sandbox, client(sandbox) as teamup:
        stream = teamup.course_sessions().paged(size=50, window=1)
        ids: list[int] = []
        async for page in stream.pages():
            if not ids:
                sandbox.update("course_sessions", ids=[page.rows[0].id], starts_at=LATE)
            ids += [row.id for row in page.rows]
        assert sorted(ids) == sandbox.ids("course_sessions")
        assert (stream.integrity.repeats, stream.integrity.exact, stream.integrity.steady) == (1, False, True)
        assert "starts_at" in stream.integrity.unproved[0]


@pytest.mark.parametrize("on_drift", ["heal", "raise"])
async def test_columns_that_shift(on_drift):
    """A pivoted report whose columns shift between two pages is read again, and is of one set of columns."""
    async with Sandbox(rows=3000, seed=3, rate=None) as sandbox, client(sandbox) as teamup:
        stream = teamup.reports.attendance_strikes_grouped(
            columns=["customer", "status", "event", "count"], pivot="month", max_pivot_columns=3
        ).paged(window=1, on_drift=on_drift)
        before = {tuple(row.counts) for row in await stream.collect()}
        assert len(before) == 1

        sandbox.faults.add(
            faults.body(lambda body: body.replace(b"2025-10", b"2026-01")),
            when=lambda request: request.value("offset") not in (None, "0"),
            times=1,
        )
        if on_drift == "raise":
            with pytest.raises(PaginationDriftError, match="its columns changed while it was read"):
                await stream.collect()
            return
        after = {tuple(row.counts) for row in await stream.collect()}
        assert len(after) == 1
        assert stream.integrity.rereads == 1


async def test_a_list_without_an_order():
    """A list without a sort is read again where rows moved. Each id comes once; integrity says what is not proved."""
    names = [VENUES, CUSTOMERS]
    async with Sandbox(rows=2000, seed=3, rate=None, endpoints=names) as sandbox, client(sandbox) as teamup:
        stream = teamup.stream(CUSTOMERS).paged(size=20)
        ids = [row.id for row in await stream.collect()]
        assert len(ids) == len(set(ids)) == await stream.count() > 60
        assert (stream.integrity.exact, stream.integrity.steady, stream.integrity.rereads) == (
            False,
            False,
            0,
        )
        assert "order that is not documented" in stream.integrity.unproved[0]
        gone = ids[:3]

        def go(request: Any) -> None:
            if request.value("page") not in (None, "1"):
                sandbox.before_request = None
                sandbox.delete("customers", ids=gone)

        sandbox.before_request = go
        after = [row.id for row in await stream.paged(window=1).collect()]
        assert len(after) == len(set(after))
        assert set(ids) - set(gone) <= set(after)
        sandbox.delete("venues", n=max(0, len(sandbox.ids("venues")) - 50))
        one_page = teamup.stream(VENUES)
        await one_page.collect()
        assert one_page.stats.requests == 1
        assert not one_page.integrity.exact  # one that came in between may have pushed another off its end
        for walk in (stream, one_page):
            confirmed = walk.paged(confirm=True)
            await confirmed.collect()
            assert confirmed.integrity.exact


async def test_larger_pages():
    """Events come 250 a page."""
    async with (
        Sandbox(rows=20_000, seed=3, rate=None, endpoints=[EVENTS]) as sandbox,
        client(sandbox) as teamup,
    ):
        assert len(await teamup.stream(EVENTS).collect(limit=250)) == 250
        assert [request.value("page_size") for request in sandbox.log] == ["250"]
        with pytest.raises(QueryError, match="from 1 to 250"):
            teamup.stream(EVENTS).paged(size=251)


def test_repr():
    """repr() of a stream shows its filters."""
    teamup = TeamUp(token="t0ken")
    stream = teamup.reports.attendances(status=["attended"], customers=[5])
    assert repr(stream).startswith("<RowStream of attendances(customers=(5,), status=('attended',)), {'by': ")
