"""How a walk goes on to its next page: by numbers, many fetched ahead, or thriftily, each entered at the last key.

Pages by numbers can be fetched all at once, but they overlap, so there are more of them. A thrifty walk takes the
fewest requests. It needs the last key of a page to ask for the next, so it has one request in flight. The next one
goes out when a page arrives, not when the reader asks for it.

One request at a time is less than a share of the quota where other walks have many in flight. So a walk is thrifty
by itself only where the quota bounds it, and no walk that spends the same quota fetches many pages ahead. It looks
again at each page.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from .._decoding.fast import decode
from .._decoding.page import Decoded
from ..errors import TeamUpError
from .ending import GoOn, following
from .pages import Requester
from .plan import Plan
from .position import Key, Position
from .seams import Continues

__all__ = ["Pace"]

Row = TypeVar("Row")


class Pace(Generic[Row]):
    """The pace of one walk, and what it guesses of the pages that follow."""

    def __init__(self, plan: Plan[Row], requester: Requester) -> None:
        self._plan = plan
        self._requester = requester
        self._bound = plan.thrifty if plan.cursor is not None else False
        self._stretch: tuple[Key | None, int | None, int] | None = None

    @property
    def thrifty(self) -> bool:
        """Whether each page is entered at the last key, as things stand."""
        if self._plan.thrifty is not None or not self._bound:
            return bool(self._bound)
        return not any(ahead for pace, ahead in self._requester.readers.items() if pace is not self)

    @property
    def measures(self) -> bool:
        """Whether it is still to be found out if the quota bounds the walk."""
        return self._bound is None

    def measure(self, position: Position, decoded: Decoded[Row], took: float) -> None:
        """Find out whether one request after another, which need fewer, spends the quota too.

        `took`: in how many seconds the answer came, waits left out.
        """
        quota, total = self._requester.quota, decoded.total
        if quota is None or total is None:
            self._bound = False
            return
        requests, seconds = quota
        left = (total - position.start - len(decoded.rows)) / position.size
        self._bound = left > requests and took <= seconds / requests

    def go_on(self, position: Position, total: int | None, shift: int) -> None:
        """Guess on in the stretch of `position`, which has `total` rows, as far as that is known.

        `shift`: how many rows the walk has yielded besides those of the stretch.
        """
        self._stretch = position.since, total, shift
        self._requester.readers[self] = not self.thrifty and self._plan.first.by != "id"

    def by_numbers(self) -> None:
        """Go on by numbers: nobody knows that rows come in the order that entering at a key needs."""
        self._bound = False

    def forget(self) -> None:
        """Guess nothing: the walk enters anew."""
        self._stretch = None

    def end(self) -> None:
        """The walk reads no more."""
        self._requester.readers.pop(self, None)

    def guess(self, position: Position, body: bytes | None) -> Position | None:
        """What will probably follow `position`, if its page is full; `body` is that page once it has arrived."""
        thrifty = position.by == "id" or self.thrifty
        if thrifty or self._stretch is None or self._stretch[0] != position.since:
            return None if body is None else self._read(position, body, thrifty=thrifty)
        _, total, shift = self._stretch
        end = position.start + position.asked
        if total is None or end >= total:
            return None
        limit = self._plan.limit
        return None if limit is not None and end + shift >= limit else position.after(position.asked)

    def _read(self, position: Position, body: bytes, *, thrifty: bool) -> Position | None:
        """What follows the page `body`, if nothing is odd about it; the walk will look more closely."""
        plan = self._plan
        try:
            decoded: Decoded[Any] = decode(plan.endpoint, body)
        except TeamUpError:
            return None
        received = len(decoded.rows)
        verdict = plan.order.join(position, decoded.rows)
        if not isinstance(verdict, Continues) or not verdict.rows or received < position.asked:
            return None
        reenters = plan.cursor is not None
        step = following(position, received, decoded.total, verdict, reenters=reenters, thrifty=thrifty)
        if not isinstance(step, GoOn):
            return None
        done = step.position.done - plan.first.done
        if step.position.since == position.since:
            self._stretch = position.since, decoded.total, done - position.start - received
        return None if plan.limit is not None and done >= plan.limit else step.position
