"""Rows taken apart: values by column (for columnar formats), or by row (for the others)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, Final

import attrs
from msgspec import Struct
from msgspec.structs import fields as struct_fields

from .._memo import memo
from ..hints import alternatives, hints_of, is_class, item_of
from ..rows import DEFERRED, NO_COUNTS, extra_fields, run_time_field
from .base import SinkError
from .schema import Column, Schema, object_at

__all__ = [
    "MADE_FROM",
    "field_hints",
    "holds_objects",
    "is_twin",
    "made",
    "members_of",
    "missing",
    "optional_paths",
    "plain",
    "values_by_column",
    "values_by_row",
]

MADE_FROM: Final = "__made_from__"
"""Attribute of a class of twins: the class whose twins they are."""
Reader = Callable[[Sequence[Any]], Iterable[Iterable[Any]]]
_FEW: Final = 5
"""Up to so many columns, a list of each is quicker than tuples of all, which must be turned into lists."""


@attrs.frozen
class _Step:
    """Take attribute `name` of the objects at `parent`; where one is missing, go on with `empty`."""

    path: str
    parent: str
    get: Callable[[Any], Any]
    empty: Any
    column: bool


@memo
def _steps(schema: Schema) -> tuple[_Step, ...]:
    steps: dict[str, _Step] = {}
    columns = {column.path for column in schema.columns}
    for column in schema.columns:
        if column.source != "path":
            get = _named(schema, column.path) if column.source == "counts" else _extra
            steps[column.path] = _Step(column.path, "", get, None, column=True)
            continue
        names = column.path.split(".")
        for depth in range(1, len(names) + 1):
            path, parent = ".".join(names[:depth]), ".".join(names[: depth - 1])
            empty = object_at(schema.row, path)() if depth < len(names) and path in column.optional else None
            steps.setdefault(path, _Step(path, parent, attrgetter(names[depth - 1]), empty, path in columns))
    return tuple(steps.values())


def _named(schema: Schema, key: str) -> Callable[[Any], Any]:
    field = str(run_time_field(schema.row))

    def get(row: Any) -> Any:
        return getattr(row, field, NO_COUNTS).get(key)

    return get


def _extra(row: Any) -> Any:
    return extra_fields(row) or None


def values_by_column(schema: Schema, rows: Sequence[Any]) -> Iterable[tuple[Column, Iterable[Any]]]:
    """The values of each column, in order, each to be read once; `rows` are of the row class, or all of one twin.

    Reading them raises AttributeError where a row has another shape than asked for.
    """
    if rows and isinstance(rows[0], Struct) and (apart := _taken_apart(schema, rows)) is not None:
        return apart
    found = _walk(schema, rows)
    return ((column, found[column.path]) for column in schema.columns)


def optional_paths(schema: Schema) -> tuple[str, ...]:
    """The objects that a row may lack."""
    return tuple(sorted({path for column in schema.columns for path in column.optional}))


def missing(path: str, rows: Sequence[Any]) -> list[bool]:
    """Where the object at `path` is missing."""
    get = attrgetter(path)
    return [_absent(get, row) for row in rows]


def _absent(get: Callable[[Any], Any], row: Any) -> bool:
    try:
        return get(row) is None
    except AttributeError:  # an object above it is missing
        return True


def _walk(schema: Schema, rows: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"": rows}
    paths, get = _top(schema)
    # Rows are wide: all fields of one, then of the next, takes half the time of one field of all after the other.
    found.update(zip(paths, zip(*map(get, rows), strict=True) if rows else repeat(()), strict=False))
    for step in _steps(schema):
        values = found.get(step.path)
        if values is None:
            values = map(step.get, found[step.parent])
        if step.column:
            found[step.path] = values
            continue
        try:
            values = list(values)
        except AttributeError as error:
            raise SinkError(
                f"column {step.path}: a row has not the shape that was asked for ({error})"
            ) from None
        if step.empty is not None:
            empty = step.empty
            values = [empty if value is None else value for value in values]
        found[step.path] = values
    return found


@memo
def _reader(schema: Schema, kind: Any) -> Reader | None:
    """A function that takes twins of class `kind` apart: the values of each column that is a field.

    Its code is made for these columns, as one would write it by hand, so Python remembers in it where the objects hold
    each field: an ``attrgetter`` looks for it each time. None where the twins lack a field.
    """
    columns = [column.path for column in schema.columns if column.source == "path"]
    few = len(columns) <= _FEW
    found: dict[str, tuple[str, Any]] = {"": ("one", kind)}
    names: dict[str, Any] = {}
    lines: list[str] = []
    for step in _steps(schema):
        if step.column and step.path not in columns:
            continue
        parent, twin = found[step.parent]
        field = step.path.rpartition(".")[2]
        hints: Mapping[str, Any] = {} if twin is None else field_hints(twin)
        if field not in hints:
            return None
        value, inner = f"{parent}.{field}", None if step.column else _twin_in(hints[field])
        if inner is not None and step.empty is not None:
            empty = f"empty_{len(names)}"
            names[empty] = inner()
            value = f"({empty} if {value} is None else {value})"
        if inner is not None and not few:
            lines.append(f"object_{len(lines)} = {value}")
            value = f"object_{len(lines) - 1}"
        found[step.path] = value, inner
    values = [found[path][0] for path in columns]
    if few:
        code = _lists_of(values)
    else:
        lines.append(f"yield ({', '.join(values)})")
        code = "\n        ".join(["def rows(objects):\n    for one in objects:", *lines])
        code += "\ndef read(objects):\n    return zip(*rows(objects))"
    read: Reader = made(code, names)
    return read


def _lists_of(values: Iterable[str]) -> str:
    return (
        f"def read(objects):\n    return ({''.join(f'[{value} for one in objects], ' for value in values)})"
    )


def made(code: str, names: dict[str, Any]) -> Any:
    """The function ``read`` of this code, which may use `names`."""
    exec(code, names)  # noqa: S102 - it holds nothing but names of fields
    return names["read"]


@memo
def members_of(fields: tuple[str, ...]) -> Reader:
    """A function that takes objects apart: the values of each of these fields."""
    read: Reader = made(_lists_of(f"one.{field}" for field in fields), {})
    return read


def _twin_in(hint: Any) -> Any:
    """The class of the twins that a field may hold, or None."""
    forms = alternatives(hint)
    return next(filter(is_twin, forms), None)


def _taken_apart(schema: Schema, rows: Sequence[Any]) -> Iterable[tuple[Column, Iterable[Any]]] | None:
    """The values of twins by column; None where one of their objects is none."""
    read = _reader(schema, type(rows[0]))
    if read is None:
        return None
    try:
        fields = iter(read(rows))
    except AttributeError:
        return None
    return [(column, next(fields) if get is None else map(get, rows)) for column, get in _sources(schema)]


@memo
def _sources(schema: Schema) -> tuple[tuple[Column, Callable[[Any], Any] | None], ...]:
    """The columns, and what gives the values of those that are no fields."""
    steps = {step.path: step for step in _steps(schema)}
    return tuple(
        (column, None if column.source == "path" else steps[column.path].get) for column in schema.columns
    )


@memo
def _top(schema: Schema) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The fields of the rows themselves that are asked for, and a function that takes them all out of a row."""
    others = {column.path for column in schema.columns if column.source != "path"}
    paths = tuple(step.path for step in _steps(schema) if not step.parent and step.path not in others)
    if len(paths) > 1:
        return paths, attrgetter(*paths)
    return paths, lambda row: tuple(getattr(row, path) for path in paths)


def values_by_row(schema: Schema, rows: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The values of each row, in the order of the columns."""
    try:
        yield from zip(*(values for _, values in values_by_column(schema, rows)), strict=True)
    except AttributeError as error:
        raise SinkError(f"a row has not the shape that was asked for ({error})") from None


def plain(value: Any) -> Any:
    """Objects, or twins of them, and lists as JSON has them; deferred fields that were not sent are left out."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
    if kind in (list, tuple):
        return [plain(item) for item in value]
    if issubclass(kind, Struct):
        if _is_plain(kind):
            return value
        kind = getattr(kind, MADE_FROM)
    if attrs.has(kind):
        return {
            field.name: plain(item)
            for field in attrs.fields(kind)
            if (item := getattr(value, field.name)) is not None or not _deferred(field.metadata)
        }
    return value


@memo
def _is_plain(kind: Any) -> bool:
    """Whether twins of this class can be written as they are: they have all fields, and none is ever left out."""
    fields = attrs.fields(getattr(kind, MADE_FROM))
    return kind.__struct_fields__ == tuple(field.name for field in fields) and not any(
        _deferred(field.metadata) or holds_objects(hint)
        for field, hint in zip(fields, field_hints(kind).values(), strict=True)
    )


def field_hints(kind: Any) -> Mapping[str, Any]:
    """The hint of each field of a row class, of an object's class, or of a twin."""
    return (
        {each.name: each.type for each in struct_fields(kind)} if issubclass(kind, Struct) else hints_of(kind)
    )


def holds_objects(hint: Any) -> bool:
    """Whether a field may hold objects of declared classes or twins, itself or in lists."""
    for form in alternatives(hint):
        item = item_of(form)
        if holds_objects(item) if item is not None else is_class(form) or is_twin(form):
            return True
    return False


def is_twin(form: Any) -> bool:
    """Whether a form is a class of twins."""
    return isinstance(form, type) and issubclass(form, Struct)


def _deferred(metadata: Any) -> bool:
    return any(key in metadata for key in DEFERRED)
