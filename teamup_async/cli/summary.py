"""How a bulk pull or a sync went, in sentences on stderr."""

from __future__ import annotations

from .._bulk.result import PartResult, PullResult
from .failures import Situation, advised
from .progress import duration
from .running import say
from .tables import counted

__all__ = ["tell"]


def tell(result: PullResult, seconds: float, situation: Situation, *, whole: bool) -> None:
    """What is not complete, why, and what to do about it; with `whole`, everything."""
    for part in result.parts:
        if part.complete and whole:
            say(_complete(part))
        elif not part.complete:
            say(f"teamup: {part.part.id} is incomplete after {counted(part.rows, 'row')}: {part.reason}")
    if whole:
        requests = sum(part.stats.requests for part in result.parts)
        say(f"{counted(result.rows, 'row')} in all, {counted(requests, 'request')}, {duration(seconds)}")
    if not result.ok:
        advice = (advised(part.error, situation) for part in result.incomplete if part.error is not None)
        say(*(f"  {line}" for line in dict.fromkeys(filter(None, advice))))
        count = len(result.parts)
        are = "part is" if len(result.incomplete) == 1 else "parts are"
        say(
            f"  {len(result.incomplete)} of {count} {are} incomplete. "
            "Run the same command again: it goes on with what is missing."
        )


def _complete(part: PartResult) -> str:
    earlier = f", {part.resumed:,} of them from an earlier run" if part.resumed else ""
    place = f" in {part.place}" if part.place else ""
    return f"{part.part.id}: {counted(part.rows, 'row')}{place}, {counted(part.stats.requests, 'request')}{earlier}"
