"""The report of a run as a page for a person: one HTML file that loads nothing. Pure: from the document to the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .document import brief
from .markup import Markup, join, tag
from .outcome import headline
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
    began, ended = _clock(report["began"]), _clock(report["ended"])
    until = ended[11:] if ended[:10] == began[:10] else ended
    when = f"{began} to {until}, {duration(report['seconds'])}" if began else ""
    facts = [
        ("Summary", report["last_line"]),
        ("When", when),
        ("Command", tag("code", report["call"]) if report["call"] else None),
        ("Into", tag("code", report["target"]) if report["target"] else None),
    ]
    return tag(
        "dl", *(join((tag("dt", name), tag("dd", value))) for name, value in facts if value), class_="facts"
    )


def _clock(moment: str | None) -> str:
    """``2026-11-21 02:00:03 +01:00``: ISO 8601 as people read it."""
    if moment is None:
        return ""
    return f"{moment[:10]} {moment[11:19]} {'UTC' if moment[19:] in ('+00:00', 'Z') else moment[19:]}".strip()


def _attention(report: Mapping[str, Any]) -> Markup | None:
    """What needs a hand."""
    found = report["attention"]
    if not found:
        return None
    bad = {part["id"] for part in report["parts"] if not part["complete"]} | {f"the {report['kind']}"}
    cards = [
        tag(
            "li",
            tag(
                "h3",
                f"{each['about'][:1].upper()}{each['about'][1:]}"
                if each["account"] is None
                else each["about"],
            ),
            tag("p", each["reason"]),
            tag("p", tag("strong", "What to do: "), each["advice"]) if each["advice"] else None,
            class_="bad" if each["about"] in bad and report["outcome"] != "interrupted" else "look",
        )
        for each in found
    ]
    return tag(
        "section",
        tag("h2", "This needs a hand", id="attention"),
        tag("ul", *cards, class_="cards", role="list"),
        aria_labelledby="attention",
    )


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
    if not report["notes"]:
        return None
    return tag(
        "section",
        tag("h2", "Notes", id="notes"),
        tag("ul", *(tag("li", note) for note in report["notes"]), class_="notes"),
        aria_labelledby="notes",
    )


def _footer(report: Mapping[str, Any]) -> Markup:
    parts = counted(report["totals"]["parts"], "part")
    return tag(
        "footer",
        f"Written by teamup_async {report['version']}. Exit code {report['exit_code']}, {parts}. ",
        "With --report FILE.json the same is there for programs.",
    )
