"""A sink, worked by one thread of its own, so that disks do not hold up the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

import attrs

from ..errors import ConfigurationError
from ..sinks.base import Batch, Merge, Merged, MergingSink, RememberingSink, Sink, State, Target
from ..sinks.naming import named, names_of
from ..sinks.schema import Schema
from .checkpoint import EMPTY, VERSION, CheckpointError, Saved

__all__ = ["Store", "merging"]

T = TypeVar("T")


def merging(sink: Sink) -> MergingSink:
    """`sink`, if it can keep tables up to date. Raises `ConfigurationError`."""
    if isinstance(sink, MergingSink):
        return sink
    raise ConfigurationError(
        f"{sink.name} can't be kept up to date: use delta, duckdb, parquet, postgresql or sqlite"
    )


class Store:
    """An opened sink and its state.

    What is being written when a task is cancelled is finished first, then the sink is closed.
    """

    def __init__(self, sink: Sink, targets: Sequence[Target]) -> None:
        self.sink = sink
        self._state: State = dict(EMPTY)
        self._targets = targets
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="teamup-sink")
        self._waiting = 0
        self._counting = threading.Lock()
        database: Any = sink
        if hasattr(database, "more_to_come"):
            database.more_to_come = lambda: self._waiting > 0

    async def __aenter__(self) -> Self:
        try:
            state = await self._do(lambda: self.sink.open(self._targets))
        except BaseException:
            # When this was cancelled, the sink may just be opening, or waiting: it must not stay open.
            self.interrupt()
            self._thread.submit(self.sink.close)
            self._thread.shutdown(wait=True)
            raise
        if state:
            self._state = state
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.interrupt()
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self.sink.close)
        try:
            await asyncio.shield(closing)
        finally:
            self._thread.shutdown(wait=True)

    def interrupt(self) -> None:
        """Wait no more for somebody else who has the sink's file."""
        if interrupt := getattr(self.sink, "interrupt", None):
            interrupt()

    def take_notes(self) -> list[str]:
        """What the sink has to say since it was asked last: columns that were added, widened, or are missing."""
        notes: list[str] = getattr(self.sink, "notes", [])
        taken = notes[:]
        del notes[: len(taken)]
        return taken

    def check_version(self) -> None:
        """Make sure that this version can read what is saved. Raises `CheckpointError`."""
        if self._state.get("version") != VERSION:
            raise CheckpointError(
                f"{self.sink.name} holds an unfinished run of another version of this package (checkpoint "
                f"{self._state.get('version')!r}, not {VERSION}). Finish it with that version, or begin anew with "
                "restart."
            )

    def saved(self, target: Target) -> Saved | None:
        """What is saved of a target."""
        found = self._state["targets"].get(str(target))
        return None if found is None else Saved.from_json(found)

    def note(self, part: str) -> dict[str, Any]:
        """How far a part has come."""
        found: dict[str, Any] = self._state["parts"].get(part, {})
        return found

    def waits(self, target: Target) -> bool:
        """Whether the rows of a finished target wait in the sink for those of others, which appear together."""
        return str(target) in getattr(self.sink, "waiting", ())

    async def clear(self, targets: Iterable[Target]) -> None:
        """Drop what is unfinished of these targets; everything, if another version wrote it."""
        names = [str(target) for target in targets]
        await self._change(lambda state: _left(state, names) if state.get("version") == VERSION else {})

    async def begin(self, target: Target, saved: Saved) -> None:
        """Begin a target: what was read of it before is dropped. It is saved with its first rows."""

        def work() -> None:
            before = self._state
            self._state = _with(_without(before, [str(target)]), target, saved)
            if str(target) in before["targets"]:
                self.sink.save(self._state)  # drops the stages

        await self._do(work)

    async def append(self, part: str, batch: Batch | None, note: dict[str, Any]) -> None:
        """Add a batch to the stage of a part, and note how far the part has come: both, or neither."""

        def work() -> None:
            state = {**self._state, "parts": {**self._state["parts"], part: note}}
            if batch is None or not len(batch):
                self.sink.save(state)
            else:
                self.sink.append(part, batch, state)
            self._state = state

        await self._do(work)

    async def publish(self, target: Target, schema: Schema) -> Saved:
        """Make a target visible."""

        def make(saved: Saved, state: State) -> str:
            return self.sink.publish(target, schema, saved.ids, state)

        def work() -> Saved:
            return self._finish(target, make)

        return await self._do(work)

    async def merge(self, target: Target, schema: Schema) -> Merged:
        """Bring a target up to date with what was read."""
        sink, merged = merging(self.sink), list[Merged]()

        def make(saved: Saved, state: State) -> str:
            assert saved.merge is not None
            merged.append(sink.merge(target, schema, saved.ids, _named(saved.merge, sink, schema), state))
            return merged[0].place

        def work() -> Merged:
            self._finish(target, make)
            return merged[0]

        return await self._do(work)

    async def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark saved with the rows of a target."""
        sink = merging(self.sink)
        return await self._do(lambda: sink.mark(target))

    async def forget(self, targets: Iterable[Target]) -> None:
        """Forget targets that are finished."""
        names = [str(target) for target in targets]
        await self._change(lambda state: _left(state, names))

    async def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Have the place remember a run, where it can, and give those of the same series before it, oldest first."""
        sink = self.sink
        if not isinstance(sink, RememberingSink):
            return []
        return await self._do(lambda: sink.remember(run))

    async def _change(self, change: Callable[[State], State]) -> None:
        def work() -> None:
            state = change(self._state)
            self.sink.save(state)
            self._state = state or dict(EMPTY)

        await self._do(work)

    def _finish(self, target: Target, make: Callable[[Saved, State], str]) -> Saved:
        saved = self.saved(target)
        assert saved is not None
        # Where rows are is known only afterwards; until then the name must do.
        place = make(saved, _with(self._state, target, attrs.evolve(saved, place=self.sink.name)))
        done = attrs.evolve(saved, place=place)
        self._state = _with(self._state, target, done)
        return done

    async def _do(self, work: Callable[[], T]) -> T:
        def begin() -> T:
            self._count(-1)
            return work()

        def end(done: Future[T]) -> None:
            if done.cancelled():  # before it began
                self._count(-1)

        self._count(1)
        future = self._thread.submit(begin)
        future.add_done_callback(end)
        return await asyncio.wrap_future(future)

    def _count(self, step: int) -> None:
        with self._counting:
            self._waiting += step


def _named(merge: Merge, sink: Sink, schema: Schema) -> Merge:
    """The same merge, with the column that it goes by called as in the table."""
    if merge.since is None:
        return merge
    columns = named(schema, names_of(sink), getattr(sink, "nested", False))
    return attrs.evolve(merge, since=(columns.name_of(merge.since[0]), merge.since[1]))


def _with(state: State, target: Target, saved: Saved) -> State:
    return {**state, "targets": {**state["targets"], str(target): saved.to_json()}}


def _without(state: State, targets: Sequence[str]) -> State:
    kept = dict(state["targets"])
    gone = {part.id for name in targets if name in kept for part in Saved.from_json(kept.pop(name)).parts}
    parts = {part: note for part, note in state["parts"].items() if part not in gone}
    return {**state, "targets": kept, "parts": parts}


def _left(state: State, targets: Sequence[str]) -> State:
    """The state without these targets; nothing is left where nothing else is unfinished."""
    left = _without(state, targets)
    return left if left["targets"] else {}
