"""Fields that TeamUp sends and no row class knows: found at the cost of one row a page, kept where asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, cast

from .._json import is_array, is_object
from .._memo import memo
from ..endpoint import Endpoint
from ..errors import clip
from ..rows import EXTRA, object_fields

__all__ = ["first_row", "keep", "unknown_fields"]

_USUAL: Final = 4_000
_LONGEST: Final = 100_000
"""Bytes that usually hold the first row, and bytes that are looked at; a longer first row is not."""
_MOST: Final = 100
"""Names that a page can tell."""
_SCANNER: Final = json.JSONDecoder()

_Object = dict[str, Any]
Classes = tuple[type[Any], ...]


def unknown_fields(
    endpoint: Endpoint[..., Any], keys: Collection[str], first: _Object | None
) -> tuple[str, ...]:
    """The dotted paths that the `first` row of a page has and its class does not know, but for counted `keys`."""
    if first is None or _knows((endpoint.row,), first):
        return ()
    found = (path for path, _ in _unknown(first, (endpoint.row,), keys))
    return tuple(dict.fromkeys(clip(path, 100) for path, _ in zip(found, range(_MOST), strict=False)))


@memo
def _shape(classes: Classes) -> tuple[frozenset[str], tuple[tuple[str, Classes], ...]]:
    """The names of all fields, and those that may hold objects."""
    fields = object_fields(classes)
    return frozenset(fields), tuple((name, inner) for name, inner in fields.items() if inner)


def _knows(classes: Classes, value: _Object) -> bool:
    """Whether there is nothing unknown: asked for every page, so it makes nothing."""
    names, objects = _shape(classes)
    if not value.keys() <= names:
        return False
    for name, inner in objects:
        item = value.get(name)
        if isinstance(item, dict):
            if not _knows(inner, cast("_Object", item)):
                return False
        elif is_array(item):
            for each in item:
                if isinstance(each, dict) and not _knows(inner, cast("_Object", each)):
                    return False
    return True


def keep(
    endpoint: Endpoint[..., Any], keys: Collection[str], rows: Sequence[Any], raw: Sequence[Any]
) -> None:
    """Put what the class of the rows does not know into ``row.extra_fields``, as it was sent (`raw`)."""
    for row, sent in zip(rows, raw, strict=True):
        if extra := dict(_unknown(sent, (endpoint.row,), keys)):
            object.__setattr__(row, EXTRA, extra)


def _unknown(
    value: _Object, classes: Classes, keys: Collection[str], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    fields = object_fields(classes)
    for name, item in value.items():
        path = prefix + name
        if name not in fields:
            if not _counted(path, keys):
                yield path, item
            continue
        inner = fields[name]
        if not inner:
            continue  # a value of its own
        if is_object(item):
            yield from _unknown(item, inner, keys, f"{path}.")
        elif is_array(item):
            yield from _unknown_of_items(item, inner, keys, path)


def _unknown_of_items(
    items: Sequence[Any], classes: Classes, keys: Collection[str], path: str
) -> Iterator[tuple[str, Any]]:
    """What the items of a list have: each name once, with the values of all items."""
    found: dict[str, list[Any]] = {}
    for item in items:
        if is_object(item):
            for name, value in _unknown(item, classes, keys, f"{path}[]."):
                found.setdefault(name, []).append(value)
    yield from found.items()


def _counted(path: str, keys: Collection[str]) -> bool:
    """Whether a name is the key of a pivoted count, or the beginning of one."""
    return path in keys or any(key.startswith(f"{path}.") for key in keys)


@memo
def _beginning(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"%s"\s*:\s*\[\s*(?=\{)' % re.escape(name.encode()))


def first_row(name: str, body: bytes) -> _Object | None:
    """The first row of a page as it was sent; None where there is none, or a very long one."""
    found = _beginning(name).search(body)
    if found is None:
        return None
    for length in (_USUAL, _LONGEST):
        text = body[found.end() : found.end() + length].decode("utf-8", "ignore")
        try:
            row, _ = _SCANNER.raw_decode(text)
        except RecursionError:
            return None
        except ValueError:
            continue
        return row if is_object(row) else None
    return None
