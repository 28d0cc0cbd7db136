"""One walk over the pages of an endpoint: whether each page continues the last, and where to go on.

The promise (each row that exists throughout comes exactly once, or the walk says so) is kept by the rules of
``seams`` and ``ending``; this room turns their verdicts into requests.
"""

from __future__ import annotations

import warnings
from typing import Any, Final, Generic, NoReturn, TypeVar

import attrs

from .._decoding.fast import hide
from .._decoding.page import ColumnHeader, Decoded
from ..errors import (
    PaginationDriftError,
    PaginationError,
    PaginationStalledError,
    TeamUpDriftWarning,
    TeamUpError,
)
from .ending import AskAgain, Ended, Stale, Step, following
from .pace import Pace
from .pages import Pages, Requester
from .plan import Plan
from .position import Position
from .record import Record
from .seams import Continues, Gap, Refused
from .totals import Totals

__all__ = ["Walk", "WalkedPage"]

Row = TypeVar("Row")

PAUSES: Final = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds to wait before a question is asked again that brought nothing new. Then a walk gives up."""
MAX_REREADS: Final = 3
"""Times everything is read anew before a walk gives up."""
FEW_PAGES: Final = 10
"""Pages that are cheap to read again."""


@attrs.frozen
class WalkedPage(Generic[Row]):
    """A page as the walk yields it: new rows only, those that it repeats, and where the next begins."""

    rows: list[Row]
    total: int | None
    headers: tuple[ColumnHeader, ...]
    next: Position | None
    repeated: list[Row]


class Walk(Generic[Row]):
    """A walk that yields each page once it is read."""

    def __init__(self, plan: Plan[Row], requester: Requester, record: Record) -> None:
        self._plan = plan
        self._record = record
        self._position: Position | None = plan.first
        self._pace = Pace(plan, requester)
        self._pages = Pages(plan, requester, record.meter, self._pace.guess)
        self._worth = Totals(whole=bool(plan.first.whole))
        self._idle = 0
        self._short: int | None = None
        self._most: int | None = None
        self._filled = 0
        self._totals: list[int | None] = []
        self._accepted: object = None
        self._known: set[int] | None = set() if plan.moves else None
        record.ordered = plan.ordered

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end. A `TeamUpError` carries the position to go on from."""
        limit = self._plan.limit
        if limit is not None and self._record.rows >= limit:
            return None
        try:
            return await self._read()
        except TeamUpError as error:
            self._pace.end()
            self._pages.forget()
            self._record.finished = False
            if error.position is None and self._position is not None:
                error.position = self._position.to_json()
            raise

    async def aclose(self) -> None:
        """End what is in flight."""
        self._position = None
        self._pace.end()
        await self._pages.aclose()

    async def pause(self, seconds: float) -> None:
        """Wait before everything is read again, no longer than the walk may take."""
        await self._pages.pause(seconds)

    def begin_anew(self) -> None:
        """Go back to where the walk began."""
        self._pages.forget()
        self._position = self._plan.first if self._most is None else self._plan.first.clamped(self._most)
        self._pace.forget()
        self._idle = self._filled = 0
        self._totals.clear()
        if self._known is not None:
            self._known.clear()

    async def _read(self) -> WalkedPage[Row] | None:
        while (position := self._position) is not None:
            decoded = await self._take(position)
            if not self._plan.ordered:
                self._totals.append(decoded.total)
            self._record.note_unknown(decoded.unknown)
            taken = await self._taken(position, decoded)
            if taken is None:
                continue
            step = self._follow(position, decoded, taken)
            if isinstance(step, (AskAgain, Stale)) and not taken.rows:
                await self._try_again(position, step)
                continue
            if isinstance(step, Ended) and self._reads_again(position):
                continue
            return self._yield(position, decoded, taken, step)
        return None

    async def _taken(self, position: Position, decoded: Decoded[Row]) -> Continues | None:
        """What is taken of a page; None to read on elsewhere."""
        verdict = self._plan.order.join(position, decoded.rows)
        match verdict:
            case Continues():
                return verdict
            case Gap() | Refused():
                received, total = len(decoded.rows), decoded.total or 0
                if 1 < received < position.asked and position.start + received < total:
                    self._most = received  # smaller pages than asked for: numbered pages began elsewhere
                return await self._mend(position, decoded.rows, verdict)

    async def _take(self, position: Position) -> Decoded[Row]:
        if not self._pace.measures:
            return await self._pages.take(position)
        before = self._record.meter.answering
        decoded = await self._pages.take(position)
        self._pace.measure(position, decoded, self._record.meter.answering - before)
        return decoded

    def _follow(self, position: Position, decoded: Decoded[Row], taken: Continues) -> Step:
        received = len(decoded.rows)
        total = self._worth.of_stretch(position, received, decoded.total, len(taken.rows))
        end = position.start + received
        begins = position.start == 0 and position.last is None
        more = total is not None and total > end
        clamped = 0 < received < position.asked and (
            received == self._short or (begins and more and received > 1)
        )
        if received < position.asked:
            self._short = received
        ahead = self._pages.ahead  # what was fetched is not thrown away when the pace changes
        step = following(
            position,
            received,
            total,
            taken,
            reenters=self._plan.cursor is not None,
            thrifty=self._pace.thrifty if ahead is None else ahead.since != position.since,
            clamped=clamped,
            moving=self._worth.moving,
        )
        if not isinstance(step, Ended) and step.position.most < position.most:
            self._most = step.position.most
        return step

    def _yield(
        self, position: Position, decoded: Decoded[Row], taken: Continues, step: Step
    ) -> WalkedPage[Row]:
        rows = taken.rows
        if rows:
            self._idle = 0
            self._filled += 1
            repeated = decoded.rows[: len(decoded.rows) - len(rows)] if position.last is not None else []
            rows = self._without_known(position, rows)
        else:
            repeated = decoded.rows
        upcoming = None if isinstance(step, Ended) else step.position
        count = len(rows)
        if upcoming is not None and count != len(taken.rows):
            upcoming = attrs.evolve(upcoming, done=position.done + count)
        if upcoming is not None and upcoming.whole != self._worth.whole:
            upcoming = attrs.evolve(upcoming, whole=int(self._worth.whole))
        # Rows that moved may also have left the place behind a full page for one before it.
        if (self._filled > 1 or self._worth.moving) and self._plan.unproved is not None:
            self._record.doubt_proof(self._plan.unproved)
        if self._plan.hidden or self._plan.expanded:
            hide(decoded.rows, self._plan.hidden, self._plan.expanded)
        overall = self._worth.of_walk(position, len(decoded.rows), decoded.total, count)
        self._record.note(count, overall, seam=position.last is not None, finished=upcoming is None)
        self._go_to(position, decoded, upcoming, count)
        return WalkedPage(rows, overall, decoded.headers, upcoming, repeated)

    def _go_to(
        self, position: Position, decoded: Decoded[Row], upcoming: Position | None, count: int
    ) -> None:
        end = position.start + len(decoded.rows)
        done = position.done + count
        self._position = upcoming
        limit = self._plan.limit
        if upcoming is None or (limit is not None and self._record.rows >= limit):
            self._pace.end()
            self._pages.forget()
            return
        self._pace.go_on(
            position, None if self._worth.whole else decoded.total, done - end - self._plan.first.done
        )
        self._pages.fetch_ahead(upcoming)

    def _without_known(self, position: Position, rows: list[Row]) -> list[Row]:
        """The rows that were not yielded before: those that were moved to another place come again."""
        known = self._known
        if known is None:
            return rows
        of_walk: list[Any] = rows
        fresh = [row for row in of_walk if row.id not in known]
        known.update(row.id for row in fresh)
        again = len(rows) - len(fresh)
        if again:
            self._record.repeats += again
            if self._plan.ordered:
                self._object(position, f"{again} rows came again: they were moved while it was read")
        return fresh

    def _object(self, position: Position, reason: str) -> None:
        """Rows moved in a way that needs no mending: say so where the caller wants to know."""
        if self._plan.on_drift == "raise":
            self._fail(position, reason)
        if self._plan.on_drift == "warn":
            self._warn(reason)

    def _warn(self, reason: str) -> None:
        warnings.warn(f"{self._plan.endpoint.name}: {reason}", TeamUpDriftWarning, stacklevel=6)
        self._record.doubts += 1

    async def _mend(self, position: Position, rows: list[Row], verdict: Gap | Refused) -> Continues | None:
        """Deal with a page that does not continue the walk: None to read on elsewhere, or what is taken of it."""
        plan = self._plan
        moved = isinstance(verdict, Refused) or verdict.moved
        if moved and plan.on_drift == "warn":
            self._warn(verdict.reason)
            taken = plan.order.accept(position, rows)
            if rows and taken.last == self._accepted:
                self._fail(position, "the same page came again and again", PaginationStalledError)
            self._accepted = taken.last
            return taken
        if moved and plan.on_drift == "raise":
            self._fail(position, verdict.reason)
        if isinstance(verdict, Gap) and plan.cursor is not None and position.last is not None:
            self._record.repairs += moved
            await self._enter(position, position.entering(position.last), verdict.reason)
        elif not self._restart():
            self._fail(position, verdict.reason)
        return None

    async def _try_again(self, position: Position, step: AskAgain | Stale) -> None:
        """Ask once more where a page brought nothing new, after a pause, and not for ever."""
        reason = "a page brought no new row although more were announced"
        if self._plan.on_drift == "raise":
            self._fail(position, reason, PaginationStalledError)
        if isinstance(step, Stale):
            self._record.repairs += 1
        elif self._plan.whole:
            self._fail(position, reason, PaginationStalledError)
        await self._enter(position, step.position, reason)

    async def _enter(self, position: Position, again: Position, reason: str) -> None:
        if self._idle >= len(PAUSES):
            self._fail(position, reason, PaginationStalledError)
        self._pages.forget()
        await self._pages.pause(PAUSES[self._idle])
        self._idle += 1
        self._pace.forget()
        self._position = again

    def _reads_again(self, position: Position) -> bool:
        """Whether a list without an order is read once more, because its total moved while it was read."""
        plan, totals = self._plan, self._totals
        if plan.ordered or plan.grouped or len(set(totals)) == 1:
            return False
        reason = f"its total went from {totals[0]} to {totals[-1]} while it was read"
        self._object(position, reason)
        if plan.on_drift == "heal" and len(totals) <= FEW_PAGES and self._restart():
            return True
        self._record.doubt_proof(f"{reason}: rows may be missing")
        return False

    def _restart(self) -> bool:
        """Begin a list without an order anew: what was yielded is known, and is left out. Not for ever."""
        if not self._plan.restarts or self._record.rereads >= MAX_REREADS:
            return False
        self._record.rereads += 1
        known = self._known
        self._known = None
        self.begin_anew()
        self._known = known
        assert self._position is not None
        self._position = attrs.evolve(self._position, done=self._record.rows)
        self._filled = 1
        return True

    def _fail(
        self, position: Position, reason: str, kind: type[PaginationError] = PaginationDriftError
    ) -> NoReturn:
        raise kind(f"{self._plan.endpoint.name}: {reason} (at row {position.done:,})")
