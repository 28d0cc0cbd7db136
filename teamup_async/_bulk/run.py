"""A bulk pull: many walks at once into one sink, each going on where it stood."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, Final

from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import TeamUpError
from ..sinks.base import Batch, Sink, SinkError, Target
from ..sinks.named import sink_named
from ..sinks.schema import Schema, pivot_keys, schema_for
from ..stream import Page, RowStream
from . import checkpoint
from .client import Client
from .plan import Part, Plan, endpoint_of, make_plan
from .queries import Request
from .result import PartProgress, PartResult, PullResult
from .store import Store
from .window import inside

__all__ = ["Pull", "Watch", "pull", "seconds_of", "target_of", "with_streams"]

BATCH: Final = 10_000
"""Rows that go into a sink at once, and at most this many are read again after a crash."""
PATIENCE: Final = 10.0
"""Seconds after which rows go into the sink although there are fewer."""
AT_ONCE: Final = 4
"""Parts of an account that are pulled side by side."""

Watch = Callable[[Sequence[PartProgress]], object]
"""Told once, at the start, which objects to look at for progress."""


async def pull(
    teamup: Client,
    requests: Mapping[str, Request],
    *,
    into: Sink | str,
    windows: timedelta | Mapping[str, timedelta] | None = None,
    restart: bool = False,
    raise_on_error: bool = False,
    watch: Watch | None = None,
    endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
) -> PullResult:
    """Pull several reports of one account; see `TeamUp.pull`."""
    known = with_streams(requests, endpoints)
    plan = make_plan(requests, windows=windows, endpoints=known)
    request = {
        "queries": make_plan(requests, endpoints=known).to_json(),
        "windows": seconds_of(windows),
        "account": teamup.identity,
    }
    work = Pull(plan, {None: teamup}, into, request=request, restart=restart, watch=watch, endpoints=known)
    result = await work.run()
    if raise_on_error:
        result.raise_on_error()
    return result


def with_streams(
    requests: Mapping[str, Request], endpoints: Iterable[Endpoint[..., Any]]
) -> tuple[Endpoint[..., Any], ...]:
    """`endpoints`, and those of streams, which need not be declared there."""
    own = (request.endpoint for request in requests.values() if isinstance(request, RowStream))
    return tuple(dict.fromkeys([*endpoints, *own]))


def seconds_of(windows: timedelta | Mapping[str, timedelta] | None) -> Any:
    """`windows` as JSON has it."""
    if isinstance(windows, Mapping):
        return {name: length.total_seconds() for name, length in windows.items()}
    return None if windows is None else windows.total_seconds()


class Pull:
    """One run of a plan. `request` is what must be the same for a later run to go on with this one."""

    def __init__(
        self,
        plan: Plan,
        clients: Mapping[str | None, Client],
        sink: Sink | str,
        *,
        request: Mapping[str, Any],
        restart: bool = False,
        watch: Watch | None = None,
        at_once: int = AT_ONCE,
        endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
    ) -> None:
        self._plan = plan
        self._clients = clients
        self._sink = sink_named(sink) if isinstance(sink, str) else sink
        self._request = {**request, "sink": sink_options(self._sink)}
        self._restart = restart
        self._watch = watch
        self._at_once = at_once
        self._endpoints = tuple(endpoints)
        self._schemas: dict[str, Schema] = {}

    async def run(self) -> PullResult:
        """Pull everything that is not yet complete. A part that fails does not stop the others.

        Raises `SinkBusyError`, `SinkError` or `CheckpointError` if the sink can't be had for this pull.
        """
        targets = list(dict.fromkeys(target_of(part) for part in self._plan))
        async with Store(self._sink, targets) as store:
            await self.begin(store)
            progress = {part.id: PartProgress(part=part) for part in self._plan}
            if self._watch is not None:
                self._watch(list(progress.values()))
            rooms = {account: asyncio.Semaphore(self._at_once) for account in self._clients}
            async with asyncio.TaskGroup() as group:
                for part in self._plan:
                    group.create_task(self._try(store, part, progress[part.id], rooms[part.account]))
            result = PullResult(tuple(self._result(store, progress[part.id]) for part in self._plan))
            if result.ok:
                await store.save({})
            return result

    async def begin(self, store: Store) -> None:
        """Go on with a saved pull, or begin one."""
        if store.state and not self._restart:
            checkpoint.check(store.state, self._request, self._sink.name)
            # Windows may depend on the time of the first run, so its plan is what counts.
            self._plan = Plan.from_json(store.state["plan"])
        else:
            await store.save({})
            await store.save(checkpoint.started(self._request, self._plan))

    async def _try(self, store: Store, part: Part, progress: PartProgress, room: asyncio.Semaphore) -> None:
        async with room:
            progress.began = monotonic()
            try:
                await self._pull(store, part, progress)
                progress.status = "complete"
                await self._publish(store, part)
            except Exception as error:  # noqa: BLE001 - one part must not take the others down; the result tells
                progress.status, progress.error = "incomplete", error
            progress.ended = monotonic()

    async def _pull(self, store: Store, part: Part, progress: PartProgress) -> None:
        endpoint, query = endpoint_of(part, self._endpoints)
        saved: dict[str, Any] = store.state["parts"].get(part.id, {})
        progress.rows = progress.resumed = saved.get("rows", 0)
        self._schemas[part.id] = schema_for(endpoint, query, saved.get("pivots", ()))
        if saved.get("done"):
            return
        progress.status = "running"
        stream: RowStream[Any] = self._clients[part.account].stream(endpoint, query)
        if saved.get("next") is not None:
            stream = stream.paged(start=saved["next"])
        progress.read = lambda: stream.stats
        staged = _Staged(store, self._sink, progress)
        keep = inside(part.window)
        try:
            async with stream.pages() as pages:
                async for page in pages:
                    if staged.schema is None:
                        self._schemas[part.id] = staged.begin(endpoint, query, page)
                    await staged.add(keep(page.rows), page.next)
        except SinkError:
            raise
        except TeamUpError:
            await staged.flush()  # what came before the error need not be read again
            raise
        await staged.finish()

    async def _publish(self, store: Store, part: Part) -> None:
        """Make the target visible, once its last part is complete."""
        target = target_of(part)
        ids = [other.id for other in self._plan if target_of(other) == target]
        notes: Mapping[str, Any] = store.state["parts"]
        if (
            all(notes.get(name, {}).get("done") for name in ids)
            and str(target) not in store.state["published"]
        ):
            await self.finish(store, target, self._schemas[part.id], ids)

    async def finish(self, store: Store, target: Target, schema: Schema, parts: Sequence[str]) -> None:
        """Make a target visible, now that all its parts are complete."""
        await store.publish(target, schema, parts)

    def _result(self, store: Store, progress: PartProgress) -> PartResult:
        part = progress.part
        return PartResult(
            part=part,
            complete=progress.status == "complete",
            rows=progress.rows,
            resumed=progress.resumed,
            seconds=max(0.0, progress.ended - progress.began),
            stats=progress.stats,
            place=store.state["published"].get(str(target_of(part))),
            error=progress.error,
        )


def target_of(part: Part) -> Target:
    """Where the rows of a part go."""
    return Target(name=part.name, account=part.account)


class _Staged:
    """The rows of a part on their way into the sink, in batches, each with the place to go on from."""

    def __init__(self, store: Store, sink: Sink, progress: PartProgress) -> None:
        self.schema: Schema | None = None
        self._store = store
        self._sink = sink
        self._progress = progress
        self._pivots: tuple[str, ...] = ()
        self._batch: Batch | None = None
        self._next: dict[str, Any] | None = None
        self._whole = False
        self._written = monotonic()

    def begin(self, endpoint: Endpoint[..., Any], query: Any, page: Page[Any]) -> Schema:
        """Take the columns from the first page."""
        self._pivots = pivot_keys(endpoint, page.columns)
        # A grouped report was read as a whole, at one moment, and is kept as a whole.
        self._whole = endpoint.grouped
        self.schema = schema_for(endpoint, query, self._pivots)
        return self.schema

    async def add(self, rows: Sequence[Any], following: dict[str, Any] | None) -> None:
        """Take the rows of a page; `following` is the place of the page after it."""
        assert self.schema is not None
        if self._batch is None:
            self._batch = self._sink.batch(self.schema)
        self._batch.add(rows)
        self._next = following
        if len(self._batch) >= BATCH or monotonic() - self._written >= PATIENCE:
            await self.flush()

    async def flush(self) -> None:
        """Hand over what has come so far, if the walk can go on behind it."""
        if self._batch is not None and self._next is not None and not self._whole:
            await self._append({"next": self._next})

    async def finish(self) -> None:
        """Hand over the rest: the part is complete."""
        await self._append({"done": True, "pivots": list(self._pivots)})

    async def _append(self, note: dict[str, Any]) -> None:
        rows = self._progress.rows + (len(self._batch) if self._batch else 0)
        await self._store.append(self._progress.part.id, self._batch, {"rows": rows, **note})
        self._progress.rows = rows
        self._batch, self._written = None, monotonic()


def sink_options(sink: Sink) -> dict[str, Any]:
    """What of a sink changes the form of its stages."""
    kind = type(sink)
    return {"class": f"{kind.__module__}.{kind.__qualname__}", "nested": getattr(sink, "nested", None)}
