"""Record batches that say whose rows they hold: a column ``account`` before the others."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownParameterType=false, reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyarrow as pa

from .columnar import arrow_schema
from .conform import conformed
from .schema import Schema

__all__ = ["ACCOUNT", "labelled", "labelled_schema", "table_of", "without_times"]

ACCOUNT: Final = "account"


def labelled_schema(schema: Schema, *, nested: bool) -> pa.Schema:
    """The declared columns, and the account's name before them."""
    return pa.schema([pa.field(ACCOUNT, pa.string()), *arrow_schema(schema, nested)])


def labelled(batch: pa.RecordBatch, account: str | None, shape: pa.Schema) -> pa.RecordBatch:
    """The rows of `account` with the columns of `shape`: one that the rows lack is empty.

    Raises `SinkError` for a value that does not fit.
    """
    names = pa.repeat(pa.scalar(account, pa.string()), batch.num_rows)
    if batch.schema.names == shape.names[1:] and batch.schema.types == shape.types[1:]:
        return pa.RecordBatch.from_arrays([names, *batch.columns], schema=shape)
    table = conformed(pa.Table.from_batches([batch]), pa.schema(list(shape)[1:]))
    columns = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays([names, *columns], schema=shape)


def table_of(batches: Iterable[pa.RecordBatch], shape: pa.Schema) -> pa.Table:
    """A table of batches, which may be none."""
    return pa.Table.from_batches(batches, shape)


def without_times(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with times of day as text, for engines that have no such type."""
    types = [_textual(field.type) for field in batch.schema]
    if types == batch.schema.types:
        return batch
    shape = pa.schema([pa.field(name, kind) for name, kind in zip(batch.schema.names, types, strict=True)])
    return conformed(pa.Table.from_batches([batch]), shape).combine_chunks().to_batches()[0]


def _textual(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_time(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pa.struct([pa.field(field.name, _textual(field.type)) for field in fields])
    return pa.list_(_textual(kind.value_type)) if pa.types.is_list(kind) else kind
