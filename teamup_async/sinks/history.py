"""The runs that a place remembers: how many, and of which reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

__all__ = ["MOST_RUNS", "MOST_SERIES", "History", "add"]

MOST_RUNS: Final = 60
"""Runs of a series that are kept: two months of nights."""
MOST_SERIES: Final = 20
"""Series (a pull or a sync of certain reports) that are kept: those that ran last."""

History = dict[str, list[dict[str, Any]]]
"""Runs by their series, oldest first; the series that ran last comes last."""


def add(history: Any, run: Mapping[str, Any]) -> tuple[History, list[dict[str, Any]]]:
    """The history with `run`, and the earlier runs of its series. What was no history counts as none."""
    kept: dict[str, Any] = dict(cast("dict[str, Any]", history)) if isinstance(history, dict) else {}
    series = str(run["series"])
    earlier: Any = kept.pop(series, None)
    known: list[Any] = earlier if isinstance(earlier, list) else []  # pyright: ignore[reportUnknownVariableType]
    runs = [cast("dict[str, Any]", each) for each in known if isinstance(each, dict)]
    kept[series] = [*runs, dict(run)][-MOST_RUNS:]
    return {name: kept[name] for name in list(kept)[-MOST_SERIES:]}, runs
