"""CSV: a line of dotted column keys, then a line for each row."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .base import Batch
from .extract import values_by_row
from .files import FileSink
from .schema import Schema
from .text import TextBatch, cell

__all__ = ["Csv"]


class Csv(FileSink):
    """CSV, UTF-8, lines end in a line feed. Empty is null; times are ISO 8601; lists are JSON."""

    format = "csv"
    suffix = ".csv"

    def batch(self, schema: Schema) -> TextBatch:
        """An empty batch."""
        return TextBatch(schema, _lines)

    def encode(self, batch: Batch, *, first: bool) -> bytes:
        """The lines, without the head."""
        assert isinstance(batch, TextBatch)
        return batch.content()

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """The head, and the stages one after another."""
        file.write(_text([schema.names]))
        for stage in stages:
            with stage.open("rb") as lines:
                shutil.copyfileobj(lines, file, 1 << 20)


def _lines(schema: Schema, rows: Sequence[Any]) -> bytes:
    return _text([[cell(value) for value in row] for row in values_by_row(schema, rows)])


def _text(lines: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()
