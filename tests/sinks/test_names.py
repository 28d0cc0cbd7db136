"""Names of columns without dots, in every place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

from teamup_async import Endpoint, Query, QueryError
from teamup_async._bulk import store
from teamup_async._bulk.checkpoint import CheckpointError
from teamup_async.errors import ConfigurationError
from teamup_async.objects import Named
from teamup_async.reports import Attendance
from teamup_async.sandbox import Sandbox
from teamup_async.sinks import Merge, Parquet, SinkError
from teamup_async.sinks.schema import columns_of_rows
from teamup_async.sinks.table import SINKS
from tests.sinks.interrupting import SINCE, interrupted
from tests.sinks.reading import DATABASES, FORMATS, MERGING, in_order, rows_of

OBJECTS = ("jsonl", "json")
COLUMNS = ["id", "customer.name", "event.starts_at", "updated_at"]
FEW: Any = {"attendances": {"columns": COLUMNS, "status": ["no_show"]}}


def by_name(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """A row's values in the order of their names."""
    return sorted(row.items())


@pytest.mark.parametrize("kind", SINKS)
async def test_every_sink(client, tmp_path: Path, kind: str) -> None:
    """Columns have names without dots, with the same values under them; objects stay objects."""
    into = FORMATS[kind].format(tmp_path)
    query = FEW
    async with client() as teamup:
        assert (await teamup.pull(query, into=into)).ok
        dotted = rows_of(kind, tmp_path, "attendances")
        assert (await teamup.pull(query, into=into, names="snake")).ok
        snake = rows_of(kind, tmp_path, "attendances")

    if kind in OBJECTS:
        assert snake == dotted
        return
    assert in_order(kind, list(snake[0])) == in_order(kind, [name.replace(".", "_") for name in COLUMNS])
    renamed = [{name.replace(".", "_"): value for name, value in row.items()} for row in dotted]
    assert in_order(kind, [by_name(row) for row in snake]) == in_order(
        kind, [by_name(row) for row in renamed]
    )


@pytest.mark.parametrize("kind", SINKS)
async def test_pivots(client, tmp_path: Path, kind: str) -> None:
    """The keys of a pivot become names, too."""
    query = {"columns": ["status"], "pivot": "month", "max_pivot_columns": 2}
    async with client() as teamup:
        into = FORMATS[kind].format(tmp_path)
        await teamup.pull({"attendance_strikes.grouped": query}, into=into, names="snake")
        expected = await teamup.reports.attendance_strikes_grouped(**query).collect()
    rows = rows_of(kind, tmp_path, "attendance_strikes_grouped")

    keys = [f"_{key.replace('-', '_')}" for key in expected[0].counts]
    assert list(rows[0]) == ["status", *keys]
    assert [str(row[key]) for row in rows for key in keys] == [
        str(count) for row in expected for count in row.counts.values()
    ]


@pytest.mark.parametrize("kind", MERGING)
@pytest.mark.parametrize("report", ["attendances", "instructed_sessions"])
async def test_kept_up_to_date(client, tmp_path: Path, kind: str, report: str) -> None:
    """A sync goes on under the names that the table has, also where it goes by a column with a dot."""
    into = FORMATS[kind].format(tmp_path)
    request = FEW if report == "attendances" else {report: {}}
    async with client() as teamup:
        await teamup.sync(request, into=into, names="snake")
        before = rows_of(kind, tmp_path, report)
        again = await teamup.sync(request, into=into, names="snake")

    assert again.ok, again.incomplete
    assert (again.parts[0].counts.changed, again.parts[0].counts.removed) == (0, 0)
    assert in_order(kind, rows_of(kind, tmp_path, report)) == in_order(kind, before)
    assert not any("." in name for name in before[0])


def test_the_column_that_a_merge_goes_by(tmp_path: Path) -> None:
    """A merge names the column of its time as the table does; in structs a path leads to it."""
    schema = columns_of_rows(Attendance, ("id", "event.starts_at"), frozenset(), ())
    merge = Merge(mark={}, since=("event.starts_at", "2025-01-01T00:00:00+00:00"))
    fields = [
        (store._named(merge, Parquet(tmp_path, **options), schema).since or ("",))[0]
        for options in ({}, {"names": "snake"}, {"names": "snake", "nested": True})
    ]

    assert fields == ["event.starts_at", "event_starts_at", "event.starts_at"]
    assert store._named(Merge(mark={}), Parquet(tmp_path, names="snake"), schema).since is None


@pytest.mark.parametrize("kind", MERGING)
@pytest.mark.parametrize(("first", "second"), [("snake", "dotted"), ("dotted", "snake")])
async def test_other_names(
    client, sandbox: Sandbox, tmp_path: Path, kind: str, first: Any, second: Any
) -> None:
    """A table is not kept up to date under other names: the error says what to do, and that works."""
    into = FORMATS[kind].format(tmp_path)
    query = FEW
    async with client() as teamup:
        await teamup.sync(query, into=into, names=first)
        before = rows_of(kind, tmp_path, "attendances")
        refused = await teamup.sync(query, into=into, names=second)
        after = rows_of(kind, tmp_path, "attendances")
        kept = await teamup.sync(query, into=into, names=first)
        anew = await teamup.sync(query, into=into, names=second, full=True)

    assert isinstance(refused.parts[0].error, CheckpointError)
    assert f"has {first} column names" in str(refused.parts[0].error)
    assert f"--names {first}" in str(refused.parts[0].error)
    assert "--full" in str(refused.parts[0].error)
    assert in_order(kind, before) == in_order(kind, after)
    assert kept.ok
    assert anew.ok
    changed = list(rows_of(kind, tmp_path, "attendances")[0])
    wanted = COLUMNS if second == "dotted" else [name.replace(".", "_") for name in COLUMNS]
    assert in_order(kind, changed) == in_order(kind, wanted)


@pytest.mark.parametrize("kind", ["csv", "duckdb"])
async def test_unfinished(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """An unfinished pull goes on with the names that it began with, and with no others."""
    into = FORMATS[kind].format(tmp_path)
    await interrupted(client, sandbox, into, names="snake")
    request = {"attendances": {"event_start_gte": SINCE}}
    async with client() as teamup:
        refused = await teamup.pull(request, into=into)
        done = await teamup.pull(request, into=into, names="snake")

    assert "sink.names was 'snake', and is not given now" in str(refused.parts[0].error)
    assert done.ok
    assert done.parts[0].resumed > 0


@attrs.frozen(slots=False)
class Odd:
    id: int | None = None
    customer: Named = Named()
    customer_name: str | None = None


@attrs.frozen(kw_only=True)
class OddQuery(Query[Odd]):
    columns: Sequence[Literal["id", "customer.name", "customer_name"]] | None = None


ODD = Endpoint(name="odd", title="Odd", path="/reports/odd/data", query=OddQuery, row=Odd)


@pytest.mark.parametrize("kind", SINKS)
async def test_two_columns_of_one_name(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Columns that would have one name are found before anything is asked for or made, and named."""
    message = "columns customer.name and customer_name would both be called customer_name"
    before = sandbox.requests
    async with client() as teamup:
        odd = teamup.stream(ODD)
        if kind not in OBJECTS:
            with pytest.raises(QueryError, match=message):
                await teamup.pull({"odd": odd}, into=FORMATS[kind].format(tmp_path), names="snake")
        for read in (odd.to_arrow, odd.to_pandas, odd.to_polars):
            with pytest.raises(QueryError, match=message):
                await read(names="snake")
        with pytest.raises(QueryError, match=message):
            odd.batches(names="snake")

    assert sandbox.requests == before
    assert list(tmp_path.iterdir()) == []


async def test_in_memory(client) -> None:
    """Arrow, pandas and Polars take names, too; structs keep their fields."""
    async with client() as teamup:
        stream = teamup.reports.attendances(columns=COLUMNS)
        table = await stream.to_arrow(names="snake")
        dotted = await stream.to_arrow()
        batches = [batch async for batch in stream.batches(names="snake")]
        frames = [await stream.to_pandas(names="snake"), await stream.to_polars(names="snake")]
        nested = await stream.to_arrow(names="snake", nested=True)
        with pytest.raises(QueryError, match="one of dotted, snake"):
            await stream.to_arrow(names="camel")  # type: ignore[arg-type]

    names = ["id", "customer_name", "event_starts_at", "updated_at"]
    assert table.column_names == batches[0].schema.names == names
    assert [list(frame.columns) for frame in frames] == [names, names]
    assert table.rename_columns(COLUMNS).equals(dotted)
    assert nested.equals(await _nested(client))


async def _nested(client) -> Any:
    async with client() as teamup:
        return await teamup.reports.attendances(columns=COLUMNS).to_arrow(nested=True)


async def test_a_sink_that_is_ready(client, tmp_path: Path) -> None:
    """A sink has names of its own; asking for others beside it is an error."""
    async with client() as teamup:
        result = await teamup.pull({"venues": {}}, into=Parquet(tmp_path, names="snake"), names="snake")
        with pytest.raises(ConfigurationError, match="give names='snake' to the sink itself"):
            await teamup.pull({"venues": {}}, into=Parquet(tmp_path), names="snake")

    assert result.ok


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_table_of_several_accounts(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Where rows of other accounts stay in a table, their columns keep their names: other ones are refused."""
    from teamup_async import RetryPolicy
    from teamup_async.bulk import Account, BulkPull

    into = FORMATS[kind].format(tmp_path)
    accounts = [Account(name=name, token=sandbox.token, mode="provider") for name in ("north", "south")]
    query = FEW
    options: Any = {"base_url": sandbox.url, "rate": None, "retry": RetryPolicy(attempts=1)}
    async with BulkPull(accounts, **options) as bulk:
        whole = await bulk.pull(query, into=into, names="snake")
    async with BulkPull(accounts[:1], **options) as bulk:
        refused = await bulk.pull(query, into=into)
        result = await bulk.pull(query, into=into, names="snake", restart=True)

    assert whole.ok
    assert isinstance(refused.parts[0].error, SinkError)
    assert "has snake column names" in str(refused.parts[0].error)
    assert "--names snake" in str(refused.parts[0].error)
    assert result.ok
    assert len(rows_of(kind, tmp_path, "attendances")) == sum(part.rows for part in whole.parts)
