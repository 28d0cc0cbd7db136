"""CSV: a line of dotted column keys, then a line for each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from .extract import values_by_row
from .lines import LineSink
from .schema import Schema
from .text import cell

__all__ = ["Csv"]


def _text(lines: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


class Csv(LineSink):
    """CSV, UTF-8, lines end in a line feed. Empty is null; times are ISO 8601; lists are JSON."""

    format = "csv"
    suffix = ".csv"

    @classmethod
    def lines(cls, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A line for each row."""
        return _text([[cell(value) for value in row] for row in values_by_row(schema, rows)])

    @classmethod
    def head(cls, schema: Schema) -> bytes:
        """The dotted keys of the columns."""
        return _text([schema.names])
