"""Arrow files."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import pyarrow as pa

from .columnar import arrow_schema
from .schema import Schema
from .stages import ArrowStages, batches, tables

__all__ = ["Arrow"]

_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="lz4")


class Arrow(ArrowStages):
    """The Arrow file format (Feather, version 2), with the same types as `Parquet`."""

    format: ClassVar[str] = "arrow"
    suffix: ClassVar[str] = ".arrow"

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """Record batches of equal size."""
        shape = arrow_schema(schema, self.nested)
        with pa.ipc.new_file(file, shape, options=_COMPRESSED) as writer:
            for table in tables(batches(shape, stages)):
                for batch in table.to_batches():
                    writer.write_batch(batch)
