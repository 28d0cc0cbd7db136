"""Which rows of record batches are known already: by the digests of those that were read last."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownParameterType=false, reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from .labels import ACCOUNT

__all__ = ["account_of", "digests", "empty", "from_on", "only_ids", "renamed", "typed"]

_encode = msgspec.json.Encoder().encode


def account_of(batch: Any) -> str | None:
    """Whose rows a labelled batch holds."""
    name: str | None = batch.column(ACCOUNT)[0].as_py()
    return name


def digests(batch: Any, rows: Sequence[int]) -> dict[str, str]:
    """The digests of these rows, by their ids as text. Two rows with equal values have equal digests."""
    taken = batch.take(pa.array(rows, pa.int64()))
    columns = [column.to_pylist() for column in taken.columns]
    ids = taken.column("id").to_pylist()
    return {
        str(key): blake2b(_encode(values), digest_size=8).hexdigest()
        for key, values in zip(ids, zip(*columns, strict=True), strict=True)
    }


def from_on(batch: Any, bounds: Mapping[str, Any]) -> list[int]:
    """The places of rows that lie at or after one of the `bounds`: times, or integers, by column."""
    found: set[int] = set()
    for name, bound in bounds.items():
        column = batch.column(name)
        if pa.types.is_timestamp(column.type) or pa.types.is_integer(column.type):
            mask: Any = pc.greater_equal(column, pa.scalar(bound, column.type))
            found.update(pc.indices_nonzero(mask).to_pylist())
        else:
            found.update(at for at, value in enumerate(column.to_pylist()) if _reaches(value, bound))
    return sorted(found)


def _reaches(value: Any, bound: datetime) -> bool:
    """Whether a day, or a time as text, lies at or after `bound`; what can't be read is taken to do so."""
    if value is None:
        return False
    if not isinstance(value, str):
        return bool(value >= bound.date())
    try:
        return datetime.fromisoformat(value) >= bound
    except (TypeError, ValueError):
        return True


def typed(shape: Any, *, account: bool, keys: Iterable[str], deleted: str | None) -> Any:
    """The columns of a table: `keys` are never null, `deleted` is one more, dots become double underscores.

    Times inside of lists and objects are ISO 8601, for databases keep those as JSON, and each writes times its own way.
    """
    kept = [field for field in shape if account or field.name != ACCOUNT]
    fields = [
        pa.field(field.name.replace(".", "__"), _told(field.type), nullable=field.name not in keys)
        for field in kept
    ]
    return pa.schema([*fields, pa.field(deleted, pa.bool_())] if deleted else fields)


def _told(kind: Any, *, within: bool = False) -> Any:
    """The type, with times inside of lists and objects as text."""
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pa.struct([pa.field(field.name, _told(field.type, within=True)) for field in fields])
    if pa.types.is_list(kind):
        return pa.list_(_told(kind.value_type, within=True))
    return pa.string() if within and pa.types.is_temporal(kind) else kind


def _as(column: Any, kind: Any) -> Any:
    if column.type == kind:
        return column
    return pa.array(msgspec.to_builtins(column.to_pylist(), builtin_types=(Decimal,)), kind)


def renamed(batch: Any, rows: Sequence[int] | None, table: Any) -> Any:
    """These rows of a labelled batch (None: all) as rows of `table`: see `typed`."""
    taken = batch if rows is None else batch.take(pa.array(rows, pa.int64()))
    columns = {name.replace(".", "__"): taken.column(name) for name in taken.schema.names}
    arrays = [
        _as(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(taken.num_rows, field.type)
        for field in table
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=table)


def only_ids(ids: Iterable[str], account: str | None, deleted: str, table: Any) -> Any:
    """Rows of `table` that say nothing but that these ids were deleted."""
    numbers = pa.types.is_integer(table.field("id").type)
    rows = [{"id": int(key) if numbers else key, ACCOUNT: account, deleted: True} for key in ids]
    return pa.RecordBatch.from_pylist(rows, schema=table)


def empty(table: Any) -> Any:
    """No rows of `table`."""
    return pa.RecordBatch.from_pylist([], schema=table)
