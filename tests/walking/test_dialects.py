"""Walks of servers in other dialects than the client was told: right rows, or an error that names the field."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamup_async import DialectError, PaginationStalledError, QueryError, TeamUp, TeamUpDialectWarning
from teamup_async.dialect import UNKNOWNS, Dialect
from teamup_async.endpoints import endpoint_named
from teamup_async.lists.venues import VENUES
from teamup_async.sandbox import Sandbox
from tests.endpoints import TYPICAL
from tests.http.clock import Simulated
from tests.walking.model import Model
from tests.walking.test_drift import SCHEDULES
from tests.walking.walker import walk

FIELDS = [
    unknown for unknown in UNKNOWNS if unknown.topic == "order and pages" or unknown.name == "default_columns"
]
DEVIATIONS = [(field.name, value) for field in FIELDS for value in field.values if value != field.default]
each_deviation = pytest.mark.parametrize(("field", "value"), DEVIATIONS)
FOUND = {"sort_by_id", "paging", "default_columns"}
"""What every long walk notices; the others need nothing to be noticed, or a thrifty walk."""

NAMES = ["attendances", "attendance_strikes.grouped", "course_sessions", "venues"]
QUERIES: dict[str, dict[str, Any]] = {
    "attendance_strikes.grouped": {"columns": ["customer", "status", "count"]}
}
HOW: list[dict[str, Any]] = [{}, {"thrifty": True}, {"by": "page"}, {"size": 20, "window": 2}]


def serve(field: str = "", value: str = "") -> Sandbox:
    endpoints = [*TYPICAL, VENUES]
    told = {"dialect": Dialect.from_settings({field: value})} if field else {}
    return Sandbox(rows=230, seed=3, rate=None, course_sessions=230, endpoints=endpoints, **told)


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    """A client whose waits take no time."""
    return TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None, clock=Simulated(), **options)


def key(row: Any) -> Any:
    return row.id if hasattr(row, "id") else (row.customer.id, row.status)


def stream_of(teamup: TeamUp, name: str) -> Any:
    return teamup.stream(endpoint_named(name), **QUERIES.get(name, {}))


@pytest.fixture(scope="module")
def expected() -> dict[str, list[Any]]:
    """The rows that there are, by endpoint; filled by `rows_of`."""
    return {}


async def rows_of(expected: dict[str, list[Any]]) -> dict[str, list[Any]]:
    if not expected:
        async with serve() as sandbox, client(sandbox) as teamup:
            for name in NAMES:
                expected[name] = [key(row) for row in await stream_of(teamup, name).collect()]
    return expected


@each_deviation
async def test_each_deviation(field, value, expected):
    """A client that was told nothing gets all rows, or an error that names the field. It says once what it finds."""
    rows = await rows_of(expected)
    said: list[Any] = []
    adapted: set[str] = set()
    async with serve(field, value) as sandbox, client(sandbox) as teamup:
        for name in NAMES:
            for how in HOW:
                stream = stream_of(teamup, name).paged(**how)
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    try:
                        keys = [key(row) for row in await stream.collect()]
                    except DialectError as error:
                        assert error.fields == (field,)
                        continue
                said += caught
                adapted.update(stream.integrity.adapted)
                assert len(set(keys)) == len(keys)
                assert set(keys) == set(rows[name])
                # The order of a grouped report is the walk's own choice, unless it is asked for.
                assert keys == rows[name] or not stream.integrity.ordered or field == "sort_priority"
    assert adapted <= {f"{field}={value}"}
    assert bool(adapted) or field not in FOUND
    assert [warning.category for warning in said] == [TeamUpDialectWarning] * bool(adapted)


@each_deviation
async def test_each_deviation_told(field, value, expected):
    """A client that was told the dialect gets all rows, counts them, and finds nothing out."""
    rows = await rows_of(expected)
    async with (
        serve(field, value) as sandbox,
        client(sandbox, dialect=Dialect.from_settings({field: value})) as teamup,
    ):
        for name in NAMES:
            stream = stream_of(teamup, name)
            assert {key(row) for row in await stream.collect()} == set(rows[name])
            assert stream.integrity.adapted == ()
            assert await stream.count() == len(rows[name])
            assert key(await stream.first()) in rows[name]
            assert len(await stream.collect(limit=7)) == min(7, len(rows[name]))


async def test_the_next_walk_knows():
    """What one walk found out the next walks of the client know; another client does not."""
    async with serve("sort_by_id", "refused") as sandbox, client(sandbox) as teamup:
        with pytest.warns(TeamUpDialectWarning, match=r"Dialect\(sort_by_id='refused'\)"):
            await teamup.reports.attendances().collect()
        stream = teamup.reports.attendances()
        await stream.collect()
        assert (stream.integrity.adapted, stream.integrity.exact) == ((), False)
        assert await teamup.reports.attendances().count() == 230
        async with client(sandbox) as other:
            with pytest.warns(TeamUpDialectWarning):
                await other.reports.attendances().collect()


async def test_resumed_in_a_dialect():
    """A position of a walk that found a dialect out goes on in another process, which knows nothing of it."""
    async with serve("sort_by_id", "ignored") as sandbox, client(sandbox) as teamup:
        with pytest.warns(TeamUpDialectWarning):
            pages = [page async for page in teamup.reports.attendances().paged(size=50).pages()]
        assert len(pages) > 3
        for number, page in enumerate(pages[:-1], start=1):
            rest = [row.id for later in pages[number:] for row in later.rows]
            async with client(sandbox) as other:
                resumed = other.reports.attendances().paged(start=json.loads(json.dumps(page.next)))
                assert [row.id for row in await resumed.collect()] == rest


async def test_by_id_where_it_can_not_be():
    """A walk by id from a server that does not sort by id, or knows no id_gt, is an error that names the field."""
    for field, value in [("sort_by_id", "ignored"), ("id_gt", "ignored")]:
        async with serve(field, value) as sandbox, client(sandbox) as teamup:
            with pytest.raises(DialectError, match=f"Dialect\\({field}=...\\)"):
                await teamup.reports.attendances().paged(by="id").collect()
            async with client(sandbox, dialect=f"{field}={value}") as told:
                with pytest.raises(QueryError, match=rf"from a server with {field}={value}"):
                    told.reports.attendances().paged(by="id")


async def test_id_gt_of_the_caller():
    """The row at an id_gt that is taken inclusively is left out; an id_gt that is ignored is an error."""
    async with serve() as sandbox:
        ids = sandbox.ids("attendances")
    async with serve("id_gt", "inclusive") as sandbox, client(sandbox) as teamup:
        later = teamup.reports.attendances(id_gt=ids[100])
        for how in HOW:
            assert [row.id for row in await later.paged(**how).collect()] == ids[101:]
        assert await later.count() == len(ids[101:])
    async with serve("id_gt", "ignored") as sandbox, client(sandbox) as teamup:
        later = teamup.reports.attendances(id_gt=ids[100])
        with pytest.raises(DialectError, match="id_gt"):
            await later.collect()
        with pytest.raises(DialectError, match="id_gt"):
            await later.count()


async def test_a_sort_of_several_columns():
    """Where the last column counts most, headers tell, and the columns are sent the other way round."""
    async with serve() as sandbox, client(sandbox) as teamup:
        rows = await teamup.reports.attendances(sort=["status", "-customer_name"]).collect()
    async with serve("sort_priority", "last") as sandbox, client(sandbox) as teamup:
        with pytest.warns(TeamUpDialectWarning, match="sort_priority"):
            assert await teamup.reports.attendances(sort=["status", "-customer_name"]).collect() == rows


async def test_totals_without_filters():
    """A total that leaves filters out announces rows that never come: the error names the field, and all rows came."""
    async with serve() as sandbox, client(sandbox) as teamup:
        attended = [row.id for row in await teamup.reports.attendances(status=["attended"]).collect()]
        assert 100 < len(attended) < 230
    async with serve("total", "whole") as sandbox, client(sandbox) as teamup:
        for how in HOW:
            ids: list[Any] = []
            stream = teamup.reports.attendances(status=["attended"]).paged(**how)
            with pytest.raises(PaginationStalledError, match=r"Dialect\(total=...\)"):
                async for row in stream:
                    ids.append(row.id)
            assert ids == attended
        async with client(sandbox, dialect="total=whole") as told:
            for how in HOW:
                stream = told.reports.attendances(status=["attended"]).paged(**how)
                assert [row.id for row in await stream.collect()] == attended
            rows = await told.reports.attendances(status=["attended"], sort=["-event_starts_at"]).collect()
            assert sorted(row.id for row in rows) == attended
            assert await told.reports.attendances(status=["attended"]).count() == len(attended)


@settings(max_examples=SCHEDULES, deadline=None)
@given(
    late=st.dictionaries(st.integers(1, 60), st.integers(0, 60), max_size=3),
    how=st.sampled_from(
        [{}, {"thrifty": True}, {"by": "page", "thrifty": True}, {"by": "id"}, {"by": "page"}]
    ),
    size=st.integers(2, 20),
    whole=st.booleans(),
)
def test_rows_that_come_nearly_sorted(late, how, size, whole):
    """A server that does not sort, and whose rows come nearly in order of id, loses none by entering at an id."""
    rows = {i: late.get(i, i) for i in range(1, 61)}
    model = Model(rows, unsorted=True, counts_whole=whole)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TeamUpDialectWarning)
        try:
            outcome = walk(model, "attendances", size=size, **how)
        except DialectError as error:
            assert error.fields == ("sort_by_id",)
            assert how == {"by": "id"}
            return
    assert len(set(outcome.ids)) == len(outcome.ids)
    # A walk by id alone can't look at a page in another way; it says so.
    assert set(outcome.ids) == set(rows) or (how == {"by": "id"} and not outcome.integrity.exact)


@pytest.mark.parametrize("total", ["absent", "approximate", "whole"])
async def test_the_only_row(total):
    """Where rows have no id, the only row of a query comes once, and the walk ends, also without a total to believe."""
    spoken = Dialect(total=total)
    async with (
        Sandbox(rows=110, rate=None, dialect=spoken) as sandbox,
        client(sandbox, dialect=spoken) as teamup,
    ):
        everyone = [row.customer.id for row in await teamup.reports.sms_messages().collect()]
        one = next(customer for customer in everyone if everyone.count(customer) == 1)
        rows = await teamup.reports.sms_messages(customers=[one]).collect()
    assert [row.customer.id for row in rows] == [one]


async def test_a_small_page_that_comes_again():
    """A small report without ids or a total, from a server that ignores the page and sends rows in any order, ends in
    an error after a few requests.
    """
    spoken = Dialect(ties="changing", paging="page", total="absent")
    async with Sandbox(rows=240, rate=None) as sandbox, client(sandbox) as teamup:
        everyone = [row.customer.id for row in await teamup.reports.waiver_signatures().collect()]
        one = next(customer for customer in everyone if 3 <= everyone.count(customer) < 10)
        sandbox.dialect = spoken
        sandbox.log.clear()
        async with client(sandbox) as other:
            with pytest.raises(PaginationStalledError, match="came again and again"):
                await other.reports.waiver_signatures(customers=[one]).collect()
        assert len(sandbox.log) < 15
