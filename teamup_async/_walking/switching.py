"""How a walk finds out on its way that the server speaks another dialect, and goes on in that one."""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

import attrs

from .._decoding.page import Decoded
from ..errors import (
    BadRequestError,
    DialectError,
    PaginationStalledError,
    TeamUpDialectWarning,
    ask_the_doctor,
)
from .adapting import adapted, misread, refused_for, smaller
from .course import Course
from .position import Position, by_number
from .seams import ById, Otherwise
from .warning import warn

__all__ = ["Switching"]

Row = TypeVar("Row")

FEW_ROWS: Final = 10
"""Rows of which as many may come in front between two pages, so that the first page seems to come again."""
SAME_PAGES: Final = 3
"""Pages in a row that bring the rows of the first one before a walk without totals gives up."""
_UNSURE: Final = (
    "whether rows come sorted by id, as asked, could not be seen: a total fell by more than the"
    " rows yielded, or not at all"
)


class Switching(Generic[Row]):
    """Switches one walk to the dialect that its pages show."""

    def __init__(self, course: Course[Row]) -> None:
        self._course = course
        self._first_keys: list[Any] = []
        self._fits: int | None = None
        self._same = 0

    def found(self, position: Position, decoded: Decoded[Row]) -> Otherwise | None:
        """What a page tells of the server's dialect, before anything else."""
        plan, of_walk = self._course.plan, list[Any](decoded.rows)
        if self._fits is not None:  # only now is it known that the size was what the server refused
            self._course.learned.note_size(plan.endpoint, self._fits)
            self._fits = None
        if position == plan.first and (found := misread(plan, decoded.headers)) is not None:
            return found
        if not of_walk:
            return None
        key: Any = getattr(of_walk[0], "id", None) if plan.endpoint.has_id else None
        if "id" in plan.needed and key is None:
            return Otherwise("default_columns", "few", "rows carry no id")
        if plan.floor is not None and min(row.id for row in of_walk) < plan.floor:
            reason = f"rows up to id {plan.floor} came, although only those behind it were asked for"
            return Otherwise("id_gt", "ignored", reason)
        keys = [row.id for row in of_walk] if plan.endpoint.has_id else of_walk
        if position.start == 0:
            self._first_keys = keys if position.since is None else []
        elif len(keys) >= FEW_ROWS and keys == self._first_keys and plan.pages_by_both:
            value = "page" if position.by == "offset" else "limit_offset"
            return Otherwise("paging", value, "the first page came again")
        elif decoded.total is None and not plan.endpoint.has_id:
            self._check_same(position, keys)
        return None

    def _check_same(self, position: Position, keys: list[Any]) -> None:
        """Give up where a small page comes again and again, in any order: no id and no total would end the walk."""
        same = 1 < len(keys) < self._course.plan.endpoint.max_page_size
        same = same and sorted(map(repr, keys)) == sorted(map(repr, self._first_keys))
        self._same = self._same + 1 if same else 0
        if self._same == SAME_PAGES:
            reason = f"the same rows came again and again ({ask_the_doctor('paging')})"
            self._course.fail(position, reason, PaginationStalledError)

    def understand(self, position: Position, error: BadRequestError) -> None:
        """Go on without what the server refuses, where the walk added it by itself; raise `error` otherwise."""
        course = self._course
        fits = smaller(position, error)
        if fits is not None:
            course.most = self._fits = fits.most
            course.go_to(fits)
            return
        found = refused_for(course.plan, position, error)
        if found is None:
            raise error
        self.speak(position, found)

    def speak(self, position: Position, found: Otherwise) -> None:
        """Go on in the dialect that was found; it is an error where that might give wrong rows."""
        course, endpoint = self._course, self._course.plan.endpoint
        changed = adapted(course.plan, position, found)
        if changed is None:
            raise DialectError(f"{endpoint.name}: {found.reason} (at row {position.done:,})", found.field)
        plan, position = changed
        course.learned.note(endpoint, found.field, found.value)
        if course.record.rows:
            plan = attrs.evolve(plan, restarts=False)  # nobody knows the ids of what was yielded
        course.replan(plan, position)
        said = f"{found.field}={found.value}"
        course.record.adapted = (*course.record.adapted, said)
        if course.learned.is_new(found.field, found.value):
            warn(
                f"{endpoint.name}: {found.reason}. The walk goes on as from a server with {said}; to know it"
                f" from the beginning, give the client Dialect({found.field}={found.value!r})",
                TeamUpDialectWarning,
            )

    def goes_back(self, position: Position, decoded: Decoded[Row]) -> bool:
        """Go back to pages by number where the walk has entered at an id, and rows may not come sorted by it.

        Rows behind others with greater ids would be lost. Headers can say that rows come sorted. Without that a total
        shows it which has fallen by no more than the rows yielded.
        """
        course, plan = self._course, self._course.plan
        proved = course.learned.sorted_by_id
        if not isinstance(plan.order, ById):
            return False
        if any(header.key == "id" and header.sorted is not None for header in decoded.headers):
            proved.add(plan.endpoint.full_name)
        if plan.endpoint.full_name in proved or course.worth.fallen or position.since == plan.first.since:
            return False
        if position.by == "id":
            course.record.doubt_proof(_UNSURE)
            return False
        return self.by_numbers(position)

    def by_numbers(self, position: Position) -> bool:
        """Go on by numbers where the walk has just entered at an id to spend fewer requests."""
        course = self._course
        if not course.pace.thrifty or not position.entered_at_last or position == course.plan.first:
            return False
        course.pace.by_numbers()
        course.go_to(by_number(position, position.by))
        return True
