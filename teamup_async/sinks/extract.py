"""Rows taken apart: values by column (for columnar formats), or by row (for the others)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, Final

import attrs
from msgspec import Struct
from msgspec.structs import astuple
from msgspec.structs import fields as struct_fields

from .._memo import memo
from ..hints import alternatives
from ..rows import DEFERRED, NO_COUNTS, extra_fields, run_time_field
from .base import SinkError
from .schema import Column, Schema, object_at

__all__ = ["missing", "optional_paths", "plain", "values_by_column", "values_by_row"]

Values = list[Any]
_FEW: Final = 5
"""Up to so many fields, reading each off all objects is quicker than a tuple of all fields for each object."""


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


@attrs.frozen
class _Spread:
    """How twins of one class are taken apart, all fields of an object at once.

    For each field: the place of its column; or, for an object, how it is taken apart, and what stands for one that is
    missing; or neither, where only the walk looks at it.
    """

    fields: tuple[tuple[int | None, _Spread | None, Any], ...]
    readers: tuple[Callable[[Sequence[Any]], Values], ...]

    def into(self, found: list[Any], objects: Sequence[Any]) -> None:
        """Put the values of each column at its place. Raises TypeError or AttributeError where an object is no twin."""
        for (place, inner, empty), values in zip(self.fields, self._values(objects), strict=True):
            if place is not None:
                found[place] = values
            elif inner is not None:
                inner.into(found, values if empty is None else [empty if v is None else v for v in values])

    def _values(self, objects: Sequence[Any]) -> Iterable[Sequence[Any]]:
        if len(self.readers) <= _FEW:
            return [read(objects) for read in self.readers]
        return zip(*map(astuple, objects), strict=True)


def _reader(name: str) -> Callable[[Sequence[Any]], Values]:
    """A function that reads the field `name` off all objects of a list; a dotted `name` leads into an object.

    The function is made for this one field, so Python remembers in it where the objects hold the field. That takes
    half the time of an ``attrgetter``, which looks for it each time.
    """
    reader: Callable[[Sequence[Any]], Values] = eval(f"lambda objects: [one.{name} for one in objects]")  # noqa: S307
    return reader


@memo
def _spread(schema: Schema, kind: Any) -> _Spread | None:
    """How twins are taken apart, if they all have what `schema` asks for; None otherwise."""
    places = {column.path: place for place, column in enumerate(schema.columns) if column.source == "path"}
    optional = {step.path for step in _steps(schema) if step.empty is not None}

    def of(kind: Any, prefix: str) -> _Spread:
        fields: list[tuple[int | None, _Spread | None, Any]] = []
        readers: list[Callable[[Sequence[Any]], Values]] = []
        few = len(struct_fields(kind)) <= _FEW
        for name, hint in ((field.name, field.type) for field in struct_fields(kind)):
            path = prefix + name
            inner = _twin_in(hint) if path in objects else None
            names: tuple[str, ...] = inner.__struct_fields__ if inner and few and path not in optional else ()
            if len(names) == 1 and f"{path}.{names[0]}" in places:
                # Of an object with one field only, and that a column, just this is read.
                fields.append((places.pop(f"{path}.{names[0]}"), None, None))
                readers.append(_reader(f"{name}.{names[0]}"))
            else:
                spread = None if inner is None else of(inner, f"{path}.")
                empty = inner() if inner and path in optional else None
                fields.append((places.pop(path, None), spread, empty))
                readers.append(_reader(name))
        return _Spread(tuple(fields), tuple(readers))

    objects = {step.path for step in _steps(schema) if not step.column}
    spread = of(kind, "")
    return None if places else spread


def _twin_in(hint: Any) -> Any:
    """The class of the twins that a field may hold, or None."""
    forms = alternatives(hint)
    return next((form for form in forms if isinstance(form, type) and issubclass(form, Struct)), None)


def _taken_apart(schema: Schema, rows: Sequence[Any]) -> Iterable[tuple[Column, Iterable[Any]]] | None:
    """The values of twins by column; None where one of their objects is none."""
    spread = _spread(schema, type(rows[0]))
    if spread is None:
        return None
    found: list[Any] = [None] * len(schema.columns)
    try:
        spread.into(found, rows)
    except (TypeError, AttributeError):
        return None
    for step in _others(schema):
        found[step[0]] = map(step[1], rows)
    return zip(schema.columns, found, strict=True)


@memo
def _others(schema: Schema) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """The places of columns that are no fields, and where their values come from."""
    steps = {step.path: step for step in _steps(schema)}
    columns = enumerate(schema.columns)
    return tuple((place, steps[column.path].get) for place, column in columns if column.source != "path")


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
    """Objects and lists as JSON has them; deferred fields that were not sent are left out."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
    if kind in (list, tuple):
        return [plain(item) for item in value]
    if attrs.has(kind):
        return {
            field.name: plain(item)
            for field in attrs.fields(kind)
            if (item := getattr(value, field.name)) is not None or not _deferred(field.metadata)
        }
    return value


def _deferred(metadata: Any) -> bool:
    return any(key in metadata for key in DEFERRED)
