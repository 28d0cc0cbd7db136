"""A walk that yields nothing before the server is known to have understood what it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from unicodedata import combining, normalize

from ..errors import BadRequestError, DialectError, PaginationError
from ..query import Query
from ..rows import flattener
from .learned import Learned
from .pages import Requester
from .plan import Plan
from .record import Record
from .understanding import Found, Understanding
from .walk import Walk, WalkedPage
from .whole import WholeWalk, begin

__all__ = ["AskedWalk"]

Row = TypeVar("Row")


class AskedWalk(Generic[Row]):
    """The walk of a plan; begun anew in another dialect where the first page shows that the server speaks it.

    `planned` makes the plan in the dialect that is known by now.
    """

    def __init__(
        self,
        query: Query[Row],
        requester: Requester,
        record: Record,
        learned: Learned,
        planned: Callable[[], Plan[Row]],
    ) -> None:
        self._query = query
        self._requester = requester
        self._record = record
        self._learned = learned
        self._planned = planned
        self._understanding = Understanding(query, requester, learned)
        self._plan, self._walk = self._begin()
        self._understood = False

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end. A `TeamUpError` carries the position to go on from."""
        if not self._understood:
            page = await self._first()
            self._understood = True
            return page
        page = await self._read()
        self._check_order(page)
        return page

    async def aclose(self) -> None:
        """End what is in flight."""
        await self._walk.aclose()

    def _begin(self) -> tuple[Plan[Row], Walk[Row] | WholeWalk[Row]]:
        plan = self._planned()
        return plan, begin(plan, self._requester, self._record, self._learned)

    async def _first(self) -> WalkedPage[Row] | None:
        """The first page, from a server that understood what it was asked for."""
        while True:
            try:
                page = await self._read()
            except (PaginationError, BadRequestError, DialectError) as error:
                if self._record.rows:
                    raise
                found = await self._understanding.explained(self._plan, error)
            else:
                other = await self._understanding.misunderstood(
                    self._plan, () if page is None else page.headers
                )
                other = other or self._misordered(page)
                if other is None:
                    return page
                found = other
            await self._begin_anew(found)

    async def _read(self) -> WalkedPage[Row] | None:
        try:
            return await self._walk.next()
        except PaginationError as error:
            if "Dialect(" not in str(error):
                error.suspects = ("ties", "total")
            raise

    async def _begin_anew(self, found: Found) -> None:
        """Walk in the dialect that was found, from the beginning."""
        if self._plan.first.last is not None:  # rows were yielded by another walk
            raise DialectError(f"{self._plan.endpoint.name}: {found.reason}", found.field)
        await self._walk.aclose()
        self._understanding.note(self._plan, found)
        self._record.begin_anew()
        self._record.adapted = (*self._record.adapted, f"{found.field}={found.value}")
        self._plan, self._walk = self._begin()

    # --- order --------------------------------------------------------------------------------------------

    def _misordered(self, page: WalkedPage[Row] | None) -> Found | None:
        """What the order of the first page shows."""
        try:
            self._check_order(page)
        except DialectError:
            if self._plan.dialect.sort_priority == "last":
                raise
            return Found("sort_priority", "last", "rows are not sorted by the first column named")
        return None

    def _check_order(self, page: WalkedPage[Row] | None) -> None:
        """Raise `DialectError` where a page is not sorted by the first of several columns.

        Rows that share its value must come together; in which order they come is the server's business.
        """
        sort = getattr(self._query, "sort", None)
        endpoint = self._plan.endpoint
        if page is None or not sort or not endpoint.envelope.headed:
            return
        path = endpoint.canonical(sort[0].lstrip("-"))
        if path not in endpoint.paths:
            return
        seen: set[Any] = set()
        latest: Any = None
        for (value,) in map(flattener(endpoint.row, (path,)), page.rows):
            key = _alike(value) if isinstance(value, str) else value
            if key != latest and key in seen:
                raise DialectError(f"{endpoint.name}: rows do not come sorted by {sort[0]}", "sort_priority")
            seen.add(key)
            latest = key


def _alike(text: str) -> str:
    """The same for texts that a database may sort as equal: case and accents do not count."""
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c)).strip()
