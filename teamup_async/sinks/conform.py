"""Arrow tables given other columns: new ones empty, wider types, objects that have grown."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from .base import SinkError
from .columnar import SCALARS
from .schema import ListOf, Scalar, Struct, Type

__all__ = ["columns_of", "conformed"]

_KINDS: Final[dict[pa.DataType, Any]] = {
    arrow: kind
    for kind, arrow in SCALARS.items()
    if kind != "json"  # JSON is text there
}


def columns_of(schema: pa.Schema) -> list[tuple[str, Type]]:
    """The columns of a file. Raises `SinkError` for a type that this package does not write."""
    return [(field.name, _type(field.type, field.name)) for field in schema]


def _type(arrow: pa.DataType, name: str) -> Type:
    if pa.types.is_list(arrow):
        return ListOf(_type(arrow.value_type, name))
    if pa.types.is_struct(arrow):
        fields = [arrow.field(index) for index in range(arrow.num_fields)]
        return Struct(tuple((field.name, _type(field.type, f"{name}.{field.name}")) for field in fields))
    if arrow not in _KINDS:
        raise SinkError(f"column {name} is {arrow}, which teamup_async does not write")
    return Scalar(_KINDS[arrow])


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows with the columns of `schema`. Raises `SinkError` where a value does not fit."""
    columns: list[pa.ChunkedArray] = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(len(table), field.type))
            continue
        column = table.column(field.name)
        try:
            chunks = [_array(chunk, field.type) for chunk in column.chunks]
        except pa.ArrowException as error:
            raise SinkError(f"column {field.name}: {' '.join(str(error).split())[:200]}") from None
        columns.append(pa.chunked_array(chunks, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _array(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    if array.type == wanted:
        return array
    if pa.types.is_struct(wanted):
        fields = [wanted.field(index) for index in range(wanted.num_fields)]
        there = {array.type.field(index).name for index in range(array.type.num_fields)}
        children = [
            _array(array.field(field.name), field.type)
            if field.name in there
            else pa.nulls(len(array), field.type)
            for field in fields
        ]
        return pa.StructArray.from_arrays(children, fields=fields, mask=array.is_null())
    if pa.types.is_list(wanted):
        whole = pa.concat_arrays([array])  # offsets of a slice begin somewhere in the middle
        return pa.ListArray.from_arrays(
            whole.offsets, _array(whole.values, wanted.value_type), type=wanted, mask=whole.is_null()
        )
    return array.cast(wanted)
