"""A walk that somebody is told of, from its first page to its last."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from ..telemetry.hooks import Operation, Telemetry
from .record import Record
from .walk import WalkedPage

__all__ = ["AnyWalk", "WatchedWalk"]

Row = TypeVar("Row")


class AnyWalk(Protocol[Row]):
    """What rows and pages come from."""

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end."""
        ...

    async def aclose(self) -> None:
        """End what is in flight."""
        ...


class WatchedWalk(Generic[Row]):
    """Another walk, which telemetry is told of.

    What begins while it looks for a page belongs to it: pages fetched ahead, questions about the dialect. It is over
    with its last page, an error, `aclose`, or when nobody holds it any more.
    """

    def __init__(
        self, walk: AnyWalk[Row], record: Record, telemetry: Telemetry, account: str, endpoint: str
    ) -> None:
        self._walk = walk
        self._record = record
        self._telemetry = telemetry
        self._whose = account, endpoint
        self._tell = telemetry.tell(account, endpoint)
        self._operation: Operation | None = None
        self._over = False

    async def next(self) -> WalkedPage[Row] | None:
        """The next page, or None at the end."""
        if self._over:
            return await self._walk.next()
        if self._operation is None:
            self._operation = self._telemetry.operation("walk", *self._whose)
        try:
            with self._operation.current():
                page = await self._walk.next()
        except Exception as error:
            self._end(error)
            raise
        if page is not None:
            self._tell("rows", len(page.rows))
            self._tell("pages", 1)
        if page is None or page.next is None:
            self._end()
        return page

    async def aclose(self) -> None:
        """End what is in flight."""
        try:
            await self._walk.aclose()
        finally:
            self._end()

    def __del__(self) -> None:
        self._end()

    def _end(self, error: BaseException | None = None) -> None:
        operation, self._operation, self._over = self._operation, None, True
        if operation is None:
            return
        record, meter = self._record, self._record.meter
        operation.end(
            error,
            rows=meter.rows,
            pages=meter.pages,
            requests=meter.requests,
            retries=meter.retries,
            repairs=meter.repairs,
            waited=meter.waited,
            finished=record.finished,
        )
