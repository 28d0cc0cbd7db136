"""What came of a run, in a word, in an exit code and in a sentence. Pure: it reads a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from .words import counted, duration

__all__ = ["CODES", "Outcome", "headline", "last_line", "missing", "outcome_of", "reports_of"]

Outcome = Literal["complete", "unchanged", "difference", "incomplete", "interrupted", "failed"]

CODES: Final[Mapping[Outcome, int]] = {
    "complete": 0,
    "unchanged": 0,
    "difference": 0,
    "incomplete": 1,
    "interrupted": 130,
    "failed": 1,
}
"""Exit codes of the command line. SIGTERM makes it 143 instead of 130, wrong usage or settings 2 instead of 1."""

_AGAIN: Final = " Run the same command again: it goes on with what is missing."


def outcome_of(report: Mapping[str, Any]) -> Outcome:
    """The word for what `report` says of its parts; it need not have an outcome of its own yet."""
    totals = report["totals"]
    if report["error"] is not None:
        return "interrupted" if report["error"]["type"] == "Interrupted" else "failed"
    if totals["complete"] < totals["parts"]:
        return "incomplete"
    if _differences(report):
        return "difference"
    changes = [totals[name] for name in ("new", "changed", "removed")]
    return "unchanged" if changes == [0, 0, 0] else "complete"


def last_line(report: Mapping[str, Any]) -> str:
    """The last line that the command line prints for a run with this outcome."""
    totals = report["totals"]
    again = _AGAIN if report["resumable"] else ""
    effort = f"{counted(totals['requests'], 'request')}, {duration(report['seconds'])}"
    match report["outcome"]:
        case "failed":
            return f"{report['error']['message']}"
        case "interrupted":
            reports = reports_of(report)
            done = (
                f"{sum(reports.values()):,} of {counted(len(reports), 'report')} complete"
                if reports
                else "nothing was begun"
            )
            return f"stopped after {counted(report['rows'], 'row')}, {done}.{again}"
        case "incomplete":
            return f"{missing(report)}.{again}"
        case "difference":
            return f"Complete, but {_differing(report)} from TeamUp's total: {effort}"
        case "unchanged":
            return f"All is well, and nothing is new: {counted(totals['table'], 'row')} in all, {effort}"
        case _:
            return f"All is well: {_changes(report)}; {effort}"


def reports_of(report: Mapping[str, Any]) -> dict[tuple[str | None, str], bool]:
    """Whether each report of each account is complete. A report that is read in windows of time has several parts."""
    found: dict[tuple[str | None, str], bool] = {}
    for part in report["parts"]:
        key = (part["account"], part["name"])
        found[key] = found.get(key, True) and part["complete"]
    return found


def missing(report: Mapping[str, Any]) -> str:
    """How many reports are incomplete, and in how many accounts where there are several."""
    reports = reports_of(report)
    missing = [key for key, complete in reports.items() if not complete]
    are = "is" if len(missing) == 1 else "are"
    text = f"{len(missing):,} of {counted(len(reports), 'report')} {are} incomplete"
    accounts, concerned = ({account for account, _ in keys} for keys in (reports, missing))
    return text if len(accounts) < 2 else f"{text}, in {len(concerned):,} of {len(accounts):,} accounts"


def _differences(report: Mapping[str, Any]) -> list[bool]:
    """Which tables differ from TeamUp's total; empty where none does."""
    tables = [
        bool(part["verified"]["difference"]) for part in report["parts"] if part["verified"] is not None
    ]
    return tables if any(tables) else []


def _differing(report: Mapping[str, Any]) -> str:
    tables = _differences(report)
    differ = sum(tables)
    return f"{differ} of {counted(len(tables), 'table')} {'differs' if differ == 1 else 'differ'}"


def _changes(report: Mapping[str, Any]) -> str:
    totals = report["totals"]
    if totals["new"] is None:
        return f"{counted(report['rows'], 'row')} in all"
    new, changed, removed = (f"{totals[name]:,}" for name in ("new", "changed", "removed"))
    return f"{new} new, {changed} changed, {removed} removed, {counted(totals['table'], 'row')} in all"


_HEADLINES: Final[Mapping[Outcome, str]] = {
    "complete": "All is well.",
    "unchanged": "All is well, and nothing is new.",
    "interrupted": "The run was stopped before it was complete.",
    "failed": "The run failed.",
}


def headline(report: Mapping[str, Any]) -> str:
    """The first sentence of the page: is all well?"""
    reports = reports_of(report)
    if report["outcome"] == "difference":
        return f"Everything was read, but {_differing(report)} from TeamUp's total."
    if report["outcome"] == "failed" and not reports:
        return "The run failed before it could read anything."
    if report["outcome"] != "incomplete":
        return _HEADLINES[report["outcome"]]
    if not any(reports.values()):
        return "Nothing is complete." if len(reports) > 1 else "The run is incomplete."
    rest = (
        f"Of the rest, {_differing(report)} from TeamUp's total."
        if _differences(report)
        else "The rest is well."
    )
    return f"{missing(report)}. {rest}"
