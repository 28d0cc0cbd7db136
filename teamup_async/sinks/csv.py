"""CSV: a line of column keys, then a line for each row."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from typing import Any, get_args

from ..errors import ConfigurationError
from .cells import Cells, guarded
from .extract import values_by_row
from .lines import LineSink
from .schema import Schema
from .text import cell

__all__ = ["Csv"]


class _Lines(list[str]):
    """Lines as `csv.writer` makes them, without their ends."""

    def write(self, line: str) -> None:
        self.append(line[:-2])


def _text(rows: Sequence[Sequence[Any]]) -> bytes:
    lines = _Lines()
    # Told that lines end in both characters, it quotes text with either; a bare CR would end the line for readers.
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return "\n".join([*lines, ""]).encode()


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
        return _text([self._cells(row) for row in values_by_row(schema, rows)])

    def head(self, schema: Schema) -> bytes:
        """The keys of the columns."""
        return _text([self._cells(schema.names)])

    def _cells(self, values: Sequence[Any]) -> list[Any]:
        if self.cells == "raw":
            return [cell(value) for value in values]
        return [guarded(value) if type(value) is str else cell(value) for value in values]
