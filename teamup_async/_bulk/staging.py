"""The rows of a part on their way into the sink, in batches, each with the position to go on from."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Final

from ..endpoint import Endpoint
from ..page import Page
from ..sinks.base import Batch
from ..sinks.schema import Schema, pivot_keys, schema_for
from .result import PartProgress
from .store import Store

__all__ = ["BATCH", "Staging"]

BATCH: Final = 10_000
"""Rows that go into a sink at once, and at most this many are read again after a crash."""


class Staging:
    """Takes the pages of a walk and hands them to the store: when a batch is full, every few seconds, at the end."""

    def __init__(self, store: Store, progress: PartProgress, schema: Schema) -> None:
        self.schema = schema
        self._store = store
        self._progress = progress
        self._pivots: tuple[str, ...] = ()
        self._batch: Batch | None = None
        self._next: dict[str, Any] | None = None
        self._rows = progress.rows
        self._failure: Exception | None = None
        self._begun = False
        self._whole = False
        self._writing = asyncio.Lock()

    async def add(
        self, endpoint: Endpoint[..., Any], query: Any, page: Page[Any], rows: Sequence[Any]
    ) -> None:
        """Take `rows` of a page; the first page tells the columns of a pivoted report."""
        if self._failure is not None:
            raise self._failure
        if not self._begun:
            self._begun = True
            self._pivots = pivot_keys(endpoint, page.columns)
            # A grouped report was read as a whole, at one moment, and is kept as a whole.
            self._whole = endpoint.grouped
            self.schema = schema_for(endpoint, query, self._pivots)
        if self._batch is None:
            self._batch = self._store.sink.batch(self.schema)
        self._batch.add(rows)
        self._next = page.next
        if len(self._batch) >= BATCH:
            await self.flush()

    async def flush(self) -> None:
        """Save what has come so far, if the walk can go on behind it."""
        async with self._writing:
            if self._batch is not None and self._next is not None and not self._whole:
                await self._append({"next": self._next})

    async def flush_quietly(self) -> None:
        """The same; what goes wrong is raised when the walk adds its next page, or ends."""
        with contextlib.suppress(Exception):
            await self.flush()

    async def finish(self) -> None:
        """Save the rest: the part is complete."""
        async with self._writing:
            await self._append({"done": True, "pivots": list(self._pivots)})

    async def _append(self, note: dict[str, Any]) -> None:
        if self._failure is not None:
            raise self._failure  # rows are missing: nothing may be added behind them
        # Pages that come while this batch is written go into the next one.
        batch, self._batch = self._batch, None
        rows = self._rows = self._rows + (len(batch) if batch else 0)
        try:
            await self._store.append(self._progress.part.id, batch, {"rows": rows, **note})
        except Exception as error:
            self._failure = error
            raise
        self._progress.rows = rows
