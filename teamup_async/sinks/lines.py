"""Files of lines: what was staged is already as it will be, and is joined as it is."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from .base import Batch
from .files import FileSink
from .schema import Schema
from .text import TextBatch

__all__ = ["LineSink"]


class LineSink(FileSink):
    """A sink of text: `head`, the `lines` of the rows, `tail`.

    The first `between` bytes of the lines stand between two rows, and are left out before the first row.
    """

    columnar: ClassVar[bool] = True
    """Lines can be made of twins of rows: a pull makes no row objects for them."""
    between: ClassVar[int] = 0

    @abstractmethod
    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A line for each row."""

    def head(self, schema: Schema) -> bytes:
        """What stands before all lines: nothing."""
        return b""

    def tail(self) -> bytes:
        """What stands behind all lines: nothing."""
        return b""

    def make_batch(self, schema: Schema) -> TextBatch:
        """An empty batch."""
        return TextBatch(schema, self.lines)

    def encode(self, batch: Batch, *, first: bool) -> bytes:
        """The lines, without the head."""
        assert isinstance(batch, TextBatch)
        return batch.content()

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """The head, the stages one after another, and the tail."""
        file.write(self.head(schema))
        for index, stage in enumerate(stages):
            with stage.open("rb") as lines:
                lines.seek(self.between if index == 0 else 0)
                shutil.copyfileobj(lines, file, 1 << 20)
        file.write(self.tail())
