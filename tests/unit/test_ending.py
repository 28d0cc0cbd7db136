"""What follows a page: rows prove the end, totals never do."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async._walking.ending import AskAgain, Ended, GoOn, Stale, following
from teamup_async._walking.position import LimitOffset, PageNumber
from teamup_async._walking.record import Record
from teamup_async._walking.seams import Continues

FIRST = LimitOffset(size=10)
ENTERED = LimitOffset(size=10, last=40, since=40, done=40)
LATER = LimitOffset(size=10, offset=9, last=40, since=30, done=40)


def took(count: int, last: Any = 50) -> Continues:
    return Continues([None] * count, last)


def step(position: Any, received: int, total: int | None, verdict: Any, **how: Any) -> Any:
    return following(position, received, total, verdict, reenters=how.pop("reenters", True), **how)


def test_a_short_page():
    """A page with fewer rows than asked for ends a walk where the total agrees; else one question is asked.

    From a server that gives no more rows it is a full one.
    """
    behind = GoOn(LimitOffset(size=10, last=50, since=50, done=7))
    assert step(FIRST, 7, 7, took(7)) == Ended()
    for total in (None, 3, 900):
        assert step(FIRST, 7, total, took(7)) == behind
    smaller = step(FIRST, 7, 900, took(7), clamped=True)
    assert smaller == GoOn(LimitOffset(size=7, most=7, offset=6, last=50, done=7))


def test_a_page_that_may_be_cut_off():
    """A last page of numbers may end where the total does, and rows follow: one question tells.

    None is needed where a page shows that nothing came in between: it brings no new row, and begins where it should.
    """
    numbered = PageNumber(size=10)
    behind = step(numbered, 7, 7, took(7), cut=True)
    assert behind == GoOn(PageNumber(size=10, last=50, since=50, done=7))
    assert step(behind.position, 1, 1, took(0, 50), cut=True) == Ended()
    assert step(numbered, 7, 7, took(7)) == Ended()
    assert step(FIRST, 7, 7, took(7), cut=True) == Ended()
    tied = PageNumber(size=3, most=3, last="noon", since="noon", seen=(1, 2, 3), done=3, page=2, page_size=2)
    assert step(tied, 1, 3, took(0, "noon"), cut=True) == Ended()  # not at "noon" again, for ever
    overlapping = step(numbered, 7, 7, took(7), cut=True, reenters=False).position
    assert (overlapping.start < 7, overlapping.last) == (True, 50)
    received = 7 - overlapping.start
    assert step(overlapping, received, 7, took(0, 50), cut=True, reenters=False) == Ended()
    moved = step(overlapping, received + 1, 8, took(0, 50), cut=True, reenters=False)
    assert isinstance(moved, AskAgain)


@pytest.mark.parametrize("total", [None, 3, 10])
def test_a_full_page(total):
    """A full page never ends a walk: where the total says so, the walk asks behind the last key."""
    assert step(FIRST, 10, total, took(10)) == GoOn(LimitOffset(size=10, last=50, since=50, done=10))
    assert step(FIRST, 10, total, took(10), reenters=False) == GoOn(
        LimitOffset(size=10, offset=9, last=50, done=10)
    )


def test_a_full_page_of_many():
    """Where more was announced the walk goes on, or enters at the last key where it is thrifty."""
    assert step(FIRST, 10, 99, took(10)) == GoOn(LimitOffset(size=10, offset=9, last=50, done=10))
    assert step(FIRST, 10, 99, took(10), thrifty=True) == GoOn(
        LimitOffset(size=10, last=50, since=50, done=10)
    )
    tied = PageNumber(size=10, last="noon", since="noon", done=40)
    ahead = step(tied, 10, 99, Continues([None] * 4, "noon", (1, 2)), thrifty=True).position
    assert ahead.since == "noon"
    assert ahead.start + ahead.asked > 10


def test_an_empty_page():
    """An empty page ends a walk, unless rows were announced: then the question is asked again."""
    for total in (None, 0):
        assert step(FIRST, 0, total, took(0, None)) == Ended()
        assert step(ENTERED, 0, total, took(0, 40)) == Ended()
    assert step(FIRST, 0, 5, took(0, None)) == AskAgain(FIRST)
    assert step(ENTERED, 0, 5, took(0, 40)) == AskAgain(ENTERED)
    assert step(LATER, 0, 500, took(0, 40), reenters=False) == AskAgain(LATER)


def test_nothing_new():
    """Rows that were all yielded before: an older moment, the end, or rows that share one key."""
    again = LimitOffset(size=10, last=40, since=40, done=40)
    assert step(LATER, 10, 99, took(0, 40)) == Stale(again)
    assert step(LATER, 3, None, took(0, 40)) == GoOn(again)
    within = attrs.evolve(LATER, since=40)
    assert step(within, 10, 99, took(0, 40)) == AskAgain(again)
    assert step(ENTERED, 10, 99, took(0, 40)) == GoOn(attrs.evolve(ENTERED, offset=9))
    assert step(ENTERED, 3, None, took(0, 40)) == Ended()
    assert step(ENTERED, 3, 9, took(0, 40)) == AskAgain(attrs.evolve(ENTERED, offset=2))
    assert step(ENTERED, 1, 9, took(0, 40)) == AskAgain(ENTERED)


def test_without_a_key_to_enter_at():
    """Where pages can only overlap, the next one begins with the last row."""
    numbered = PageNumber(size=10)
    smaller = step(numbered, 7, 900, took(7), reenters=False)
    assert isinstance(smaller, GoOn)
    assert smaller.position.most == 7
    assert step(LATER, 3, None, took(0, 40), reenters=False) == Ended()
    assert step(FIRST, 1, None, took(0, 40), reenters=False, clamped=True) == Ended()
    assert isinstance(step(LATER, 3, 99, took(0, 40), reenters=False), AskAgain)


def test_as_many_rows_as_on_the_first_page():
    """They may be all that a server without totals gives at once: the rest is asked for in pages of that size."""
    again = PageNumber(size=7, page_size=14, last=40, done=7)
    rest = step(again, 7, None, took(0, 40), reenters=False, clamped=True)
    assert isinstance(rest, GoOn)
    assert (rest.position.most, rest.position.start) == (7, 6)
    assert step(again, 2, None, took(0, 40), reenters=False, clamped=True) == Ended()


@given(
    received=st.integers(0, 10),
    total=st.none() | st.integers(0, 100),
    new=st.integers(0, 10),
    reenters=st.booleans(),
    thrifty=st.booleans(),
)
def test_only_rows_end_a_walk(received, total, new, reenters, thrifty):
    """Whatever the total says: a walk ends after a page that is short or empty, never after a full one."""
    verdict = took(min(new, received), 50 if min(new, received) else 40)
    after = following(ENTERED, received, total, verdict, reenters=reenters, thrifty=thrifty)
    if isinstance(after, Ended):
        assert received < ENTERED.asked


def test_a_record():
    """A record counts what is yielded, keeps the first total, says each reason once, and can begin anew."""
    record = Record()
    record.note(10, 30, seam=False, finished=False)
    record.note(20, 29, seam=True, finished=True)
    record.doubt_proof("it moved")
    record.doubt_proof("it moved")
    seen = record.integrity
    assert (seen.rows, seen.total_at_start, seen.total_at_end, seen.seams) == (30, 30, 29, 1)
    assert (seen.unproved, seen.exact, seen.steady, record.meter.pages) == (("it moved",), False, True, 2)
    record.begin_anew()
    assert (record.integrity.rows, record.integrity.unproved, record.integrity.total_at_start) == (
        0,
        (),
        None,
    )
