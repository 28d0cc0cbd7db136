"""The report of a run as a page for a person: one HTML file that loads nothing. Pure: from the document to the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from .document import brief
from .markup import Markup, join, tag
from .outcome import headline, reports_of
from .style import STYLE
from .tables import tables
from .trend import day, trend
from .words import counted, duration

__all__ = ["page"]

_MOOD: Final = {
    "complete": "good",
    "unchanged": "good",
    "difference": "look",
    "interrupted": "look",
    "incomplete": "bad",
    "failed": "bad",
}
_SIGNS: Final = {
    "good": '<path d="M15 25l7 7 12-15" fill="none" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>',
    "look": '<path d="M24 13v14" fill="none" stroke-width="4.5" stroke-linecap="round"/>'
    '<circle cx="24" cy="34.5" r="1" stroke-width="3.5"/>',
    "bad": '<path d="M17 17l14 14m0-14l-14 14" fill="none" stroke-width="4" stroke-linecap="round"/>',
}
"""A tick, an exclamation mark, a cross: the colour alone would not tell everyone."""
_INKS: Final = {"good": "#146c43", "look": "#8a5300", "bad": "#b3261e"}
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)
"""Not by the locale of the machine: the page is in English."""
_CODE: Final = re.compile(r"(`[^`]+`|(?<!\S)--[a-z][a-z-]*|full=True)")
_NAMED: Final = 6
"""Parts that a card names."""
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""The page asks for nothing, whatever it quotes."""


def page(report: Mapping[str, Any]) -> str:
    """The page for a document of `PullResult.to_json`, or of ``--report FILE.json``."""
    mood = _MOOD[report["outcome"]]
    title = f"{headline(report)} TeamUp {report['kind']}, {day(report)}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="robots", content="noindex"),
        tag("title", title),
        tag("link", rel="icon", href=_icon(mood)),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "body",
        tag(
            "main",
            _verdict(report, mood),
            _facts(report),
            _attention(report),
            tables(report),
            _numbers(report),
            trend(report["earlier"], brief(report)),
            _notes(report),
            _footer(report),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _sign(mood: str, ink: str) -> Markup:
    ring = f'<circle cx="24" cy="24" r="21" fill="none" stroke="{ink}" stroke-width="3"/>'
    return Markup(f'{ring}<g stroke="{ink}" fill="{ink}">{_SIGNS[mood]}</g>')


def _icon(mood: str) -> str:
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{_sign(mood, _INKS[mood])}</svg>'
    return "data:image/svg+xml," + picture.replace("#", "%23").replace('"', "'")


def _verdict(report: Mapping[str, Any], mood: str) -> Markup:
    sign = tag("svg", _sign(mood, "currentColor"), viewBox="0 0 48 48", aria_hidden="true")
    return tag("header", sign, tag("h1", headline(report)), class_=f"verdict {mood}")


def _facts(report: Mapping[str, Any]) -> Markup:
    """What ran, and when."""
    when = _when(report["began"], report["ended"], report["seconds"])
    facts = [
        ("Summary", report["last_line"]),
        ("When", when),
        ("Command", tag("code", report["call"]) if report["call"] else None),
        ("Into", tag("code", report["target"]) if report["target"] else None),
    ]
    return tag(
        "dl", *(join((tag("dt", name), tag("dd", value))) for name, value in facts if value), class_="facts"
    )


def _when(began: str | None, ended: str | None, seconds: float) -> str:
    """``Saturday 21 November 2026, 02:00:03 to 02:04:10 UTC (4 min 07 s)``."""
    if began is None or ended is None:
        return ""
    first, last = datetime.fromisoformat(began), datetime.fromisoformat(ended)
    day = f"{_DAYS[first.weekday()]} {first.day} {_MONTHS[first.month - 1]} {first.year}"
    zone = ended[19:] if last.utcoffset() else "UTC"
    return f"{day}, {first:%H:%M:%S} to {last:%H:%M:%S} {zone} ({duration(seconds)})"


def _said(text: str) -> Markup:
    """A sentence, with options and quoted commands as code: they are pasted as they are."""
    return join(
        tag("code", piece.strip("`")) if index % 2 else piece for index, piece in enumerate(_CODE.split(text))
    )


def _attention(report: Mapping[str, Any]) -> Markup | None:
    """What needs a hand."""
    found = report["attention"]
    if not found:
        return None
    alike: dict[tuple[str | None, str], list[Mapping[str, Any]]] = {}
    for each in found:
        alike.setdefault((each["advice"], each["reason"].partition(":")[0]), []).append(each)
    fine = {part["id"] for part in report["parts"] if part["complete"]}
    return tag(
        "section",
        tag("h2", "This needs a hand", id="attention"),
        tag("ul", *(_card(each, report, fine) for each in alike.values()), class_="cards", role="list"),
        aria_labelledby="attention",
    )


def _card(alike: list[Mapping[str, Any]], report: Mapping[str, Any], fine: set[str]) -> Markup:
    """What needs the same hand: its names, the reasons, what to do."""
    names = [each["about"] for each in alike]
    reasons = list(dict.fromkeys(each["reason"] for each in alike))
    others = [tag("p", _said(reason)) for reason in reasons[1:]]
    more = tag("summary", f"{counted(len(others), 'more reason')} of this kind")
    return tag(
        "li",
        tag("h3", _named(names)),
        tag("p", _said(reasons[0])),
        tag("details", more, *others) if others else None,
        tag("p", tag("strong", "What to do: "), _said(alike[0]["advice"])) if alike[0]["advice"] else None,
        class_="look" if report["outcome"] == "interrupted" or fine.issuperset(names) else "bad",
    )


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _numbers(report: Mapping[str, Any]) -> Markup | None:
    """Requests and waits."""
    totals = report["totals"]
    if not totals["parts"]:
        return None
    numbers = [
        ("Rows read", f"{totals['rows'] - totals['resumed']:,}"),
        ("Requests", f"{totals['requests']:,}"),
        ("Waited for the quota", duration(totals["waited"])),
        ("Retries", f"{totals['retries']:,}"),
        ("Answers 429 (too many requests)", f"{totals['throttled']:,}"),
        ("Repairs after rows moved", f"{totals['repairs']:,}"),
    ]
    return tag(
        "section",
        tag("h2", "Requests and waits", id="requests"),
        tag(
            "dl",
            *(tag("div", tag("dt", name), tag("dd", value)) for name, value in numbers),
            class_="numbers",
        ),
        aria_labelledby="requests",
    )


def _notes(report: Mapping[str, Any]) -> Markup | None:
    """What is worth reading although nothing failed."""
    told = {part["verified"]["meaning"][1:-1] for part in report["parts"] if part["verified"] is not None}
    notes = [note for note in report["notes"] if not any(known in note for known in told)]
    if not notes:
        return None
    return tag(
        "section",
        tag("h2", "Notes", id="notes"),
        tag("ul", *(tag("li", _said(note)) for note in notes), class_="notes"),
        aria_labelledby="notes",
    )


def _footer(report: Mapping[str, Any]) -> Markup:
    reports = counted(len(reports_of(report)), "report")
    return tag(
        "footer",
        f"Written by teamup_async {report['version']}. Exit code {report['exit_code']}, {reports}. ",
        "With --report FILE.json the same is there for programs.",
    )
