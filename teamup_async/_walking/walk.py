"""One walk over the pages of an endpoint: whether each page continues the last, and where to go on.

The promise (each row that exists throughout comes exactly once, or the walk says so) is kept by the rules of
``integrity``; this room turns their verdicts into requests.
"""

from __future__ import annotations

import warnings
from asyncio import Task
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attrs

from .._decoding.fast import decode, hide
from .._decoding.page import ColumnHeader, Decoded
from .._http.requester import Requester
from ..errors import (
    NotFoundError,
    PaginationDriftError,
    PaginationError,
    PaginationStalledError,
    RequestTimeoutError,
    ResponseDecodeError,
    TeamUpDriftWarning,
    TeamUpError,
)
from ..stats import Meter
from .plan import Plan
from .position import Place
from .prefetch import Window
from .seams import ByEquality, Integrity, Joint

__all__ = ["Record", "Walk", "WalkedPage"]

Row = TypeVar("Row")

MAX_REPAIRS: Final = 100
"""Repairs in a row that bring no new row before a walk gives up."""
MAX_REREADS: Final = 3
"""Times a grouped report is read anew before a walk gives up."""
MAX_GROUPS: Final = 1_000_000
"""Rows of a grouped report, which is held in memory until it was read to its end."""


@attrs.define
class Record:
    """What a walk has counted and checked; outlives it. The fields are those of `Integrity`."""

    meter: Meter = attrs.field(factory=Meter)
    rows: int = 0
    total_at_start: int | None = None
    total_at_end: int | None = None
    seams: int = 0
    repairs: int = 0
    rereads: int = 0
    doubts: int = 0
    finished: bool = False

    @property
    def integrity(self) -> Integrity:
        """What was checked, as it stands."""
        return Integrity(**{field.name: getattr(self, field.name) for field in attrs.fields(Integrity)})

    def begin_anew(self) -> None:
        """Forget what was read so far."""
        self.meter.rows = self.meter.pages = self.rows = self.seams = 0
        self.total_at_start = self.total_at_end = None
        self.rereads += 1


@attrs.frozen
class WalkedPage(Generic[Row]):
    """A page as the walk hands it out: fresh rows only, and where the next begins."""

    rows: list[Row]
    total: int | None
    headers: tuple[ColumnHeader, ...]
    next: Place | None


class Walk(Generic[Row]):
    """A walk under way."""

    def __init__(self, plan: Plan[Row], requester: Requester, record: Record) -> None:
        self._plan = plan
        self._record = record
        self._place: Place | None = plan.first
        self._total: int | None = None
        self._requester = requester
        self._window = Window(plan.window, _fetcher(plan, requester, record.meter))
        self._deadline = None if plan.timeout is None else requester.now() + plan.timeout
        self._idle_repairs = 0
        self._most: int | None = None
        self._held: deque[WalkedPage[Row]] | None = None

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end. A `TeamUpError` carries the place to go on from."""
        try:
            if not self._plan.whole:
                return await self._read()
            if self._held is None:
                self._held = await self._read_whole()
            page = self._held.popleft() if self._held else None
            self._place = page.next if page is not None else None
        except TeamUpError as error:
            self._window.clear()
            self._record.finished = False
            unread = self._plan.whole and self._held is None
            place = self._plan.first if unread else self._place
            if error.position is None and place is not None:
                error.position = place.to_json()
            raise
        return page

    async def aclose(self) -> None:
        """End what is under way."""
        self._place = None
        await self._window.aclose()

    async def _read(self) -> WalkedPage[Row] | None:
        while (place := self._place) is not None:
            decoded = await self._take(place)
            joint = self._plan.order.join(place, decoded.rows)
            received = len(decoded.rows)
            ended = _ended(place, received, decoded.total, joint)
            entered = place.start == 0 and place.since is not None and received > 0
            if joint.fresh is None or not (joint.fresh or ended or entered):
                healed = self._drifted(place, joint, decoded)
                if healed is None:
                    continue
                joint = healed
            fresh = joint.fresh or []
            if fresh:
                self._idle_repairs = 0
            following = None if ended else _following(place, received, decoded.total, joint, fresh)
            self._total = decoded.total
            self._place = following
            self._window.fill(following, self._guess)
            return self._hand_out(place, decoded, fresh, following)
        return None

    def _hand_out(
        self, place: Place, decoded: Decoded[Row], fresh: list[Row], following: Place | None
    ) -> WalkedPage[Row]:
        if self._plan.hidden:
            hide(fresh, self._plan.hidden)
        received, count = len(decoded.rows), len(fresh)
        total = decoded.total
        overall = None if total is None else max(0, total - place.start - received) + place.done + count
        record = self._record
        record.meter.rows += count
        record.meter.pages += 1
        record.meter.total = overall
        record.rows += count
        record.seams += place.last is not None
        record.finished = following is None
        record.total_at_end = overall
        if record.total_at_start is None:
            record.total_at_start = overall
        return WalkedPage(fresh, overall, decoded.headers, following)

    async def _take(self, place: Place) -> Decoded[Row]:
        endpoint = self._plan.endpoint
        try:
            timeout = self._time_left()
            body = await self._window.take(place, self._guess, timeout)
            try:
                return decode(endpoint, body)
            except ResponseDecodeError as error:
                self._window.put_back(place, self._reread(place, error))
            body = await self._window.take(place, self._guess, timeout)
            return decode(endpoint, body)
        except TimeoutError:
            raise RequestTimeoutError(f"the walk took longer than {self._plan.timeout} seconds") from None
        except NotFoundError:
            # A page past the end, where rows were deleted meanwhile.
            if place.start == 0 or endpoint.envelope.past_the_end != "not_found":
                raise
            return Decoded([], None, ())

    def _time_left(self) -> float | None:
        """Seconds left for this walk. Raises `TimeoutError` when there are none, be the next page there or not."""
        if self._deadline is None:
            return None
        left = self._deadline - self._requester.now()
        if left <= 0:
            raise TimeoutError
        return left

    def _reread(self, place: Place, error: ResponseDecodeError) -> Task[bytes]:
        """Fetch a page once more that could not be decoded, with the retries that are left to it."""
        plan, requester = self._plan, self._requester

        def decodable(body: bytes) -> bytes:
            decode(plan.endpoint, body)
            return body

        query = plan.query(place)
        meter = self._record.meter
        return requester.spawn(
            requester.get(plan.endpoint.path, query, decodable, meter, failed=error, where=place.to_json)
        )

    def _guess(self, place: Place) -> Place | None:
        """What will probably follow `place`, if its page is full."""
        if place.by == "id" or self._total is None or place.start + place.asked >= self._total:
            return None
        return place.after(place.asked)

    def _drifted(self, place: Place, joint: Joint, decoded: Decoded[Row]) -> Joint | None:
        """Deal with a page that does not continue the walk: None to read on elsewhere, or a joint to
        accept it.
        """
        reason = joint.reason or "a page brought no new row although more were announced"
        plan = self._plan
        received, total = len(decoded.rows), decoded.total
        if total is not None and 0 < received < place.asked and place.start + received < total:
            self._most = received  # smaller pages than asked for: numbered pages began elsewhere
        stalled = joint.fresh is not None or (not decoded.rows and place.last is None)
        if plan.on_drift == "warn" and joint.fresh is None and joint.moved:
            warnings.warn(f"{plan.endpoint.name}: {reason}", TeamUpDriftWarning, stacklevel=4)
            self._record.doubts += 1
            return plan.order.accept(place, decoded.rows)
        can_heal = joint.gap and place.last is not None and plan.cursor is not None
        may_heal = plan.on_drift == "heal" or stalled or not joint.moved
        if can_heal and may_heal and self._idle_repairs < MAX_REPAIRS:
            assert place.last is not None
            self._idle_repairs += 1
            self._record.repairs += joint.moved
            self._total = None
            self._place = place.entered(place.last)
            if self._most is not None:
                self._place = self._place.clamped(self._most)
            return None
        text = f"{plan.endpoint.name}: {reason} (at row {place.done:,})"
        raise PaginationStalledError(text) if stalled else PaginationDriftError(text)

    async def _read_whole(self) -> deque[WalkedPage[Row]]:
        """Read a grouped report to its end before any of it is handed out; anew where it moved meanwhile."""
        first = self._place
        while True:
            try:
                return await self._read_steadily()
            except PaginationError:
                if self._plan.on_drift != "heal" or self._record.rereads >= MAX_REREADS:
                    self._place = first
                    raise
                self._record.begin_anew()
                assert first is not None
                self._place = first if self._most is None else first.clamped(self._most)
                self._total = None
                self._window.clear()

    async def _read_steadily(self) -> deque[WalkedPage[Row]]:
        held: deque[WalkedPage[Row]] = deque()
        keys: set[Any] = set()
        order = self._plan.order
        while (page := await self._read()) is not None:
            held.append(page)
            self._check_groups(page)
            if page.next is None and len(held) == 1:
                break  # one page is of one moment
            if page.total != held[0].total:
                self._doubt(f"its total went from {held[0].total} to {page.total} while it was read")
            if isinstance(order, ByEquality):
                before = len(keys)
                keys.update(map(order.key, page.rows))
                if len(keys) != before + len(page.rows):
                    self._doubt("a group came twice while it was read")
        return held

    def _check_groups(self, page: WalkedPage[Row]) -> None:
        count = max(self._record.rows, page.total or 0)
        if count > MAX_GROUPS:
            name, total = self._plan.endpoint.name, self._plan.endpoint.envelope.total
            raise ResponseDecodeError(
                f"{name}: {count:,} groups are more than the {MAX_GROUPS:,} that are held in memory; ask for fewer",
                json_path=f"$.{total}",
            )

    def _doubt(self, reason: str) -> None:
        text = f"{self._plan.endpoint.name}: {reason}"
        if self._plan.on_drift != "warn":
            raise PaginationDriftError(text)
        warnings.warn(text, TeamUpDriftWarning, stacklevel=5)
        self._record.doubts += 1


def _ended(place: Place, received: int, total: int | None, joint: Joint) -> bool:
    """Whether nothing follows a page, as far as the server said when it sent it."""
    if total is None:
        return not received if place.last is None else joint.fresh is not None and not joint.fresh
    if not received and place.start < total:
        return False
    return place.start + received >= total


def _following(place: Place, received: int, total: int | None, joint: Joint, fresh: list[Any]) -> Place:
    """Where to go on: by rows received, not by rows asked for."""
    if total is not None and 0 < received < place.asked:
        place = place.clamped(received)
    return place.after(received, last=joint.last, seen=joint.seen, done=place.done + len(fresh))


def _fetcher(plan: Plan[Any], requester: Requester, meter: Meter) -> Callable[[Place], Task[bytes]]:
    # Pages wait as bytes: rows that are made, used and dropped at once take a third less time than rows
    # of many pages that lie in memory side by side.
    path = plan.endpoint.path

    def fetch(place: Place) -> Task[bytes]:
        return requester.spawn(requester.get(path, plan.query(place), bytes, meter, where=place.to_json))

    return fetch
