"""Positions: where a walk stands, as frozen values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async._walking.position import (
    IdKeyset,
    LimitOffset,
    PageNumber,
    Position,
    first_position,
    page_reaching_past,
    position_from_json,
)
from teamup_async.errors import QueryError

keys = st.one_of(st.integers(), st.text(max_size=30))
common = {
    "size": st.integers(1, 100),
    "last": st.none() | keys,
    "seen": st.lists(st.integers(), max_size=5).map(tuple),
    "since": st.none() | keys,
    "done": st.integers(0, 10**9),
    "most": st.integers(1, 100),
}
positions = st.one_of(
    st.builds(LimitOffset, offset=st.integers(0, 10**9), **common),
    st.builds(PageNumber, page=st.integers(1, 10**6), page_size=st.integers(0, 100), **common),
    st.builds(IdKeyset, **common),
)


@given(positions)
def test_json_round_trip(position):
    """A position survives JSON, and is the same position."""
    assert position_from_json(json.loads(json.dumps(position.to_json()))) == position


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_anything_else_is_refused(value):
    """What no position gave is refused as a query error, whatever it is."""
    with pytest.raises(QueryError, match="must be what page"):
        position_from_json(value)


@pytest.mark.parametrize(
    "changes",
    [
        {"by": "cursor"},
        {"size": 0},
        {"size": 101},
        {"size": True},
        {"size": "100"},
        {"most": 0},
        {"most": 101},
        {"done": -1},
        {"page": 0},
        {"page_size": -1},
        {"page": 1, "page_size": -1},
        {"seen": 5},
        {"seen": [[1]]},
        {"last": [1]},
        {"last": 1.5},
        {"since": {}},
        {"depth": 1},
    ],
    ids=str,
)
def test_nearly_a_position(changes):
    """A position with a value that no walk gives is refused too."""
    known = {"by": "page", "size": 100, "page": 2, "page_size": 50, "last": "2024-01-01", "seen": [1]}
    assert position_from_json(known).asked == 50
    with pytest.raises(QueryError, match="must be what page"):
        position_from_json({**known, **changes})
    del known["size"]
    with pytest.raises(QueryError, match="must be what page"):
        position_from_json(known)


def test_larger_pages():
    """Where an endpoint gives larger pages, positions may have them; elsewhere they are refused."""
    position = PageNumber(size=250, page=2, most=250)
    assert position_from_json(position.to_json(), most=250) == position
    with pytest.raises(QueryError, match="must be what page"):
        position_from_json(position.to_json())


@given(end=st.integers(1, 10**6), size=st.integers(1, 100), most=st.integers(2, 100))
def test_pages_reach_back(end, size, most):
    """A page begins before the end of the last one and reaches past it, whatever the sizes.

    Only a server that gives very small pages may leave no size that does.
    """
    page, page_size = page_reaching_past(end, size, most)
    begins = (page - 1) * page_size
    assert begins <= end < begins + page_size
    assert begins < end or most < 16
    assert 2 <= page_size <= most


@given(size=st.integers(1, 100), total=st.integers(0, 3000), by=st.sampled_from(["offset", "page"]))
def test_full_pages_cover_everything(size, total, by):
    """Pages that come full overlap by a row at least, advance, and bring about `size` new rows each."""
    position = first_position(by, size)
    end, pages = 0, 0
    while end < total:
        assert position.start < end or end == 0
        received = min(position.asked, total - position.start)
        assert position.start + received > end
        end = position.start + received
        position = position.after(received, last=end)
        pages += 1
    assert pages <= 1.5 * (total / size) + 2 or size < 4


def test_queries():
    """Each way to page has its documented parameters; overlapping pages ask for a row more where they may."""
    assert LimitOffset(size=100).query == "limit=100&offset=0"
    assert LimitOffset(size=10, offset=9, last=1).query == "limit=11&offset=9"
    assert LimitOffset(size=100, offset=99, last=1).query == "limit=100&offset=99"
    assert LimitOffset(size=10, last=7, since=7).query == "limit=10&offset=0"
    assert PageNumber(size=20).query == "page=1&page_size=20"
    assert IdKeyset(size=50, last=3, since=3).query == "limit=50&offset=0"


def test_steps():
    """A step returns a new position; entering anew keeps what was yielded."""
    position = LimitOffset(size=100, offset=99, last=5, done=100, seen=(4, 5))
    assert position.after(100, last=9, done=199).offset == 198
    assert position.after(0).offset == 99
    assert position.entering(5) == LimitOffset(size=100, last=5, since=5, done=100, seen=(4, 5))
    assert PageNumber(size=20, page=7, page_size=30).entering(5).query == "page=1&page_size=20"
    assert PageNumber(size=20, page=7, page_size=30).entering("2024-01-01").query == "page=1&page_size=100"
    assert (position.clamped(50).size, position.clamped(50).most) == (50, 50)
    assert IdKeyset(size=10).after(10, last=77).since == 77


def test_the_base_has_no_request():
    """A position that does not say how to page can't be made; by id, a page begins and ends as it is asked for."""
    with pytest.raises(TypeError, match="abstract"):
        Position(size=1)
    assert (IdKeyset(size=3).start, IdKeyset(size=3).asked) == (0, 3)
