"""Record batches of a stream: their sizes, their content, and the walk behind them, which is that of rows."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, ClassVar

import msgspec
import pyarrow as pa
import pytest

from teamup_async import QueryError, TeamUp
from teamup_async.endpoints import endpoint_named
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks.columnar import ArrowBatch
from teamup_async.sinks.schema import Schema, pivot_keys, schema_for
from teamup_async.sinks.table import SINKS
from teamup_async.stream import RowStream
from tests.endpoints import TYPICAL
from tests.sinks.reading import rows_of

GROUPED = {"columns": ["customer", "status", "count"]}
WAYS = [(endpoint, by) for endpoint in TYPICAL for by in endpoint.pagings]
WAYS += [(endpoint_named("content_views"), "offset"), (endpoint_named("customers"), "id")]


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=400, seed=3, rate=None, course_sessions=230) as sandbox:
        yield sandbox


@pytest.fixture
async def teamup(sandbox):
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
        yield teamup


async def by_rows(stream: RowStream[Any], *, nested: bool = False) -> pa.Table:
    """The table of a stream, by way of its row objects."""
    batch = None
    async with stream.pages() as pages:
        async for page in pages:
            if batch is None:
                pivots = pivot_keys(stream.endpoint, page.columns)
                batch = ArrowBatch(schema_for(stream.endpoint, stream.query, pivots), nested=nested)
            batch.add(page.rows)
    assert batch is not None
    return pa.Table.from_batches(batch.finish())


@pytest.mark.parametrize(("endpoint", "by"), WAYS, ids=[f"{each.name}-{by}" for each, by in WAYS])
async def test_every_way(teamup, endpoint, by):
    """Each way to walk gives batches of the size asked for, with the rows, seams and proof of a walk over rows."""
    query = GROUPED if endpoint.grouped else {}
    rows, columns = (teamup.stream(endpoint, **query).paged(by=by, size=37, thrifty=False) for _ in range(2))

    expected = await by_rows(rows)
    batches = [batch async for batch in columns.batches(90)]

    assert pa.Table.from_batches(batches) == expected
    assert [batch.num_rows for batch in batches[:-1]] == [90] * (len(batches) - 1)
    assert 0 < batches[-1].num_rows <= 90
    assert columns.integrity == rows.integrity
    assert columns.stats == rows.stats
    assert columns.stats.detours == 0


@pytest.mark.parametrize("nested", [False, True])
async def test_some_columns(teamup, nested):
    """With `columns` the batches have just these; the id that the walk needs does not show."""
    asked = {"columns": ["status", "customer_name", "event.starts_at", "instructors"]}
    stream = teamup.reports.attendances(**asked)

    batches = [batch async for batch in stream.batches(nested=nested)]

    assert pa.Table.from_batches(batches) == await by_rows(teamup.reports.attendances(**asked), nested=nested)
    assert stream.stats.detours == 0


async def test_expanded(teamup):
    """References asked for as objects become columns of their own."""
    stream = teamup.lists.course_sessions(expand=["venue", "instructors", "course.course_sessions"])

    table = await stream.to_arrow()

    assert table == await by_rows(stream)
    assert "venue.name" in table.column_names


async def test_detours(teamup, sandbox):
    """A page with another value than declared is read by way of rows, in its place, and counted."""

    def odd(body: bytes) -> bytes:
        page = json.loads(body)
        page["rows"][3]["id"] = str(page["rows"][3]["id"])
        return json.dumps(page).encode()

    sandbox.faults.add(faults.body(odd), nth=2)
    stream = teamup.reports.attendances().paged(window=1, size=50)

    table = await stream.to_arrow()

    assert stream.stats.detours == 1
    assert table == await by_rows(teamup.reports.attendances())


async def test_rows_that_move(teamup, sandbox):
    """Where rows go while batches are read, the walk enters again, and no row is lost or comes twice."""
    before = sandbox.ids("attendances")

    def cancel(_: object) -> None:
        sandbox.delete("attendances", ids=before[5 * sandbox.requests : 5 * sandbox.requests + 2])

    sandbox.before_request = cancel
    stream = teamup.reports.attendances().paged(window=4, size=20)

    ids = (await stream.to_arrow())["id"].to_pylist()

    assert stream.integrity.exact
    assert stream.integrity.repairs > 0
    assert len(set(ids)) == len(ids)
    assert set(sandbox.ids("attendances")) <= set(ids)


async def test_leaving_early(teamup, sandbox):
    """`async with` ends the walk with its requests; what was not taken is not read."""
    async with teamup.reports.attendances().paged(size=10, window=1).batches(20) as batches:
        first = await anext(batches)

    assert first.num_rows == 20
    assert sandbox.requests < 10
    with pytest.raises(StopAsyncIteration):
        await anext(batches)


async def test_no_rows(teamup):
    """Without rows there is one empty batch, with the columns, so that a reader can be made of the batches."""
    batches = [batch async for batch in teamup.reports.attendances(customers=[1]).batches()]
    reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)

    assert reader.read_all().num_rows == 0
    assert reader.schema == (await teamup.reports.attendances().to_arrow()).schema


@pytest.mark.parametrize("rows", [0, -1, True, 1.5])
async def test_sizes_that_are_none(teamup, rows):
    """A batch has one row or more; anything else is refused before a request is sent."""
    with pytest.raises(QueryError, match="rows must be a whole number of 1 or more"):
        teamup.reports.attendances().batches(rows)


class Watched(ArrowBatch):
    """A batch that notes what it is given."""

    kinds: ClassVar[set[bool]] = set()

    def add(self, rows: Any) -> None:
        self.kinds.update(isinstance(row, msgspec.Struct) for row in rows)
        super().add(rows)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "duckdb"])
async def test_pulls(teamup, tmp_path, kind):
    """Pulls into Parquet, Arrow and DuckDB get no row objects, windows of time or not; their tables are the same."""
    Watched.kinds.clear()
    home: Any = SINKS[kind].load()

    class Watching(home):  # type: ignore[misc]
        def make_batch(self, schema: Schema) -> ArrowBatch:
            return Watched(schema)

    span = {
        "event_start_gte": datetime(2000, 1, 1, tzinfo=UTC),
        "event_start_lte": datetime(2100, 1, 1, tzinfo=UTC),
    }
    tables = []
    for folder, windows in (("a", None), ("b", timedelta(days=3000))):
        place = tmp_path / folder / ("gym.duckdb" if kind == "duckdb" else "")
        result = await teamup.pull(
            {"attendances": {**span, "columns": ["id", "event", "status"]}},
            into=Watching(place),
            windows=windows,
        )
        assert result.ok
        assert len(result.parts) == (1 if windows is None else 13)
        tables.append(sorted(rows_of(kind, tmp_path / folder, "attendances"), key=itemgetter("id")))

    expected = await teamup.reports.attendances(columns=["id", "event", "status"]).to_arrow()
    assert tables == [expected.to_pylist()] * 2
    assert Watched.kinds == {True}


@pytest.mark.parametrize("kind", ["pages", "batches"])
async def test_turns_of_others(teamup, sandbox, kind):
    """Others on the event loop have their turn between pages that wait, when work on the ones before took a while."""
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    stream = teamup.reports.attendances().paged(size=10, window=8, thrifty=False)
    other = asyncio.create_task(turning())
    async with stream.pages() if kind == "pages" else stream.batches(10) as pages:
        await anext(pages)
        for _ in range(5000):
            await asyncio.sleep(0)  # a window of pages comes, and waits
        for _ in range(6):
            before, began = turns, time.monotonic()
            while time.monotonic() < began + 0.005:
                """Work on the page."""
            await anext(pages)
            assert turns > before
    other.cancel()
