"""What the log is told of a run: each part as it begins and ends, and each target as it is finished."""

from __future__ import annotations

import logging
from typing import Any

import attrs

from .._report.words import counted
from ..logs import about
from .job import Job
from .result import PartProgress, PullResult

__all__ = ["Teller"]

log = logging.getLogger("teamup_async.bulk")
log.addHandler(logging.NullHandler())
"""Where no log is set up, Python would write warnings on stderr; the result of the run says the same."""


@attrs.frozen
class Teller:
    """Tells the log of one run; `account` is what the only account is called."""

    account: str

    def begins(self, job: Job, progress: PartProgress) -> None:
        """A part is read from now on."""
        told = self._about(job, part=progress.part.id, resumed=progress.resumed)
        log.info("%s: the part %s begins", told["account"], progress.part.id, extra=told)

    def ended(self, job: Job, progress: PartProgress) -> None:
        """A part has ended."""
        if progress.error is not None:
            self.failed(job, progress, progress.error)
            return
        told = self._of_part(job, progress)
        log.info(
            "%s: the part %s is complete: %s, %s, %.1f s",
            told["account"], progress.part.id, counted(progress.rows, "row"),
            counted(told["requests"], "request"), told["seconds"], extra=told,
        )  # fmt: skip

    def failed(self, job: Job, progress: PartProgress, error: Exception) -> None:
        """A part is incomplete, before or after its rows were read."""
        told = self._of_part(job, progress)
        told |= {"error": type(error).__name__, "status": getattr(error, "status", None)}
        told["position"] = getattr(error, "position", None)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        log.warning(
            "%s: the part %s is incomplete: %s", told["account"], progress.part.id, reason, extra=told
        )

    def finished(self, job: Job) -> None:
        """A target is there, or up to date; what is worth reading about it."""
        told = self._about(job, place=job.place)
        if job.counts is not None:
            told |= attrs.asdict(job.counts)
        log.info("%s: %s is finished", told["account"], job.target.name, extra=told)
        for note in job.notes:
            log.warning("%s: %s: %s", told["account"], job.target.name, note, extra=self._about(job))

    def over(self, result: PullResult) -> None:
        """The run is over."""
        stats = {**result.stats.to_json(), "rows": result.rows}
        told = {**about(None, parts=len(result.parts), incomplete=len(result.incomplete)), **stats}
        log.info(
            "the run is over: %d of %d parts complete, %s",
            len(result.complete), len(result.parts), counted(result.rows, "row"), extra=told,
        )  # fmt: skip

    def _about(self, job: Job, **more: Any) -> dict[str, Any]:
        account = job.target.account or self.account
        return about(account, job.endpoint.key, target=job.target.name, **more)

    def _of_part(self, job: Job, progress: PartProgress) -> dict[str, Any]:
        seconds = round(max(0.0, progress.ended - progress.began), 3)
        stats = {**progress.stats.to_json(), "rows": progress.rows, "seconds": seconds}
        return self._about(job, part=progress.part.id, resumed=progress.resumed, **stats)
