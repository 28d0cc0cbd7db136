"""Streams as tables in memory: Arrow, pandas, Polars."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from ..endpoint import Endpoint
from ..errors import ConfigurationError, QueryError
from ..query import Query
from .base import SinkError
from .naming import Names, check_names, named
from .schema import Schema, pivot_keys, schema_for, with_extra

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BatchIterator", "Collector", "collector", "labels", "pandas_frame", "polars_frame"]

Row = TypeVar("Row")


def _needed(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SinkError(
            f"this needs the package {error.name}: pip install 'teamup-async[{extra}]'"
        ) from error


class Pages(Protocol):
    """The pages of a walk."""

    async def __anext__(self) -> Any: ...

    async def aclose(self) -> None:
        """End the walk."""
        ...


class Collector(Generic[Row]):
    """Takes the pages of a walk and makes Arrow tables of them."""

    def __init__(
        self,
        endpoint: Endpoint[..., Row],
        query: Query[Row],
        *,
        nested: bool,
        names: Names,
        extra: bool = False,
    ) -> None:
        self._columnar = _needed("teamup_async.sinks.columnar", "parquet")
        self._arrow = _needed("pyarrow", "parquet")
        self._endpoint, self._query, self._nested = endpoint, query, nested
        self._names: Names = _known(names)
        self._extra = extra
        self.schema = self._schema()
        self._batch: Any = None
        self._left: Any = None

    def __len__(self) -> int:
        """How many rows were added and not yet taken."""
        left = 0 if self._left is None else self._left.num_rows
        return left + (0 if self._batch is None else len(self._batch))

    def add(self, rows: Sequence[Row], columns: tuple[str, ...]) -> None:
        """Take the rows of a page; the first one tells the columns of a pivoted report."""
        if self._batch is None:
            if pivots := pivot_keys(self._endpoint, columns):
                self.schema = self._schema(pivots)
            self._batch = self._new()
        self._batch.add(rows)

    def table(self) -> Any:
        """A table of the rows that were not taken yet."""
        batch = self._new() if self._batch is None else self._batch
        chunks = batch.finish()
        self._batch = self._new()
        if self._left is not None:
            chunks = [*self._left.to_batches(), *chunks]
            self._left = None
        return self._arrow.Table.from_batches(chunks)

    def take(self, rows: int) -> Any:
        """The next record batch, of as many `rows`, or as are left."""
        table = self.table()
        if table.num_rows > rows:
            self._left = table.slice(rows)
            table = table.slice(0, rows)
        whole = table.combine_chunks().to_batches()
        return whole[0] if whole else self._arrow.RecordBatch.from_pylist([], table.schema)

    def _schema(self, pivots: tuple[str, ...] = ()) -> Schema:
        schema = schema_for(self._endpoint, self._query, pivots)
        return named(with_extra(schema) if self._extra else schema, self._names, self._nested)

    def _new(self) -> Any:
        return self._columnar.ArrowBatch(self.schema, nested=self._nested)


class BatchIterator(AsyncIterator[Any]):
    """The rows of one walk as record batches of equal size. Also an async context manager, which waits for the end
    of what was in flight.
    """

    def __init__(self, pages: Pages, collected: Collector[Any], rows: int) -> None:
        self._pages = pages
        self._collected = collected
        self._rows = rows
        self._begun = self._ended = False

    async def __anext__(self) -> Any:
        while not self._ended and len(self._collected) < self._rows:
            try:
                page = await anext(self._pages)
            except StopAsyncIteration:
                self._ended = True
            else:
                self._collected.add(page.rows, page.columns)
        if self._begun and not self._collected:
            raise StopAsyncIteration
        self._begun = True
        return self._collected.take(self._rows)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the walk."""
        self._ended = True
        await self._pages.aclose()


def collector(
    endpoint: Endpoint[..., Row], query: Query[Row], *, nested: bool, names: Names, extra: bool = False
) -> Collector[Row]:
    """An empty collector; with a column for unknown fields if `extra`.

    Raises `SinkError` where pyarrow is missing, and `QueryError` where two columns would have the same name.
    """
    return Collector(endpoint, query, nested=nested, names=names, extra=extra)


def _known(names: Names) -> Names:
    try:
        return check_names(names)
    except ConfigurationError as error:
        raise QueryError(str(error), parameter="names", value=names) from None


def labels() -> Any:
    """The module `labels`. Raises `SinkError` where pyarrow is missing."""
    return _needed("teamup_async.sinks.labels", "parquet")


def pandas_frame(table: Any) -> Any:
    """A data frame of Arrow types. Raises `SinkError` where pandas is missing."""
    pandas = _needed("pandas", "dataframes")
    return table.to_pandas(types_mapper=pandas.ArrowDtype)


def polars_frame(table: Any) -> pl.DataFrame:
    """A data frame. Raises `SinkError` where Polars is missing."""
    frame: pl.DataFrame = _needed("polars", "dataframes").from_arrow(table)
    return frame
