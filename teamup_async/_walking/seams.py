"""Whether a page continues a walk: pure rules that let no row slip through unseen.

A page is a contiguous run of the server's order at one moment. So if rows come in a strict order, and a page
begins at or before the last row yielded, then every row that exists throughout and lies behind that row is on
this page or after it: nothing was lost, whatever was inserted or deleted meanwhile, and what was yielded before
is dropped. If a page begins behind that row, there may be a gap: the walk enters again at the last key, or says
so.

Three orders:

* `ById`: reports whose rows have an id, sorted by it. Ids never change, so this is exact.
* `ByTime`: lists sorted by a time (`course_sessions`). Rows may share a time: ids tell them apart.
* `ByEquality`: everything else. Nothing can be compared, but the seam must repeat the last row.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import islice, pairwise
from operator import attrgetter, gt, lt
from typing import Any, Protocol

import attrs

from .position import Key, Position

__all__ = ["ByEquality", "ById", "ByTime", "Continues", "Gap", "Order", "Otherwise", "Refused", "Verdict"]


@attrs.frozen
class Continues:
    """The page continues the walk: `rows` are new, `last` and `seen` are the position's after them."""

    rows: list[Any]
    last: Key | None
    seen: tuple[int, ...] = ()


@attrs.frozen
class Gap:
    """Rows may lie between this page and the last, for `reason`; to enter again at the last key heals that.

    `moved` is False where that is so although nothing need have moved. `certain`: rows do lie there.
    """

    reason: str
    moved: bool = True
    certain: bool = False


@attrs.frozen
class Refused:
    """Nothing can be concluded from the page, for `reason`."""

    reason: str


@attrs.frozen
class Otherwise:
    """The server seems to speak another dialect: `field` of `Dialect` is `value`, which `reason` shows."""

    field: str
    value: str
    reason: str


Verdict = Continues | Gap | Refused | Otherwise
"""What a seam between two pages shows."""


class Order(Protocol):
    """An order of rows, and what can be concluded from it."""

    def join(self, position: Position, rows: list[Any]) -> Verdict:
        """How `rows`, received at `position`, continue the walk."""
        ...

    def accept(self, position: Position, rows: list[Any]) -> Continues:
        """Take `rows` as they are, whatever was lost or repeated."""
        ...


@attrs.frozen
class ById:
    """Rows sorted by id, ascending: exact, and the walk can enter again at any id."""

    def join(self, position: Position, rows: list[Any]) -> Verdict:
        """Drop ids up to the last one; a gap if the page begins behind it."""
        ids: list[Any] = [row.id for row in rows]
        if None in ids:
            return Otherwise("default_columns", "few", "rows carry no id")
        if not all(map(lt, ids, islice(ids, 1, None))):
            return Otherwise("sort_by_id", "ignored", "rows do not come sorted by id, as asked")
        since = position.since
        if isinstance(since, int) and ids and ids[0] < since:
            reason = f"rows up to id {since} came, although only those behind it were asked for"
            return Otherwise("id_gt", "ignored", reason)
        last = position.last
        if last is None:
            return Continues(rows, ids[-1] if ids else last)
        if position.entered_at_last or position.at_the_beginning or (ids and ids[0] <= last):
            # A server that takes id_gt inclusively repeats the row at the key.
            fresh = rows[bisect_right(ids, last) :]
            return Continues(fresh, ids[-1] if fresh else last)
        return Gap(f"rows up to id {last} were deleted while it was read")

    def accept(self, position: Position, rows: list[Any]) -> Continues:
        """Go on behind the last row."""
        return Continues(rows, rows[-1].id if rows else position.last)


@attrs.frozen
class ByTime:
    """Rows sorted by a time; the walk can enter again at any time, and drops the ids it has seen there.

    The API document does not say in which order rows come that share a time. So a page continues the walk only if
    it begins before the last time: then all rows of that time are on it, in whatever order. Where a page
    begins right at the last time, the walk enters again there. Where more rows share a time than a page holds,
    they are counted: as many ids must be known as lie before the end of a page.
    """

    field: str
    descending: bool = False

    def join(self, position: Position, rows: list[Any]) -> Verdict:
        """Drop what lies before the last time, and ids already seen at it; a gap if the page begins after
        it.
        """
        times = self._times(rows)
        if any(not isinstance(t, datetime) or t.tzinfo is None for t in times) or any(
            row.id is None for row in rows
        ):
            return Refused(
                f"rows carry no id or no {self.field} with a time zone; walk with sort=[] to do without"
            )
        before: Callable[[Any, Any], bool] = gt if self.descending else lt
        if any(before(b, a) for a, b in pairwise(times)):
            return Refused(f"rows do not come sorted by {self.field}, as asked")
        if position.last is None:
            return _at_time(position, rows, times)
        last = datetime.fromisoformat(str(position.last))
        against = self._against(position, rows, times, last)
        if against is not None:
            return against
        seen = set(position.seen)
        fresh = [
            row
            for row, time in zip(rows, times, strict=True)
            if before(last, time) or (time == last and row.id not in seen)
        ]
        return _at_time(position, fresh, self._times(fresh))

    def _against(
        self, position: Position, rows: list[Any], times: list[datetime], last: datetime
    ) -> Gap | Refused | None:
        """What speaks against a page that follows the time `last`."""
        before: Callable[[Any, Any], bool] = gt if self.descending else lt
        if position.entered_at_last:
            if times and before(times[0], last):
                return Refused(f"rows from before {position.last} came although it was entered there")
            return None
        if not times or before(last, times[0]):
            return Gap(f"rows up to {position.last} moved while it was read")
        if position.since == position.last:
            # What lies before this page shares the time, too: so many ids must be known.
            there = {row.id for row, time in zip(rows, times, strict=True) if time == last}
            if len(there.union(position.seen)) < position.start + len(there):
                reason = f"rows that start at {position.last} came in another order"
                return Gap(reason, moved=False, certain=True)
        elif times[0] == last:
            return Gap(f"other rows may start at {position.last}, too", moved=False)
        return None

    def accept(self, position: Position, rows: list[Any]) -> Continues:
        """Go on behind the last row."""
        return _at_time(position, rows, self._times(rows))

    def _times(self, rows: list[Any]) -> list[Any]:
        """The times of rows; None where an object that should hold one is an id."""
        if "." not in self.field:
            return [getattr(row, self.field) for row in rows]
        above, _, field = self.field.rpartition(".")
        return [getattr(holder, field, None) for holder in map(attrgetter(above), rows)]


def _at_time(position: Position, fresh: list[Any], times: Sequence[datetime]) -> Continues:
    if not fresh:
        return Continues(fresh, position.last, position.seen)
    last = times[-1].isoformat()
    seen = [row.id for row, time in zip(fresh, times, strict=True) if time == times[-1]]
    if last == position.last:
        seen = [*position.seen, *seen]
    return Continues(fresh, last, tuple(seen))


@attrs.frozen
class ByEquality:
    """Rows in an order that only the server knows: each page must begin with rows yielded before it.

    `key` makes a hashable key of a row; where it is `unique`, keys must not repeat within a page.
    """

    key: Callable[[Any], Any]
    unique: bool = True

    def join(self, position: Position, rows: list[Any]) -> Verdict:
        """Go on behind the last row, which the page must contain; a gap otherwise."""
        keys = [self.key(row) for row in rows]
        if self.unique and len(set(keys)) != len(keys):
            return Refused("a page repeats a row")
        if position.last is None:
            return Continues(rows, digest(keys[-1]) if keys else None)
        digests = [digest(key) for key in keys]
        if position.last not in digests:
            return Gap("the seam between two pages does not match: rows were inserted or deleted")
        # Rows that look alike are told apart by where the last one must be if nothing moved.
        expected = position.done - position.start - 1
        there = 0 <= expected < len(digests) and digests[expected] == position.last
        fresh = rows[(expected if there else digests.index(str(position.last))) + 1 :]
        return Continues(fresh, digests[-1] if fresh else position.last)

    def accept(self, position: Position, rows: list[Any]) -> Continues:
        """Go on behind the last row."""
        return Continues(rows, digest(self.key(rows[-1])) if rows else position.last)


def digest(key: Any) -> str:
    """A short text that stands for a row's key, the same in every process."""
    return blake2b(repr(key).encode("utf-8", "replace"), digest_size=8).hexdigest()
