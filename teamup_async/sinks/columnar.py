"""Rows as Arrow arrays: explicit types from the schema, never guessed."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from itertools import accumulate, chain, repeat
from operator import sub
from typing import Any, Final, Protocol

import attrs
import msgspec
import pyarrow as pa

from .._memo import memo
from ..errors import clip
from .base import SinkError
from .extract import members_of, missing, optional_paths, plain, values_by_column
from .schema import ListOf, Scalar, Schema, Struct, Type

__all__ = ["SCALARS", "ArrowBatch", "arrow_schema", "arrow_type", "warm_up"]

SCALARS: dict[str, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    # 28 digits before the point and 10 after; a value that needs more is refused, not rounded.
    "decimal": pa.decimal128(38, 10),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "json": pa.string(),
    "date-time": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "time": pa.time64("us"),
}
_JSON = msgspec.json.Encoder(decimal_format="number")
_CHUNK: Final = 1000
"""Rows that are made into arrays together: with 10,000, reading the scattered text takes four times as long."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CENT: Final = Decimal("0.01")
_SCALE: Final = Decimal("1E-10")
_EXACT: Final = Context(prec=38, traps=[Inexact, InvalidOperation])
_UNFIT = (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError)


def warm_up() -> None:
    """Let pyarrow load what it loads with its first array: pandas, where that is installed.

    That takes a third of a second, which had better not be the event loop's.
    """
    pa.array([], pa.int64())


def arrow_type(type_: Type) -> pa.DataType:
    """The Arrow type of a column's type; times are microseconds in UTC, decimals ``decimal128(38, 10)``."""
    match type_:
        case Scalar(kind):
            return SCALARS[kind]
        case ListOf(item):
            return pa.list_(arrow_type(item))
        case Struct(fields):
            return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in fields])


@attrs.define
class _Group:
    """An object in a nested schema: its members by name."""

    path: str
    members: dict[str, Any] = attrs.field(factory=dict[str, Any])


@memo
def _tree(schema: Schema) -> _Group:
    root = _Group("")
    for column in schema.columns:
        if column.source != "path":
            root.members[column.name] = column
            continue
        *above, leaf = column.name.split(".")
        group = root
        for name, part in zip(above, column.path.split("."), strict=False):
            path = f"{group.path}.{part}" if group.path else part
            group = group.members.setdefault(name, _Group(path))
        group.members[leaf] = column
    return root


@memo
def arrow_schema(schema: Schema, nested: bool = False) -> pa.Schema:
    """The Arrow schema: dotted columns, or objects as structs if `nested`."""
    if not nested:
        return pa.schema([pa.field(c.name, arrow_type(c.type)) for c in schema.columns])
    return pa.schema(_fields(_tree(schema)))


def _fields(group: _Group) -> list[pa.Field]:
    return [
        pa.field(name, pa.struct(_fields(member)) if isinstance(member, _Group) else arrow_type(member.type))
        for name, member in group.members.items()
    ]


class ArrowBatch:
    """Values by column, taken out of the rows page by page, and made into arrays while they are in the cache."""

    def __init__(self, schema: Schema, *, nested: bool = False) -> None:
        self.schema = schema
        self._nested = nested
        self._optional = optional_paths(schema) if nested else ()
        self._chunks: list[pa.RecordBatch] = []
        self._rows = 0
        self._begin()

    def _begin(self) -> None:
        self._builders = [_builder(column.type) for column in self.schema.columns]
        self._missing: dict[str, list[bool]] = {path: [] for path in self._optional}
        self._open = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: Sequence[Any]) -> None:
        """Take the rows of a page: objects of the row class, or twins of them."""
        for builder, (column, values) in zip(
            self._builders, values_by_column(self.schema, rows), strict=True
        ):
            try:
                builder.add(values)
            except (TypeError, AttributeError) as error:
                raise _unfit(column.path, column.type, error) from None
        for path, marks in self._missing.items():
            marks.extend(missing(path, rows))
        self._rows += len(rows)
        self._open += len(rows)
        if self._open >= _CHUNK:
            self._chunks.append(self._build())
            self._begin()

    def finish(self) -> list[pa.RecordBatch]:
        """All rows as record batches."""
        if self._open or not self._chunks:
            self._chunks.append(self._build())
            self._begin()
        return self._chunks

    def _build(self) -> pa.RecordBatch:
        arrays: dict[str, pa.Array] = {}
        for column, builder in zip(self.schema.columns, self._builders, strict=True):
            try:
                arrays[column.path] = builder.finish()
            except _UNFIT as error:
                raise _unfit(column.path, column.type, error) from None
        shape = arrow_schema(self.schema, self._nested)
        if not self._nested:
            return pa.RecordBatch.from_arrays(list(arrays.values()), schema=shape)
        masks = {path: pa.array(marks, pa.bool_()) for path, marks in self._missing.items()}
        top = [_as_struct(member, arrays, masks) for member in _tree(self.schema).members.values()]
        return pa.RecordBatch.from_arrays(top, schema=shape)


def _unfit(path: str, type_: Type, error: Exception) -> SinkError:
    text = " ".join(str(error).split())[:200]
    return SinkError(f"column {path}: a value does not fit {arrow_type(type_)}: {text}")


def _as_struct(member: Any, arrays: dict[str, pa.Array], masks: dict[str, pa.Array]) -> pa.Array:
    if not isinstance(member, _Group):
        return arrays[member.path]
    children = [_as_struct(inner, arrays, masks) for inner in member.members.values()]
    return pa.StructArray.from_arrays(children, fields=_fields(member), mask=masks.get(member.path))


class _Builder(Protocol):
    """Collects the values of a column."""

    def add(self, values: Iterable[Any]) -> None: ...

    def finish(self) -> pa.Array: ...


def _builder(type_: Type) -> _Builder:
    match type_:
        case Scalar("json"):
            return _Json()
        case Scalar("date-time"):
            return _Times()
        case Scalar(kind):
            return _FLAT.get(kind, _Flat)(SCALARS[kind])
        case ListOf(item):
            return _List(arrow_type(type_), _builder(item))
        case Struct(fields):
            return _Object(arrow_type(type_), {name: _builder(inner) for name, inner in fields})


class _Flat:
    """Single values."""

    def __init__(self, arrow: pa.DataType) -> None:
        self._arrow = arrow
        self._values: list[Any] = []

    def add(self, values: Iterable[Any]) -> None:
        self._values += values

    def finish(self) -> pa.Array:
        return pa.array(self._values, self._arrow)


class _Integers(_Flat):
    """Integers: Python's own arrays take them in half the time, and Arrow takes those as they are."""

    def finish(self) -> pa.Array:
        try:
            found = array("q", self._values)
        except (TypeError, OverflowError):  # one is None, or does not fit
            return super().finish()
        return pa.Array.from_buffers(pa.int64(), len(found), [None, pa.py_buffer(found)])


class _Decimals(_Flat):
    """Amounts. Where one has hundreds of digits behind the point, Arrow looks beyond its table of powers of ten: it
    crashes, or finds another number. So it is given no more digits than it keeps.
    """

    def finish(self) -> pa.Array:
        return pa.array(list(map(_fitting, self._values)), self._arrow)


_FLAT: Final[dict[str, type[_Flat]]] = {"decimal": _Decimals, "integer": _Integers}


def _fitting(value: Any) -> Any:
    if not isinstance(value, Decimal) or value.same_quantum(_CENT):
        return value
    try:
        return _EXACT.quantize(value, _SCALE)
    except ArithmeticError:
        raise ValueError(clip(str(value), 60)) from None


class _Times:
    """Moments, as the time since 1970: Arrow reads a ``timedelta`` five times as fast as a ``datetime``."""

    def __init__(self) -> None:
        self._values: list[timedelta | None] = []

    def add(self, values: Iterable[Any]) -> None:
        moments = list(values)
        try:
            self._values += list(map(sub, moments, repeat(_EPOCH)))
        except TypeError:  # asking each whether it is None costs more than finding out
            self._values += [None if moment is None else moment - _EPOCH for moment in moments]

    def finish(self) -> pa.Array:
        passed = pa.array(self._values, pa.duration("us"))
        return passed.view(pa.int64()).view(SCALARS["date-time"])


class _Json:
    """Anything, as JSON text."""

    def __init__(self) -> None:
        self._values: list[str | None] = []

    def add(self, values: Iterable[Any]) -> None:
        self._values += [None if v is None else _JSON.encode(plain(v)).decode() for v in values]

    def finish(self) -> pa.Array:
        return pa.array(self._values, pa.string())


class _List:
    """Lists: their lengths, and all items in one row."""

    def __init__(self, arrow: pa.DataType, items: _Builder) -> None:
        self._arrow = arrow
        self._items = items
        self._lengths: list[int] = []
        self._missing: list[bool] = []

    def add(self, values: Iterable[Any]) -> None:
        present = list(values)
        try:
            self._lengths += list(map(len, present))
            self._missing += repeat(False, len(present))
        except TypeError:
            self._missing += [value is None for value in present]
            present = [() if value is None else value for value in present]
            self._lengths += map(len, present)
        self._items.add(chain.from_iterable(present))

    def finish(self) -> pa.Array:
        offsets = pa.array([0, *accumulate(self._lengths)], pa.int32())
        mask = pa.array(self._missing, pa.bool_()) if any(self._missing) else None
        return pa.ListArray.from_arrays(offsets, self._items.finish(), type=self._arrow, mask=mask)


class _Object:
    """Objects: their members, each as a column."""

    def __init__(self, arrow: pa.DataType, members: dict[str, _Builder]) -> None:
        self._fields = [arrow.field(index) for index in range(arrow.num_fields)]
        self._members = members
        self._apart = members_of(tuple(members))
        self._missing: list[bool] = []

    def add(self, values: Iterable[Any]) -> None:
        objects = list(values)
        try:
            members = self._apart(objects)
            self._missing += repeat(False, len(objects))
        except AttributeError:
            self._missing += [value is None for value in objects]
            members = [
                [None if value is None else getattr(value, name) for value in objects]
                for name in self._members
            ]
        for builder, found in zip(self._members.values(), members, strict=True):
            builder.add(found)

    def finish(self) -> pa.Array:
        mask = pa.array(self._missing, pa.bool_()) if any(self._missing) else None
        arrays = [builder.finish() for builder in self._members.values()]
        return pa.StructArray.from_arrays(arrays, fields=self._fields, mask=mask)
