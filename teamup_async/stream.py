"""What users iterate over: `RowStream`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import attrs

from ._http.requester import Requester
from ._walking.asked import AskedWalk
from ._walking.counting import counted
from ._walking.learned import Learned
from ._walking.plan import Plan, plan
from ._walking.position import Position, position_from_json
from ._walking.record import Integrity, OnDrift, Record
from ._walking.watched import AnyWalk, WatchedWalk
from .dialect import Dialect
from .endpoint import Endpoint
from .envelope import MAX_PAGE_SIZE, By
from .errors import QueryError
from .page import PageIterator, RowIterator, Start
from .query import Query
from .stats import Stats

if TYPE_CHECKING:
    import polars as pl

    from .exports import ExportFormat, ExportJob
    from .sinks.frames import BatchIterator, Collector
    from .sinks.naming import Names
    from .sinks.schema import Schema

__all__ = ["RowStream", "column_pages"]

Row = TypeVar("Row")

_DRIFT = ("heal", "raise", "warn")


class RowStream(Generic[Row]):
    """The rows of one query. Nothing is sent until it is iterated, counted or collected.

    Each ``async for`` begins a new walk. Leaving one early, by ``break`` or an exception, ends its requests;
    to wait until they have ended, use ``async with stream as rows``.
    """

    def __init__(
        self,
        endpoint: Endpoint[..., Row],
        query: Query[Row],
        requester: Callable[[], Requester],
        *,
        dialect: Dialect,
        by: By | None = None,
        size: int = MAX_PAGE_SIZE,
        window: int,
        start: Position | None = None,
        on_drift: OnDrift = "heal",
        timeout: float | None = None,
        thrifty: bool | None = None,
        confirm: bool = False,
        limit: int | None = None,
        extra: bool = False,
        learned: Learned | None = None,
    ) -> None:
        self._learned = learned or Learned(dialect)
        self._options: dict[str, Any] = {
            "by": by,
            "size": size,
            "window": window,
            "start": start,
            "on_drift": on_drift,
            "timeout": timeout,
            "dialect": dialect,
            "thrifty": thrifty,
            "confirm": confirm,
            "limit": limit,
            "extra": extra,
        }
        self.endpoint = endpoint
        self.query = query
        self._requester = requester
        self._plan: Plan[Row] = self._planned()
        self._record = Record()
        self._entered: list[RowIterator[Row]] = []

    def __repr__(self) -> str:
        query = self.query
        set_ = {field.name: getattr(query, field.name) for field in attrs.fields(type(query))}
        filters = ", ".join(f"{name}={value!r}" for name, value in set_.items() if value is not None)
        return f"<RowStream of {self.endpoint.name}({filters}), {self._plan.first.to_json()}>"

    @property
    def stats(self) -> Stats:
        """What the latest walk of this stream has done so far."""
        return self._record.meter.snapshot()

    @property
    def integrity(self) -> Integrity:
        """What the latest walk of this stream has checked so far."""
        return self._record.integrity

    @property
    def unknown_fields(self) -> dict[str, int]:
        """Fields that TeamUp sent in the latest walk and the row class does not know: dotted path and number of pages.

        Looked for in the first row of each page; the first hundred names.
        """
        return dict(self._record.unknown)

    def paged(  # noqa: C901 - one branch for each option
        self,
        *,
        by: By | None = None,
        size: int | None = None,
        window: int | None = None,
        start: Start | None = None,
        on_drift: OnDrift | None = None,
        timeout: float | None = None,
        thrifty: bool | None = None,
        confirm: bool | None = None,
        extra: Literal["drop", "keep"] | None = None,
    ) -> RowStream[Row]:
        """The same query, walked in another way; a new stream. What is not given stays as it is.

        * `by`: ``"offset"``, ``"page"`` or, where rows have an id, ``"id"`` (one page after the other).
        * `size`: new rows a page, from 1 to as many as the endpoint gives (100; events: 250).
        * `window`: pages in flight or waiting to be taken, 1 to 1000.
        * `start`: ``page.next``, or the position of an error.
        * `on_drift`: what to do when rows move meanwhile: ``"heal"``, ``"raise"`` or ``"warn"``.
        * `timeout`: seconds for a whole walk.
        * `thrifty`: True for the fewest requests, one after the other: each page begins after the last row of the
          one before, where the endpoint allows it. False to fetch ahead. Without it the walk is thrifty where
          the quota bounds it, it is no slower by it, and no other stream of the client fetches many pages ahead.
        * `confirm`: True to read everything, hold it in memory, and read it again until two readings in a row
          agree. `integrity` is exact then.
        * `extra`: ``"keep"`` to keep the fields that the row class does not know: ``extra_fields(row)`` of
          ``teamup_async.rows`` has them by dotted path.

        Raises `QueryError`.
        """
        options = dict(self._options)
        if thrifty is not None:
            options["thrifty"] = thrifty
        if confirm is not None:
            options["confirm"] = confirm
        if extra is not None:
            if extra not in ("drop", "keep"):
                raise QueryError(
                    f"extra must be 'drop' or 'keep', not {extra!r}", parameter="extra", value=extra
                )
            options["extra"] = extra == "keep"
        if by is not None:
            options["by"] = by
        if size is not None:
            options["size"] = _between("size", size, self.endpoint.max_page_size)
        if window is not None:
            options["window"] = _between("window", window, 1000)
        if start is not None:
            position = position_from_json(start, self.endpoint.max_page_size)
            options["start"] = position if size is None else attrs.evolve(position, size=size)
        if on_drift is not None:
            if on_drift not in _DRIFT:
                raise QueryError(
                    f"on_drift does not know {on_drift!r}. Allowed: {', '.join(_DRIFT)}",
                    parameter="on_drift",
                    value=on_drift,
                    allowed=_DRIFT,
                )
            options["on_drift"] = on_drift
        if timeout is not None:
            if not timeout > 0:
                raise QueryError("timeout must be more than 0 seconds", parameter="timeout", value=timeout)
            options["timeout"] = timeout
        return RowStream(self.endpoint, self.query, self._requester, learned=self._learned, **options)

    def __aiter__(self) -> RowIterator[Row]:
        return RowIterator(self._walk())

    def pages(self) -> PageIterator[Row]:
        """The pages of a new walk, to be used with ``async for``."""
        return PageIterator(self._walk(), self._plan)

    async def count(self) -> int:
        """How many rows the query has now; one or two small requests.

        Until totals as large have proved to be right, the second looks whether the rows end there. Where the total
        does not count the rows of the query (`total` of the dialect), all are read and counted.

        Raises `RequestTimeoutError` when the time of a walk is over, and `DialectError` where the total can't be right.
        """

        async def read(learned: Learned) -> int:
            counting = RowStream(self.endpoint, self.query, self._requester, learned=learned, **self._options)
            async with counting.pages() as pages:
                return sum([len(page) async for page in pages])

        requester = self._opened()
        with requester.ledger.during("count"):
            return await counted(self.query, requester, self._learned, self._planned, read)

    async def first(self) -> Row | None:
        """The first row, or None if there is none; one small request."""
        rows = await self.collect(limit=1)
        return rows[0] if rows else None

    async def collect(self, limit: int | None = None) -> list[Row]:
        """All rows in a list, or the first `limit` of them."""
        if limit is not None and (isinstance(limit, bool) or limit < 0):
            raise QueryError("limit must be 0 or more", parameter="limit", value=limit)
        rows: list[Row] = []
        if limit == 0:
            return rows
        stream = self if limit is None else self.up_to(limit)
        async with stream.pages() as pages:
            async for page in pages:
                rows += page.rows
                if limit is not None and len(rows) >= limit:
                    del rows[limit:]
                    break
        self._record = stream._record  # noqa: SLF001 - one of its own kind
        return rows

    def up_to(self, limit: int) -> RowStream[Row]:
        """The same stream for whoever needs no more than `limit` rows, 1 or more; a new stream.

        It fetches nothing behind them, and its pages come to an end with the one that reaches them: that one may
        bring more. Raises `QueryError`.
        """
        if isinstance(limit, bool) or limit < 1:
            raise QueryError("limit must be 1 or more", parameter="limit", value=limit)
        options: dict[str, Any] = {**self._options, "limit": limit}
        if limit < self._plan.first.size:
            options["size"] = limit
            if options["start"] is not None:
                options["start"] = attrs.evolve(options["start"], size=limit)
        return RowStream(self.endpoint, self.query, self._requester, learned=self._learned, **options)

    async def export(self, *, format: ExportFormat = "csv") -> ExportJob[Row]:  # noqa: A002 - the API's word
        """Let TeamUp write all rows of this report into one file; one request, a few more to wait for it.

            job = await teamup.reports.attendances(status=["attended"]).export()
            await job.wait()
            await job.download("attendances.csv")

        `format`: ``"csv"`` or ``"json"``. The request is not repeated after a failure, for that could start a second
        job; only after a 429. API document: "Report - Export".

        Raises `QueryError` for lists, which have no exports, and `RequestError`.
        """
        from .exports import start

        return await start(self.endpoint, self.query, format, self._requester)

    def batches(self, rows: int = 10_000, *, nested: bool = False, names: Names = "dotted") -> BatchIterator:
        """The rows of a new walk as ``pyarrow.RecordBatch`` objects, to be used with ``async for`` (extra ``parquet``).

            async for batch in teamup.reports.attendances().batches():
                ...

        Pages become columns without row objects, so this is the fastest way to read. The types are those of the row
        class, whatever the rows hold.

        * `rows`: rows of a batch, 1 or more; the last has what is left. Without any rows there is one empty batch, so
          the columns are always known.
        * `nested`: True for objects as structs; otherwise they become dotted columns (``customer.id``).
        * `names`: ``"snake"`` for columns that no database wants in quotes (``customer_id``).

        With ``paged(extra="keep")`` a column ``extra`` holds the fields that the row class does not know, as JSON.

        To wait for the end of what is in flight after leaving early: ``async with stream.batches() as batches``.
        Raises `QueryError`, and `SinkError` where pyarrow is missing or a value does not fit its column.
        """
        from .sinks.frames import BatchIterator

        size = _between("rows", rows, sys.maxsize)
        collected = self._collector(nested=nested, names=names)
        return BatchIterator(column_pages(self, collected.schema), collected, size)

    def _collector(self, *, nested: bool, names: Names) -> Collector[Row]:
        from .sinks.frames import collector

        extra = self._options["extra"]
        return collector(self.endpoint, self.query, nested=nested, names=names, extra=extra)

    async def to_arrow(self, *, nested: bool = False, names: Names = "dotted") -> Any:
        """All rows as a ``pyarrow.Table``, with the types of the row class (extra ``parquet``).

        Objects become dotted columns (``customer.id``), or structs if `nested`. With `names` ``"snake"`` such a column
        is called ``customer_id``. Raises `QueryError` where two columns would have the same name.
        """
        collected = self._collector(nested=nested, names=names)
        async with column_pages(self, collected.schema) as pages:
            async for page in pages:
                collected.add(page.rows, page.columns)
        return collected.table()

    async def to_pandas(self, *, nested: bool = False, names: Names = "dotted") -> Any:
        """All rows as a ``pandas.DataFrame`` of Arrow types: ids with gaps stay whole (extra ``dataframes``)."""
        from .sinks.frames import pandas_frame

        return pandas_frame(await self.to_arrow(nested=nested, names=names))

    async def to_polars(self, *, nested: bool = False, names: Names = "dotted") -> pl.DataFrame:
        """All rows as a Polars data frame (extra ``dataframes``)."""
        from .sinks.frames import polars_frame

        return polars_frame(await self.to_arrow(nested=nested, names=names))

    async def __aenter__(self) -> RowIterator[Row]:
        self._entered.append(RowIterator(self._walk()))
        return self._entered[-1]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._entered.pop().aclose()

    def _walk(self, schema: Schema | None = None) -> AnyWalk[Row]:
        requester = self._opened()
        self._record = Record(requester.ledger.meter_of(), requester.ledger.account)
        self._plan = self._planned()

        def planned() -> Plan[Row]:
            found = self._planned()
            return found if schema is None else found.for_columns(schema)

        walk = AskedWalk(self.query, requester, self._record, self._learned, planned)
        telemetry = requester.ledger.telemetry
        return (
            walk if telemetry is None else WatchedWalk(walk, self._record, telemetry, *requester.ledger.whose)
        )

    def _opened(self) -> Requester:
        """The open client's requester, for a walk that begins now."""
        requester = self._requester().of(self.endpoint.key)
        self._learned.renew(requester.now())
        return requester

    def _planned(self) -> Plan[Row]:
        """The plan in the dialect that is known by now."""
        learned, endpoint = self._learned, self.endpoint
        known: dict[str, Any] = {"dialect": learned.dialect_of(endpoint), "most": learned.size_of(endpoint)}
        return plan(endpoint, self.query, **{**self._options, **known})


def column_pages(stream: RowStream[Row], schema: Schema) -> PageIterator[Row]:
    """The pages of a new walk for whoever makes columns of them: rows may be lean twins of their class."""
    walk = stream._walk(schema)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same module
    return PageIterator(walk, stream._plan)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same


def _between(name: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        limits = f"from 1 to {most}" if most < sys.maxsize else "of 1 or more"
        raise QueryError(
            f"{name} must be a whole number {limits}, not {value!r}", parameter=name, value=value
        )
    return value
