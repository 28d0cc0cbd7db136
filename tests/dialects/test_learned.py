"""What a client has learned of its server: that it is true, and that it does not stay for ever."""

from __future__ import annotations

import asyncio
import json
import re
import warnings
from datetime import UTC, datetime

import pytest

from teamup_async import BadRequestError, TeamUp, TeamUpDialectWarning
from teamup_async.dialect import Dialect
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sandbox.record import Received
from tests.http.clock import Simulated


def client(sandbox: Sandbox, clock: Simulated | None = None) -> TeamUp:
    return TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None, clock=clock or Simulated())


async def requests_of(sandbox: Sandbox, teamup: TeamUp) -> int:
    """How many requests it takes to read all attendances."""
    before = sandbox.requests
    await teamup.reports.attendances().collect()
    return sandbox.requests - before


async def test_a_limit_that_is_not_of_pages():
    """A query that is refused for another limit than that of pages leaves the pages of later walks as they were."""
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        async with client(sandbox) as other:
            usual = await requests_of(sandbox, other)
        refusal = faults.status(400, {"message": "The range of dates exceeds the limit of 366 days."})
        sandbox.faults.add(refusal, when=lambda request: bool(request.value("updated_at_gte")), times=None)
        with pytest.raises(BadRequestError, match="366 days"):
            await teamup.reports.attendances(updated_at_gte=datetime(2001, 1, 1, tzinfo=UTC)).collect()
        assert usual == await requests_of(sandbox, teamup)


async def test_a_server_that_refused_once():
    """What was found out is looked at again after a day: a server that has been mended is used to the full again."""
    clock = Simulated()
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox, clock) as teamup:
        sandbox.dialect = Dialect(sort_by_id="refused")
        with pytest.warns(TeamUpDialectWarning, match="sort_by_id"):
            await teamup.reports.attendances().collect()
        sandbox.dialect = Dialect()
        exact: list[bool] = []
        for hours in (1, 22, 2):
            clock.time += hours * 3600
            stream = teamup.reports.attendances()
            await stream.collect()
            exact.append(stream.integrity.exact)
        assert exact == [False, False, True]


async def test_a_server_that_takes_lists_otherwise_from_now_on():
    """Headers that show that lists are not understood any more are looked into, whatever was known before."""
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        stream = teamup.reports.attendances(columns=["status", "id"], status=["attended", "registered"])
        expected = {row.id: row.status for row in await stream.collect()}
        assert {"attended", "registered"} == {*expected.values()}
        sandbox.dialect = Dialect(arrays="comma")
        with pytest.warns(TeamUpDialectWarning, match="arrays"):
            found = {row.id: row.status for row in await stream.collect()}
        assert expected == found
        before = sandbox.requests
        await stream.collect(limit=5)
        assert sandbox.requests - before == 1


async def test_totals_that_are_right_up_to_some_number():
    """A total is believed up to the largest one that was right: servers that stop counting say small ones rightly."""

    def capped(body: bytes) -> bytes:
        return re.sub(rb'"total": ?(\d+)', lambda said: b'"total":%d' % min(int(said[1]), 100), body)

    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        ids = sandbox.ids("attendances")
        sandbox.faults.add(faults.body(capped), times=None)
        for rows in (7, 15, 15, 4):
            assert rows == await teamup.reports.attendances(id_gt=ids[-rows - 1]).count()
        before = sandbox.requests
        assert await teamup.reports.attendances(id_gt=ids[-12]).count() == 11
        assert sandbox.requests - before == 1
        with pytest.warns(TeamUpDialectWarning, match="the answer says 100 rows, and there are 230"):
            assert len(ids) == await teamup.reports.attendances().count()


async def test_totals_that_leave_filters_out_of_a_report_that_grows():
    """Two totals that were right prove nothing of filters where both counted the whole report, of two moments."""
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        attended = len(await teamup.reports.attendances(status=["attended"]).collect())
        sandbox.dialect = Dialect(total="whole")
        for _ in range(3):
            sandbox.insert("attendances", n=3, status="no_show")
            expected = len(sandbox.ids("attendances"))
            assert await teamup.reports.attendances().count() == expected
        with pytest.warns(TeamUpDialectWarning, match="total"):
            assert await teamup.reports.attendances(status=["attended"]).count() == attended


@pytest.mark.parametrize("paging", ["page", "limit_offset"])
async def test_an_only_row_where_pages_are_ignored(paging: str):
    """A filter with one row, from a server that ignores which page is asked for and counts without filters."""
    by = "offset" if paging == "page" else "page"
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        ids = sandbox.ids("attendances")
        assert len(ids) % 2 == 0
        sandbox.dialect = Dialect.parse(f"paging={paging} total=whole")
        stream = teamup.reports.attendances(id_gt=ids[-2]).paged(by=by)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TeamUpDialectWarning)
            assert await stream.count() == 1


async def test_few_groups_where_limits_are_ignored():
    """All groups of a short report come with the first page of a server that ignores limits: they are counted."""
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        groups = teamup.reports.attendance_strikes_grouped(columns=["day_of_week", "count"])
        expected = await groups.collect()
        assert 2 < len(expected) < 10
        sandbox.dialect = Dialect(paging="page")
        assert await groups.count() == len(expected)


async def test_a_walk_that_shows_nothing_of_lists_of_values():
    """A walk without lists of values proves nothing of their form: the next one still finds it out."""
    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        events = [row.id for row in await teamup.lists.events().collect()]
        assert len(events) > 3
        sandbox.dialect = Dialect(list_arrays="brackets")
        async with client(sandbox) as other:
            await other.lists.venues().collect()
            with pytest.warns(TeamUpDialectWarning, match="list_arrays"):
                assert [row.id for row in await other.lists.events().collect()] == events


async def test_a_small_page_beside_larger_ones():
    """A first page that may be all that the server gives is looked behind, whatever other endpoints give."""

    def of_the_page(body: bytes) -> bytes:
        page = json.loads(body)
        rows = page["rows"][:20]
        return json.dumps({**page, "rows": rows, "total": len(rows)}).encode()

    async with Sandbox(rows=230, rate=None) as sandbox, client(sandbox) as teamup:
        await teamup.reports.attendances().collect()
        expected = sandbox.ids("attendance_strikes")
        sandbox.faults.add(faults.body(of_the_page), path="attendance_strikes", times=None)
        assert expected == [row.id for row in await teamup.reports.attendance_strikes().collect()]


@pytest.mark.parametrize("refuses", [False, True])
async def test_walks_that_learn_at_once(refuses: bool):
    """Walks that begin together find the form of lists out once, and each goes on in it, also where it was refused."""

    def repeated(request: Received) -> bool:
        return [name for name, _ in request.params].count("status") > 1

    dialect = Dialect(list_arrays="comma")
    async with Sandbox(rows=90, rate=None, dialect=dialect) as sandbox, client(sandbox) as teamup:
        if refuses:
            sandbox.faults.add(
                faults.status(400, {"message": "status: not valid"}), when=repeated, times=None
            )
        streams = [teamup.lists.attendances(status=["attended", "registered"]) for _ in range(10)]
        with pytest.warns(TeamUpDialectWarning, match="list_arrays") as said:
            pages = await asyncio.gather(*[stream.collect(limit=5) for stream in streams])
        assert len(said) == 1
        assert all(len(page) == 5 for page in pages)
        assert sandbox.requests <= 2 * len(streams) + 8
