"""Row classes as data: their dotted paths, what can be expanded, and rows flattened for tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

from ._memo import memo
from .objects import Money

__all__ = [
    "DEFERRED",
    "EXPANDABLE",
    "EXTRA",
    "NO_COUNTS",
    "expandable_paths",
    "extra_fields",
    "field_paths",
    "flattener",
    "leaf_paths",
    "object_fields",
]

NO_COUNTS: Final[Mapping[str, int | None]] = MappingProxyType({})
"""The `counts` of a grouped row that was not pivoted."""

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


def _members(hint: Any) -> tuple[Any, ...]:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(part for part in parts if part is not NoneType)


@memo
def _hints(row_class: type) -> dict[str, Any]:
    hints = get_type_hints(row_class)
    return {field.name: hints[field.name] for field in attrs.fields(row_class) if field.name != "counts"}


def _nested(hint: Any) -> type | None:
    """The attrs class that a field holds (itself, expanded, or in a list), or None."""
    for member in _members(hint):
        if isinstance(member, type) and attrs.has(member):
            return member
        for argument in (part for item in get_args(member) for part in _members(item)):
            if isinstance(argument, type) and attrs.has(argument):
                return argument
    return None


def _group(hint: Any) -> type | None:
    """The class of a nested object that divides into columns of its own, or None."""
    members = _members(hint)
    found = members[0] if len(members) == 1 else None
    return found if isinstance(found, type) and attrs.has(found) and found is not Money else None


def extra_fields(row: Any) -> Mapping[str, Any]:
    """What was sent with `row` and its class does not know, by dotted path, of a stream with ``extra="keep"``."""
    return getattr(row, EXTRA, NO_COUNTS)


@memo
def object_fields(classes: tuple[type, ...]) -> dict[str, tuple[type, ...]]:
    """The fields of an object of any of these classes, with the classes of the objects that each may hold."""
    found: dict[str, tuple[type, ...]] = {}
    for cls in classes:
        for name, hint in _hints(cls).items():
            members = [part for member in _members(hint) for part in (member, *get_args(member))]
            inner = (part for member in members for part in _members(member))
            objects = tuple(part for part in inner if isinstance(part, type) and attrs.has(part))
            found[name] = (*found.get(name, ()), *objects)
    return found


@memo
def leaf_paths(row_class: type) -> tuple[str, ...]:
    """Dotted paths of the columns of a row, in declared order; lists and money are one column each."""
    return tuple(_leaves(row_class, "", ()))


def _leaves(row_class: type, prefix: str, above: tuple[type, ...]) -> Iterator[str]:
    for name, hint in _hints(row_class).items():
        group = _group(hint)
        if group is None or group in above:
            yield prefix + name
        else:
            yield from _leaves(group, f"{prefix}{name}.", (*above, row_class))


@memo
def expandable_paths(row_class: type) -> tuple[str, ...]:
    """What ``expand`` accepts: dotted paths of expandable and deferred fields, four levels deep at most."""
    return tuple(_expandable(row_class, "", 1))


def _expandable(row_class: type, prefix: str, level: int) -> Iterator[str]:
    for name, hint in _hints(row_class).items():
        metadata = attrs.fields_dict(row_class)[name].metadata
        nested = _nested(hint)
        if metadata or (nested is not None and _is_reference(hint)):
            yield prefix + name
        if nested is not None and level < _DEEPEST:
            yield from _expandable(nested, f"{prefix}{name}.", level + 1)


def _is_reference(hint: Any) -> bool:
    """Whether a field holds an id (or the URL of a collection), or the object, each of them in a list perhaps."""
    members = _members(hint)
    if len(members) == 1 and get_origin(members[0]) is list:
        members = _members(get_args(members[0])[0])
    return len(members) == 2


@memo
def field_paths(row_class: type) -> frozenset[str]:
    """What ``fields`` accepts: dotted paths of fields, four levels deep at most."""
    return frozenset(_fields(row_class, "", 1))


def _fields(row_class: type, prefix: str, level: int) -> Iterator[str]:
    for name, hint in _hints(row_class).items():
        yield prefix + name
        nested = _nested(hint)
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
        members = _members(_hints(cls).get(name)) if cls is not None else ()
        cls = next((m for m in members if isinstance(m, type) and attrs.has(m) and m is not Money), None)
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

    A column that is no path of the row is one of its pivoted counts.
    """
    leaves = leaf_paths(row_class)
    known = {part for path in leaves for part in _and_above(path)}
    pivots = "counts" in attrs.fields_dict(row_class)
    getters = tuple(
        _getter(column) if column in known or not pivots else _counted(column) for column in columns
    )
    return lambda row: tuple(get(row) for get in getters)


def _counted(column: str) -> Getter:
    def get(row: Any) -> Any:
        return getattr(row, "counts", NO_COUNTS).get(column)

    return get
