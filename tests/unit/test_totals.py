"""What totals are worth: found out from one stretch of a walk to the next."""

from __future__ import annotations

import attrs

from teamup_async._walking.position import LimitOffset, PageNumber
from teamup_async._walking.totals import Totals

FIRST = LimitOffset(size=10)
SECOND = LimitOffset(size=10, last=10, since=10, done=10)
THIRD = LimitOffset(size=10, last=20, since=20, done=20)
WITHIN = LimitOffset(size=10, last=10, done=10, offset=9)
LAST = LimitOffset(size=10, last=30, since=30, done=30)


def test_totals_behind_a_key():
    """A total that falls by the rows yielded counts what lies behind the key, and shows that rows come sorted."""
    totals = Totals()
    assert totals.of_stretch(FIRST, 10, 30, 10) == 30
    assert not totals.fallen
    assert totals.of_stretch(SECOND, 10, 20, 10) == 20
    assert (totals.fallen, totals.whole, totals.moving) == (True, False, False)
    assert totals.of_walk(SECOND, 10, 20, 10) == 30


def test_totals_of_the_whole():
    """A total that stays the same counts the whole report: only that no row is left can be told from it."""
    totals = Totals()
    assert totals.of_stretch(FIRST, 10, 30, 10) == 30
    assert totals.of_stretch(SECOND, 10, 30, 10) is None
    assert (totals.fallen, totals.whole) == (False, True)
    assert totals.of_walk(SECOND, 10, 30, 10) == 30
    assert totals.of_stretch(LAST, 0, 30, 0) == 0
    # Where nothing was yielded in between, nothing can be told.
    assert totals.of_stretch(attrs.evolve(LAST, since=29), 0, 30, 0) == 0
    # What looked so once was rows that came meanwhile.
    assert totals.of_stretch(LimitOffset(size=10, last=40, since=40, done=32), 8, 28, 8) == 28
    assert not totals.whole


def test_a_position_knows():
    """A walk that goes on from a position that says so knows it from its first page on."""
    assert Totals(whole=True).of_stretch(LAST, 0, 30, 0) == 0
    within = LimitOffset(size=10, last=30, since=20, done=30, offset=9)
    assert Totals(whole=True).of_stretch(within, 10, 30, 9) is None


def test_a_walk_that_resumed_at_its_end():
    """An empty page behind the last key, and as many announced as were yielded in all: that is the whole report."""
    behind = LimitOffset(size=10, last=40, since=40, done=40)
    assert Totals().of_stretch(behind, 0, 40, 0) == 0
    assert Totals().of_stretch(behind, 0, 39, 0) == 39


def test_times_that_rows_share():
    """Where a walk enters at a time, the rows yielded at that time are counted again."""
    totals = Totals()
    assert totals.of_stretch(PageNumber(size=10), 10, 30, 10) == 30
    at_noon = PageNumber(size=10, last="noon", since="noon", seen=(8, 9, 10), done=10)
    assert totals.of_stretch(at_noon, 10, 23, 7) == 23
    assert totals.fallen


def test_totals_that_move():
    """Rows come or go where one key counts other numbers, or the whole walk does."""
    for later, total in [(WITHIN, 31), (SECOND, 19)]:
        totals = Totals()
        totals.of_stretch(FIRST, 10, 30, 10)
        totals.of_stretch(later, 10, total, 9)
        assert totals.moving


def test_totals_that_are_worth_nothing():
    """Without a total, or where it is known to be worth nothing, nothing is said; rows disprove totals."""
    assert Totals().of_stretch(FIRST, 10, None, 10) is None
    assert Totals().of_walk(FIRST, 10, None, 10) is None
    assert Totals(ignored=True).of_stretch(FIRST, 10, 30, 10) is None
    totals = Totals()
    assert totals.of_stretch(FIRST, 10, 3, 10) == 3
    assert totals.of_stretch(WITHIN, 5, 3, 4) is None
