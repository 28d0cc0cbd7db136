"""Whether a page continues a walk: pure rules that let no row slip through unseen.

A page is a contiguous run of the server's order at one moment. So if rows come in a strict order, and a page
begins at or before the last row handed out, then every row that exists throughout and lies behind that row is
on this page or after it: nothing was lost, whatever was inserted or deleted meanwhile, and what was handed
out before is dropped. If a page begins behind that row, there may be a gap: the walk enters again at the last
key, or says so.

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
from operator import gt, lt
from typing import Any, Literal, Protocol

import attrs

from .position import Key, Place

__all__ = ["ByEquality", "ById", "ByTime", "Integrity", "Joint", "OnDrift", "Order"]

OnDrift = Literal["heal", "raise", "warn"]


@attrs.frozen(kw_only=True)
class Integrity:
    """What a walk checked.

    `rows` handed out, `total_at_start` and `total_at_end` as the server announced them, `seams` checked
    between pages, `repairs` (places entered again after rows had moved), `rereads` (grouped reports read
    anew), `doubts` (moves let pass with ``on_drift="warn"``). `exact` is True once the walk has finished and
    every row that was there throughout was handed out exactly once; False before the end, or when
    ``on_drift="warn"`` let a doubt pass.
    """

    rows: int = 0
    total_at_start: int | None = None
    total_at_end: int | None = None
    seams: int = 0
    repairs: int = 0
    rereads: int = 0
    doubts: int = 0
    finished: bool = False

    @property
    def exact(self) -> bool:
        """Whether the whole promise was kept."""
        return self.finished and not self.doubts


@attrs.frozen
class Joint:
    """How a page joins: `fresh` is the rows to hand out, or None for `reason`.

    `gap` is True where rows may lie between this page and the last, which entering again at the last key
    heals; `moved` is False where that is so although nothing need have moved.
    """

    fresh: list[Any] | None
    last: Key | None = None
    seen: tuple[int, ...] = ()
    reason: str = ""
    gap: bool = False
    moved: bool = True


class Order(Protocol):
    """An order of rows, and what can be concluded from it."""

    def join(self, place: Place, rows: list[Any]) -> Joint:
        """How `rows`, received at `place`, continue the walk."""
        ...

    def accept(self, place: Place, rows: list[Any]) -> Joint:
        """Take `rows` as they are, whatever was lost or repeated."""
        ...


@attrs.frozen
class ById:
    """Rows sorted by id, ascending: exact, and the walk can enter again at any id."""

    def join(self, place: Place, rows: list[Any]) -> Joint:
        """Drop ids up to the last one; a gap if the page begins behind it."""
        ids: list[Any] = [row.id for row in rows]
        if None in ids:
            return Joint(None, reason="rows carry no id; ask for it in columns, or walk with sort=[]")
        ascending = all(map(lt, ids, islice(ids, 1, None)))
        if not ascending or (place.since is not None and ids and ids[0] <= place.since):
            return Joint(
                None, reason="rows do not come sorted by id, as asked; walk with sort=[] to do without"
            )
        last = place.last
        if last is None or (place.start == 0 and place.since == last):
            return Joint(rows, ids[-1] if ids else last)
        if ids and ids[0] <= last:
            fresh = rows[bisect_right(ids, last) :]
            return Joint(fresh, ids[-1] if fresh else last, gap=not fresh)
        return Joint(None, reason=f"rows up to id {last} were deleted while it was read", gap=True)

    def accept(self, place: Place, rows: list[Any]) -> Joint:
        """Go on behind the last row."""
        return Joint(rows, rows[-1].id if rows else place.last)


@attrs.frozen
class ByTime:
    """Rows sorted by a time; the walk can enter again at any time, and drops the ids it has seen there.

    The API document does not say in which order rows come that share a time. So a page continues the walk only if
    it begins before the last time: then all rows of that time are on it, in whatever order. Where a page
    begins right at the last time, the walk enters again there. Only where more rows share a time than a page
    holds, their order is taken to be the same in each request.
    """

    field: str
    descending: bool = False

    def join(self, place: Place, rows: list[Any]) -> Joint:  # noqa: PLR0911 - one for each verdict
        """Drop what lies before the last time, and ids already seen at it; a gap if the page begins after
        it.
        """
        times: list[Any] = [getattr(row, self.field) for row in rows]
        if any(not isinstance(t, datetime) or t.tzinfo is None for t in times) or any(
            row.id is None for row in rows
        ):
            return Joint(None, reason=f"rows carry no id or no {self.field} with a time zone")
        before: Callable[[Any, Any], bool] = gt if self.descending else lt
        if any(before(b, a) for a, b in pairwise(times)):
            return Joint(None, reason=f"rows do not come sorted by {self.field}, as asked")
        if place.last is None:
            return self._joined(place, rows, times)
        last = datetime.fromisoformat(str(place.last))
        entered = place.start == 0 and place.since == place.last
        if entered:
            if times and before(times[0], last):
                return Joint(None, reason=f"rows from before {place.last} came although it was entered there")
        elif not times or before(last, times[0]):
            return Joint(None, reason=f"rows up to {place.last} moved while it was read", gap=True)
        elif times[0] == last and (place.since != place.last or rows[0].id not in place.seen):
            again = place.since == place.last
            reason = f"more rows start at {place.last} than a page holds, in another order each time"
            return Joint(None, reason=reason, gap=not again, moved=again)
        seen = set(place.seen)
        fresh = [
            row
            for row, time in zip(rows, times, strict=True)
            if before(last, time) or (time == last and row.id not in seen)
        ]
        return self._joined(place, fresh, [getattr(row, self.field) for row in fresh])

    def accept(self, place: Place, rows: list[Any]) -> Joint:
        """Go on behind the last row."""
        return self._joined(place, rows, [getattr(row, self.field) for row in rows])

    def _joined(self, place: Place, fresh: list[Any], times: Sequence[datetime]) -> Joint:
        if not fresh:
            return Joint(fresh, place.last, place.seen, gap=True)
        last = times[-1].isoformat()
        seen = [row.id for row, time in zip(fresh, times, strict=True) if time == times[-1]]
        if last == place.last:
            seen = [*place.seen, *seen]
        return Joint(fresh, last, tuple(seen))


@attrs.frozen
class ByEquality:
    """Rows in an order that only the server knows: each page must begin with rows handed out before it.

    `key` makes a hashable key of a row; keys must not repeat within a page.
    """

    key: Callable[[Any], Any]

    def join(self, place: Place, rows: list[Any]) -> Joint:
        """Go on behind the last row, which the page must contain; a gap otherwise."""
        keys = [self.key(row) for row in rows]
        if len(set(keys)) != len(keys):
            return Joint(None, reason="a page repeats a row")
        if place.last is None:
            return Joint(rows, digest(keys[-1]) if keys else None)
        digests = [digest(key) for key in keys]
        if place.last not in digests:
            return Joint(
                None, reason="the seam between two pages does not match: rows were inserted or deleted"
            )
        fresh = rows[digests.index(str(place.last)) + 1 :]
        return Joint(fresh, digests[-1] if fresh else place.last)

    def accept(self, place: Place, rows: list[Any]) -> Joint:
        """Go on behind the last row."""
        return Joint(rows, digest(self.key(rows[-1])) if rows else place.last)


def digest(key: Any) -> str:
    """A short text that stands for a row's key, the same in every process."""
    return blake2b(repr(key).encode("utf-8", "replace"), digest_size=8).hexdigest()
