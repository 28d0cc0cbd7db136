"""How a bulk pull or a sync went, in sentences on stderr."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._bulk.result import PartResult, PullResult
from .._report.words import counted
from .failures import with_options
from .saying import say

__all__ = ["tell"]


def tell(result: PullResult, report: Mapping[str, Any], *, whole: bool) -> bool:
    """What is not complete, why, and what to do about it; what is worth reading; with `whole`, everything.

    Whether there was anything to say: then the last line of `report` is to follow.
    """
    said = whole or not result.ok
    for parts in _by_target(result):
        for part in parts:
            if not part.complete:
                why = with_options(part.reason or "")
                say(f"teamup: {part.part.id} is incomplete after {counted(part.rows, 'row')}: {why}")
        if whole and all(part.complete for part in parts):
            say(_complete(parts))
        for note in dict.fromkeys(note for part in parts for note in part.notes):
            say(f"  {_name(parts)}: {note}")
            said = True
    advice = dict.fromkeys(part["advice"] for part in report["parts"])
    say(*(f"  {line}" for line in advice if line))
    return said


def _by_target(result: PullResult) -> list[list[PartResult]]:
    """The parts of each file or table together, in the order of the plan."""
    targets: dict[tuple[str | None, str], list[PartResult]] = {}
    for part in result.parts:
        targets.setdefault((part.part.account, part.part.name), []).append(part)
    return list(targets.values())


def _name(parts: list[PartResult]) -> str:
    part = parts[0].part
    return part.name if part.account is None else f"{part.account}/{part.name}"


def _complete(parts: list[PartResult]) -> str:
    """One file or table in a sentence: what was read, what a sync made of it, and where it is."""
    resumed = sum(part.resumed for part in parts)
    requests = sum(part.stats.requests for part in parts)
    earlier = f", {resumed:,} of them in an earlier run" if resumed else ""
    where = next((f" in {part.place}" for part in parts if part.place), "")
    read = counted(sum(part.rows for part in parts), "row")
    did = next((part.counts for part in parts if part.counts is not None), None)
    if did is None:
        return f"{_name(parts)}: {read}{earlier}{where}, {counted(requests, 'request')}"
    return (
        f"{_name(parts)}: {did.new:,} new, {did.changed:,} changed, {did.removed:,} removed; "
        f"{counted(did.table, 'row')}{where}. {counted(requests, 'request')} read {read}{earlier}."
    )
