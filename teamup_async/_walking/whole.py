"""Walks that yield nothing before all was read: grouped reports, and readings that are to be confirmed.

A grouped report has no key that never changes but its groups, and its counts change while it is read. So all of it
is held until it was read to its end, and read anew where something shows that it moved meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from .._decoding.page import ColumnHeader
from ..errors import (
    PaginationDriftError,
    PaginationError,
    ResponseDecodeError,
    TeamUpDriftWarning,
    TeamUpError,
)
from .learned import Learned
from .mending import MAX_REREADS, PAUSES
from .pages import Requester
from .plan import Plan
from .record import Record
from .seams import ByEquality
from .walk import Walk, WalkedPage
from .warning import warn

__all__ = ["WholeWalk", "begin"]

Row = TypeVar("Row")

MAX_GROUPS: Final = 1_000_000
"""Rows that are held in memory."""
MAX_READINGS: Final = 6
"""Readings of which two in a row must agree, where that was asked for."""


class WholeWalk(Generic[Row]):
    """A walk that reads everything before it yields the first page."""

    def __init__(
        self, plan: Plan[Row], requester: Requester, record: Record, learned: Learned | None = None
    ) -> None:
        self._plan = plan
        self._record = record
        self._walk = Walk(plan, requester, record, learned)
        self._held: deque[WalkedPage[Row]] | None = None

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end. A `TeamUpError` carries the position to go on from."""
        if self._held is None:
            try:
                self._held = await (self._confirmed() if self._plan.confirm else self._steady())
            except TeamUpError as error:
                self._record.finished = False
                error.position = self._plan.first.to_json()  # nothing was yielded
                raise
        return self._held.popleft() if self._held else None

    async def aclose(self) -> None:
        """End what is in flight."""
        await self._walk.aclose()

    async def _confirmed(self) -> deque[WalkedPage[Row]]:
        """Read until two readings in a row agree."""
        held = await self._steady()
        for _ in range(MAX_READINGS - 1):
            if _of_one_page(held) and not self._record.unproved:
                return held  # of one moment
            self._walk.begin_anew()
            self._record.begin_anew()
            again = await self._steady()
            if _content(again) == _content(held):
                self._record.unproved = ()
                self._record.confirmed = True
                return again
            held = again
            self._doubt("it changed between two readings", heals=True)
        if self._plan.on_drift == "warn":
            return held
        raise PaginationDriftError(
            f"{self._plan.endpoint.name}: no two of {MAX_READINGS} readings agree; it changes too often to be confirmed"
        )

    async def _steady(self) -> deque[WalkedPage[Row]]:
        """Read to the end; anew where something shows that it moved meanwhile."""
        while True:
            try:
                return await self._read()
            except PaginationError:
                tries = self._record.rereads
                if self._plan.on_drift != "heal" or not self._plan.grouped or tries >= MAX_REREADS:
                    raise
                self._record.note_reread()
                self._record.begin_anew()
                self._walk.begin_anew()
                await self._walk.pause(PAUSES[tries])

    async def _read(self) -> deque[WalkedPage[Row]]:
        held: deque[WalkedPage[Row]] = deque()
        checks = _Checks(self._plan, self._doubt) if self._plan.grouped else None
        limit = self._plan.limit
        while (page := await self._walk.next()) is not None:
            held.append(page)
            self._check_size(page)
            if checks is not None:
                checks.add(page)
            if limit is not None and self._record.rows >= limit:
                break
        return held

    def _check_size(self, page: WalkedPage[Row]) -> None:
        limit = self._plan.limit
        count = max(self._record.rows, page.total or 0) if limit is None else self._record.rows
        if count > MAX_GROUPS:
            name, total = self._plan.endpoint.name, self._plan.endpoint.envelope.total
            rows = "groups" if self._plan.grouped else "rows"
            raise ResponseDecodeError(
                f"{name}: {count:,} {rows} are more than the {MAX_GROUPS:,} that are held in memory; ask for fewer",
                json_path=f"$.{total}",
            )

    def _doubt(self, reason: str, *, heals: bool = False) -> None:
        text = f"{self._plan.endpoint.name}: {reason}"
        if self._plan.on_drift == "warn":
            warn(text, TeamUpDriftWarning)
            self._record.doubts += 1
        elif not heals or self._plan.on_drift == "raise":
            raise PaginationDriftError(text)


class _Checks(Generic[Row]):
    """What can tell that a grouped report changed between its pages."""

    def __init__(self, plan: Plan[Row], doubt: Callable[[str], None]) -> None:
        self._order = plan.order
        self._doubt = doubt
        self._first: WalkedPage[Row] | None = None
        self._rows: dict[Any, Row] = {}

    def add(self, page: WalkedPage[Row]) -> None:
        """Compare a page with those before it."""
        first = self._first
        if first is None:
            self._first = first = page
        if page.headers != first.headers:
            self._doubt("its columns changed while it was read")
        if page.total != first.total:
            self._doubt(f"its total went from {first.total} to {page.total} while it was read")
        key = self._order.key if isinstance(self._order, ByEquality) else id
        for row in page.repeated:
            if self._rows.get(key(row), row) != row:
                self._doubt("a group's counts changed while it was read")
        for row in page.rows:
            if self._rows.setdefault(key(row), row) is not row:
                self._doubt("a group came twice while it was read")


def _of_one_page(held: deque[WalkedPage[Any]]) -> bool:
    return sum(bool(page.rows) for page in held) <= 1


def _content(held: deque[WalkedPage[Any]]) -> tuple[list[Any], set[tuple[ColumnHeader, ...]]]:
    return [row for page in held for row in page.rows], {page.headers for page in held}


def begin(
    plan: Plan[Row], requester: Requester, record: Record, learned: Learned | None = None
) -> Walk[Row] | WholeWalk[Row]:
    """The walk for a plan; `learned` is what other walks of its client have found out."""
    if plan.whole:
        return WholeWalk(plan, requester, record, learned)
    return Walk(plan, requester, record, learned)
