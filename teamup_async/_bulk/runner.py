"""A run: many walks at once into one sink, each target by itself, each walk going on where it stood."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

import attrs

from .._http.ledger import Ledger
from .._report.document import RunFacts, brief, document
from ..errors import RequestError, TeamUpError
from ..sinks.base import Sink, SinkError, Target
from ..sinks.naming import named, names_of
from ..sinks.schema import schema_for
from ..stream import column_pages
from ..telemetry.hooks import during
from .identity import Owners
from .job import Job
from .plan import Part, Plan
from .result import PartProgress, PartResult, PullResult
from .staging import Staging
from .store import Store, merging
from .telling import Teller
from .verification import verify
from .watching import RunProgress, Watch
from .window import inside

__all__ = ["AT_ONCE", "SAVE_EVERY", "RunOptions", "look", "run"]

_NAMED: Final = 10
"""Unknown fields that a note names."""
AT_ONCE: Final = 4
"""Parts of an account that are pulled side by side."""
SAVE_EVERY: Final = 3.0
"""Seconds between two times that what has been read is saved, also while nothing comes."""


@attrs.frozen(kw_only=True)
class RunOptions:
    """What pulls and syncs have in common.

    `into` is where rows go. `ledger` says what the only account is called, and who is told what is done. `restart`
    begins anew, although an unfinished run could go on. `watch` is told what to look at for progress. `remember`: the
    place remembers the run for the reports of later ones. `call` is what the caller called.
    """

    into: Sink
    ledger: Ledger
    restart: bool = False
    remember: bool = False
    call: str = ""
    watch: Watch | None = None


async def run(jobs: Sequence[Job], options: RunOptions) -> PullResult:
    """Do all jobs. One that fails does not stop the others.

    Raises `SinkBusyError`, `SinkError` or `CheckpointError` if the sink can't be had.
    """
    if any(job.sync is not None for job in jobs):
        merging(options.into)  # refuse others before their place is touched
    _check_names(jobs, options.into)
    began = _now()
    with options.ledger.during(jobs[0].kind if jobs else "pull") as told:
        async with Store(options.into, [job.target for job in jobs]) as store:
            result = await _run(store, jobs, options, began)
        told.update(rows=result.rows, parts=len(result.parts), incomplete=len(result.incomplete))
        Teller(options.ledger.account).over(result)
    return result


async def _run(store: Store, jobs: Sequence[Job], options: RunOptions, began: datetime) -> PullResult:
    if options.restart:
        await store.clear([job.target for job in jobs])
    store.check_version()
    running = _Run(store, jobs, options, began)
    if options.watch is not None:
        options.watch(RunProgress(running))
    try:
        await running.work()
    except asyncio.CancelledError:
        running.stop()
        raise
    finally:
        await running.remember()
    return running.result()


def _now() -> datetime:
    """This moment, in the zone of this machine: for people who look at a report."""
    return datetime.now(UTC).astimezone()


async def look(jobs: Sequence[Job], sink: Sink) -> Plan:
    """The parts that a sync would read. Nothing is made where nothing is yet. It asks for the latest change.

    Where one of several can't be asked, its whole query stands for it: one account's trouble is not another's.
    """
    merging(sink)
    _check_names(jobs, sink)
    path = getattr(sink, "path", None)
    owners, slots = Owners(), asyncio.Semaphore(32)

    async def parts_of(job: Job, store: Store | None) -> tuple[Part, ...]:
        async with slots:
            try:
                return (await job.look(store, owners)).parts
            except RequestError:
                if len(jobs) == 1:
                    raise
                return job.asked

    async def all_parts(store: Store | None) -> Plan:
        found = await asyncio.gather(*(parts_of(job, store) for job in jobs))
        return Plan(tuple(part for parts in found for part in parts))

    if isinstance(path, Path) and not path.exists():
        return await all_parts(None)
    if (is_there := getattr(sink, "is_there", None)) and not await asyncio.to_thread(is_there):
        return await all_parts(None)
    async with Store(sink, [job.target for job in jobs]) as store:
        store.check_version()
        return await all_parts(store)


def _check_names(jobs: Sequence[Job], sink: Sink) -> None:
    """Raise `QueryError` for columns that would have the same name; those of pivots are known with the first page."""
    for job in jobs:
        for part in job.asked[:1]:
            schema = schema_for(job.endpoint, part.ready(job.endpoint))
            named(schema, names_of(sink), getattr(sink, "nested", False))


class _Run:
    """The work of one run, and how far it is."""

    def __init__(self, store: Store, jobs: Sequence[Job], options: RunOptions, began: datetime) -> None:
        self._store = store
        self._jobs = jobs
        self._ledger = options.ledger
        self._teller = Teller(options.ledger.account)
        self._restart = restart = options.restart
        self._remembers = options.remember
        self._facts = RunFacts(
            kind=jobs[0].kind if jobs else "pull", call=options.call, target=store.sink.name, began=began
        )
        self._owners = Owners()
        self._staging: dict[str, Staging] = {}
        self._progress: dict[Job, list[PartProgress]] = {
            job: [PartProgress(part=part) for part in job.known_parts(store, restart=restart)] for job in jobs
        }

    @property
    def progress(self) -> list[PartProgress]:
        """The parts, in the order of the plan."""
        return [progress for parts in self._progress.values() for progress in parts]

    async def work(self) -> None:
        """Do everything; afterwards nothing is kept of what is finished."""
        slots = {job.target.account: asyncio.Semaphore(AT_ONCE) for job in self._jobs}
        saving = asyncio.create_task(self._save_now_and_then())
        try:
            async with asyncio.TaskGroup() as group:
                for job in self._jobs:
                    group.create_task(self._try(job, slots[job.target.account]))
        finally:
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)
        for job in self._jobs:
            if job.place is not None and self._store.waits(job.target):
                job.place = None
                name = self._store.sink.name
                self._failed(
                    job, self._progress[job][:1], SinkError(f"its rows wait for other reports of {name}")
                )
        done = [job.target for job in self._jobs if job.place is not None]
        if done:
            await self._forget(done)

    async def _forget(self, done: Sequence[Target]) -> None:
        """Keep nothing of targets that are finished."""
        try:
            await self._store.forget(done)
        except SinkError:
            # Where others are unfinished the result says what is wrong, and the run that finishes them skips these.
            if all(progress.status == "complete" for progress in self.progress):
                raise

    def stop(self) -> None:
        """The run was cancelled: nothing is waited for any more."""
        self._store.interrupt()
        self._facts = attrs.evolve(self._facts, interrupted=True)

    async def remember(self) -> None:
        """The run has ended: the place is told, if it is to remember, and tells what was before."""
        self._facts = attrs.evolve(self._facts, ended=_now())
        if not self._remembers:
            return
        try:
            earlier = await self._store.remember(brief(document(self.result())))
        except Exception as error:  # noqa: BLE001 - the rows are safe, and a trend is no reason to fail
            note = f"This run could not be remembered: {error}"
            self._facts = attrs.evolve(self._facts, notes=(note,))
        else:
            self._facts = attrs.evolve(self._facts, earlier=tuple(earlier))

    async def _save_now_and_then(self) -> None:
        """Save what has been read every few seconds: whoever waits for quota has no page to save it with."""
        while True:
            await asyncio.sleep(SAVE_EVERY)
            for staging in list(self._staging.values()):
                await staging.flush_quietly()

    async def _try(self, job: Job, slots: asyncio.Semaphore) -> None:
        try:
            async with slots:
                with self._during("prepare", job):
                    await job.begin(self._store, self._owners, restart=self._restart)
        except Exception as error:  # noqa: BLE001 - one job must not take the others down; the result tells
            self._failed(job, self._progress[job], error)
            return
        self._match_progress(job)
        parts = self._progress[job]
        if job.place is not None:  # an earlier run, which did not come to its end, finished it
            for progress in parts:
                progress.rows = progress.resumed = self._store.note(progress.part.id).get("rows", 0)
                progress.status = "complete"
            return
        async with asyncio.TaskGroup() as group:
            for progress in parts:
                group.create_task(self._try_part(job, progress, slots))
        await self._try_to_finish(job)

    def _match_progress(self, job: Job) -> None:
        """Bring the progress that is watched in line with what the job reads, now that this is decided."""
        watched = self._progress[job]
        for progress, part in zip(watched, job.parts, strict=False):
            progress.part = part
        watched += [PartProgress(part=part) for part in job.parts[len(watched) :]]
        del watched[len(job.parts) :]

    async def _try_part(self, job: Job, progress: PartProgress, slots: asyncio.Semaphore) -> None:
        async with slots:
            progress.began = monotonic()
            self._teller.begins(job, progress)
            try:
                with self._during("part", job, part=progress.part.id) as told:
                    await self._walk(job, progress)
                    told.update(rows=progress.rows, resumed=progress.resumed)
                progress.status = "complete"
            except Exception as error:  # noqa: BLE001 - the same
                progress.status, progress.error = "incomplete", error
            finally:
                progress.ended = monotonic()
            self._teller.ended(job, progress)

    async def _try_to_finish(self, job: Job) -> None:
        parts = self._progress[job]
        if any(progress.status != "complete" for progress in parts):
            return
        try:
            with self._during("finish", job):
                await job.finish(self._store)
                await verify(job)
        except Exception as error:  # noqa: BLE001 - the same
            self._failed(job, parts[:1], error)
            return
        self._teller.finished(job)

    def _during(self, name: str, job: Job, **values: Any) -> AbstractContextManager[dict[str, Any]]:
        """A block that is work on a job, for whoever is told."""
        account = job.target.account or self._ledger.account
        return during(self._ledger.telemetry, name, account, job.endpoint.key, **values)

    def _failed(self, job: Job, parts: Sequence[PartProgress], error: Exception) -> None:
        for progress in parts:
            progress.status, progress.error = "incomplete", error
            self._teller.failed(job, progress, error)

    async def _walk(self, job: Job, progress: PartProgress) -> None:
        part, endpoint = progress.part, job.endpoint
        query = part.ready(endpoint)
        note = self._store.note(part.id)
        progress.rows = progress.resumed = note.get("rows", 0)
        schema = schema_for(endpoint, query, note.get("pivots", ()))
        job.schema = job.schema or schema
        if note.get("done"):
            return
        progress.status = "running"
        stream = job.client.stream(endpoint, query).paged(start=note.get("next"), thrifty=job.thrifty)
        if getattr(self._store.sink, "extra", "drop") == "keep":
            stream = stream.paged(extra="keep")
        progress.read, progress.check = (lambda: stream.stats), (lambda: stream.integrity)
        staging = self._staging[part.id] = Staging(self._store, progress, schema)
        keep = inside(part.window)
        try:
            columnar = getattr(self._store.sink, "columnar", False)
            async with column_pages(stream, schema) if columnar else stream.pages() as pages:
                async for page in pages:
                    await staging.add(endpoint, query, page, keep(page.rows))
            await staging.finish()
        except (TeamUpError, asyncio.CancelledError):
            await staging.flush_quietly()  # what came before need not be read again
            raise
        finally:
            del self._staging[part.id]
        job.schema = staging.schema
        self._tell_unknown(job, stream.unknown_fields)

    def _tell_unknown(self, job: Job, unknown: Mapping[str, int]) -> None:
        """Note fields that no row class knows."""
        if not unknown:
            return
        kept = getattr(self._store.sink, "extra", "drop") == "keep"
        what = "in the column 'extra'" if kept else 'left out (extra="keep", or --extra keep, keeps them)'
        names = ", ".join(islice(unknown, _NAMED)) + (", ..." if len(unknown) > _NAMED else "")
        note = f"{len(unknown)} fields that this version does not know are {what}: {names}."
        if note not in job.notes:
            job.notes.append(note)

    def result(self) -> PullResult:
        """How it went."""
        return PullResult(
            tuple(
                self._result(job, progress, first=index == 0)
                for job, parts in self._progress.items()
                for index, progress in enumerate(parts)
            ),
            {job.target.account: job.client.stats for job in self._jobs},
            run=self._facts if self._facts.ended is not None else attrs.evolve(self._facts, ended=_now()),
        )

    @staticmethod
    def _result(job: Job, progress: PartProgress, *, first: bool) -> PartResult:
        return PartResult(
            part=progress.part,
            complete=progress.status == "complete",
            rows=progress.rows,
            resumed=progress.resumed,
            seconds=max(0.0, progress.ended - progress.began),
            stats=progress.stats,
            place=job.place,
            counts=job.counts if first else None,
            notes=tuple(job.notes) if first else (),
            error=progress.error,
            state=progress.status,
            integrity=progress.check(),
        )
