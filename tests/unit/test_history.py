"""The runs that a place remembers."""

from typing import Any

import pytest

from teamup_async.sinks.history import MOST_RUNS, MOST_SERIES, add


def test_runs_of_a_series() -> None:
    """Runs of the same series come back, oldest first; other series are kept, and stay apart."""
    history, earlier = add(None, {"series": "a", "n": 1})
    assert earlier == []
    history, earlier = add(history, {"series": "b", "n": 2})
    assert earlier == []
    history, earlier = add(history, {"series": "a", "n": 3})
    assert [run["n"] for run in earlier] == [1]
    assert {name: [run["n"] for run in runs] for name, runs in history.items()} == {"b": [2], "a": [1, 3]}


def test_bounds() -> None:
    """The latest runs of the series that ran last are kept, however often a place is written."""
    history: Any = {}
    for number in range(MOST_RUNS + 5):
        history, earlier = add(history, {"series": "a", "n": number})
    assert [run["n"] for run in history["a"]] == list(range(5, MOST_RUNS + 5))
    assert len(earlier) == MOST_RUNS
    for number in range(MOST_SERIES):
        history, _ = add(history, {"series": f"s{number}"})
    assert len(history) == MOST_SERIES
    assert "a" not in history


@pytest.mark.parametrize("spoilt", [None, [], "x", 3, {"a": None}, {"a": "x"}, {"a": [1, "x"]}])
def test_spoilt(spoilt: Any) -> None:
    """What is no history counts as none: a trend is no reason to fail."""
    history, earlier = add(spoilt, {"series": "a"})
    assert earlier == []
    assert history["a"] == [{"series": "a"}]
