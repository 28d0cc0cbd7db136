"""After a sync: does the table have as many rows as TeamUp says there are?"""

from __future__ import annotations

import attrs

from .._report.words import compared
from ..errors import TeamUpError
from .job import Job
from .result import RowCounts

__all__ = ["VerificationError", "verify"]


class VerificationError(TeamUpError):
    """A table that was brought up to date does not have as many rows as TeamUp says.

    The rows are saved all the same.

    What to do: sync once more; if it stays, sync with ``full=True`` (``--full``).
    """


async def verify(job: Job) -> None:
    """Compare a table with the total of the same query: one small request.

    A difference is noted. Raises `VerificationError` where that was asked for (`verify`), also if TeamUp does
    not tell.
    """
    counts, options = job.counts, job.sync
    if counts is None or options is None:
        return
    [part] = job.asked
    try:
        total = await job.client.stream(job.endpoint, part.ready(job.endpoint)).count()
    except TeamUpError as error:
        _told(job, f"its rows could not be counted at TeamUp ({error})")
        return
    job.counts = attrs.evolve(counts, total=total)
    if total != counts.table:
        _told(job, _difference(job.counts, full=options.full))


def _difference(counts: RowCounts, *, full: bool) -> str:
    said = compared(counts)
    if full:
        return f"{said}. Rows came or went meanwhile: the next sync brings them; or run this one again"
    if counts.difference > 0:
        return (
            f"{said}. What came meanwhile comes with the next sync; if the difference stays, read everything again: "
            "full=True, or --full"
        )
    return (
        f"{said}. Rows that were deleted at TeamUp, or no longer match the filters, leave no trace: full=True or "
        "--full reads everything again and removes them"
    )


def _told(job: Job, what: str) -> None:
    if job.sync is not None and job.sync.verify:
        raise VerificationError(f"{job.target}: {what}.")
    job.notes.append(f"{what}.")
