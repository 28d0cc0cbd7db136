"""Rows that share a start, of which there are more than a page holds, in another order for each request."""

from __future__ import annotations

import random

import pytest

from teamup_async.errors import PaginationStalledError
from tests.walking.model import Model
from tests.walking.walker import Outcome, walk

WHAT = ["course_sessions", "course_sessions descending", "lists.attendances"]
ALONE = {5000: 1, 5001: 2, 5002: 5}


def walked(what: str, together: int, *, shuffled: int | None, thrifty: bool | None) -> tuple[Model, Outcome]:
    """A walk over rows of which so many start together."""
    order = None if shuffled is None else random.Random(shuffled)
    model = Model({**dict.fromkeys(range(1, together + 1), 3), **ALONE}, shuffled_ties=order)
    return model, walk(model, what, by="page", thrifty=thrifty)


@pytest.mark.parametrize("thrifty", [None, True])
@pytest.mark.parametrize("what", WHAT)
def test_half_a_page_more(what, thrifty):
    """150 attendances of classes that start together all come, each once, though each page has an order of its own."""
    for seed in range(6):
        model, outcome = walked(what, 150, shuffled=seed, thrifty=thrifty)
        assert outcome.error is None
        assert sorted(outcome.ids) == sorted(model.rows)
        assert outcome.integrity.steady


@pytest.mark.parametrize("what", WHAT)
def test_many_pages(what):
    """Where they are too many to be seen by asking again, an error says so after a bounded number of requests."""
    for seed in range(4):
        model, outcome = walked(what, 1000, shuffled=seed, thrifty=None)
        assert isinstance(outcome.error, PaginationStalledError)
        assert len(set(outcome.ids)) == len(outcome.ids) <= len(model.rows)
        assert outcome.requests < 300


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("together", [99, 100, 101, 150, 400])
def test_the_same_order_each_time(what, together):
    """Where their order stays the same, nothing is asked again."""
    model, outcome = walked(what, together, shuffled=None, thrifty=True)
    assert (sorted(outcome.ids), outcome.error) == (sorted(model.rows), None)
    assert outcome.requests <= len(model.rows) // 100 + 4


def test_smaller_pages():
    """So it is on a server that gives five rows at once, of which six start together, with totals and without."""
    starts = {1: 0, 7: 0, 8: 4, 2: 4, 3: 4, 4: 4, 5: 5, 6: 4, 9: 4}
    for seed in range(50):
        for total in (lambda exact, _: exact, lambda *_: None):
            model = Model(dict(starts), clamp=5, shuffled_ties=random.Random(seed), totals=total)
            outcome = walk(model, "course_sessions", by="page", thrifty=True, size=3, window=1)
            assert outcome.error is not None or sorted(outcome.ids) == sorted(starts)


def test_a_total_that_is_too_large_makes_no_pages_smaller():
    """The last page of a report is no sign that the server gives smaller pages, once it has given a larger one."""
    starts = {1: 0, 2: 1, 3: 1, 4: 1, 5: 2}
    for seed in (*range(200), 20172):
        model = Model(dict(starts), shuffled_ties=random.Random(seed), totals=lambda *_: 6)
        outcome = walk(model, "course_sessions", by="page", confirm=True, size=2, window=2)
        assert outcome.error is not None or sorted(outcome.ids) == sorted(starts)


def test_the_size_of_the_first_page_without_totals():
    """A second page as large as the first may be all that the server gives at once: the rest is asked for."""
    for groups in range(1, 30):
        for size in range(3, 9):
            model = Model(dict.fromkeys(range(1, groups + 1), 0), clamp=7, totals=lambda *_: None)
            outcome = walk(model, "attendance_strikes.grouped", by="page", size=size)
            assert outcome.error is not None or outcome.ids == list(range(1, groups + 1))
            assert outcome.error is None or size > 7 or groups > 7
