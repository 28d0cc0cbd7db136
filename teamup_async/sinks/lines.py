"""Files of lines: what was staged is already as it will be, and is joined as it is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .base import Batch
from .files import FileSink
from .schema import Schema
from .text import TextBatch

__all__ = ["LineSink"]


class LineSink(FileSink):
    """A sink of text; `lines` makes rows into it."""

    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A line for each row."""
        raise NotImplementedError

    def batch(self, schema: Schema) -> TextBatch:
        """An empty batch."""
        return TextBatch(schema, self.lines)

    def encode(self, batch: Batch, *, first: bool) -> bytes:
        """The lines, without the head."""
        assert isinstance(batch, TextBatch)
        return batch.content()

    def head(self, schema: Schema) -> bytes:
        """What stands before all lines: nothing."""
        return b""

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """The head, and the stages one after another."""
        file.write(self.head(schema))
        for stage in stages:
            with stage.open("rb") as lines:
                shutil.copyfileobj(lines, file, 1 << 20)
