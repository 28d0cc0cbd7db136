"""What a walk does where a page does not simply continue it: enter again, ask again, begin anew, or give up."""

from __future__ import annotations

import logging
from typing import Any, Final, Generic, TypeVar

import attrs

from .._decoding.page import Decoded
from ..errors import PaginationStalledError, TeamUpDriftWarning, ask_the_doctor
from ..logs import about
from .course import Course
from .ending import AskAgain, Stale
from .position import Position, rewound
from .seams import ById, Continues, Gap, Refused
from .warning import warn

__all__ = ["MAX_REREADS", "PAUSES", "Mending"]

Row = TypeVar("Row")
log = logging.getLogger("teamup_async.walk")

PAUSES: Final = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds to wait before a question is asked again that brought nothing new. Then a walk gives up."""
MAX_REREADS: Final = 3
"""Times everything is read anew before a walk gives up."""
FEW_PAGES: Final = 10
"""Pages that are cheap to read again."""
_MORE: Final = f"a page brought no new row although more were announced ({ask_the_doctor('total')})"


class Mending(Generic[Row]):
    """Mends the course of one walk."""

    def __init__(self, course: Course[Row]) -> None:
        self._course = course
        self._idle = 0  # how often in a row something was asked again
        self._missing: str | None = None  # how rows are known to be there that no page has shown
        self._totals: list[int | None] = []
        self._accepted: object = None

    def note_total(self, total: int | None) -> None:
        """Note what a page announced. Where rows come in no order, only a total that moved tells that they did."""
        if not self._course.plan.ordered:
            self._totals.append(total)

    def note_rows(self) -> None:
        """A page brought rows: whatever was asked again has been answered."""
        self._idle = 0
        self._missing = None

    def misses_rows(self, position: Position, decoded: Decoded[Row]) -> bool:
        """Whether rows were known to be there that no page has shown, and the total does not say that they are gone."""
        return self._missing is not None and decoded.total != position.start + len(decoded.rows)

    def begin_anew(self) -> None:
        """Go back to where the walk began, with nothing yielded."""
        self._go_back()
        if self._course.known is not None:
            self._course.known.clear()

    async def mend(
        self, position: Position, decoded: Decoded[Row], verdict: Gap | Refused
    ) -> Continues | None:
        """Deal with a page that does not continue the walk: None to read on elsewhere, or what is taken of it."""
        course, plan, rows = self._course, self._course.plan, decoded.rows
        self._look_at_size(position, decoded)
        moved = isinstance(verdict, Refused) or verdict.moved
        if moved and plan.on_drift == "warn":
            self._warn(verdict.reason)
            taken = plan.order.accept(position, rows)
            if rows and taken.last == self._accepted:
                course.fail(position, "the same page came again and again", PaginationStalledError)
            self._accepted = taken.last
            return taken
        if moved and plan.on_drift == "raise":
            course.fail(position, verdict.reason)
        if isinstance(verdict, Gap) and verdict.certain:
            self._missing = verdict.reason
        if isinstance(verdict, Gap) and plan.cursor is not None and position.last is not None:
            if moved:
                course.record.note_repair()
            await self._enter(position, position.entering(position.last), verdict.reason)
        elif isinstance(verdict, Gap) and isinstance(plan.order, ById):
            if moved:
                course.record.note_repair()
            await self._enter(position, rewound(position, position.size << self._idle), verdict.reason)
        elif not self._restart():
            course.fail(position, verdict.reason)
        return None

    def _look_at_size(self, position: Position, decoded: Decoded[Row]) -> None:
        """Note where the server gives smaller pages than asked for: pages of numbers began elsewhere."""
        course, received = self._course, len(decoded.rows)
        largest = course.learned.largest.get(course.plan.endpoint.full_name, 0)
        short = 1 < received < position.asked and position.start + received < (decoded.total or 0)
        if short and received >= largest:  # where it has given a larger page, the total is wrong
            course.most = received

    async def try_again(self, position: Position, step: AskAgain | Stale) -> None:
        """Ask once more where a page brought nothing new, after a pause, and not for ever."""
        reason = self._missing or _MORE
        if self._course.plan.on_drift == "raise":
            self._course.fail(position, reason, PaginationStalledError)
        if isinstance(step, Stale):
            self._course.record.note_repair()
        elif self._course.plan.whole:
            self._course.fail(position, reason, PaginationStalledError)
        await self._enter(position, step.position, reason)

    async def _enter(self, position: Position, again: Position, reason: str) -> None:
        self._tell(position, "goes back", reason)
        if self._idle >= len(PAUSES):
            self._course.fail(position, reason, PaginationStalledError)
        self._course.pages.forget()
        await self._course.pages.pause(PAUSES[self._idle])
        self._idle += 1
        self._course.enter(again)

    def without_known(self, position: Position, rows: list[Row]) -> list[Row]:
        """The rows that were not yielded before: those that were moved to another place come again.

        Nor those at the caller's own ``id_gt``, which a server may take inclusively.
        """
        known, floor = self._course.known, self._course.plan.floor
        of_walk: list[Any] = rows
        if floor is not None:
            of_walk = [row for row in of_walk if row.id != floor]
        if known is None:
            return of_walk
        fresh = [row for row in of_walk if row.id not in known]
        known.update(row.id for row in fresh)
        again = len(of_walk) - len(fresh)
        if again:
            self._course.record.repeats += again
            if self._course.plan.ordered:
                self._object(position, f"{again} rows came again: they were moved while it was read")
        return fresh

    def reads_again(self, position: Position) -> bool:
        """Whether a list without an order is read once more, because its total moved while it was read."""
        plan, totals = self._course.plan, self._totals
        if plan.ordered or plan.grouped or len(set(totals)) == 1:
            return False
        reason = f"its total went from {totals[0]} to {totals[-1]} while it was read"
        self._object(position, reason)
        if plan.on_drift == "heal" and len(totals) <= FEW_PAGES and self._restart():
            return True
        self._course.record.doubt_proof(f"{reason}: rows may be missing")
        return False

    def _restart(self) -> bool:
        """Begin a list without an order anew: what was yielded is known, and is left out. Not for ever."""
        course = self._course
        if not course.plan.restarts or course.record.rereads >= MAX_REREADS:
            return False
        course.record.note_reread()
        self._tell(self._course.plan.first, "is read anew", "rows moved while it was read")
        self._go_back()
        assert course.position is not None
        course.position = attrs.evolve(course.position, done=course.record.rows)
        course.filled = 1
        return True

    def _go_back(self) -> None:
        self._course.begin_anew()
        self._idle = 0
        self._missing = None
        self._totals.clear()

    def _tell(self, position: Position, what: str, reason: str) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        record, name = self._course.record, self._course.plan.endpoint.key
        told = about(record.account, name, position=position.to_json(), rows=record.rows)
        log.info("%s: the walk over %s %s: %s", record.account, name, what, reason, extra=told)

    def _object(self, position: Position, reason: str) -> None:
        """Rows moved in a way that needs no mending: say so where the caller wants to know."""
        if self._course.plan.on_drift == "raise":
            self._course.fail(position, reason)
        if self._course.plan.on_drift == "warn":
            self._warn(reason)

    def _warn(self, reason: str) -> None:
        warn(f"{self._course.plan.endpoint.name}: {reason}", TeamUpDriftWarning)
        self._course.record.doubts += 1
