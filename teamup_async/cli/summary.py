"""How a bulk pull or a sync went, in sentences on stderr."""

from __future__ import annotations

from .._bulk.result import PartResult, PullResult
from .failures import Situation, advised
from .progress import duration
from .running import say
from .tables import counted

__all__ = ["tell"]


def tell(result: PullResult, seconds: float, situation: Situation, *, whole: bool) -> None:
    """What is not complete, why, and what to do about it; what is worth reading; with `whole`, everything."""
    for part in result.parts:
        if not part.complete:
            say(f"teamup: {part.part.id} is incomplete after {counted(part.rows, 'row')}: {part.reason}")
        elif whole:
            say(_complete(part))
        say(*(f"  {part.part.id}: {note}" for note in part.notes))
    if whole:
        requests = sum(part.stats.requests for part in result.parts)
        say(f"{counted(result.rows, 'row')} in all, {counted(requests, 'request')}, {duration(seconds)}")
    if not result.ok:
        advice = (
            part.advice or advised(part.error, situation)
            for part in result.incomplete
            if part.error is not None
        )
        say(*(f"  {line}" for line in dict.fromkeys(filter(None, advice))))
        count = len(result.parts)
        are = "part is" if len(result.incomplete) == 1 else "parts are"
        say(
            f"  {len(result.incomplete)} of {count} {are} incomplete. "
            "Run the same command again: it goes on with what is missing."
        )


def _complete(part: PartResult) -> str:
    """One part in a sentence: what was read, what a sync made of it, and where it is."""
    earlier = f", {part.resumed:,} of them in an earlier run" if part.resumed else ""
    place = f" in {part.place}" if part.place else ""
    read = f"{counted(part.rows, 'row')} read{earlier}, {counted(part.stats.requests, 'request')}"
    if part.counts is None:
        return f"{part.part.id}: {read}{place}"
    did = part.counts
    return (
        f"{part.part.id}: {did.new:,} new, {did.changed:,} changed, {did.removed:,} removed; "
        f"{counted(did.table, 'row')}{place}; {read}"
    )
