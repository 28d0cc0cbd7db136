"""Arrow and Parquet files. Stages are Arrow streams, so that rows become arrays once, whatever happens in between."""

from __future__ import annotations

import io
import os
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import pyarrow as pa
import pyarrow.parquet as pq

from .base import Batch, SinkError
from .columnar import ArrowBatch, arrow_schema
from .files import FileSink
from .schema import Schema

__all__ = ["Arrow", "Parquet"]

_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="lz4")
_GROUP: Final = 100_000
"""Rows of a row group: how rows arrived, and where a pull was interrupted, does not show in the file."""


class _ArrowStages(FileSink):
    """What Arrow and Parquet files have in common."""

    def __init__(self, path: str | os.PathLike[str], *, nested: bool = False) -> None:
        super().__init__(path)
        self.nested = nested

    def batch(self, schema: Schema) -> ArrowBatch:
        """An empty batch."""
        return ArrowBatch(schema, nested=self.nested)

    def encode(self, batch: Batch, *, first: bool) -> bytes:
        """The batch as messages of an Arrow stream; its head only once."""
        assert isinstance(batch, ArrowBatch)
        chunks = batch.finish()
        head = io.BytesIO()
        with pa.ipc.new_stream(head, chunks[0].schema, options=_COMPRESSED):
            pass
        stream = io.BytesIO()
        writer = pa.ipc.new_stream(stream, chunks[0].schema, options=_COMPRESSED)
        for chunk in chunks:
            writer.write_batch(chunk)
        content = stream.getvalue()
        writer.close()
        return content if first else content[len(head.getvalue()) - _END :]


_END: Final = 8
"""Bytes of the mark at the end of an Arrow stream, which stages leave out."""


class Parquet(_ArrowStages):
    """Parquet with real types: 64-bit ids, microseconds in UTC, exact decimals, lists and structs.

    Objects become dotted columns (``customer.id``), or structs with `nested`. `compression` is any that pyarrow knows.
    """

    format: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".parquet"

    def __init__(
        self, path: str | os.PathLike[str], *, nested: bool = False, compression: str = "zstd"
    ) -> None:
        super().__init__(path, nested=nested)
        self.compression = compression

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """Row groups of equal size."""
        shape = arrow_schema(schema, self.nested)
        with pq.ParquetWriter(file, shape, compression=self.compression) as writer:
            for table in tables(shape, stages):
                writer.write_table(table, row_group_size=_GROUP)


class Arrow(_ArrowStages):
    """The Arrow file format (Feather, version 2), with the same types as `Parquet`."""

    format: ClassVar[str] = "arrow"
    suffix: ClassVar[str] = ".arrow"

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """Record batches of equal size."""
        shape = arrow_schema(schema, self.nested)
        with pa.ipc.new_file(file, shape, options=_COMPRESSED) as writer:
            for table in tables(shape, stages):
                for batch in table.to_batches():
                    writer.write_batch(batch)


def tables(schema: pa.Schema, stages: Iterable[Path]) -> Generator[pa.Table]:
    """The rows of stages, in tables of one chunk each and of equal size but for the last."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in _batches(schema, stages):
        held.append(batch)
        rows += batch.num_rows
        while rows >= _GROUP:
            whole = pa.Table.from_batches(held, schema)
            yield whole.slice(0, _GROUP).combine_chunks()
            held = whole.slice(_GROUP).to_batches()
            rows -= _GROUP
    if rows:
        yield pa.Table.from_batches(held, schema).combine_chunks()


def _batches(schema: pa.Schema, stages: Iterable[Path]) -> Generator[pa.RecordBatch]:
    for stage in stages:
        with pa.memory_map(str(stage)) as file, pa.ipc.open_stream(file) as reader:
            if not reader.schema.equals(schema):
                raise SinkError(f"{stage} holds other columns; start anew with restart")
            yield from reader
