"""Earlier runs as bars: inline SVG, with the same numbers as text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from .markup import Markup, join, tag
from .words import counted, duration

__all__ = ["MOST", "trend"]

MOST: Final = 30
"""Runs that are drawn."""
_HIGH, _WIDE, _BAR = 80.0, 12, 9
"""Height of the tallest bar, and the widths of a bar with and without its gap."""
_TALLEST: Final = 3.0
"""Bars are drawn up to this many times what is usual: a first run reads everything, and would hide the others."""
_WELL: Final = ("complete", "unchanged", "difference")


@attrs.frozen(kw_only=True)
class _Measure:
    """What is drawn of each run."""

    name: str
    read: Callable[[Mapping[str, Any]], float]
    said: Callable[[float], str]


def _changes(run: Mapping[str, Any]) -> float:
    return float((run["new"] or 0) + (run["changed"] or 0) + (run["removed"] or 0))


def _whole(noun: str) -> Callable[[float], str]:
    return lambda value: counted(round(value), noun)


_SYNC: Final = _Measure(name="Rows new, changed or removed", read=_changes, said=_whole("row"))
_PULL: Final = _Measure(name="Rows read", read=lambda run: float(run["rows"]), said=_whole("row"))
_ALWAYS: Final = (
    _Measure(name="Time", read=lambda run: float(run["seconds"]), said=duration),
    _Measure(name="Requests", read=lambda run: float(run["requests"]), said=_whole("request")),
)


def trend(earlier: Sequence[Mapping[str, Any]], now: Mapping[str, Any]) -> Markup | None:
    """The section about earlier runs; None where none is remembered. `now` is this run, in brief."""
    runs = [*earlier, now][-MOST:]
    if len(runs) < 2:
        return None
    failed = sum(run["outcome"] not in _WELL for run in runs)
    count = f"The latest {len(runs)} runs"
    said = (
        f"{count} were complete." if not failed else f"{count}: {len(runs) - failed} complete, {failed} not."
    )
    measures = (_SYNC if str(now["series"]).startswith("sync") else _PULL, *_ALWAYS)
    return tag(
        "section",
        tag("h2", "Earlier runs", id="earlier"),
        tag(
            "p",
            said,
            " The last bar is this run."
            + (" A hollow bar is a run that was not complete." if failed else ""),
        ),
        tag("div", *(_figure(measure, runs) for measure in measures), class_="trends"),
        _details(runs, measures),
        aria_labelledby="earlier",
    )


def _figure(measure: _Measure, runs: Sequence[Mapping[str, Any]]) -> Markup:
    values = [measure.read(run) for run in runs]
    usual = sorted(values[:-1])[(len(values) - 1) // 2]
    most = max(values)
    top = min(most, _TALLEST * usual) if usual else most
    told = f"{measure.said(values[-1])} now; usually {measure.said(usual)}, at most {measure.said(most)}."
    bars = [
        _bar(index, value / (top or 1.0), run, this=index == len(runs) - 1, said=measure.said(value))
        for index, (value, run) in enumerate(zip(values, runs, strict=True))
    ]
    picture = tag(
        "svg",
        *bars,
        viewBox=f"0 0 {_WIDE * max(len(runs), 12)} {_HIGH + 2:g}",
        preserveAspectRatio="xMinYMax meet",
        role="img",
        aria_label=f"{measure.name} of the latest {len(runs)} runs. {told}",
    )
    cut = " A bar with a gap is taller than the picture." if most > top else None
    return tag("figure", tag("figcaption", tag("strong", measure.name), tag("span", told, cut)), picture)


def _bar(index: int, share: float, run: Mapping[str, Any], *, this: bool, said: str) -> Markup:
    """A bar; of a run that was not complete only the outline."""
    height = max(1.5, min(1.0, share) * _HIGH)
    kinds = ["bar"] + ["now"] * this + ["bad"] * (run["outcome"] not in _WELL)
    inset = 0.75 if "bad" in kinds else 0.0
    left = index * _WIDE
    bar = tag(
        "rect",
        tag("title", f"{day(run)}: {said}, {run['outcome']}"),
        class_=" ".join(kinds),
        x=f"{left + inset:g}",
        y=f"{_HIGH + 1 - height + inset:.2f}",
        width=f"{_BAR - 2 * inset:g}",
        height=f"{max(0.5, height - 2 * inset):.2f}",
        rx="1",
    )
    gap = tag("path", d=f"M{left - 1} 13l{_BAR + 2}-4", class_="cut") if share > 1 else None
    return join((bar, gap))


def _details(runs: Sequence[Mapping[str, Any]], measures: Sequence[_Measure]) -> Markup:
    """The numbers behind the bars, the latest first."""
    head = tag(
        "tr",
        tag("th", "Run", scope="col"),
        tag("th", "Outcome", scope="col"),
        *(tag("th", measure.name, scope="col", class_="n") for measure in measures),
    )
    rows = [
        tag(
            "tr",
            tag("th", day(run), scope="row"),
            tag("td", str(run["outcome"])),
            *(tag("td", measure.said(measure.read(run)), class_="n") for measure in measures),
        )
        for run in reversed(runs)
    ]
    table = tag("table", tag("thead", head), tag("tbody", join(rows)), class_="plain")
    return tag("details", tag("summary", "The same as a table"), tag("div", table, class_="wide"))


def day(run: Mapping[str, Any]) -> str:
    """When a run began: ``2026-11-21 02:00``."""
    return str(run["began"] or "unknown").replace("T", " ")[:16]
