"""What the annotations of row and query classes say: the one reader of type hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from ._memo import memo

__all__ = [
    "Hint",
    "alternatives",
    "class_in",
    "classes_in",
    "hints_of",
    "is_class",
    "is_mapping",
    "item_of",
    "read",
]


@attrs.frozen
class Hint:
    """A type hint, taken apart.

    `optional`: whether None is allowed; `values`: those of its ``Literal``; `forms`: all else that it may be, in
    the order of the annotation. ``Literal["a"] | str | None`` has value ``a`` and form ``str``.
    """

    optional: bool
    values: tuple[Any, ...]
    forms: tuple[Any, ...]


@memo
def hints_of(cls: type[Any]) -> Mapping[str, Any]:
    """The hint of each field of an attrs class, by name, in the order of the fields."""
    hints = get_type_hints(cls)
    return MappingProxyType({field.name: hints[field.name] for field in attrs.fields(cls)})


def alternatives(hint: Any) -> tuple[Any, ...]:
    """The members of a union, nested ones included; a hint that is no union is its only one."""
    return tuple(_alternatives(hint))


def _alternatives(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _alternatives(part)
    else:
        yield hint


def read(hint: Any) -> Hint:
    """Take a hint apart."""
    members = alternatives(hint)
    return Hint(
        optional=NoneType in members,
        values=tuple(value for m in members if get_origin(m) is Literal for value in get_args(m)),
        forms=tuple(m for m in members if m is not NoneType and get_origin(m) is not Literal),
    )


def item_of(form: Any, origins: tuple[Any, ...] = (list, tuple, Sequence)) -> Any:
    """The hint of the items, where a form is a list, tuple or sequence (one of `origins`); None otherwise."""
    return get_args(form)[0] if get_origin(form) in origins else None


def is_mapping(form: Any) -> bool:
    """Whether a form is a mapping: an object whose keys nobody declares."""
    return get_origin(form) is Mapping


def is_class(form: Any) -> bool:
    """Whether a form is an attrs class: an object with declared fields."""
    return isinstance(form, type) and attrs.has(form)


def class_in(hint: Any) -> type[Any] | None:
    """The attrs class that a hint holds, itself or as items of a list; None where it holds none."""
    return next(iter(classes_in(hint)), None)


def classes_in(hint: Any) -> tuple[type[Any], ...]:
    """All attrs classes that a hint holds, themselves or as items of lists."""
    return tuple(_classes_in(hint))


def _classes_in(hint: Any) -> Iterator[type[Any]]:
    for form in read(hint).forms:
        item = item_of(form)
        if item is not None:
            yield from _classes_in(item)
        elif is_class(form):
            yield form
