"""What a walk gives its user: `Page` objects and rows, one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

import attrs

from ._decoding.page import ColumnHeader
from ._walking.plan import Plan
from ._walking.walk import WalkedPage
from ._walking.watched import AnyWalk
from .rows import flattener

__all__ = ["Page", "PageIterator", "RowIterator", "Start"]

Row = TypeVar("Row")

_TURN: Final = 0.003
"""Seconds of work on pages after which others on the event loop have their turn: after each page it would cost 10 %."""
Start = dict[str, Any]


@attrs.frozen(kw_only=True)
class Page(Generic[Row]):
    """A page of a walk.

    `rows` are those not yielded before; `total` is the number of rows of the whole report, as announced
    with this page (None where it was not); `columns` the dotted keys that its rows carry; `column_headers`
    the report's own words on them (empty for lists); `next` a small JSON-able value that ``start=`` goes on
    from, None after the last page.
    """

    rows: list[Row]
    total: int | None
    columns: tuple[str, ...]
    column_headers: tuple[ColumnHeader, ...]
    next: Start | None

    def values(self) -> Iterator[tuple[Any, ...]]:
        """The rows as tuples in the order of `columns`, for tables and files."""
        if self.rows:
            yield from map(flattener(type(self.rows[0]), self.columns), self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class PageIterator(AsyncIterator[Page[Row]], Generic[Row]):
    """The pages of one walk. Also an async context manager, which waits for the end of what was in flight."""

    def __init__(self, walk: AnyWalk[Row], plan: Plan[Row]) -> None:
        self._walk = walk
        self._plan = plan
        self._turn = 0.0

    async def __anext__(self) -> Page[Row]:
        # Pages that wait come without a pause: all of a window after each other would keep the event loop busy.
        if time.monotonic() > self._turn:
            await asyncio.sleep(0)
            self._turn = time.monotonic() + _TURN
        walked = await self._walk.next()
        if walked is None:
            raise StopAsyncIteration
        return _page(walked, self._plan)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the walk."""
        await self._walk.aclose()


class RowIterator(AsyncIterator[Row], Generic[Row]):
    """The rows of one walk."""

    def __init__(self, walk: AnyWalk[Row]) -> None:
        self._walk = walk
        self._rows: Iterator[Row] = iter(())

    async def __anext__(self) -> Row:
        while True:
            for row in self._rows:
                return row
            walked = await self._walk.next()
            if walked is None:
                raise StopAsyncIteration
            self._rows = iter(walked.rows)

    async def aclose(self) -> None:
        """End the walk."""
        self._rows = iter(())
        await self._walk.aclose()


def _page(walked: WalkedPage[Row], plan: Plan[Row]) -> Page[Row]:
    headers = walked.headers
    if plan.hidden:
        headers = tuple(header for header in headers if header.key not in plan.hidden)
    columns = tuple(header.key for header in headers if header.key) if headers else plan.columns
    return Page(
        rows=walked.rows,
        total=walked.total,
        columns=columns,
        column_headers=headers,
        next=None if walked.next is None else walked.next.to_json(),
    )
