"""Arrow and Parquet files. Stages are Arrow streams, so that rows become arrays once, whatever happens in between."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

import pyarrow as pa
import pyarrow.parquet as pq

from .base import Batch, Merge, SinkError, State, Target
from .columnar import ArrowBatch, arrow_schema
from .files import FileSink, written
from .merging import merged
from .schema import Schema

__all__ = ["Arrow", "Parquet"]

_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="lz4")
_PLAIN: Final = pa.ipc.IpcWriteOptions()
"""Stages are short-lived: packing them would cost more than it saves."""
_GROUP: Final = 100_000
"""Rows of a row group: how rows arrived, and where a pull was interrupted, does not show in the file."""


_MARK: Final = b"teamup_async"
"""Key of the mark in a Parquet file's metadata."""


class _ArrowStages(FileSink):
    """What Arrow and Parquet files have in common."""

    def __init__(self, path: str | os.PathLike[str], *, nested: bool = False) -> None:
        super().__init__(path)
        self.nested = nested

    def batch(self, schema: Schema) -> ArrowBatch:
        """An empty batch."""
        return ArrowBatch(schema, nested=self.nested)

    def encode(self, batch: Batch, *, first: bool) -> memoryview:
        """The batch as messages of an Arrow stream; its head only once."""
        assert isinstance(batch, ArrowBatch)
        chunks = batch.finish()
        head = _stream(chunks[0].schema, ())
        whole = _stream(chunks[0].schema, chunks)
        return whole[0 if first else len(head) - _END : len(whole) - _END]


def _stream(schema: pa.Schema, chunks: Iterable[pa.RecordBatch]) -> memoryview:
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, schema, options=_PLAIN) as writer:
        for chunk in chunks:
            writer.write_batch(chunk)
    return memoryview(stream.getvalue())


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
        self._write(file, shape, tables(batches(shape, stages)))

    def _write(self, file: BinaryIO, shape: pa.Schema, rows: Iterable[pa.Table]) -> None:
        with pq.ParquetWriter(file, shape, compression=self.compression) as writer:
            for table in rows:
                writer.write_table(table.cast(shape), row_group_size=_GROUP)

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark in the file's own metadata."""
        place = self.place(target)
        if not place.exists():
            return None
        with written(place):
            try:
                metadata = pq.read_schema(place).metadata or {}
            except pa.ArrowException as error:
                raise SinkError(f"{place} is not Parquet: {error}") from None
        mark: dict[str, Any] | None = json.loads(metadata[_MARK]) if _MARK in metadata else None
        return mark

    def merge(self, target: Target, schema: Schema, part: str, merge: Merge, state: State) -> str:
        """Write the file anew, in the order of ids, with the mark in it."""
        shape = arrow_schema(schema, self.nested).with_metadata({_MARK: json.dumps(merge.mark)})
        stages = self.stages([part])
        if merge.replace:
            rows = tables(batches(shape, stages))
        else:
            found = list(batches(shape, stages))
            staged = pa.Table.from_batches(found, shape) if found else shape.empty_table()
            rows = tables(merged(self.place(target), shape, staged, merge.since, nested=self.nested))
        return self.replace(target, [part], state, lambda file: self._write(file, shape, rows))


class Arrow(_ArrowStages):
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


def tables(rows: Iterable[pa.RecordBatch]) -> Generator[pa.Table]:
    """Rows in tables of one chunk each and of equal size but for the last."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in rows:
        held.append(batch)
        count += batch.num_rows
        while count >= _GROUP:
            whole = pa.Table.from_batches(held)
            yield whole.slice(0, _GROUP).combine_chunks()
            held = whole.slice(_GROUP).to_batches()
            count -= _GROUP
    if count:
        yield pa.Table.from_batches(held).combine_chunks()


def batches(schema: pa.Schema, stages: Iterable[Path]) -> Generator[pa.RecordBatch]:
    """The rows of stages."""
    for stage in stages:
        with pa.memory_map(str(stage)) as file, pa.ipc.open_stream(file) as reader:
            if not reader.schema.equals(schema):
                raise SinkError(f"{stage} holds other columns; start anew with restart")
            yield from reader
