"""Rows move while they are read: each that stays comes exactly once, or the walk says that it can't promise it."""

from __future__ import annotations

import os
import random
import warnings
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.walking import losses
from tests.walking.model import LARGEST_PAGE, Model, Outcome, Schedule, walk

SCHEDULES = int(os.environ.get("TEAMUP_ASYNC_SCHEDULES", "300"))
"""How many schedules each test tries; ``nox -s drift`` tries many more."""

WAYS = [
    ("attendances", "offset"),
    ("attendances", "page"),
    ("attendances", "id"),
    ("course_sessions", "page"),
    ("course_sessions descending", "page"),
    ("attendance_strikes.grouped", "offset"),
    ("attendance_strikes.grouped", "page"),
]

changes = st.tuples(st.sampled_from(["insert", "delete", "delete", "move"]), st.integers(0, 10_000))
schedules = st.lists(st.lists(changes, max_size=4), max_size=25)
starts = st.dictionaries(st.integers(1, 200), st.integers(0, 10), max_size=60)
sizes = st.integers(1, 12)
windows = st.integers(1, 16)
clamps = st.sampled_from([LARGEST_PAGE, LARGEST_PAGE, 7, 5])
seeds = st.integers(0, 2**32)


def without_moves(schedule: Schedule) -> Schedule:
    return [[change for change in before if change[0] != "move"] for before in schedule]


def check(model: Model, outcome: Outcome, *, twice_allowed: frozenset[int] = frozenset()) -> None:
    """Each steady row exactly once, nothing twice; or an error, and then nothing twice either."""
    times = Counter(outcome.ids)
    assert not {i for i, n in times.items() if n > 1} - twice_allowed
    if outcome.error is None:
        assert model.steady <= set(outcome.ids)
        assert outcome.integrity.exact
        assert outcome.integrity.rows == len(outcome.ids)
    else:
        assert not outcome.integrity.exact


@pytest.mark.parametrize(("what", "by"), WAYS)
@settings(max_examples=SCHEDULES)
@given(rows=starts, schedule=schedules, size=sizes, window=windows, clamp=clamps, seed=seeds)
def test_inserts_and_deletes(what, by, rows, schedule, size, window, clamp, seed):
    """Whatever is inserted and deleted between any two requests, with any sizes, windows and clamps."""
    model = Model(rows, without_moves(schedule), clamp=clamp)
    outcome = walk(model, what, by=by, size=size, window=window, seed=seed)
    check(model, outcome)
    if what == "attendances":
        assert outcome.error is None  # ids never move: this always heals
        assert outcome.ids == sorted(outcome.ids)


@settings(max_examples=SCHEDULES)
@given(rows=starts, schedule=schedules, size=sizes, window=windows, seed=seeds, ties=seeds)
def test_ties_in_any_order(rows, schedule, size, window, seed, ties):
    """Sessions that start at the same time may come in another order with each request."""
    model = Model(rows, without_moves(schedule), shuffled_ties=random.Random(ties))
    outcome = walk(model, "course_sessions", size=size, window=window, seed=seed)
    check(model, outcome)


@settings(max_examples=SCHEDULES)
@given(rows=starts, schedule=schedules, size=sizes, window=windows, seed=seeds)
def test_moves(rows, schedule, size, window, seed):
    """Sessions that are moved to another time do not make those lost that stay; they themselves may be."""
    model = Model(rows, schedule)
    outcome = walk(model, "course_sessions", size=size, window=window, seed=seed)
    check(model, outcome, twice_allowed=frozenset(model.used - model.steady))


@pytest.mark.parametrize(("what", "by"), WAYS)
@settings(max_examples=max(20, SCHEDULES // 5))
@given(rows=starts, size=st.integers(1, 100), window=windows, clamp=clamps, seed=seeds)
def test_nothing_moves(what, by, rows, size, window, clamp, seed):
    """Where nothing moves, all rows come, in order, without a repair."""
    model = Model(rows, clamp=clamp)
    outcome = walk(model, what, by=by, size=size, window=window, seed=seed)
    check(model, outcome)
    by_time = what.startswith("course_sessions")
    expected = model.ordered(by_time=by_time, descending="descending" in what)
    assert (expected, None) == (outcome.ids, outcome.error)
    # A server that gives smaller pages than asked for is found out by a page that begins elsewhere.
    assert outcome.integrity.repairs + outcome.integrity.rereads <= 2 * (clamp != LARGEST_PAGE)
    assert outcome.integrity.total_at_start == outcome.integrity.total_at_end == len(rows)


@pytest.mark.parametrize(("what", "by"), [way for way in WAYS if way[1] != "id"])
@settings(max_examples=max(20, SCHEDULES // 5))
@given(rows=starts, schedule=schedules, size=sizes, window=windows, seed=seeds)
def test_raise(what, by, rows, schedule, size, window, seed):
    """With on_drift="raise" nothing is healed: what was handed out before the error is right, too."""
    model = Model(rows, without_moves(schedule))
    outcome = walk(model, what, by=by, size=size, window=window, seed=seed, on_drift="raise")
    check(model, outcome)
    assert outcome.integrity.rereads == 0


@pytest.mark.parametrize(("what", "by"), WAYS)
@settings(max_examples=max(20, SCHEDULES // 5))
@given(rows=starts, schedule=schedules, size=sizes, window=windows, seed=seeds)
def test_warn(what, by, rows, schedule, size, window, seed):
    """With on_drift="warn" the walk goes on; where a row was lost or repeated, a warning has said so."""
    model = Model(rows, without_moves(schedule))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = walk(model, what, by=by, size=size, window=window, seed=seed, on_drift="warn")
    whole = model.steady <= set(outcome.ids) and max(Counter(outcome.ids).values(), default=1) == 1
    assert whole or caught or outcome.error
    assert outcome.integrity.exact is (outcome.error is None and not caught)


@pytest.mark.parametrize(("what", "by"), [("attendances", "offset"), ("course_sessions", "page")])
def test_plain_loop_loses_rows(what, by):
    """The same schedules, walked by the loop that most people write: rows are lost and repeated."""
    loss = losses.measure(what, by, schedules=20)
    assert loss.rows > 1000
    assert loss.plain > 0
    assert loss.ours == 0


def test_the_table_is_current():
    """docs/promises.md shows what this code loses, and what a plain loop does."""
    assert losses.table() in (Path(__file__).parents[2] / "docs" / "promises.md").read_text(encoding="utf-8")
