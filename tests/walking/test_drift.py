"""Rows move while they are read: each that stays comes exactly once, or the walk says that it can't promise it."""

from __future__ import annotations

import os
import random
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamup_async.errors import PaginationError, PaginationStalledError
from tests.walking import losses
from tests.walking.model import LARGEST_PAGE, Model, Schedule
from tests.walking.walker import Outcome, walk

SCHEDULES = int(os.environ.get("TEAMUP_ASYNC_SCHEDULES", "60"))
"""How many schedules each test tries; ``nox -s drift`` tries many more."""

WAYS: list[tuple[str, dict[str, Any]]] = [
    ("attendances", {"by": "offset"}),
    ("attendances", {"by": "page"}),
    ("attendances", {"by": "id"}),
    ("attendances", {"by": "offset", "thrifty": True}),
    ("attendances", {"by": "page", "thrifty": True}),
    ("course_sessions", {"by": "page"}),
    ("course_sessions", {"by": "page", "thrifty": True}),
    ("course_sessions descending", {"by": "page"}),
    ("course_sessions descending", {"by": "page", "thrifty": True}),
    ("lists.attendances", {"by": "page"}),
    ("lists.attendances", {"by": "page", "thrifty": True}),
    ("lists.attendances descending", {"by": "page"}),
    ("unsorted", {"by": "page"}),
    ("attendance_strikes.grouped", {"by": "offset"}),
    ("attendance_strikes.grouped", {"by": "page"}),
    ("attendance_strikes.grouped", {"by": "offset", "confirm": True}),
    ("course_sessions", {"by": "page", "confirm": True}),
]
NAMES = [" ".join([what, *(f"{k}={v}" for k, v in way.items())]) for what, way in WAYS]
ways = pytest.mark.parametrize(("what", "way"), WAYS, ids=NAMES)

KINDS = ["insert", "delete", "delete", "move", "pass", "pivot"]


def schedule_of(data: bytes) -> Schedule:
    """The changes before each request, from three bytes each: how many requests later, what, and to which row."""
    schedule: Schedule = [[]]
    for later, kind, number in zip(data[::3], data[1::3], data[2::3], strict=False):
        schedule.extend([] for _ in range(later % 3))
        schedule[-1].append((KINDS[kind % len(KINDS)], number * 41))
    return schedule


# Bytes are drawn much faster than lists of tuples, and shrink as well.
schedules = st.binary(max_size=120).map(schedule_of)
starts = st.binary(max_size=120).map(
    lambda data: {i % 200 + 1: value % 11 for i, value in zip(data[::2], data[1::2], strict=False)}
)
seeds = st.integers(0, 2**32)


@attrs.frozen
class Lies:
    """Totals that are wrong: `kind` says how, `number` by how much."""

    kind: str
    number: int

    def __call__(self, exact: int, request: int) -> int | None:
        if self.kind == "absent":
            return None
        if self.kind == "constant":
            return self.number
        if self.kind == "small":
            return max(0, exact - self.number)
        if self.kind == "large":
            return exact + self.number
        return (exact + request * self.number) % 97  # another one on each page


@attrs.frozen
class Telling:
    """Totals that are wrong, but never by chance the number of rows that a server gives at most.

    A first page of so many rows, of just as many announced, looks like the only one.
    """

    lies: Lies
    clamp: int

    def __call__(self, exact: int, request: int) -> int | None:
        total = self.lies(exact, request)
        return self.clamp + 1 if total == self.clamp != exact else total


lies = st.builds(
    Lies, st.sampled_from(["absent", "constant", "small", "large", "different"]), st.integers(0, 90)
)


@st.composite
def servers(draw: Any, *, moves: bool = True, clamped: bool = True, lying: bool = False) -> Model:
    """A server that counts, then selects, whose time passes, and whose pages see different moments."""
    schedule, between = draw(schedules), draw(schedules)
    clamp = draw(st.sampled_from([LARGEST_PAGE, LARGEST_PAGE, 7, 5])) if clamped else LARGEST_PAGE
    lag = draw(st.none() | st.builds(random.Random, seeds))
    if clamp < LARGEST_PAGE:
        # A first page that is smaller than asked for, while just so many rows were counted, looks like the only one.
        between, lag = [], None
    if not moves:
        schedule, between = without_moves(schedule), without_moves(between)
    options: dict[str, Any] = {}
    if lying:
        options = {"totals": Telling(draw(lies), clamp), "counts_whole": draw(st.booleans())}
    return Model(
        draw(starts),
        schedule,
        between,
        clamp=clamp,
        shuffled_ties=draw(st.none() | st.builds(random.Random, seeds)),
        now=draw(st.sampled_from([10**9, 3, 7])),
        lag=lag,
        pivots=draw(st.integers(0, 2)),
        # An old count beside new rows cuts every page off; no walk can know what it is never shown.
        cuts=lag is None and draw(st.booleans()),
        **options,
    )


options = st.fixed_dictionaries({"size": st.integers(1, 12), "window": st.integers(1, 16), "seed": seeds})


def without_moves(schedule: Schedule) -> Schedule:
    return [[change for change in before if change[0] != "move"] for before in schedule]


def check(model: Model, outcome: Outcome) -> None:
    """Each steady row exactly once, nothing twice; or an error, and then nothing twice either."""
    assert max(Counter(outcome.ids).values(), default=1) == 1
    if outcome.error is None:
        # A list without an order has no other way to ask for what was cut off its last page: it says so.
        assert model.steady <= set(outcome.ids) or (model.cuts and not outcome.integrity.steady)
        assert outcome.integrity.rows == len(outcome.ids)
    else:
        assert not outcome.integrity.exact


@ways
@settings(max_examples=SCHEDULES)
@given(model=servers(), options=options)
def test_whatever_happens(what, way, model, options):
    """Whatever is inserted, deleted, moved or becomes visible, at any moment: nothing is lost or repeated silently."""
    outcome = walk(model, what, **way, **options)
    check(model, outcome)
    if what == "attendances":
        assert outcome.error is None  # ids never move: this always heals
        assert outcome.ids == sorted(outcome.ids)


@ways
@settings(max_examples=SCHEDULES)
@given(model=servers(lying=True), options=options)
def test_totals_that_lie(what, way, model, options):
    """Totals that are too small, too large, always the same, absent or different each time lose no row silently.

    Nor do totals of the whole report behind a key, and smaller pages than asked for.
    """
    outcome = walk(model, what, **way, **options)
    check(model, outcome)


GROUPED = "attendance_strikes.grouped"


@settings(max_examples=SCHEDULES)
@given(model=servers(), by=st.sampled_from(["offset", "page"]), confirm=st.booleans(), options=options)
def test_groups_of_one_moment(model, by, confirm, options):
    """Where a grouped report is exact, its counts and columns are those of one moment; confirmed ones are exact."""
    outcome = walk(model, GROUPED, by=by, confirm=confirm, **options)
    if outcome.error is None:
        assert outcome.integrity.steady or not outcome.integrity.ordered
        if confirm:
            assert outcome.integrity.exact
    if outcome.integrity.exact:
        read = {row.customer.id: (row.count, tuple(row.counts)) for row in outcome.rows}
        held = [
            {i: (count, tuple(model.periods(moment))) for i, count in moment.rows.items()}
            for moment in model.moments
        ]
        assert read in held


@pytest.mark.parametrize(("what", "way"), [way for way in WAYS[:9] if way[1]["by"] == "page"])
@settings(max_examples=SCHEDULES)
@given(numbers=st.lists(st.integers(0, 255), min_size=30, max_size=30), size=st.integers(2, 12), seed=seeds)
def test_pages_cut_at_the_count(what, way, numbers, size, seed):
    """Django counts, then selects no more than it counted: rows that come in between push others off the last page."""
    rows = {i: i % 11 for i in range(40, 40 + 2 * size)}
    arrivals: Schedule = [[("insert", number)] for number in numbers]
    model = Model(rows, between=arrivals, cuts=True)
    check(model, walk(model, what, **way, size=size, seed=seed))


@pytest.mark.parametrize(("what", "way"), [way for way in WAYS if way[1]["by"] == "page"])
@settings(max_examples=SCHEDULES)
@given(
    count=st.integers(1, 40),
    request=st.integers(0, 6),
    number=st.integers(0, 255),
    size=st.integers(2, 12),
    seed=seeds,
)
def test_a_page_cut_once(what, way, count, request, number, size, seed):
    """A single row that comes between the count and the selection of one page hides no other: no total can tell."""
    rows = {2 * i: i % 11 for i in range(1, count + 1)}
    model = Model(rows, between=[*([] for _ in range(request)), [("insert", number)]], cuts=True)
    check(model, walk(model, what, **way, size=size, seed=seed))


@ways
@settings(max_examples=max(20, SCHEDULES // 5))
@given(
    rows=starts,
    size=st.integers(1, 100),
    window=st.integers(1, 16),
    clamp=st.sampled_from([100, 100, 7, 5]),
    seed=seeds,
)
def test_nothing_moves(what, way, rows, size, window, clamp, seed):
    """Where nothing moves, all rows come, in order, without a repair."""
    model = Model(rows, clamp=clamp)
    outcome = walk(model, what, **way, size=size, window=window, seed=seed)
    check(model, outcome)
    by_time = what.startswith(("course_sessions", "lists."))
    expected = model.ordered(by_time=by_time, descending="descending" in what)
    assert (expected, None) == (outcome.ids, outcome.error)
    # A server that gives smaller pages than asked for is found out by a page that begins elsewhere.
    assert outcome.integrity.repairs + outcome.integrity.rereads <= 2 * (clamp != LARGEST_PAGE)
    assert outcome.integrity.total_at_start == outcome.integrity.total_at_end == len(rows)
    assert outcome.integrity.steady or not outcome.integrity.ordered


@ways
@settings(max_examples=max(20, SCHEDULES // 5))
@given(rows=starts, lie=lies, options=options)
def test_lies_alone(what, way, rows, lie, options):
    """Where only totals are wrong, all rows come; a total that is too large ends in one error after few questions."""
    honest = walk(Model(dict(rows)), what, **way, **options)
    outcome = walk(Model(rows, totals=lie), what, **way, **options)
    if what == GROUPED or way.get("confirm"):
        assert outcome.error is not None or outcome.ids == honest.ids
    else:
        assert outcome.ids == honest.ids
        # Without a key to enter at, a page past the end looks like one whose rows were deleted.
        kinds = PaginationError if what == "unsorted" else PaginationStalledError
        assert outcome.error is None or isinstance(outcome.error, kinds)
        if lie.kind in ("absent", "small"):
            assert outcome.error is None


@ways
@settings(max_examples=max(20, SCHEDULES // 5))
@given(model=servers(clamped=False), options=options)
def test_raise(what, way, model, options):
    """With on_drift="raise" nothing is healed: what was yielded before the error is right, too."""
    outcome = walk(model, what, **way, **options, on_drift="raise")
    check(model, outcome)
    assert (outcome.integrity.rereads, outcome.integrity.repairs, outcome.slept) == (0, 0, [])


@ways
@settings(max_examples=max(20, SCHEDULES // 5))
@given(model=servers(moves=False), options=options)
def test_warn(what, way, model, options):
    """With on_drift="warn" the walk goes on; where a row was lost or repeated, a warning has said so."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = walk(model, what, **way, **options, on_drift="warn")
    whole = model.steady <= set(outcome.ids) and max(Counter(outcome.ids).values(), default=1) == 1
    # Of a list without an order nobody is told what was cut off its last page: it is never steady.
    assert whole or caught or outcome.error or (model.cuts and not outcome.integrity.steady)
    if outcome.error is None:
        assert not (outcome.integrity.exact and caught)


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
