"""JSON: one array of objects, nested as TeamUp sends them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from .jsonl import objects
from .lines import LineSink
from .schema import Schema
from .text import ENCODER

__all__ = ["Json"]


class Json(LineSink):
    """A JSON array, UTF-8, an object a line. For programs that read a file as a whole; `Jsonl` is for all others."""

    format: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A comma and a line for each row."""
        return b"".join(b",\n" + ENCODER.encode(made) for made in objects(schema, rows))

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """The stages between brackets; the first row has no comma."""
        file.write(b"[")
        for index, stage in enumerate(stages):
            with stage.open("rb") as lines:
                lines.seek(1 if index == 0 else 0)
                shutil.copyfileobj(lines, file, 1 << 20)
        file.write(b"\n]\n")
