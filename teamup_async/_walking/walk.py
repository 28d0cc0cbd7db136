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
    BadRequestError,
    DialectError,
    PaginationDriftError,
    PaginationError,
    PaginationStalledError,
    TeamUpDialectWarning,
    TeamUpDriftWarning,
    TeamUpError,
    ask_the_doctor,
)
from .adapting import adapted, misread, refused_for, smaller
from .ending import AskAgain, Ended, Stale, Step, following
from .learned import Learned
from .pace import Pace
from .pages import Pages, Requester
from .plan import Plan
from .position import Position, by_number, rewound
from .record import Record
from .seams import ById, Continues, Gap, Otherwise, Refused
from .totals import Totals

__all__ = ["Walk", "WalkedPage"]

Row = TypeVar("Row")

PAUSES: Final = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds to wait before a question is asked again that brought nothing new. Then a walk gives up."""
MAX_REREADS: Final = 3
"""Times everything is read anew before a walk gives up."""
FEW_PAGES: Final = 10
"""Pages that are cheap to read again."""
FEW_ROWS: Final = 10
"""Rows of which as many may come in front between two pages, so that the first page seems to come again."""
ROUND: Final = (10, 20, 25, 30, 50)
"""What servers like to give at most. A first page of so many rows may be all that there is, or all that it gives."""
_UNSURE: Final = (
    "whether rows come sorted by id, as asked, could not be seen: a total fell by more than the"
    " rows yielded, or not at all"
)
_MORE: Final = f"a page brought no new row although more were announced ({ask_the_doctor('total')})"


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
        self._plan = plan
        self._requester = requester
        self._record = record
        self._learned = learned or Learned(plan.dialect)
        self._position: Position | None = plan.first
        self._pace = Pace(plan, requester)
        self._pages = Pages(plan, requester, record.meter, self._pace.guess)
        self._worth = _totals(plan)
        self._first_keys: list[Any] = []
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
        self._worth = _totals(self._plan)
        self._idle = self._filled = 0
        self._totals.clear()
        if self._known is not None:
            self._known.clear()

    async def _read(self) -> WalkedPage[Row] | None:
        while (position := self._position) is not None:
            decoded = await self._take(position)
            if decoded is None:
                continue
            if not self._plan.ordered:
                self._totals.append(decoded.total)
            self._record.note_unknown(decoded.unknown)
            found = self._found(position, decoded)
            if found is not None:
                self._speak(position, found)
                continue
            taken = await self._taken(position, decoded)
            if taken is None:
                continue
            step = self._follow(position, decoded, taken)
            if self._goes_back(position, decoded):
                continue
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
            case Otherwise():
                if verdict.field != "sort_by_id" or not self._by_numbers(position):
                    self._speak(position, verdict)
                return None
            case Gap() | Refused():
                received, total = len(decoded.rows), decoded.total or 0
                if 1 < received < position.asked and position.start + received < total:
                    self._most = received  # smaller pages than asked for: numbered pages began elsewhere
                return await self._mend(position, decoded.rows, verdict)

    async def _take(self, position: Position) -> Decoded[Row] | None:
        """The page at `position`; None to read on elsewhere."""
        before = self._record.meter.answering
        try:
            decoded = await self._pages.take(position)
        except BadRequestError as error:
            self._understand(position, error)
            return None
        if self._pace.measures:
            self._pace.measure(position, decoded, self._record.meter.answering - before)
        return decoded

    def _understand(self, position: Position, error: BadRequestError) -> None:
        """Go on without what the server refuses, where the walk added it by itself; raise `error` otherwise."""
        fits = smaller(position, error)
        if fits is not None:
            self._learned.note_size(self._plan.endpoint, fits.most)
            self._most = fits.most
            self._pages.forget()
            self._position = fits
            return
        found = refused_for(self._plan, position, error)
        if found is None:
            raise error
        self._speak(position, found)

    def _found(self, position: Position, decoded: Decoded[Row]) -> Otherwise | None:
        """What a page tells of the server's dialect, before anything else."""
        plan, of_walk = self._plan, list[Any](decoded.rows)
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
        return None

    def _speak(self, position: Position, found: Otherwise) -> None:
        """Go on in the dialect that was found; it is an error where that might give wrong rows."""
        plan = self._plan
        changed = adapted(plan, position, found)
        if changed is None:
            raise DialectError(
                f"{plan.endpoint.name}: {found.reason} (at row {position.done:,})", found.field
            )
        plan, position = changed
        self._learned.note(plan.endpoint, plan.dialect)
        if self._record.rows:
            plan = attrs.evolve(plan, restarts=False)  # nobody knows the ids of what was yielded
        self._plan = plan
        said = f"{found.field}={found.value}"
        self._record.adapted = (*self._record.adapted, said)
        self._record.ordered = plan.ordered
        if self._learned.is_new(found.field, found.value):
            warnings.warn(
                f"{plan.endpoint.name}: {found.reason}. The walk goes on as from a server with {said}; to know it"
                f" from the beginning, give the client Dialect({found.field}={found.value!r})",
                TeamUpDialectWarning,
                stacklevel=7,
            )
        self._pace.end()
        self._pace = Pace(plan, self._requester)
        self._pages = self._pages.replanned(plan, self._pace.guess)
        self._known = set() if plan.moves else None
        self._position = position

    def _goes_back(self, position: Position, decoded: Decoded[Row]) -> bool:
        """Go back to pages by number where the walk has entered at an id, and rows may not come sorted by it.

        Rows behind others with greater ids would be lost. Headers can say that rows come sorted. Without that a total
        shows it which has fallen by no more than the rows yielded.
        """
        plan, proved = self._plan, self._learned.sorted_by_id
        if not isinstance(plan.order, ById):
            return False
        if any(header.key == "id" and header.sorted is not None for header in decoded.headers):
            proved.add(plan.endpoint.name)
        if plan.endpoint.name in proved or self._worth.fallen or position.since == plan.first.since:
            return False
        if position.by == "id":
            self._record.doubt_proof(_UNSURE)
            return False
        return self._by_numbers(position)

    def _by_numbers(self, position: Position) -> bool:
        """Go on by numbers where the walk has just entered at an id to spend fewer requests."""
        if not self._pace.thrifty or not position.entered_at_last or position == self._plan.first:
            return False
        self._pages.forget()
        self._pace.by_numbers()
        self._position = by_number(position, position.by)
        return True

    def _follow(self, position: Position, decoded: Decoded[Row], taken: Continues) -> Step:
        received = len(decoded.rows)
        total = self._worth.of_stretch(position, received, decoded.total, len(taken.rows))
        end = position.start + received
        begins = position.start == 0 and position.last is None
        short = 0 < received < position.asked
        more = total is not None and total > end
        if begins and short and total == end and received in ROUND and received > self._learned.largest:
            total, more = None, True
        clamped = short and (received == self._short or (begins and more and received > 1))
        if received < position.asked:
            self._short = received
        self._learned.largest = max(self._learned.largest, received)
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
        """The rows that were not yielded before: those that were moved to another place come again.

        Nor those at the caller's own ``id_gt``, which a server may take inclusively.
        """
        known, floor = self._known, self._plan.floor
        of_walk: list[Any] = rows
        if floor is not None:
            of_walk = [row for row in of_walk if row.id != floor]
        if known is None:
            return of_walk
        fresh = [row for row in of_walk if row.id not in known]
        known.update(row.id for row in fresh)
        again = len(of_walk) - len(fresh)
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
        elif isinstance(verdict, Gap) and isinstance(plan.order, ById):
            self._record.repairs += moved
            await self._enter(position, rewound(position, position.size << self._idle), verdict.reason)
        elif not self._restart():
            self._fail(position, verdict.reason)
        return None

    async def _try_again(self, position: Position, step: AskAgain | Stale) -> None:
        """Ask once more where a page brought nothing new, after a pause, and not for ever."""
        reason = _MORE
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


def _totals(plan: Plan[Any]) -> Totals:
    return Totals(ignored=plan.dialect.total != "exact", whole=bool(plan.first.whole))
