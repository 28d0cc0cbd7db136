"""Stages that are Arrow streams, so that rows become arrays once, whatever happens in between."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import pyarrow as pa

from ..errors import ConfigurationError
from .base import Batch, SinkError, State, Target
from .columnar import ArrowBatch, warm_up
from .files import FileSink
from .schema import Schema

__all__ = ["GROUP", "ArrowStages", "batches", "tables"]

_PLAIN: Final = pa.ipc.IpcWriteOptions()
"""Stages are short-lived: packing them would cost more than it saves."""
GROUP: Final = 60_000
"""Rows of a row group, where nothing else is asked for: how rows arrived, and where a pull was interrupted, does not
show in the file. With 100,000 files are 2 % smaller, with 10,000 they are 13 % larger; but the rows of a group are in
memory together.
"""


class ArrowStages(FileSink):
    """What Arrow and Parquet files have in common."""

    columnar: ClassVar[bool] = True
    """Batches take twins of rows: a pull makes no row objects for them."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        nested: bool = False,
        compression: str,
        level: int | None = None,
        row_group: int = GROUP,
        **options: Any,
    ) -> None:
        super().__init__(path, **options)
        if isinstance(row_group, bool) or row_group < 1:
            raise ConfigurationError(f"row_group must be a number of rows, 1 or more, not {row_group!r}")
        self.nested = nested
        self.compression = compression
        self.level = level
        self.row_group = row_group
        self.codec = _codec(compression, level)

    def open(self, targets: Sequence[Target]) -> State:
        """Take the folder and give the state last saved."""
        warm_up()
        return super().open(targets)

    def make_batch(self, schema: Schema) -> ArrowBatch:
        """An empty batch."""
        return ArrowBatch(schema, nested=self.nested)

    def encode(self, batch: Batch, *, first: bool) -> memoryview:
        """The batch as messages of an Arrow stream; its head only once."""
        assert isinstance(batch, ArrowBatch)
        chunks = batch.finish()
        head = _stream(chunks[0].schema, ())
        whole = _stream(chunks[0].schema, chunks)
        return whole[0 if first else len(head) - _END : len(whole) - _END]


def _codec(compression: str, level: int | None) -> Any:
    """The codec of that name, None for ``none``. Raises `ConfigurationError`."""
    if compression.lower() == "none" and level is None:
        return None
    try:
        return pa.Codec(compression.lower(), compression_level=level)
    except (ValueError, TypeError, pa.ArrowException) as error:
        strength = "" if level is None else f" at level {level}"
        raise ConfigurationError(f"can't compress by {compression!r}{strength}: {error}") from None


def _stream(schema: pa.Schema, chunks: Iterable[pa.RecordBatch]) -> memoryview:
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, schema, options=_PLAIN) as writer:
        for chunk in chunks:
            writer.write_batch(chunk)
    return memoryview(stream.getvalue())


_END: Final = 8
"""Bytes of the mark at the end of an Arrow stream, which stages leave out."""


def tables(rows: Iterable[pa.RecordBatch], size: int) -> Generator[pa.Table]:
    """Rows in tables of equal size but for the last, each of one chunk: where Parquet's pages end depends on chunks."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in rows:
        held.append(batch)
        count += batch.num_rows
        while count >= size:
            whole = pa.Table.from_batches(held)
            held = whole.slice(size).to_batches()
            whole = whole.slice(
                0, size
            ).combine_chunks()  # what it was made of need not be in memory any longer
            pa.default_memory_pool().release_unused()
            yield whole
            count -= size
    if count:
        whole = pa.Table.from_batches(held).combine_chunks()
        held.clear()
        yield whole


def batches(schema: pa.Schema, stages: Iterable[Path]) -> Generator[pa.RecordBatch]:
    """The rows of stages."""
    for stage in stages:
        # Not mapped into memory, where all that was ever read of it would stay.
        with pa.OSFile(str(stage)) as file, pa.ipc.open_stream(file) as reader:
            if not reader.schema.equals(schema):
                raise SinkError(f"{stage} holds other columns; start anew with restart")
            yield from reader
