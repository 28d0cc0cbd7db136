"""A sink, worked by one thread of its own, so that disks do not hold up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from ..errors import ConfigurationError
from ..sinks.base import Batch, Merge, MergingSink, Sink, State, Target
from ..sinks.schema import Schema

__all__ = ["Store", "merging"]

T = TypeVar("T")


def merging(sink: Sink) -> MergingSink:
    """`sink`, if it can keep tables up to date. Raises `ConfigurationError`."""
    if isinstance(sink, MergingSink):
        return sink
    raise ConfigurationError(f"{sink.name} can't be kept up to date: use duckdb, sqlite or parquet")


class Store:
    """An opened sink and its state.

    What is under way when a task is cancelled is finished first, then the sink is closed.
    """

    def __init__(self, sink: Sink, targets: Sequence[Target]) -> None:
        self.sink = sink
        self.state: State = {}
        self._targets = targets
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="teamup-sink")

    async def __aenter__(self) -> Self:
        try:
            self.state = await self._do(lambda: self.sink.open(self._targets))
        except BaseException:
            # When this was cancelled, the sink may just be opening: it must not stay open.
            self._thread.submit(self.sink.close)
            self._thread.shutdown(wait=True)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self.sink.close)
        try:
            await asyncio.shield(closing)
        finally:
            self._thread.shutdown(wait=True)

    async def append(self, part: str, batch: Batch | None, note: dict[str, Any]) -> None:
        """Add a batch to the stage of a part, and note how far the part has come: both, or neither."""

        def work() -> None:
            state = {**self.state, "parts": {**self.state["parts"], part: note}}
            if batch is None or not len(batch):
                self.sink.save(state)
            else:
                self.sink.append(part, batch, state)
            self.state = state

        await self._do(work)

    async def save(self, state: State) -> None:
        """Replace the state."""

        def work() -> None:
            self.sink.save(state)
            self.state = state

        await self._do(work)

    async def publish(self, target: Target, schema: Schema, parts: Sequence[str]) -> None:
        """Make a target visible."""
        await self._finish(target, lambda state: self.sink.publish(target, schema, parts, state))

    async def merge(self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge) -> None:
        """Bring a target up to date with what was read."""
        sink = self.merging
        await self._finish(target, lambda state: sink.merge(target, schema, parts, merge, state).place)

    async def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark saved with the rows of a target."""
        sink = self.merging
        return await self._do(lambda: sink.mark(target))

    @property
    def merging(self) -> MergingSink:
        """The sink, if it can keep tables up to date. Raises `ConfigurationError`."""
        return merging(self.sink)

    async def _finish(self, target: Target, make: Callable[[State], str]) -> None:
        def work() -> None:
            if str(target) in self.state["published"]:
                return  # two parts of it were finished at once
            # Where rows are is known only afterwards; until then the name must do.
            state = {**self.state, "published": {**self.state["published"], str(target): self.sink.name}}
            place = make(state)
            self.state = {**state, "published": {**state["published"], str(target): place}}

        await self._do(work)

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
