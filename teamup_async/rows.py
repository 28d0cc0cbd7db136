"""Row classes as data: their dotted paths, what can be expanded, and rows flattened for tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from ._memo import memo
from .hints import class_in, classes_in, hints_of, is_class, item_of, read
from .objects import Money

__all__ = [
    "DEFERRED",
    "EXPANDABLE",
    "EXTRA",
    "NO_COUNTS",
    "NO_EXTRA",
    "ONE_COLUMN",
    "expandable_paths",
    "extra_fields",
    "field_paths",
    "flattener",
    "leaf_paths",
    "object_fields",
    "run_time_field",
    "sortable_paths",
]

NO_COUNTS: Final[Mapping[str, int | None]] = MappingProxyType({})
"""The `counts` of a grouped row that was not pivoted."""

NO_EXTRA: Final[Mapping[str, Any]] = MappingProxyType(dict[str, Any]())
"""The field of a row to which no columns were added that only the answer names."""

ONE_COLUMN: Final = {"teamup_async.one_column": True}
"""Metadata of a row field whose object is one column of the report, not one for each of its fields."""

EXPANDABLE: Final = {"teamup_async.expandable": True}
"""Metadata of a row field that the API document labels expandable although it is an object either way."""

DEFERRED: Final = {"teamup_async.deferred": True}
"""Metadata of a row field that is sent only when asked for through ``expand`` (guide
"expanding-responses").
"""

EXTRA: Final = "extra_fields"
"""Attribute of a row that holds what its class does not know, where that is kept."""

_DEEPEST: Final = 4
"""Levels that ``expand`` reaches (guide "expanding-responses")."""

Getter = Callable[[Any], Any]


@memo
def run_time_field(row_class: type) -> str | None:
    """The field that holds the columns which only an answer names (`NO_COUNTS`, `NO_EXTRA`), or None."""
    fields = attrs.fields(row_class)
    return next(
        (field.name for field in fields if field.default is NO_COUNTS or field.default is NO_EXTRA), None
    )


@memo
def _hints(row_class: type) -> dict[str, Any]:
    """The hints of the fields that the document names."""
    at_run_time = run_time_field(row_class)
    return {name: hint for name, hint in hints_of(row_class).items() if name != at_run_time}


def _group(row_class: type, name: str, hint: Any) -> type | None:
    """The class of a nested object that divides into columns of its own, or None."""
    said = read(hint)
    if said.values or len(said.forms) != 1 or "teamup_async.one_column" in _metadata(row_class, name):
        return None
    [form] = said.forms
    return form if is_class(form) and form is not Money else None


def _metadata(row_class: type, name: str) -> Mapping[str, Any]:
    metadata: Mapping[str, Any] = getattr(attrs.fields(row_class), name).metadata
    return metadata


def extra_fields(row: Any) -> Mapping[str, Any]:
    """What was sent with `row` and its class does not know, by dotted path, of a stream with ``extra="keep"``."""
    return getattr(row, EXTRA, NO_COUNTS)


@memo
def object_fields(classes: tuple[type, ...]) -> dict[str, tuple[type, ...]]:
    """The fields of an object of any of these classes, with the classes of the objects that each may hold."""
    found: dict[str, tuple[type, ...]] = {}
    for cls in classes:
        for name, hint in _hints(cls).items():
            found[name] = (*found.get(name, ()), *classes_in(hint))
    return found


@memo
def leaf_paths(row_class: type) -> tuple[str, ...]:
    """Dotted paths of the columns of a row, in declared order; lists and money are one column each."""
    return tuple(_leaves(row_class, "", ()))


def _leaves(row_class: type, prefix: str, above: tuple[type, ...]) -> Iterator[str]:
    for name, hint in _hints(row_class).items():
        group = _group(row_class, name, hint)
        if group is None or group in above:
            yield prefix + name
        else:
            yield from _leaves(group, f"{prefix}{name}.", (*above, row_class))


@memo
def sortable_paths(row_class: type) -> frozenset[str]:
    """Dotted paths of the columns that hold one plain value: a server will hardly sort by a list, money or object."""
    return frozenset(path for path in leaf_paths(row_class) if _is_plain(row_class, path))


def _is_plain(row_class: type, path: str) -> bool:
    *above, name = path.split(".")
    cls: type | None = row_class
    for step in above:
        cls = None if cls is None else class_in(_hints(cls)[step])
    said = None if cls is None else read(_hints(cls)[name])
    return said is not None and all(isinstance(form, type) and not is_class(form) for form in said.forms)


@memo
def expandable_paths(row_class: type) -> tuple[str, ...]:
    """What ``expand`` accepts: dotted paths of expandable and deferred fields, four levels deep at most."""
    return tuple(_expandable(row_class, "", 1))


def _expandable(row_class: type, prefix: str, level: int) -> Iterator[str]:
    for name, hint in _hints(row_class).items():
        metadata = _metadata(row_class, name)
        nested = class_in(hint)
        if metadata or (nested is not None and _is_reference(hint)):
            yield prefix + name
        if nested is not None and level < _DEEPEST:
            yield from _expandable(nested, f"{prefix}{name}.", level + 1)


def _is_reference(hint: Any) -> bool:
    """Whether a field holds an id (or the URL of a collection), or the object, each of them in a list perhaps."""
    said = read(hint)
    item = item_of(said.forms[0]) if len(said.forms) == 1 else None
    if item is not None:
        said = read(item)
    return len(said.forms) + bool(said.values) == 2


@memo
def field_paths(row_class: type) -> frozenset[str]:
    """What ``fields`` accepts: dotted paths of fields, four levels deep at most."""
    return frozenset(_fields(row_class, "", 1))


def _fields(row_class: type, prefix: str, level: int) -> Iterator[str]:
    for name, hint in _hints(row_class).items():
        yield prefix + name
        nested = class_in(hint)
        if nested is not None and level < _DEEPEST:
            yield from _fields(nested, f"{prefix}{name}.", level + 1)


def expanded_paths(row_class: type[Any], wanted: Iterable[str], expand: Iterable[str]) -> tuple[str, ...]:
    """`wanted` fields, with each one that `expand` turns into an object replaced by that object's fields."""
    expanded = {part for path in expand for part in _and_above(path)}
    deferred = set(_deferred(row_class)) - expanded
    found = (found for path in wanted for found in _spelled(row_class, path, expanded))
    return tuple(dict.fromkeys(path for path in found if path.partition(".")[0] not in deferred))


def _and_above(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition(".")[0]


def _deferred(row_class: type[Any]) -> Iterator[str]:
    return (field.name for field in attrs.fields(row_class) if field.metadata.get("teamup_async.deferred"))


def _spelled(row_class: type[Any], path: str, expanded: set[str]) -> Iterator[str]:
    inner = _object_at(row_class, path)
    if path in expanded and inner is not None:
        deferred = set(_deferred(inner))
        for name in _hints(inner):
            if name not in deferred or f"{path}.{name}" in expanded:
                yield from _spelled(row_class, f"{path}.{name}", expanded)
    else:
        yield path


def _object_at(row_class: type[Any], path: str) -> type[Any] | None:
    """The class of the object that `path` may hold once expanded; None for a list or a scalar."""
    cls: type[Any] | None = row_class
    for name in path.split("."):
        forms = () if cls is None else read(_hints(cls).get(name)).forms
        cls = next((form for form in forms if is_class(form) and form is not Money), None)
    return cls


def _getter(path: str) -> Getter:
    names = path.split(".")

    def get(row: Any) -> Any:
        for name in names:
            if row is None:
                return None
            row = getattr(row, name, None)
        return row

    return get


def flattener(row_class: type, columns: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that turns a row into the values of `columns` (dotted keys, in that order).

    A column that is no path of the row is one that only the answer names, such as a pivoted count.
    """
    leaves = leaf_paths(row_class)
    known = {part for path in leaves for part in _and_above(path)}
    at_run_time = run_time_field(row_class)
    getters = tuple(
        _getter(column) if column in known or at_run_time is None else _named(at_run_time, column)
        for column in columns
    )
    return lambda row: tuple(get(row) for get in getters)


def _named(field: str, column: str) -> Getter:
    def get(row: Any) -> Any:
        return getattr(row, field).get(column)

    return get
