"""One walk over the pages of an endpoint: whether each page continues the last, and where to go on.

The promise (each row that exists throughout comes exactly once, or the walk says so) is kept by the rules of
``seams`` and ``ending``; this room turns their verdicts into requests. `Walk._read` is the loop. What a walk does
where a page does not continue it is in ``mending``, what it learns of the server's dialect in ``switching``, and where
it stands in ``course``.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import attrs

from .._decoding.fast import hide
from .._decoding.page import ColumnHeader, Decoded
from ..errors import BadRequestError, TeamUpError
from .course import Course
from .ending import AskAgain, Ended, Stale, Step, following
from .learned import Learned
from .mending import Mending
from .pages import Requester
from .plan import Plan
from .position import PageNumber, Position
from .record import Record
from .seams import Continues, Gap, Otherwise, Refused
from .switching import Switching

__all__ = ["Walk", "WalkedPage"]

Row = TypeVar("Row")

ROUND: Final = (10, 20, 25, 30, 50)
"""What servers like to give at most. A first page of so many rows may be all that there is, or all that it gives."""


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

    def __init__(
        self, plan: Plan[Row], requester: Requester, record: Record, learned: Learned | None = None
    ) -> None:
        self._course = Course(plan, requester, record, learned or Learned(plan.dialect))
        self._mending = Mending(self._course)
        self._switching = Switching(self._course)
        self._short: int | None = None
        self._full: int | None = None

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end. A `TeamUpError` carries the position to go on from."""
        course = self._course
        if course.has_enough:
            return None
        try:
            return await self._read()
        except TeamUpError as error:
            course.end()
            course.record.finished = False
            if error.position is None and course.position is not None:
                error.position = course.position.to_json()
            raise

    async def aclose(self) -> None:
        """End what is in flight."""
        self._course.position = None
        self._course.pace.end()
        await self._course.pages.aclose()

    async def pause(self, seconds: float) -> None:
        """Wait before everything is read again, no longer than the walk may take."""
        await self._course.pages.pause(seconds)

    def begin_anew(self) -> None:
        """Go back to where the walk began."""
        self._mending.begin_anew()

    async def _read(self) -> WalkedPage[Row] | None:
        while (position := self._course.position) is not None:
            decoded = await self._take(position)
            if decoded is None:
                continue
            taken = await self._taken(position, decoded)
            if taken is None:
                continue
            step = self._follow(position, decoded, taken)
            if self._switching.goes_back(position, decoded):
                continue
            if isinstance(step, Ended) and not taken.rows and self._mending.misses_rows(position, decoded):
                step = AskAgain(position)
            if isinstance(step, (AskAgain, Stale)) and not taken.rows:
                await self._mending.try_again(position, step)
                continue
            if isinstance(step, Ended) and self._mending.reads_again(position):
                continue
            return self._yield(position, decoded, taken, step)
        return None

    async def _take(self, position: Position) -> Decoded[Row] | None:
        """The page at `position`; None to read on elsewhere."""
        course = self._course
        before = course.record.meter.answering
        try:
            decoded = await course.pages.take(position)
        except BadRequestError as error:
            self._switching.understand(position, error)
            return None
        if course.pace.measures:
            course.pace.measure(position, decoded, course.record.meter.answering - before)
        course.record.note_unknown(decoded.unknown)
        self._mending.note_total(decoded.total)
        return decoded

    async def _taken(self, position: Position, decoded: Decoded[Row]) -> Continues | None:
        """What is taken of a page; None to read on elsewhere."""
        verdict = self._switching.found(position, decoded)
        match verdict or self._course.plan.order.join(position, decoded.rows):
            case Continues() as taken:
                return taken
            case Otherwise() as found:
                if found.field != "sort_by_id" or not self._switching.by_numbers(position):
                    self._switching.speak(position, found)
                return None
            case Gap() | Refused() as broken:
                return await self._mending.mend(position, decoded, broken)

    def _follow(self, position: Position, decoded: Decoded[Row], taken: Continues) -> Step:
        """What follows a page of which `taken` is new."""
        course = self._course
        received = len(decoded.rows)
        total = course.worth.of_stretch(position, received, decoded.total, len(taken.rows))
        end = position.start + received
        name = course.plan.endpoint.full_name
        largest = course.learned.largest.get(name, 0)
        begins = position.start == 0 and position.last is None
        short = 0 < received < position.asked
        more = total is not None and total > end
        if begins and short and total == end and received in ROUND and received > largest:
            total, more = None, True
        clamped = short and total != end and (received == self._short or (begins and more and received > 1))
        if short and total is None and course.plan.cursor is None:
            clamped |= 2 < received == self._full  # all that there is, or all that it gives
        if received < position.asked:
            self._short = received
        else:
            self._full = received
        course.learned.largest[name] = max(largest, received)
        ahead = course.pages.ahead  # what was fetched is not thrown away when the pace changes
        step = following(
            position,
            received,
            total,
            taken,
            reenters=course.plan.cursor is not None,
            thrifty=course.pace.thrifty if ahead is None else ahead.since != position.since,
            clamped=clamped,
            cut=course.plan.ordered,
        )
        if not isinstance(step, Ended) and step.position.most < position.most:
            course.most = step.position.most
        return step

    def _yield(
        self, position: Position, decoded: Decoded[Row], taken: Continues, step: Step
    ) -> WalkedPage[Row]:
        course, plan, worth = self._course, self._course.plan, self._course.worth
        rows = taken.rows
        if rows:
            self._mending.note_rows()
            course.filled += 1
            repeated = decoded.rows[: len(decoded.rows) - len(rows)] if position.last is not None else []
            rows = self._mending.without_known(position, rows)
        else:
            repeated = decoded.rows
        upcoming = None if isinstance(step, Ended) else step.position
        count = len(rows)
        if upcoming is not None and count != len(taken.rows):
            upcoming = attrs.evolve(upcoming, done=position.done + count)
        if upcoming is not None and upcoming.whole != worth.whole:
            upcoming = attrs.evolve(upcoming, whole=int(worth.whole))
        # Rows that moved may also have left the place behind a full page for one before it, and a page of numbers
        # may have been cut off at its total.
        numbered = isinstance(position, PageNumber) and bool(rows)
        if (course.filled > 1 or worth.moving or numbered) and plan.unproved is not None:
            course.record.doubt_proof(plan.unproved)
        if plan.hidden or plan.expanded:
            hide(decoded.rows, plan.hidden, plan.expanded)
        overall = worth.of_walk(position, len(decoded.rows), decoded.total, count)
        course.record.note(count, overall, seam=position.last is not None, finished=upcoming is None)
        self._go_on(position, decoded, upcoming, count)
        return WalkedPage(rows, overall, decoded.headers, upcoming, repeated)

    def _go_on(
        self, position: Position, decoded: Decoded[Row], upcoming: Position | None, count: int
    ) -> None:
        course = self._course
        course.position = upcoming
        if upcoming is None or course.has_enough:
            course.end()
            return
        end = position.start + len(decoded.rows)
        shift = position.done + count - end - course.plan.first.done
        course.pace.go_on(position, None if course.worth.whole else decoded.total, shift)
        course.pages.fetch_ahead(upcoming)
