"""What type checkers know of bulk pulls and syncs."""

from datetime import timedelta
from typing import assert_type

from teamup_async import TeamUp
from teamup_async.bulk import (
    Account,
    BulkPull,
    PartProgress,
    Plan,
    PullResult,
    RowCounts,
    RunProgress,
    report_page,
)


async def bulk(teamup: TeamUp, accounts: list[Account]) -> None:
    """One account and many have the same methods, with the same options."""
    assert_type(await teamup.pull({"attendances": {}}, into="csv:data", restart=True), PullResult)
    result = await teamup.sync({"attendances": {}}, into="duckdb:x", verify=True, lag=timedelta(hours=1))
    assert_type(result.parts[0].counts, RowCounts | None)
    watched: list[RunProgress] = []
    assert_type(
        await teamup.pull({"events": {}}, into="csv:data", watch=watched.append, remember=True), PullResult
    )
    assert_type(watched[0].result(), PullResult)
    assert_type(watched[0][0], PartProgress)
    assert_type(result.to_html(), str)
    assert_type(report_page(result.to_json()), str)
    assert_type(teamup.plan({"attendances": {}}), Plan)
    await teamup.pull({"attendances": {}}, into="csv:data", lag=timedelta(hours=1))  # type: ignore[call-arg]
    async with BulkPull(accounts, cap=8, timeout=30.0) as many:
        assert_type(await many.sync({"attendances": {}}, into="duckdb:x", verify=True), PullResult)
        assert_type(await many.plan_sync({"attendances": {}}, into="duckdb:x"), Plan)
    BulkPull(accounts, conurrency=4)  # type: ignore[call-arg]
    BulkPull(accounts, mode="studio")  # type: ignore[arg-type]
