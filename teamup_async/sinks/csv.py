"""CSV: a line of column keys, then a line for each row."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, get_args

from ..errors import ConfigurationError
from .base import SinkError
from .cells import FIRST, Cells, guarded
from .extract import values_by_column
from .lines import LineSink
from .schema import Scalar, Schema, Type
from .text import cell, moments

__all__ = ["Csv"]

_MARKS: Final = ('"', ",", "\n", "\r")
_MOMENT: Final = Scalar("date-time")
_MOMENTS: Final = {datetime, type(None)}


def _text(columns: Sequence[list[str]]) -> bytes:
    """The lines of these columns."""
    quoted = list(map(_quoted, columns))
    if len(quoted) == 1:  # an empty line would be no row
        quoted = [[text or '""' for text in quoted[0]]]
    return "\n".join([*map(",".join, zip(*quoted, strict=True)), ""]).encode()


def _quoted(column: list[str]) -> list[str]:
    """The same cells, with quotes around those that hold commas, quotes or line ends, as RFC 4180 has it."""
    whole = "".join(column)
    if not any(mark in whole for mark in _MARKS):
        return column
    return [
        '"' + text.replace('"', '""') + '"' if any(mark in text for mark in _MARKS) else text
        for text in column
    ]


class Csv(LineSink):
    """CSV, UTF-8, lines end in a line feed. Empty is null; times are ISO 8601; lists are JSON.

    * `path`: a folder, or a file that ends in ``.csv``; also an address such as ``s3://bucket/folder/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `storage_options`: what fsspec is told of an object store, where the environment does not say it.
    * `cells`: ``"text"`` puts an apostrophe before text that a spreadsheet would run as a formula (that begins with
      ``=``, ``+``, ``-``, ``@``, a tab or a line end). Numbers stay as they are. `unguarded` of
      `teamup_async.sinks.cells` takes it off again. ``"raw"`` writes text as it is, for files that only programs read.
    """

    format = "csv"
    suffix = ".csv"

    def __init__(self, path: str | os.PathLike[str], *, cells: Cells = "text", **options: Any) -> None:
        super().__init__(path, **options)
        if cells not in get_args(Cells):
            raise ConfigurationError(f"cells must be 'text' or 'raw', not {cells!r}")
        self.cells: Cells = cells

    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A line for each row."""
        try:
            return _text(
                [self._cells(values, column.type) for column, values in values_by_column(schema, rows)]
            )
        except AttributeError as error:
            raise SinkError(f"a row has not the shape that was asked for ({error})") from None

    def head(self, schema: Schema) -> bytes:
        """The keys of the columns."""
        return _text([self._cells([name]) for name in schema.names])

    def _cells(self, values: Iterable[Any], type_: Type | None = None) -> list[str]:
        """A column, of this type, as text."""
        found = list(values)
        if found and type_ == _MOMENT and {value.__class__ for value in found} <= _MOMENTS:
            return moments(found)
        starts = FIRST if self.cells == "text" else ()
        # Text is most of it: a call for each would take three times as long.
        return [
            (value if value[:1] not in starts else guarded(value)) if value.__class__ is str else cell(value)
            for value in found
        ]
