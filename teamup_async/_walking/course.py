"""The course of a walk: its plan, its position, its pace, and the pages on their way to it."""

from __future__ import annotations

from typing import Any, Generic, NoReturn, TypeVar

from ..errors import PaginationDriftError, PaginationError
from .learned import Learned
from .pace import Pace
from .pages import Pages, Requester
from .plan import Plan
from .position import Position
from .record import Record
from .totals import Totals

__all__ = ["Course"]

Row = TypeVar("Row")


class Course(Generic[Row]):
    """Where one walk stands and how it goes on. The rooms that decide about that share it.

    `position`: where the next page begins; None at the end. `worth`: what totals are worth. `most`: the largest page
    that the server was seen to give, where it gives less than it was asked for. `filled`: how many pages brought
    rows. `known`: the ids of rows yielded, where rows may come twice.
    """

    def __init__(self, plan: Plan[Row], requester: Requester, record: Record, learned: Learned) -> None:
        self.plan = plan
        self.record = record
        self.learned = learned
        self._requester = requester
        self.position: Position | None = plan.first
        self.pace = Pace(plan, requester)
        self.pages = Pages(plan, requester, record.meter, self.pace.guess)
        self.worth = _totals(plan)
        self.most: int | None = None
        self.filled = 0
        self.known: set[int] | None = set() if plan.moves else None
        record.ordered = plan.ordered

    @property
    def has_enough(self) -> bool:
        """Whether as many rows were yielded as are wanted."""
        return self.plan.limit is not None and self.record.rows >= self.plan.limit

    def go_to(self, position: Position) -> None:
        """Go on at `position`, whatever was fetched ahead."""
        self.pages.forget()
        self.position = position

    def enter(self, position: Position) -> None:
        """Go on at `position`, and guess nothing of what follows."""
        self.go_to(position)
        self.pace.forget()

    def begin_anew(self) -> None:
        """Go back to where the walk began."""
        first = self.plan.first
        self.enter(first if self.most is None else first.clamped(self.most))
        self.worth = _totals(self.plan)
        self.filled = 0

    def replan(self, plan: Plan[Row], position: Position) -> None:
        """Go on by another plan."""
        self.plan = plan
        self.record.ordered = plan.ordered
        self.pace.end()
        self.pace = Pace(plan, self._requester)
        self.pages = self.pages.replanned(plan, self.pace.guess)
        self.known = set() if plan.moves else None
        self.position = position

    def end(self) -> None:
        """Fetch nothing more."""
        self.pace.end()
        self.pages.forget()

    def fail(
        self, position: Position, reason: str, kind: type[PaginationError] = PaginationDriftError
    ) -> NoReturn:
        """Give up at `position`."""
        raise kind(f"{self.plan.endpoint.name}: {reason} (at row {position.done:,})")


def _totals(plan: Plan[Any]) -> Totals:
    return Totals(ignored=plan.dialect.total != "exact", whole=bool(plan.first.whole))
