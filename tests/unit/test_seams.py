"""The rules that decide whether a page continues a walk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from teamup_async._walking.position import LimitOffset, PageNumber
from teamup_async._walking.seams import ByEquality, ById, ByTime, Integrity, digest

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def ids(*numbers: Any) -> list[Any]:
    return [SimpleNamespace(id=number) for number in numbers]


def timed(*pairs: tuple[int, int]) -> list[Any]:
    return [SimpleNamespace(id=i, starts_at=NOON + timedelta(hours=h)) for i, h in pairs]


def hour(number: int) -> str:
    return (NOON + timedelta(hours=number)).isoformat()


def fresh(joint: Any) -> list[int]:
    return [row.id for row in joint.fresh]


BEGIN = LimitOffset(size=10)
LATER = LimitOffset(size=10, offset=9, last=10)


def test_by_id():
    """A page that begins at or before the last id continues it; one that begins behind it may hide a gap."""
    order = ById()
    assert fresh(order.join(BEGIN, ids(1, 5, 9))) == [1, 5, 9]
    assert order.join(BEGIN, []).last is None
    joint = order.join(LATER, ids(10, 11, 20))
    assert (fresh(joint), joint.last) == ([11, 20], 20)
    assert fresh(order.join(LATER, ids(4, 8, 12))) == [12]
    behind = order.join(LATER, ids(11, 12))
    assert (behind.fresh, behind.gap) == (None, True)
    assert "deleted" in behind.reason
    assert order.join(LATER, []).gap
    stale = order.join(LATER, ids(3, 4))
    assert (fresh(stale), stale.last, stale.gap) == ([], 10, True)
    entered = LimitOffset(size=10, last=10, since=10)
    assert fresh(order.join(entered, ids(13, 14))) == [13, 14]


@pytest.mark.parametrize("rows", [ids(1, 3, 2), ids(1, 1), ids(1, None)])
def test_by_id_needs_sorted_ids(rows):
    """Ids that are missing or not ascending prove nothing, and the reason names the way out."""
    joint = ById().join(BEGIN, rows)
    assert (joint.fresh, joint.gap) == (None, False)
    assert "sort=[]" in joint.reason


def test_by_id_entered_wrongly():
    """After id_gt no id up to it may come."""
    assert ById().join(LimitOffset(size=10, last=10, since=10), ids(10, 11)).fresh is None


def test_by_time():
    """Ties are told apart by id; a page that begins right at the last time does not prove anything."""
    order = ByTime("starts_at")
    first = order.join(PageNumber(size=10), timed((1, 0), (2, 1), (3, 1)))
    assert (fresh(first), first.last, first.seen) == ([1, 2, 3], hour(1), (2, 3))
    place = PageNumber(size=10, page=2, last=hour(1), seen=(2, 3))
    more = order.join(place, timed((1, 0), (2, 1), (3, 1), (4, 1), (5, 2)))
    assert (fresh(more), more.last, more.seen) == ([4, 5], hour(2), (5,))
    tied = order.join(place, timed((3, 1), (4, 1)))
    assert (tied.fresh, tied.gap, tied.moved) == (None, True, False)
    many = PageNumber(size=10, page=2, last=hour(1), seen=(2, 3), since=hour(1))
    same = order.join(many, timed((3, 1), (4, 1)))
    assert (fresh(same), same.seen) == ([4], (2, 3, 4))
    other = order.join(many, timed((4, 1), (5, 2)))
    assert (other.fresh, other.gap, other.moved) == (None, False, True)
    assert order.join(place, timed((5, 2))).gap
    assert order.join(place, []).gap
    nothing = order.join(place, timed((1, 0), (2, 1), (3, 1)))
    assert (fresh(nothing), nothing.last, nothing.seen) == ([], hour(1), (2, 3))


def test_by_time_entered():
    """After entering at a time nothing from before it may come; what was seen there is left out."""
    order = ByTime("starts_at")
    place = PageNumber(size=10, last=hour(1), since=hour(1), seen=(2,))
    assert fresh(order.join(place, timed((2, 1), (6, 1), (7, 3)))) == [6, 7]
    assert order.join(place, []).fresh == []
    assert order.join(place, timed((1, 0))).fresh is None


def test_by_time_descending():
    """The same the other way round."""
    order = ByTime("starts_at", descending=True)
    place = PageNumber(size=10, page=2, last=hour(5), seen=(9,))
    assert fresh(order.join(place, timed((8, 6), (9, 5), (10, 4)))) == [10]
    assert order.join(place, timed((8, 4), (9, 5))).fresh is None


@pytest.mark.parametrize(
    "rows",
    [
        timed((1, 1), (2, 0)),
        [SimpleNamespace(id=None, starts_at=NOON)],
        [SimpleNamespace(id=1, starts_at=None)],
        [SimpleNamespace(id=1, starts_at=NOON.replace(tzinfo=None))],
    ],
)
def test_by_time_needs_sorted_times(rows):
    """Times that are missing, without a zone or unsorted prove nothing."""
    joint = ByTime("starts_at").join(PageNumber(size=10), rows)
    assert (joint.fresh, joint.gap) == (None, False)


def test_by_equality():
    """Where nothing can be compared, a page must contain the last row, and goes on behind it."""
    order = ByEquality(lambda row: row.id)
    first = order.join(BEGIN, ids(7, 3))
    assert (fresh(first), first.last) == ([7, 3], digest(3))
    assert order.join(BEGIN, []).last is None
    place = LimitOffset(size=10, offset=1, last=digest(3))
    assert fresh(order.join(place, ids(7, 3, 9))) == [9]
    same = order.join(place, ids(3))
    assert (fresh(same), same.last) == ([], digest(3))
    assert order.join(place, ids(9, 8)).fresh is None
    assert "repeats" in order.join(place, ids(9, 9)).reason


@pytest.mark.parametrize("order", [ById(), ByTime("starts_at"), ByEquality(lambda row: row.id)])
def test_accept(order):
    """Where the caller chose to be warned only, a page is taken as it is."""
    place = PageNumber(size=10, page=2, last=hour(1), seen=(2,))
    rows = timed((4, 3), (5, 3))
    joint = order.accept(place, rows)
    assert joint.fresh == rows
    assert joint.last in (5, hour(3), digest(5))
    assert order.accept(place, []).last == place.last


def test_integrity():
    """The promise is kept once a walk has finished without a doubt."""
    assert not Integrity().exact
    assert Integrity(finished=True).exact
    assert not Integrity(finished=True, doubts=1).exact


def test_digest():
    """A digest is short, stable, and takes any key."""
    assert digest((1, "a", None)) == digest((1, "a", None)) != digest((1, "a", 0))
    assert len(digest("\ud800")) == 16
