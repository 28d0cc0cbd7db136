"""The rules that decide whether a page continues a walk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from teamup_async._walking.position import LimitOffset, PageNumber
from teamup_async._walking.record import Integrity
from teamup_async._walking.seams import ByEquality, ById, ByTime, Continues, Gap, Otherwise, Refused, digest

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def ids(*numbers: Any) -> list[Any]:
    return [SimpleNamespace(id=number) for number in numbers]


def timed(*pairs: tuple[int, int]) -> list[Any]:
    return [SimpleNamespace(id=i, starts_at=NOON + timedelta(hours=h)) for i, h in pairs]


def hour(number: int) -> str:
    return (NOON + timedelta(hours=number)).isoformat()


def fresh(verdict: Any) -> list[int]:
    return [row.id for row in verdict.rows]


BEGIN = LimitOffset(size=10)
LATER = LimitOffset(size=10, offset=9, last=10)


def test_by_id():
    """A page that begins at or before the last id continues it; one that begins behind it may hide a gap."""
    order = ById()
    assert fresh(order.join(BEGIN, ids(1, 5, 9))) == [1, 5, 9]
    assert order.join(BEGIN, []) == Continues([], None)
    verdict = order.join(LATER, ids(10, 11, 20))
    assert (fresh(verdict), verdict.last) == ([11, 20], 20)
    assert fresh(order.join(LATER, ids(4, 8, 12))) == [12]
    behind = order.join(LATER, ids(11, 12))
    assert behind == Gap("rows up to id 10 were deleted while it was read")
    assert order.join(LATER, []) == behind
    assert order.join(LATER, ids(3, 4)) == Continues([], 10)
    entered = LimitOffset(size=10, last=10, since=10)
    assert fresh(order.join(entered, ids(13, 14))) == [13, 14]


@pytest.mark.parametrize(
    ("rows", "field", "value"),
    [
        (ids(1, 3, 2), "sort_by_id", "ignored"),
        (ids(1, 1), "sort_by_id", "ignored"),
        (ids(1, None), "default_columns", "few"),
    ],
)
def test_by_id_needs_sorted_ids(rows, field, value):
    """Ids that are missing or not ascending prove nothing but that the server speaks another dialect."""
    verdict = ById().join(BEGIN, rows)
    assert isinstance(verdict, Otherwise)
    assert (verdict.field, verdict.value) == (field, value)


def test_by_id_entered_wrongly():
    """After id_gt the row at it may come again, and none before it."""
    entered = LimitOffset(size=10, last=10, since=10)
    assert fresh(ById().join(entered, ids(10, 11))) == [11]
    assert ById().join(entered, ids(10)) == Continues([], 10)
    verdict = ById().join(entered, ids(9, 10, 11))
    assert isinstance(verdict, Otherwise)
    assert (verdict.field, verdict.value) == ("id_gt", "ignored")


def test_by_id_from_the_beginning():
    """Where no row lies before a page, nothing was lost before it."""
    again = LimitOffset(size=10, last=10, done=4)
    assert fresh(ById().join(again, ids(11, 12))) == [11, 12]
    assert fresh(ById().join(again, ids(3, 12))) == [12]


def test_by_time():
    """Ties are told apart by id; a page that begins right at the last time does not prove anything."""
    order = ByTime("starts_at")
    first = order.join(PageNumber(size=10), timed((1, 0), (2, 1), (3, 1)))
    assert (fresh(first), first.last, first.seen) == ([1, 2, 3], hour(1), (2, 3))
    position = PageNumber(size=10, page=2, last=hour(1), seen=(2, 3))
    more = order.join(position, timed((1, 0), (2, 1), (3, 1), (4, 1), (5, 2)))
    assert (fresh(more), more.last, more.seen) == ([4, 5], hour(2), (5,))
    tied = order.join(position, timed((3, 1), (4, 1)))
    assert isinstance(tied, Gap)
    assert not tied.moved
    for rows in (timed((5, 2)), []):
        gap = order.join(position, rows)
        assert isinstance(gap, Gap)
        assert gap.moved
    nothing = order.join(position, timed((1, 0), (2, 1), (3, 1)))
    assert nothing == Continues([], hour(1), (2, 3))


def test_more_rows_share_a_time_than_a_page_holds():
    """They are counted: where fewer ids are known than lie before the end of a page, their order has changed."""
    order = ByTime("starts_at")
    position = PageNumber(size=2, page=2, last=hour(1), seen=(2, 3), since=hour(1))
    last = order.join(position, timed((4, 1), (5, 2)))
    assert (fresh(last), last.seen) == ([4, 5], (5,))
    assert fresh(order.join(position, timed((4, 1), (6, 1)))) == [4, 6]
    for rows in (timed((3, 1), (4, 1)), timed((2, 1), (5, 2))):
        assert order.join(position, rows) == Gap(
            f"rows that start at {hour(1)} came in another order", moved=False, certain=True
        )
    assert order.join(position, timed((5, 2))) == Gap(f"rows up to {hour(1)} moved while it was read")


def test_by_time_entered():
    """After entering at a time nothing from before it may come; what was seen there is left out."""
    order = ByTime("starts_at")
    position = PageNumber(size=10, last=hour(1), since=hour(1), seen=(2,))
    assert fresh(order.join(position, timed((2, 1), (6, 1), (7, 3)))) == [6, 7]
    assert order.join(position, []) == Continues([], hour(1), (2,))
    assert isinstance(order.join(position, timed((1, 0))), Refused)


def test_by_time_descending():
    """The same the other way round."""
    order = ByTime("starts_at", descending=True)
    position = PageNumber(size=10, page=2, last=hour(5), seen=(9,))
    assert fresh(order.join(position, timed((8, 6), (9, 5), (10, 4)))) == [10]
    assert isinstance(order.join(position, timed((8, 4), (9, 5))), Refused)


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
    assert isinstance(ByTime("starts_at").join(PageNumber(size=10), rows), Refused)


def test_by_time_in_an_object():
    """The time may lie in an object; an id in its place proves nothing, and the message says what does without."""
    order = ByTime("event.starts_at")
    rows = [SimpleNamespace(id=row.id, event=row) for row in timed((1, 0), (2, 1))]
    joined = order.join(PageNumber(size=10), rows)
    assert (fresh(joined), joined.last) == ([1, 2], hour(1))
    refused = order.join(PageNumber(size=10), [SimpleNamespace(id=1, event=7)])
    assert isinstance(refused, Refused)
    assert refused.reason.endswith("walk with sort=[] to do without")


def test_by_equality():
    """Where nothing can be compared, a page must contain the last row, and goes on behind it."""
    order = ByEquality(lambda row: row.id)
    first = order.join(BEGIN, ids(7, 3))
    assert (fresh(first), first.last) == ([7, 3], digest(3))
    assert order.join(BEGIN, []) == Continues([], None)
    position = LimitOffset(size=10, offset=1, last=digest(3))
    assert fresh(order.join(position, ids(7, 3, 9))) == [9]
    assert order.join(position, ids(3)) == Continues([], digest(3))
    assert isinstance(order.join(position, ids(9, 8)), Gap)
    assert order.join(position, ids(9, 9)) == Refused("a page repeats a row")


def test_rows_that_look_alike():
    """Rows without an id may be alike: where nothing moved, the last one's place tells which it is."""
    order = ByEquality(lambda row: row.id, unique=False)
    position = PageNumber(size=3, page=1, page_size=6, last=digest(7), done=3)
    assert fresh(order.join(position, ids(1, 7, 7, 7, 8, 9))) == [7, 8, 9]
    assert fresh(order.join(position, ids(7, 8, 9))) == [8, 9]


@pytest.mark.parametrize("order", [ById(), ByTime("starts_at"), ByEquality(lambda row: row.id)])
def test_accept(order):
    """Where the caller chose to be warned only, a page is taken as it is."""
    position = PageNumber(size=10, page=2, last=hour(1), seen=(2,))
    rows = timed((4, 3), (5, 3))
    taken = order.accept(position, rows)
    assert taken.rows == rows
    assert taken.last in (5, hour(3), digest(5))
    assert order.accept(position, []).last == position.last


def test_integrity():
    """The promise is kept once a walk has finished without a doubt, and with nothing left that it could not prove."""
    assert not Integrity().exact
    assert Integrity(finished=True).exact
    assert Integrity(finished=True).steady
    assert not Integrity(finished=True, doubts=1).exact
    assert not Integrity(finished=True, doubts=1).steady
    moved = Integrity(finished=True, unproved=("rows may be missing",))
    assert (moved.exact, moved.steady) == (False, True)
    unordered = Integrity(finished=True, unproved=("rows may be missing",), ordered=False)
    assert (unordered.exact, unordered.steady) == (False, False)
    assert Integrity(finished=True, ordered=False).steady


def test_digest():
    """A digest is short, stable, and takes any key."""
    assert digest((1, "a", None)) == digest((1, "a", None)) != digest((1, "a", 0))
    assert len(digest("\ud800")) == 16
