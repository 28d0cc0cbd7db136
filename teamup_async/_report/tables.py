"""The table of a run's page: a line for each account and report. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from .markup import Markup, tag
from .words import duration

__all__ = ["tables"]

_STATES: Final = {
    "complete": ("good", "✓ complete"),
    "unchanged": ("good", "✓ nothing new"),
    "difference": ("look", "! differs"),
    "incomplete": ("bad", "✕ incomplete"),
    "running": ("look", "! stopped"),
    "waiting": ("look", "! not begun"),
}

Parts = Sequence[Mapping[str, Any]]


@attrs.frozen
class _Column:
    """A column of numbers: its heading, and its text for the parts of a table, None for nothing."""

    name: str
    read: Callable[[Parts], str | None]


def _sum(field: str) -> Callable[[Parts], str]:
    return lambda parts: f"{sum(part[field] for part in parts):,}"


def _count(field: str) -> Callable[[Parts], str | None]:
    def read(parts: Parts) -> str | None:
        counts = [part["counts"][field] for part in parts if part["counts"] is not None]
        return f"{sum(counts):,}" if counts else None

    return read


_SYNC: Final = (
    _Column("New", _count("new")),
    _Column("Changed", _count("changed")),
    _Column("Removed", _count("removed")),
    _Column("In the table", _count("table")),
)
_ALWAYS: Final = (
    _Column("Rows read", lambda parts: f"{sum(part['rows'] - part['resumed'] for part in parts):,}"),
    _Column("Requests", _sum("requests")),
    _Column("Time", lambda parts: duration(max(part["seconds"] for part in parts))),
)
_PULL: Final = (_Column("Rows", _sum("rows")),)


def tables(report: Mapping[str, Any]) -> Markup | None:
    """The section with the table; None where the run did not come so far."""
    if not report["parts"]:
        return None
    sync = any(part["counts"] is not None for part in report["parts"]) or report["kind"] == "sync"
    columns = (*(_SYNC if sync else _PULL), *_ALWAYS)
    names = ("Report", "Outcome", *(column.name for column in columns), "Checked")
    number = len(names) - 3
    head = tag(
        "tr",
        *(
            tag("th", name, scope="col", class_="n" if 2 <= index < number + 2 else None, role="columnheader")
            for index, name in enumerate(names)
        ),
        role="row",
    )
    bodies = [
        tag("tbody", *_lines(report, account, columns), role="rowgroup")
        for account in _accounts(report["parts"])
    ]
    table = tag(
        "table",
        tag("thead", head, role="rowgroup"),
        *bodies,
        class_="tables",
        role="table",
        aria_labelledby="tables",
    )
    title = "Tables" if sync else "What was pulled"
    return tag(
        "section",
        tag("h2", title, id="tables"),
        tag("div", tag("div", table, class_="wide"), class_="box"),
        _unproved(report["parts"]),
        aria_labelledby="tables",
    )


def _unproved(parts: Parts) -> Markup | None:
    """What walks could not prove, each reason once, with the tables that it is about."""
    reasons: dict[str, list[str]] = {}
    for part in parts:
        for reason in part["integrity"]["unproved"] if part["complete"] else ():
            reasons.setdefault(reason, []).append(part["name"])
    if not reasons:
        return None
    items = [tag("li", f"{', '.join(dict.fromkeys(names))}: {reason}") for reason, names in reasons.items()]
    return tag("details", tag("summary", "What could not be proved"), tag("ul", *items, class_="notes"))


def _accounts(parts: Parts) -> list[str | None]:
    return list(dict.fromkeys(part["account"] for part in parts))


def _lines(report: Mapping[str, Any], account: str | None, columns: Sequence[_Column]) -> Iterator[Markup]:
    parts = [part for part in report["parts"] if part["account"] == account]
    by_target: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        by_target.setdefault(part["name"], []).append(part)
    if account is not None:
        totals = next(each for each in report["accounts"] if each["account"] == account)
        state = _worst([_state(those) for those in by_target.values()])
        spent = {
            **{column.name: column.read(parts) for column in columns},
            "Requests": f"{totals['requests']:,}",
        }
        yield _line(account, state, spent, None, group=True)
    for name, those in by_target.items():
        yield _line(
            name, _state(those), {column.name: column.read(those) for column in columns}, _checked(those)
        )


def _line(
    name: str, state: str, values: Mapping[str, str | None], checked: str | None, *, group: bool = False
) -> Markup:
    mood, said = _STATES[state]
    return tag(
        "tr",
        tag("th", name, scope="row", role="rowheader"),
        tag("td", tag("span", said, class_=f"state {mood}"), data_label="Outcome", role="cell"),
        *(
            tag("td", value or "-", class_="n" if value else "n none", data_label=column, role="cell")
            for column, value in values.items()
        ),
        tag("td", checked or "", class_="text" if checked else "none", data_label="Checked", role="cell"),
        class_="group" if group else None,
        role="row",
    )


def _worst(states: Sequence[str]) -> str:
    """The state of an account, from those of its tables."""
    for state in ("incomplete", "running", "waiting", "difference", "complete"):
        if state in states:
            return state
    return "unchanged"


def _state(parts: Parts) -> str:
    """The state of a table, from those of its parts."""
    for state in ("incomplete", "running", "waiting"):
        if any(part["status"] == state for part in parts):
            return state
    verified = next((part["verified"] for part in parts if part["verified"] is not None), None)
    if verified is not None and verified["difference"]:
        return "difference"
    counts = next((part["counts"] for part in parts if part["counts"] is not None), None)
    nothing = counts is not None and not any(counts[name] for name in ("new", "changed", "removed"))
    return "unchanged" if nothing else "complete"


def _checked(parts: Parts) -> str:
    """What is known of the rows: each read once, and as many as TeamUp says."""
    said: list[str] = []
    verified = next((part["verified"] for part in parts if part["verified"] is not None), None)
    if verified is not None and verified["difference"] is not None:
        said.append(_compared(verified["difference"]))
    walks = [part["integrity"] for part in parts]
    if all(walk["exact"] for walk in walks):
        said.append("each row once")
    elif all(walk["steady"] for walk in walks):
        said.append("each unmoved row once")
    elif any(walk["exact"] is False for walk in walks) and all(part["complete"] for part in parts):
        said.append("rows not proved")
    return ", ".join(said)


def _compared(difference: int) -> str:
    if not difference:
        return "total agrees"
    return f"{abs(difference):,} {'missing' if difference > 0 else 'too many'}"
