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

from tests.walking import losses
from tests.walking.model import LARGEST_PAGE, Model, Schedule
from tests.walking.walker import Outcome, walk

SCHEDULES = int(os.environ.get("TEAMUP_ASYNC_SCHEDULES", "120"))
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
    ("unsorted", {"by": "page"}),
    ("attendance_strikes.grouped", {"by": "offset"}),
    ("attendance_strikes.grouped", {"by": "page"}),
    ("attendance_strikes.grouped", {"by": "offset", "confirm": True}),
    ("course_sessions", {"by": "page", "confirm": True}),
]
NAMES = [" ".join([what, *(f"{k}={v}" for k, v in way.items())]) for what, way in WAYS]
ways = pytest.mark.parametrize(("what", "way"), WAYS, ids=NAMES)

changes = st.tuples(
    st.sampled_from(["insert", "delete", "delete", "move", "pass", "pivot"]), st.integers(0, 10_000)
)
schedules = st.lists(st.lists(changes, max_size=4), max_size=25)
starts = st.dictionaries(st.integers(1, 200), st.integers(0, 10), max_size=60)
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


lies = st.builds(
    Lies, st.sampled_from(["absent", "constant", "small", "large", "different"]), st.integers(0, 90)
)


@st.composite
def servers(draw: Any, *, moves: bool = True, clamped: bool = True, lying: bool = False) -> Model:
    """A server that counts, then selects, whose time passes, and whose pages see different moments."""
    schedule, between = draw(schedules), draw(schedules)
    if not moves:
        schedule, between = without_moves(schedule), without_moves(between)
    options: dict[str, Any] = {"totals": draw(lies)} if lying else {}
    return Model(
        draw(starts),
        schedule,
        between,
        clamp=draw(st.sampled_from([LARGEST_PAGE, LARGEST_PAGE, 7, 5])) if clamped else LARGEST_PAGE,
        shuffled_ties=draw(st.none() | st.builds(random.Random, seeds)),
        now=draw(st.sampled_from([10**9, 3, 7])),
        lag=draw(st.none() | st.builds(random.Random, seeds)),
        pivots=draw(st.integers(0, 2)),
        **options,
    )


options = st.fixed_dictionaries({"size": st.integers(1, 12), "window": st.integers(1, 16), "seed": seeds})


def without_moves(schedule: Schedule) -> Schedule:
    return [[change for change in before if change[0] != "move"] for before in schedule]


def check(model: Model, outcome: Outcome) -> None:
    """Each steady row exactly once, nothing twice; or an error, and then nothing twice either."""
    assert max(Counter(outcome.ids).values(), default=1) == 1
    if outcome.error is None:
        assert model.steady <= set(outcome.ids)
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
@given(model=servers(lying=True, clamped=False), options=options)
def test_totals_that_lie(what, way, model, options):
    """Totals are hints: too small, too large, always the same, absent or different each time, no row is lost silently."""
    outcome = walk(model, what, **way, **options)
    check(model, outcome)
