"""Parquet files, which can also be kept up to date."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from .base import Merge, Merged, SinkError, State, Target
from .columnar import arrow_schema, arrow_type
from .conform import columns_of, conformed
from .evolution import change
from .locations import written
from .merging import Counts, groups_of, joined, merged, replaced, rows_of
from .schema import Schema
from .stages import GROUP, ArrowStages, batches, tables

__all__ = ["Parquet"]

_MARK: Final = b"teamup_async"
"""Key of the mark in a Parquet file's metadata."""


class Parquet(ArrowStages):
    """Parquet with real types: 64-bit ids, microseconds in UTC, exact decimals, lists and structs.

    Objects become dotted columns (``customer.id``), or structs with `nested`.

    * `path`: a folder, or a file that ends in ``.parquet``; also an address such as ``s3://bucket/folder/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `storage_options`: what fsspec is told of an object store, where the environment does not say it.
    * `compression`: ``"zstd"`` (as fast to write as any, and the smallest), ``"snappy"``, ``"lz4"``, ``"gzip"``,
      ``"brotli"`` or ``"none"``; `level` is how hard it tries (zstd: 1, where nothing else is said, to 22; 9 takes
      40 % longer and saves 1 %).
    * `row_group`: rows of a row group. More make smaller files and take more memory, to write and to read.

    Raises `ConfigurationError` for a compression or level that there is not.
    """

    format: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".parquet"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        nested: bool = False,
        compression: str = "zstd",
        level: int | None = None,
        row_group: int = GROUP,
        **options: Any,
    ) -> None:
        super().__init__(
            path, nested=nested, compression=compression, level=level, row_group=row_group, **options
        )

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """Row groups of equal size."""
        shape = arrow_schema(schema, self.nested)
        self._write(file, shape, tables(batches(shape, stages), self.row_group))

    def _write(self, file: BinaryIO, shape: pa.Schema, rows: Iterable[pa.Table]) -> None:
        with pq.ParquetWriter(
            file, shape, compression=self.compression, compression_level=self.level
        ) as writer:
            for table in rows:
                writer.write_table(table.cast(shape), row_group_size=self.row_group)

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark in the file's own metadata."""
        key = self.key_of(target)
        place = self.location.place_of(key)
        found = self.location.opened(key)
        if found is None:
            return None
        with written(place), found as file:
            try:
                metadata = pq.read_schema(file).metadata or {}
            except pa.ArrowException as error:
                raise SinkError(f"{place} is not Parquet: {error}") from None
        mark: dict[str, Any] | None = json.loads(metadata[_MARK]) if _MARK in metadata else None
        return mark

    def merge(
        self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge, state: State
    ) -> Merged:
        """Write the file anew, in the order of ids, with the mark in it."""
        schema = self.columns(schema)
        shape = arrow_schema(schema, self.nested)
        path, counts, stages = self.location.copy(self.key_of(target)), Counts(), self.stages(parts, schema)
        if merge.replace:
            rows = replaced(rows_of(path), batches(shape, stages), counts)
        else:
            read = [pa.Table.from_batches(batches(shape, [stage]), shape) for stage in stages]
            staged = joined(read) if read else shape.empty_table()
            shape = self._evolved(path, shape, self.location.place_of(self.key_of(target)))
            rows = merged(
                groups_of(path), shape, conformed(staged, shape), merge.since, counts, nested=self.nested
            )
        marked = shape.with_metadata({_MARK: json.dumps(merge.mark)})
        where = self.replace(
            target, parts, state, lambda file: self._write(file, marked, tables(rows, self.row_group))
        )
        return Merged(place=where, **attrs.asdict(counts))

    def _evolved(self, path: Path, shape: pa.Schema, place: str) -> pa.Schema:
        """The columns of the file after rows of `shape` came in."""
        changed = change(place, columns_of(pq.read_schema(path)), columns_of(shape))
        for note in changed.notes(place):
            self.notes.append(note)
        return pa.schema([pa.field(name, arrow_type(type_)) for name, type_ in changed.columns])
