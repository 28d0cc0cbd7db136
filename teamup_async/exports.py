"""Export jobs: TeamUp writes a whole report into one file, and the file is fetched.

    job = await teamup.reports.attendances(status=["attended"]).export(format="csv")
    await job.wait()
    await job.download("attendances.csv")

API documents: the "Report - Export" pages (``POST /reports/X/export``) and the ``Job`` object of "Bulk Actions -
Retrieve" (``GET /jobs/{id}``). They name neither a status nor an error of a job, and do not say when its
``result_url`` answers; hence `Done` and the checks of `ExportJob.download`.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, Final, Generic, Literal, TypeVar, get_args

import attrs
import msgspec

from ._decoding.export_file import Format, count_rows, read_rows
from ._http.download import Fetched
from ._http.requester import Requester
from .endpoint import Endpoint
from .endpoints import endpoint_named
from .errors import (
    ConnectionFailedError,
    ExportError,
    ExportStalledError,
    QueryError,
    RequestTimeoutError,
    ResponseDecodeError,
)
from .query import Query

__all__ = ["Done", "ExportFormat", "ExportJob", "ExportProgress"]

Row = TypeVar("Row")
Done = Literal["both", "items", "result"]
"""When a job is taken for done: when all of its items are complete, when its ``result_url`` answers, or both."""
ExportFormat = Format

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_GROWTH: Final = 1.5
_NOT_YET: Final = frozenset({202, 204, 403, 404, 409, 425, 429, 500, 502, 503, 504})
"""What a ``result_url`` may answer before its file is there. No document says which."""
_MOST: Final = 16 * 1024**3


@attrs.frozen
class _Job:
    """API document: the ``Job`` object of "Bulk Actions - Retrieve"."""

    id: int
    result_url: str | None = None
    total_items: int | None = None
    complete_items: int | None = None


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
        pause = _FIRST_PAUSE
        requests = 0
        while True:
            job = await self._look()
            requests += 1
            now = requester.now()
            if job.complete_items != seen:
                seen, moved = job.complete_items, now
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
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    async def download(
        self,
        path: str | os.PathLike[str],
        *,
        patience: float = 120.0,
        check: bool = True,
        max_bytes: int = _MOST,
    ) -> Path:
        """Fetch the file of a job that is done. It appears at `path` whole or not at all.

        `path`: where to; a file that is there is replaced.
        `patience`: seconds for which a file that is not there yet, or that was cut short, is asked for again.
        `check`: count the rows of the file and compare them with the number of items that TeamUp names.
        `max_bytes`: the largest file that is taken.

        The token is sent to the origin of ``base_url`` only, wherever ``result_url`` points.

        Raises `ExportError` for a file that is empty, HTML, cut short or of another number of rows, `OSError` where it
        can't be written, and what a request raises.
        """
        target = Path(path)
        job = await self._look()
        with _appearing(target) as file:
            fetched = await self._fetch(job, file, patience, max_bytes)
            file.flush()
            self._check(fetched, Path(file.name), job.total_items if check else None)
        return target

    async def rows(self, path: str | os.PathLike[str] | None = None) -> AsyncIterator[Row]:
        """The rows of the export, as objects of the report's row class.

        `path`: a file that `download` made; None to fetch it into a temporary one.

        Raises `ExportError` for a file that does not fit the report, and what `download` raises.
        """
        with tempfile.TemporaryDirectory() as folder:
            if path is None:
                path = await self.download(Path(folder) / f"export.{self.format}")
            for row in read_rows(self.endpoint, Path(path), self.format):
                yield row

    async def _look(self) -> _Job:
        return await self._requester().get(f"/jobs/{self.id}", "", self._read_job)

    def _read_job(self, body: bytes) -> _Job:
        try:
            return msgspec.json.decode(body, type=_Job)
        except msgspec.MsgspecError as error:
            raise ResponseDecodeError(f"the answer is no job: {error}", json_path="$") from None

    async def _is_done(self, job: _Job, done: Done) -> bool:
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
        return job.result_url is not None and (await self._probe(job.result_url))

    async def _probe(self, url: str) -> bool:
        """Whether a file is there, as far as can be told now; its first bytes are enough."""
        try:
            fetched = await self._requester().fetch(url, None, most=_MOST)
        except (ConnectionFailedError, RequestTimeoutError):
            return False
        return fetched.status == 200 and bool(fetched.start) and not _is_html(fetched)

    async def _fetch(self, job: _Job, file: BinaryIO, patience: float, most: int) -> Fetched:
        if job.result_url is None:
            raise ExportError(f"export job {self.id} has no result_url", job=self.id)
        requester = self._requester()
        began, pause = requester.now(), _FIRST_PAUSE
        while True:
            failure: Exception | None = None
            fetched: Fetched | None = None
            try:
                fetched = await requester.fetch(job.result_url, file.write, most=most)
            except (ConnectionFailedError, RequestTimeoutError) as error:
                failure = error
            if fetched is not None and fetched.status == 200 and fetched.size and not _is_html(fetched):
                return fetched
            file.seek(0)
            file.truncate()
            final = fetched is not None and fetched.status not in _NOT_YET | {200}
            if final or requester.now() + pause - began > patience:
                raise failure or self._no_file(fetched)
            await requester.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def _no_file(self, fetched: Fetched | None) -> ExportError:
        assert fetched is not None
        if fetched.status != 200:
            said = f"answers {fetched.status}"
        elif not fetched.size:
            said = "answers with nothing"
        else:
            said = "answers with an HTML page instead of a file"
        return ExportError(f"export job {self.id}: its result_url {said}", job=self.id)

    def _check(self, fetched: Fetched, part: Path, items: int | None) -> None:
        try:
            rows = count_rows(part, self.format, framed=fetched.framed)
        except ValueError as error:
            raise ExportError(f"export job {self.id}: the file was cut short: {error}", job=self.id) from None
        if items is not None and rows != items:
            raise ExportError(
                f"export job {self.id}: the file has {rows:,} rows, but TeamUp counts {items:,} items; "
                "where items are something else than rows, download with check=False",
                job=self.id,
            )

    def _stalled(self, what: str, job: _Job | None = None) -> ExportStalledError:
        counted = (
            ""
            if job is None or job.complete_items is None
            else f" ({job.complete_items:,} of {job.total_items or 0:,} items)"
        )
        return ExportStalledError(
            f"export job {self.id} {what}{counted}; it may go on at TeamUp: wait for it again with TeamUp.export_job",
            job=self.id,
        )


def _is_html(fetched: Fetched) -> bool:
    return "html" in fetched.content_type or fetched.start.lstrip()[:1] == b"<"


@contextmanager
def _appearing(target: Path) -> Generator[BinaryIO]:
    """A file that becomes `target` when the block ends well, and is gone otherwise."""
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


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
    job = await requester().post(endpoint.export_path, _body(endpoint, query, form), _read_started)
    return ExportJob(job, endpoint, form, requester)


def _body(endpoint: Endpoint[..., Any], query: Query[Any], form: ExportFormat) -> bytes:
    """The JSON that asks for an export: the filters of the report, its columns and sort, and the format."""
    body: dict[str, Any] = {}
    for parameter in endpoint.filters:
        value = getattr(query, parameter.name)
        if value is not None:
            names = parameter.name in ("columns", "sort")
            body[parameter.name] = [endpoint.canonical(name) for name in value] if names else value
    return msgspec.json.Encoder(decimal_format="number").encode({**body, "format": form})


@attrs.frozen
class _Started:
    """API document: "Report - Export", the answer."""

    job: int


def _read_started(body: bytes) -> int:
    try:
        return msgspec.json.decode(body, type=_Started, strict=False).job
    except msgspec.MsgspecError as error:
        raise ResponseDecodeError(f"the answer names no job: {error}", json_path="$.job") from None


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
