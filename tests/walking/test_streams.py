"""Streams over real HTTP: every way to walk, any columns, any place to stop and go on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from teamup_async import PaginationError, QueryError, TeamUp
from teamup_async.endpoints import ENDPOINTS, endpoint_named
from teamup_async.sandbox import Sandbox, faults
from teamup_async.stream import RowStream
from tests.endpoints import TYPICAL

GROUPED: dict[str, Any] = {"columns": ["customer", "status", "count"]}
QUERIES: dict[str, dict[str, Any]] = {
    "attendances": {},
    "attendance_strikes.grouped": GROUPED,
    "course_session_attendances.grouped": GROUPED,
    "instructed_sessions": {},
    "course_sessions": {"expand": ["venue", "instructors"]},
}
WAYS = [(endpoint, by) for endpoint in TYPICAL for by in endpoint.pagings]
NAMES = [f"{endpoint.name}-{by}" for endpoint, by in WAYS]


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=700, seed=3, rate=None, course_sessions=230) as sandbox:
        yield sandbox


@pytest.fixture
async def teamup(sandbox):
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
        yield teamup


def stream_of(teamup: TeamUp, endpoint: Any) -> RowStream[Any]:
    return teamup.stream(endpoint, **QUERIES[endpoint.name])


async def test_ready_query(teamup):
    """A stream takes a ready query instead of keyword arguments, and refuses one that is another endpoint's."""
    attendances, sessions = endpoint_named("attendances"), endpoint_named("course_sessions")
    ready = teamup.stream(attendances, attendances.query(status=["attended"]))
    assert await ready.count() == await teamup.reports.attendances(status=["attended"]).count() < 700
    with pytest.raises(QueryError, match="attendances takes filters by name, or one AttendancesQuery, not"):
        teamup.stream(attendances, sessions.query())
    with pytest.raises(QueryError, match="takes filters by name"):
        teamup.stream(attendances, attendances.query(), status=["attended"])


@pytest.mark.parametrize(("endpoint", "by"), WAYS, ids=NAMES)
@pytest.mark.parametrize(("size", "window"), [(100, 16), (37, 1), (7, 5)])
async def test_all_ways_give_the_same_rows(teamup, endpoint, by, size, window):
    """Each way to walk, with any size and window, gives all rows once and in order, and says so."""
    stream = stream_of(teamup, endpoint)
    expected = await stream.collect()
    walked = stream.paged(by=by, size=size, window=window)
    pages = [page async for page in walked.pages()]
    assert [row for page in pages for row in page.rows] == expected
    assert len(expected) == await stream.count() == pages[0].total == pages[-1].total
    # Where sessions share a time, a page may be as large as TeamUp gives them.
    assert all(len(page) <= (100 if endpoint.order else size) for page in pages)
    assert walked.integrity.steady
    # Rows can be moved in lists, and counts can change between pages: only ids, or one page, prove everything.
    assert walked.integrity.exact is ((endpoint.has_id and endpoint.order is None) or len(pages) == 1)
    assert bool(walked.integrity.unproved) is not walked.integrity.exact
    assert walked.integrity.seams == len(pages) - 1
    assert (walked.stats.rows, walked.stats.pages) == (len(expected), len(pages))


@pytest.mark.parametrize(("endpoint", "by"), WAYS, ids=NAMES)
async def test_resume_anywhere(teamup, endpoint, by):
    """From each page's `next`, through JSON, a new stream gives exactly the rows that were still to come."""
    stream = stream_of(teamup, endpoint).paged(by=by, size=25 if endpoint.grouped else 70)
    pages = [page async for page in stream.pages()]
    rows = [row for page in pages for row in page.rows]
    assert pages[-1].next is None
    assert len(pages) > 2
    given = 0
    for page in pages[:-1]:
        given += len(page)
        start = json.loads(json.dumps(page.next))
        assert len(json.dumps(start)) < 400
        assert await stream.paged(start=start).collect() == rows[given:]
        resized = stream_of(teamup, endpoint).paged(start=start, size=41)
        assert await resized.collect() == rows[given:]


@pytest.mark.parametrize(("endpoint", "by"), WAYS, ids=NAMES)
async def test_resume_from_an_error(teamup, sandbox, endpoint, by):
    """An error in the middle of a walk carries the place that goes on without a row lost or repeated."""
    stream = stream_of(teamup, endpoint)
    expected = await stream.collect()
    sandbox.faults.add(faults.status(400), nth=3)
    rows: list[Any] = []
    with pytest.raises(Exception, match="400") as caught:
        async for page in stream.paged(by=by, size=25, window=1).pages():
            rows += page.rows
    sandbox.faults.clear()
    assert rows == expected[: len(rows)]
    rows += await stream.paged(start=json.loads(json.dumps(caught.value.position))).collect()
    assert rows == expected


@pytest.mark.parametrize("by", ["offset", "page", "id"])
@pytest.mark.parametrize("columns", [["customer.name"], ["customer_name", "id"], ["event", "status"], None])
async def test_any_columns_with_any_by(teamup, by, columns):
    """The id that a walk needs is added to the columns and taken out of sight again."""
    stream = teamup.reports.attendances(columns=columns).paged(by=by, size=90)
    pages = [page async for page in stream.pages()]
    wants_id = columns is None or "id" in columns
    assert sum(map(len, pages)) == 700
    for page in pages:
        assert ("id" in page.columns) is wants_id
        assert tuple(header.key for header in page.column_headers) == page.columns
        assert all((row.id is not None) is wants_id for row in page.rows)
        assert all(len(values) == len(page.columns) for values in page.values())


async def test_hidden_fields_of_a_list(teamup):
    """The fields that a list's walk needs are added to `fields` and taken out of sight again."""
    pages = [page async for page in teamup.course_sessions(fields=["name"]).pages()]
    assert {page.columns for page in pages} == {("name",)}
    assert all((row.id, row.starts_at) == (None, None) for page in pages for row in page.rows)


async def test_sorted_otherwise(teamup, sandbox):
    """A sort of one's own is kept, with the id to tell ties apart, and its seams are checked."""
    stream = teamup.reports.attendances(sort=["-event_starts_at", "customer_name"])
    rows = await stream.collect()
    assert len({row.id for row in rows}) == 700
    keys = [(-row.event.starts_at.timestamp(), row.customer.name, row.id) for row in rows]
    assert keys == sorted(keys)
    assert sandbox.log[-1].values("sort") == ["-event.starts_at", "customer.name", "id"]
    assert stream.integrity.seams > 0


async def test_no_sort(teamup, sandbox):
    """An empty sort sends none; the pages must then repeat their last row all the same."""
    rows = await teamup.reports.attendances(sort=[]).collect()
    assert len({row.id for row in rows}) == 700
    assert sandbox.log[-1].values("sort") == []


@pytest.mark.parametrize("by", ["offset", "page", "id"])
async def test_id_gt_of_the_caller(teamup, by):
    """An id_gt of one's own limits the walk, also where the walk uses the parameter itself."""
    stream = teamup.reports.attendances()
    ids = [row.id async for row in stream]
    later = teamup.reports.attendances(id_gt=ids[300]).paged(by=by, size=50)
    assert ids[301:] == [row.id async for row in later]


async def test_small_questions(teamup, sandbox):
    """count(), first() and collect(limit=) ask for as little as they need."""
    stream = teamup.reports.attendances()
    before = sandbox.requests
    assert await stream.count() == 700
    assert sandbox.log[-1].value("limit") == "1"
    first = await stream.first()
    assert [first] == await stream.collect(limit=1)
    assert sandbox.requests - before == 3
    assert await stream.collect(limit=0) == []
    assert len(await stream.collect(limit=250)) == 250
    assert sandbox.requests - before < 3 + 20
    empty = teamup.reports.attendances(customers=[1])
    assert (await empty.first(), await empty.count(), await empty.collect()) == (None, 0, [])
    assert empty.integrity.exact


async def test_each_loop_starts_anew(teamup):
    """One stream may be iterated several times, also at once; each walk is its own."""
    stream = teamup.reports.instructed_sessions().paged(size=30)
    expected = await stream.collect()

    async def read() -> list[Any]:
        return [row async for row in stream]

    assert [expected] * 3 == await asyncio.gather(read(), read(), read())
    async with stream as first, stream as second:
        assert await anext(first) == await anext(second) == expected[0]


async def test_ahead_and_in_order():
    """Pages are fetched up to `concurrency` at a time, never more, and a slow reader stops the fetching."""
    async with (
        Sandbox(rows=700, seed=3, rate=None, latency=0.005) as sandbox,
        TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None, concurrency=4) as teamup,
    ):
        stream = teamup.reports.attendances().paged(size=20, window=6)
        rows = iter(await stream.collect())
        assert sandbox.peak == 4
        before = sandbox.requests
        pages = stream.pages()
        page = await anext(pages)
        assert page.rows == [next(rows) for _ in range(20)]
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert sandbox.requests - before <= 1 + 6
        await pages.aclose()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"by": "id"}, "by"),
        ({"by": "offset"}, "by"),
        ({"size": 0}, "size"),
        ({"size": 101}, "size"),
        ({"size": True}, "size"),
        ({"window": 0}, "window"),
        ({"on_drift": "ignore"}, "on_drift"),
        ({"timeout": 0}, "timeout"),
        ({"start": {}}, "start"),
        ({"start": {"by": "page", "size": 500}}, "start"),
        ({"start": {"by": "page", "size": 10, "page": 0}}, "start"),
        ({"start": {"by": "page", "size": 10, "offset": 3}}, "start"),
        ({"start": {"by": "offset", "size": 10, "offset": 3}}, "by"),
        ({"start": "next"}, "start"),
        ({"start": {"by": "page", "size": 10}, "by": "offset"}, "by"),
    ],
)
async def test_refused(teamup, sandbox, options, name):
    """What can't be walked is refused before anything is sent, with the name of the parameter."""
    with pytest.raises(QueryError) as caught:
        teamup.course_sessions().paged(**options)
    assert caught.value.parameter == name
    assert sandbox.requests == 0


async def test_id_and_another_sort(teamup):
    """Walking by id is refused with another sort, and with start values of another way."""
    with pytest.raises(QueryError, match="by='id'"):
        teamup.reports.attendances(sort=["status"]).paged(by="id")
    with pytest.raises(QueryError, match="start comes from a walk"):
        teamup.reports.attendances().paged(by="id", start={"by": "page", "size": 10})
    with pytest.raises(QueryError, match="have no id"):
        teamup.reports.attendance_strikes_grouped(columns=["count"]).paged(by="id")


async def test_a_server_that_ignores_offsets(teamup, sandbox):
    """Where every request brings the first page again, ids still lead to the end; else an error says so."""

    def first_page(request: Any) -> bool:
        return request.value("offset") not in (None, "0")

    expected = [row.id async for row in teamup.reports.attendances()]
    sandbox.faults.add(
        faults.body(lambda _: json.dumps({"total": 700, "rows": []}).encode()), when=first_page, times=None
    )
    stream = teamup.reports.attendances()
    assert expected == [row.id async for row in stream]
    assert stream.integrity.repairs > 0
    sandbox.faults.clear()
    sandbox.faults.add(faults.body(lambda _: b'{"total": 9, "rows": []}'), times=None)
    with pytest.raises(PaginationError, match="no new row"):
        await teamup.reports.attendances().collect()


OTHERS = [endpoint for endpoint in ENDPOINTS if endpoint not in TYPICAL and endpoint.envelope.headed]


@pytest.mark.parametrize("endpoint", OTHERS, ids=lambda endpoint: endpoint.name)
async def test_every_report(teamup, endpoint):
    """Every report is walked by each of its ways, and each way gives the same rows, all of them, in the same order."""
    required = any(parameter.name == "columns" and parameter.required for parameter in endpoint.filters)
    stream = teamup.stream(endpoint, **({"columns": endpoint.paths} if required else {}))
    expected = await stream.collect()
    assert len(expected) == await stream.count() > 0
    for by in endpoint.pagings:
        walked = stream.paged(by=by, size=min(100, len(expected) // 3))
        assert await walked.collect() == expected
        assert walked.integrity.seams > 0
