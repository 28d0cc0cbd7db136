"""Where warnings of walks point to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from teamup_async import RowStream, TeamUp, TeamUpDialectWarning
from teamup_async.sandbox import Sandbox


async def by_rows(stream: RowStream[Any]) -> None:
    async for _ in stream:
        pass


async def by_pages(stream: RowStream[Any]) -> None:
    async for _ in stream.pages():
        pass


async def into_a_list(stream: RowStream[Any]) -> None:
    await stream.collect()


async def into_a_table(stream: RowStream[Any]) -> None:
    await stream.to_arrow()


@pytest.mark.parametrize("read", [by_rows, by_pages, into_a_list, into_a_table])
async def test_the_line_that_reads(read: Callable[[RowStream[Any]], Awaitable[None]]):
    """A warning names the line that reads, whichever way it does that."""
    async with (
        Sandbox(rows=230, rate=None, dialect="sort_by_id=ignored") as sandbox,
        TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup,
    ):
        with pytest.warns(TeamUpDialectWarning) as told:
            await read(teamup.reports.attendances())
        assert [__file__] == [warning.filename for warning in told]
