"""Rows as text, page by page: written by the sinks' own code, so that a format looks the same wherever it goes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

import attrs

from ..endpoint import Endpoint
from ..errors import PaginationDriftError
from ..query import Query
from ..rows import run_time_field
from ..sinks.base import SinkError
from ..sinks.lines import LineSink
from ..sinks.schema import Schema, pivot_keys, schema_for
from ..sinks.table import SINKS
from ..sinks.text import TextBatch
from .failures import OutputError
from .output import Sink

if TYPE_CHECKING:
    from ..page import Page

__all__ = ["Format", "RowWriter", "TextWriter", "known_columns"]

Format = Literal["jsonl", "json", "csv", "table"]
"""What can be written to a pipe."""


class RowWriter(Protocol):
    """Takes the pages of a walk, one after another."""

    def page(self, page: Page[Any], rows: Sequence[Any]) -> None:
        """Write `rows`, which are the page's, or as many of them as are wanted."""
        ...

    def finish(self) -> None:
        """Write what is left."""
        ...


class TextWriter:
    """Writes the rows of `query` in a `format` of the sinks' table that is made of lines.

    `options` are those of its sink.
    """

    def __init__(
        self, format: str, endpoint: Endpoint[..., Any], query: Query[Any], output: Sink, **options: Any
    ) -> None:
        # It is never opened: only the lines that it would write are wanted.
        self._lines: LineSink = SINKS[format].load()(os.devnull, **options)
        self._endpoint, self._query, self._output = endpoint, query, output
        self._pivots: tuple[str, ...] = ()
        self._schema: Schema | None = None
        self._empty = True

    def page(self, page: Page[Any], rows: Sequence[Any]) -> None:
        """Write the head before the first page, and the rows.

        Raises `PaginationDriftError` if the columns change, and `OutputError` for a value that can't be written.
        """
        pivots = pivot_keys(self._endpoint, page.columns)
        if self._schema is None:
            self._pivots = pivots
            self._schema = self._begin()
        elif pivots != self._pivots and rows:
            raise PaginationDriftError("the columns of the report changed while it was read")
        if not rows:
            return
        batch = TextBatch(self._schema, self._lines.lines)
        try:
            batch.add(rows)
        except SinkError as error:
            raise OutputError(str(error)) from error
        self._output.write(batch.content()[self._lines.between if self._empty else 0 :])
        self._empty = False

    def finish(self) -> None:
        """Write the tail; the head too where there was no page."""
        self._schema = self._schema or self._begin()
        if tail := self._lines.tail():
            self._output.write(tail)

    def _begin(self) -> Schema:
        schema = self._lines.columns(schema_for(self._endpoint, self._query, self._pivots))
        if head := self._lines.head(schema):
            self._output.write(head)
        return schema


def known_columns(endpoint: Endpoint[..., Any], columns: Iterable[str]) -> tuple[str, ...]:
    """Those of `columns` that rows hold: paths that begin with a field, and what only the answer names."""
    if run_time_field(endpoint.row) is not None:
        return tuple(columns)
    fields = attrs.fields_dict(endpoint.row)
    return tuple(column for column in columns if column.partition(".")[0] in fields)
