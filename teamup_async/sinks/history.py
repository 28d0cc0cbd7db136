"""The runs that a place remembers: how many, and of which reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["MOST_RUNS", "MOST_SERIES", "History", "add"]

MOST_RUNS: Final = 60
"""Runs of a series that are kept: two months of nights."""
MOST_SERIES: Final = 20
"""Series (a pull or a sync of certain reports) that are kept: those that ran last."""

History = dict[str, list[dict[str, Any]]]
"""Runs by their series, oldest first; the series that ran last comes last."""


def add(history: Any, run: Mapping[str, Any]) -> tuple[History, list[dict[str, Any]]]:
    """The history with `run`, and the earlier runs of its series. What was no history counts as none."""
    kept: History = dict(history) if isinstance(history, dict) else {}  # pyright: ignore[reportUnknownArgumentType]
    series = str(run["series"])
    earlier: Sequence[Any] = kept.pop(series, ())
    runs = [each for each in earlier if isinstance(each, dict)] if isinstance(earlier, list) else []
    kept[series] = [*runs, dict(run)][-MOST_RUNS:]
    return {name: kept[name] for name in list(kept)[-MOST_SERIES:]}, runs
