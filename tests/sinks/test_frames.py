"""Streams as tables in memory."""

from teamup_async import TeamUp
from teamup_async.sandbox import Sandbox


async def test_frames() -> None:
    """`to_arrow`, `to_pandas` and `to_polars` hold the rows of the stream, with whole ids and times with a zone."""
    async with Sandbox(rows=250, rate=None) as sandbox:  # noqa: SIM117 - the client needs the sandbox's URL
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, mode="provider", rate=None) as teamup:
            stream = teamup.reports.attendances()
            rows = await stream.collect()
            table = await stream.to_arrow()
            nested = await stream.to_arrow(nested=True)
            pandas = await stream.to_pandas()
            polars = await stream.to_polars()
            empty = await teamup.reports.attendances(customers=[1]).to_arrow()

    ids = [row.id for row in rows]
    assert table.column("id").to_pylist() == ids
    assert pandas["id"].to_list() == ids
    assert polars["id"].to_list() == ids
    assert [row["customer"]["name"] for row in nested.to_pylist()] == [row.customer.name for row in rows]
    assert polars["checkin.ocurred_at"].to_list() == [row.checkin and row.checkin.ocurred_at for row in rows]
    assert str(pandas["customer_membership.id"].dtype) == "int64[pyarrow]"
    assert empty.schema == table.schema
    assert empty.num_rows == 0
