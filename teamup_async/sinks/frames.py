"""Streams as tables in memory: Arrow, pandas, Polars."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..endpoint import Endpoint
from ..query import Query
from .base import SinkError
from .schema import Schema, pivot_keys, schema_for

if TYPE_CHECKING:
    import polars as pl

__all__ = ["collector", "labels", "pandas_frame", "polars_frame"]

Row = TypeVar("Row")


def _needed(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SinkError(
            f"this needs the package {error.name}: pip install 'teamup-async[{extra}]'"
        ) from error


class Collector(Generic[Row]):
    """Takes the pages of a walk and makes one Arrow table of them."""

    def __init__(self, endpoint: Endpoint[..., Row], query: Query[Row], *, nested: bool) -> None:
        self._columnar = _needed("teamup_async.sinks.columnar", "parquet")
        self._endpoint, self._query, self._nested = endpoint, query, nested
        self._batch: Any = None

    def add(self, rows: Sequence[Row], columns: tuple[str, ...]) -> None:
        """Take the rows of a page."""
        if self._batch is None:
            pivots = pivot_keys(self._endpoint, columns)
            self._batch = self._new(schema_for(self._endpoint, self._query, pivots))
        self._batch.add(rows)

    def table(self) -> Any:
        """The table."""
        batch = self._batch or self._new(schema_for(self._endpoint, self._query))
        return _needed("pyarrow", "parquet").Table.from_batches(batch.finish())

    def _new(self, schema: Schema) -> Any:
        return self._columnar.ArrowBatch(schema, nested=self._nested)


def collector(endpoint: Endpoint[..., Row], query: Query[Row], *, nested: bool) -> Collector[Row]:
    """An empty collector. Raises `SinkError` where pyarrow is missing."""
    return Collector(endpoint, query, nested=nested)


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
