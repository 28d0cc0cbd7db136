"""Arrow files."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal, get_args

import pyarrow as pa

from ..errors import ConfigurationError
from .columnar import arrow_schema
from .schema import Schema
from .stages import GROUP, ArrowStages, batches, tables

__all__ = ["Arrow"]

_Compression = Literal["lz4", "zstd", "none"]


class Arrow(ArrowStages):
    """The Arrow file format (Feather, version 2), with the same types as `Parquet`.

    * `path`: a folder, or a file that ends in ``.arrow``; also an address such as ``s3://bucket/folder/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `storage_options`: what fsspec is told of an object store, where the environment does not say it.
    * `compression`: ``"lz4"``, ``"zstd"`` or ``"none"``; `level` is how hard it tries.
    * `row_group`: rows of a record batch.

    Raises `ConfigurationError` for a compression or level that there is not.
    """

    format: ClassVar[str] = "arrow"
    suffix: ClassVar[str] = ".arrow"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        nested: bool = False,
        compression: _Compression = "lz4",
        level: int | None = None,
        row_group: int = GROUP,
        **options: Any,
    ) -> None:
        if compression not in get_args(_Compression):
            raise ConfigurationError(f"an Arrow file can't be compressed by {compression!r}")
        super().__init__(
            path, nested=nested, compression=compression, level=level, row_group=row_group, **options
        )

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """Record batches of equal size."""
        shape = arrow_schema(schema, self.nested)
        with pa.ipc.new_file(file, shape, options=pa.ipc.IpcWriteOptions(compression=self.codec)) as writer:
            for table in tables(batches(shape, stages), self.row_group):
                for batch in table.to_batches():
                    writer.write_batch(batch)
