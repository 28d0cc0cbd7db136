"""Delta Lake tables: each pull or sync is one commit, which other programs see at once or not at all."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import attrs
import pyarrow as pa

from .base import Merge, Merged, Target
from .columnar import arrow_schema, arrow_type
from .conform import columns_of, conformed
from .delta_table import Commit, Table, since_in_sql
from .evolution import change
from .locations import is_url
from .merging import Comparison, Counts, joined, merged
from .schema import Schema, Type
from .stages import ArrowStages, batches

__all__ = ["Delta"]


class Delta(ArrowStages):
    """Delta Lake tables, one for each target: ``lake/attendances``. The types are those of `Parquet`.

    Delta has no time of day: such columns are text. Objects become dotted columns (``customer.id``), or structs with
    `nested`.

    * `path`: a folder; also an address such as ``s3://bucket/lake/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `compression`: ``"zstd"``, ``"snappy"``, ``"lz4"``, ``"gzip"``, ``"brotli"`` or ``"none"``; `level` is how hard it
      tries.
    * `row_group`: rows of a row group.
    * `table_options`: what the package deltalake is told of an object store, where the environment does not say it
      (``{"AWS_ACCESS_KEY_ID": ...}``); `storage_options` is for fsspec, which keeps unfinished runs and the lock.

    Files that a commit replaces stay until somebody removes them (``VACUUM``): readers may still use them.

    Raises `ConfigurationError` for a compression or level that there is not.
    """

    format: ClassVar[str] = "delta"
    suffix: ClassVar[str] = ""
    folders: ClassVar[bool] = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        nested: bool = False,
        compression: str = "zstd",
        level: int | None = None,
        table_options: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(path, nested=nested, compression=compression, level=level, **options)
        self._options = table_options
        self._remote = is_url(path)

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        raise NotImplementedError  # a table is no file

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: dict[str, Any]) -> str:
        """Replace the rows of the table, in one commit."""
        schema = self.columns(schema)
        stages, table = self.stages(parts, schema), self._table(target)
        shape = _storable(arrow_schema(schema, self.nested))
        commit = Commit(number=_number(stages, ["publish", *shape.names]), mark=None)
        self.location.confirm()
        if not table.has(commit):
            table.overwrite(shape, self._rows(schema, stages, shape), commit, self._properties)
        self.drop(parts, state)
        return table.place

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark in the commit that wrote the rows."""
        return self._table(target).mark()

    def merge(
        self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge, state: dict[str, Any]
    ) -> Merged:
        """Merge in one commit, with the mark in it. Files without a row that changes stay as they are."""
        schema = self.columns(schema)
        stages, table, counts = self.stages(parts, schema), self._table(target), Counts()
        shape = _storable(arrow_schema(schema, self.nested))
        commit = Commit(
            number=_number(stages, [str(merge.replace), str(merge.since), str(merge.mark), *shape.names]),
            mark=merge.mark,
        )
        self.location.confirm()
        if table.has(commit):
            counts.rows = table.count()
        elif merge.replace:
            there, comparison = table.rows(), Comparison(counts)
            rows = comparison.watched(self._rows(schema, stages, shape))
            table.overwrite(shape, rows, commit, self._properties)
            comparison.compare(there)  # which are those of the version before
        else:
            read = [pa.Table.from_batches(self._rows(schema, [stage], shape), shape) for stage in stages]
            staged = joined(read) if read else shape.empty_table()
            self._merge(table, staged, merge.since, commit, counts)
        self.drop(parts, state)
        return Merged(place=table.place, **attrs.asdict(counts))

    def _merge(
        self, table: Table, staged: pa.Table, since: tuple[str, str] | None, commit: Commit, counts: Counts
    ) -> None:
        known = columns_of(table.schema())
        changed = change(table.place, known, columns_of(staged.schema))
        for note in changed.notes(table.place):
            self.notes.append(note)
        shape = pa.schema([pa.field(name, _type(type_)) for name, type_ in changed.columns])
        rows = conformed(staged, shape)
        if changed.widened:  # a merge can add columns, and change none
            # All of them at once: deltalake can't read while it writes.
            before = (pa.Table.from_batches([batch]) for batch in list(table.rows(order="id")))
            made = merged(before, shape, rows, since, counts, nested=self.nested)
            table.overwrite(shape, made, commit, self._properties)
            return
        gone = None if since is None else since_in_sql(since, nested=self.nested)
        there = {name for name, _ in known}
        table.merge(rows, commit, self._properties, there=there, gone=gone, counts=counts)

    def _rows(self, schema: Schema, stages: Sequence[Path], shape: pa.Schema) -> Iterable[pa.RecordBatch]:
        """The rows of stages, with types that Delta has."""
        staged = arrow_schema(schema, self.nested)
        for batch in batches(staged, stages):
            if staged.equals(shape):
                yield batch
            else:
                yield from conformed(pa.Table.from_batches([batch]), shape).to_batches()

    @property
    def _properties(self) -> dict[str, Any]:
        return {"compression": self.compression, "level": self.level, "row_group": self.row_group}

    def _table(self, target: Target) -> Table:
        key = self.key_of(target)
        return Table(
            self.location.place_of(key),
            read=lambda name: self.location.read(key, name),
            remote=self._remote,
            options=self._options,
        )


def _type(type_: Type) -> pa.DataType:
    return _storable_type(arrow_type(type_))


def _storable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(field.name, _storable_type(field.type)) for field in schema])


def _storable_type(type_: pa.DataType) -> pa.DataType:
    """The type in which Delta has such values."""
    if pa.types.is_time(type_):
        return pa.string()
    if pa.types.is_list(type_):
        return pa.list_(_storable_type(type_.value_type))
    if pa.types.is_struct(type_):
        fields = [type_.field(index) for index in range(type_.num_fields)]
        return pa.struct([pa.field(field.name, _storable_type(field.type)) for field in fields])
    return type_


def _number(stages: Iterable[Path], words: Iterable[str]) -> int:
    """A number that tells what is committed: a run that is repeated after a crash has the same."""
    digest = blake2b(digest_size=8)
    for word in words:
        digest.update(f"{word}\0".encode())
    for stage in stages:
        with stage.open("rb") as file:
            while data := file.read(1 << 20):
                digest.update(data)
    return int.from_bytes(digest.digest()) >> 1
