"""Export jobs: TeamUp writes a whole report into one file, and the file is fetched.

    job = await teamup.reports.attendances(status=["attended"]).export(format="csv")
    await job.wait()
    await job.download("attendances.csv")

No document names a status or an error of a job, or says when its ``result_url`` answers; hence `Done` and the checks of
`ExportJob.download`. API documents: see `_exports.job`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

import attrs

from ._decoding.export_file import Format, read_rows
from ._exports.file import MOST, ResultFile, appearing
from ._exports.job import JobState, body_of, pauses, read_job, read_started
from ._http.requester import Requester
from .endpoint import Endpoint
from .endpoints import endpoint_named
from .errors import ExportError, ExportStalledError, QueryError, RequestTimeoutError
from .logs import about
from .query import Query

__all__ = ["Done", "ExportFormat", "ExportJob", "ExportProgress"]

Row = TypeVar("Row")
log = logging.getLogger("teamup_async.export")
Done = Literal["both", "items", "result"]
"""When a job is taken for done: when all of its items are complete, when its ``result_url`` answers, or both."""
ExportFormat = Format


@attrs.frozen(kw_only=True)
class ExportProgress:
    """How far a job is.

    `complete`, `total`: items, as TeamUp counts them; None where it does not say.
    `seconds`: since `ExportJob.wait` was called.
    `requests`: how often it has asked.
    """

    complete: int | None
    total: int | None
    seconds: float
    requests: int


@attrs.frozen(eq=False)
class ExportJob(Generic[Row]):
    """A job at TeamUp that writes one report into one file.

    `id`: the job's number. `endpoint`: the report. `format`: ``"csv"`` or ``"json"``. Made by `RowStream.export`, or by
    `TeamUp.export_job` from what `to_json` gave.
    """

    id: int
    endpoint: Endpoint[..., Row]
    format: ExportFormat
    _requester: Callable[[], Requester] = attrs.field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """What `TeamUp.export_job` goes on from, also in another process: ``{"job", "report", "format"}``."""
        return {"job": self.id, "report": self.endpoint.name, "format": self.format}

    async def wait(
        self,
        *,
        timeout: float | None = None,
        stall: float = 600.0,
        done: Done = "both",
        progress: Callable[[ExportProgress], None] | None = None,
    ) -> None:
        """Wait until the job is done; asks in pauses that grow from 1 to 30 seconds, inside the quota.

        `timeout`: seconds to wait at most; None for as long as it takes.
        `stall`: seconds without any progress after which the job is given up.
        `done`: what counts as done; see `Done`.
        `progress`: called after each look at the job.

        Raises `ExportStalledError` (the job goes on at TeamUp, and may be waited for again), and what a request raises.
        """
        if done not in get_args(Done):
            raise QueryError(
                f"done does not know {done!r}. Allowed: {', '.join(get_args(Done))}",
                parameter="done",
                value=done,
            )
        limit = asyncio.timeout(timeout)
        try:
            with self._of_report().ledger.during("wait for export"):
                async with limit:
                    await self._wait(timeout, stall, done, progress)
        except TimeoutError:
            if not limit.expired():
                raise  # of the caller's own function
            raise self._stalled(f"is not done after {timeout:g} seconds") from None

    async def _wait(
        self,
        timeout: float | None,
        stall: float,
        done: Done,
        progress: Callable[[ExportProgress], None] | None,
    ) -> None:
        requester = self._requester()
        began = moved = requester.now()
        seen: int | None = None
        pausing = pauses()
        requests = 0
        while True:
            job = await self._look()
            requests += 1
            pause = next(pausing)
            now = requester.now()
            if job.complete_items != seen:
                seen, moved = job.complete_items, now
            told = about(requester.ledger.account, self.endpoint.key, job=self.id, items=job.complete_items)
            items = f"{job.complete_items} of {job.total_items} items"
            log.info("%s: export job %d: %s", told["account"], self.id, items, extra=told)
            if progress is not None:
                progress(
                    ExportProgress(
                        complete=job.complete_items,
                        total=job.total_items,
                        seconds=now - began,
                        requests=requests,
                    )
                )
            if await self._is_done(job, done):
                return
            if now + pause - moved > stall:
                raise self._stalled(f"has not moved for {now - moved:.0f} seconds", job)
            if timeout is not None and now + pause - began > timeout:
                raise self._stalled(f"is not done after {now - began:.0f} of {timeout:g} seconds", job)
            await requester.sleep(pause)

    async def download(
        self,
        path: str | os.PathLike[str],
        *,
        timeout: float | None = None,
        patience: float = 120.0,
        check: bool = True,
        max_bytes: int = MOST,
    ) -> Path:
        """Fetch the file of a job that is done. It appears at `path` whole or not at all.

        `path`: where to; a file that is there is replaced.
        `timeout`: seconds that all of it may take, pauses and waits for the quota included; None for as long as bytes
        arrive.
        `patience`: seconds for which a file that is not there yet, or that was cut short, is asked for again.
        `check`: count the rows of the file and compare them with the number of items that TeamUp names.
        `max_bytes`: the largest file that is taken.

        The token is sent to the origin of ``base_url`` only, wherever ``result_url`` points.

        Raises `ExportError` for a file that is empty, HTML, cut short or of another number of rows,
        `RequestTimeoutError` when the time is over, `OSError` where it can't be written, and what a request raises.
        """
        target = Path(path)
        limit = asyncio.timeout(timeout)
        try:
            with self._of_report().ledger.during("download export"):
                async with limit:
                    await self._download(target, patience, max_bytes, check=check)
        except TimeoutError:
            if not limit.expired():
                raise
            raise RequestTimeoutError(
                f"export job {self.id}: its file was not there after {timeout:g} seconds"
            ) from None
        return target

    async def _download(self, target: Path, patience: float, most: int, *, check: bool) -> None:
        job = await self._look()
        result = self._file(job)
        if result is None:
            raise ExportError(f"export job {self.id} has no result_url", job=self.id)
        with appearing(target) as file:
            fetched = await result.fetch(file, patience=patience, most=most)
            file.flush()
            result.check(fetched, Path(file.name), self.format, job.total_items if check else None)

    async def rows(
        self, path: str | os.PathLike[str] | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Row]:
        """The rows of the export, as objects of the report's row class.

        `path`: a file that `download` made; None to fetch it into a temporary one.
        `timeout`: seconds that fetching it may take.

        Raises `ExportError` for a file that does not fit the report, and what `download` raises.
        """
        with tempfile.TemporaryDirectory() as folder:
            if path is None:
                path = await self.download(Path(folder) / f"export.{self.format}", timeout=timeout)
            for row in read_rows(self.endpoint, Path(path), self.format):
                yield row

    def _of_report(self) -> Requester:
        return self._requester().of(self.endpoint.key)

    async def _look(self) -> JobState:
        return await self._of_report().get(f"/jobs/{self.id}", "", read_job)

    def _file(self, job: JobState) -> ResultFile | None:
        return None if job.result_url is None else ResultFile(self.id, job.result_url, self._of_report())

    async def _is_done(self, job: JobState, done: Done) -> bool:
        if done != "result" and job.complete_items is not None:
            if job.total_items is None or job.complete_items < job.total_items:
                return False
        elif done == "items":
            raise ExportError(
                f"export job {self.id}: TeamUp does not say how many items are complete; wait with done='result'",
                job=self.id,
            )
        if done == "items":
            return True
        result = self._file(job)
        return result is not None and await result.is_there()

    def _stalled(self, what: str, job: JobState | None = None) -> ExportStalledError:
        counted = (
            ""
            if job is None or job.complete_items is None
            else f" ({job.complete_items:,} of {job.total_items or 0:,} items)"
        )
        return ExportStalledError(
            f"export job {self.id} {what}{counted}; it may go on at TeamUp: wait for it again with TeamUp.export_job",
            job=self.id,
        )


async def start(
    endpoint: Endpoint[..., Row], query: Query[Row], form: ExportFormat, requester: Callable[[], Requester]
) -> ExportJob[Row]:
    """Start a job; see `RowStream.export`."""
    if endpoint.export_path is None:
        raise QueryError(f"{endpoint.name} is a list, and only reports can be exported", parameter="endpoint")
    if form not in get_args(ExportFormat):
        raise QueryError(
            f"format does not know {form!r}. Allowed: {', '.join(get_args(ExportFormat))}",
            parameter="format",
            value=form,
            allowed=get_args(ExportFormat),
        )
    endpoint.check(query)
    asking = requester().of(endpoint.key)
    with asking.ledger.during("start export"):
        job = await asking.post(endpoint.export_path, body_of(endpoint, query, form), read_started)
    return ExportJob(job, endpoint, form, requester)


def job_from_json(saved: Mapping[str, Any], requester: Callable[[], Requester]) -> ExportJob[Any]:
    """The job that `ExportJob.to_json` described. Raises `QueryError`."""
    job, report, form = saved.get("job"), saved.get("report"), saved.get("format", "csv")
    known = form in get_args(ExportFormat) and isinstance(report, str)
    if isinstance(job, bool) or not isinstance(job, int) or not known:
        raise QueryError(
            "an export job is saved as {'job': 123, 'report': 'attendances', 'format': 'csv'}",
            parameter="saved",
            value=dict(saved),
        )
    return ExportJob(job, endpoint_named(str(report)), form, requester)
