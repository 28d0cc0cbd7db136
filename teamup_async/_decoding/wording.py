"""Answers in other words than the documented ones, put into the documented ones.

No document shows all of an answer's words: rows may name what lies in objects by dotted or flat names, amounts of
money may be an ``amount`` or plain text, moments may lack their offset. A server writes all its answers in one way, so
a look at the beginning of a page is enough to know; then the page is written anew, and decoded as any other.
A moment without an offset is taken for UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import attrs
import msgspec

from .._json import is_array, is_object
from .._memo import memo
from ..endpoint import Endpoint
from ..hints import hints_of, is_class, item_of, read
from ..rows import DEFERRED
from .page import ColumnHeader, number

__all__ = ["documented", "documented_headers", "has_plain_money", "in_other_words", "object_documented"]

Fix = Callable[[Any], Any]
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_MOMENT: Final = re.compile(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d[^"]*"')
_AMOUNT: Final = re.compile(rb'"amount"\s*:\s*["\d-]')
_NAIVE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)


# --- looking ----------------------------------------------------------------------------------------------


def in_other_words(endpoint: Endpoint[..., Any], body: bytes, first: Mapping[str, Any] | None) -> bool:
    """Whether a page, or an object, is written in other words than the documented ones; `first` is its first row."""
    return _naive(endpoint, body) or _money(endpoint, body, first) or _renamed(endpoint, body, first)


def _naive(endpoint: Endpoint[..., Any], body: bytes) -> bool:
    """Whether the first moment has no offset."""
    if not _traits(endpoint.row).moments:
        return False
    found = _MOMENT.search(body)
    return found is not None and _NAIVE.fullmatch(found[0].decode("ascii", "replace")[1:-1]) is not None


def _money(endpoint: Endpoint[..., Any], body: bytes, first: Mapping[str, Any] | None) -> bool:
    """Whether amounts have an ``amount`` instead of a ``decimal``, which a decoder would not notice."""
    traits = _traits(endpoint.row)
    if not traits.amounts or b'"decimal"' in body:
        return False
    if first is not None and traits.ways and all(_is_reference(first.get(way)) for way in traits.ways):
        return False
    return _AMOUNT.search(body) is not None


def _is_reference(value: Any) -> bool:
    """Whether objects were sent as ids or URLs."""
    return all(map(_is_reference, value)) if is_array(value) else isinstance(value, (int, str))


def has_plain_money(endpoint: Endpoint[..., Any], body: bytes) -> bool:
    """Whether a page that can't be decoded holds amounts as plain text or numbers."""
    return any(name in body and amount.search(body) for name, amount in _traits(endpoint.row).amounts)


def _renamed(endpoint: Endpoint[..., Any], body: bytes, first: Mapping[str, Any] | None) -> bool:
    """Whether rows name what lies in objects by names of their own."""
    others = _others(endpoint)
    if not others or first is None:
        return False
    if not first.keys().isdisjoint(others):
        return True
    # Where the first row lacks values, a later one may have them.
    return first.keys().isdisjoint(_groups(endpoint)) and any(
        b'"%b":' % name.encode() in body for name in others
    )


@memo
def _others(endpoint: Endpoint[..., Any]) -> Mapping[str, str]:
    """Other names of what lies in a report's objects, with the dotted paths they stand for."""
    if not endpoint.envelope.headed:
        return {}
    fields = {field.name for field in attrs.fields(endpoint.row)}
    found: dict[str, str] = {}
    for path in endpoint.paths:
        if "." in path:
            found |= {path: path, path.replace(".", "_"): path}
    found |= {alias: path for alias, path in endpoint.aliases.items() if path in endpoint.paths}
    return {name: path for name, path in found.items() if name not in fields}


@memo
def _groups(endpoint: Endpoint[..., Any]) -> frozenset[str]:
    return frozenset(path.partition(".")[0] for path in endpoint.paths if "." in path)


@attrs.frozen
class _Traits:
    """What rows of a class, and all that lies in them, may hold: moments, and amounts by their quoted names.

    `ways` are the fields that lead to amounts, where no field is one itself.
    """

    moments: bool
    amounts: tuple[tuple[bytes, re.Pattern[bytes]], ...]
    ways: tuple[str, ...]


@memo
def _traits(row_class: type) -> _Traits:
    fields = [(name, form) for cls in _classes(row_class) for name, form in _forms(cls)]
    names = {name for name, form in fields if is_class(form) and _is_money(form)}
    quoted = (b'"%b"' % name.encode() for name in sorted(names))
    own = [(name, form) for name, form in _forms(row_class) if is_class(form)]
    fields_of = attrs.fields_dict(row_class)
    ways = dict.fromkeys(
        name
        for name, form in own
        if any(map(_is_money, _classes(form))) and fields_of[name].metadata != DEFERRED
    )
    return _Traits(
        moments=any(form is datetime for _, form in fields),
        amounts=tuple((name, re.compile(rb'%b\s*:\s*["\d-]' % name)) for name in quoted),
        ways=() if any(_is_money(form) for _, form in own) else tuple(ways),
    )


def _forms(cls: type) -> Iterator[tuple[str, Any]]:
    """The fields of a class with all that they, or the items of their lists, may be."""
    for name, hint in hints_of(cls).items():
        for form in read(hint).forms:
            item = item_of(form)
            yield from ((name, part) for part in (read(item).forms if item is not None else (form,)))


@memo
def _classes(row_class: type) -> frozenset[type]:
    """The class of a row, and those of all objects in it."""
    found, todo = {row_class}, [row_class]
    while todo:
        for _, form in _forms(todo.pop()):
            if is_class(form) and form not in found:
                found.add(form)
                todo.append(form)
    return frozenset(found)


@memo
def _is_money(cls: type) -> bool:
    return "decimal" in attrs.fields_dict(cls)


# --- rewriting --------------------------------------------------------------------------------------------


def documented(endpoint: Endpoint[..., Any], body: bytes) -> bytes:
    """A page in the documented words. Raises `msgspec.DecodeError` for what is no JSON."""
    content: Any = msgspec.json.Decoder(Any, float_hook=number).decode(body)
    rows = content.get(endpoint.envelope.rows) if is_object(content) else None
    if not is_array(rows):
        return body
    fix, others = _fixed(endpoint.row), _others(endpoint)
    content[endpoint.envelope.rows] = [fix(_nested(row, others)) for row in rows]
    return _encode(content)


def object_documented(endpoint: Endpoint[..., Any], body: bytes) -> bytes:
    """One object in the documented words. Raises `msgspec.DecodeError`."""
    return _encode(_fixed(endpoint.row)(msgspec.json.Decoder(Any, float_hook=number).decode(body)))


def documented_headers(
    endpoint: Endpoint[..., Any], headers: tuple[ColumnHeader, ...]
) -> tuple[ColumnHeader, ...]:
    """Headers whose keys are dotted paths; the same ones where they are already."""
    others = _others(endpoint)
    keys = [others.get(header.key or "", header.key) for header in headers]
    if all(key == header.key for key, header in zip(keys, headers, strict=True)):
        return headers
    return tuple(attrs.evolve(header, key=key) for key, header in zip(keys, headers, strict=True))


def _nested(row: Any, others: Mapping[str, str]) -> Any:
    """The row with what lies in objects there. Of an object whose values are all null, nothing is left."""
    if not is_object(row):
        return row
    nested: dict[str, Any] = {}
    for name, value in row.items():
        path = others.get(name)
        if path is None:
            nested[name] = value
        elif value is not None:
            *above, last = path.split(".")
            inner = nested
            for step in above:
                inner = inner.setdefault(step, {})
            inner[last] = value
    return nested


@memo
def _fixed(cls: type) -> Fix:
    """A function that puts the values of an object of this class into documented words."""
    fixes = {name: change for name, hint in hints_of(cls).items() if (change := _fix_of(hint)) is not None}

    def fix(value: Any) -> Any:
        if is_object(value):
            for name, change in fixes.items():
                if value.get(name) is not None:
                    value[name] = change(value[name])
        return value

    return fix


def _fix_of(hint: Any) -> Fix | None:
    """What puts the values of a field into documented words; None where they are always."""
    forms = read(hint).forms
    items = [item for form in forms if (item := item_of(form)) is not None]
    if items:
        inner = _fix_of(items[0])
        return None if inner is None else partial(_each, inner)
    if datetime in forms:
        return _with_offset
    cls = next(filter(is_class, forms), None)
    if cls is None:
        return None
    # Classes may hold themselves: their function is made when it is needed.
    return partial(_amount, cls) if _is_money(cls) else partial(_inside, cls)


def _inside(cls: type, value: Any) -> Any:
    return _fixed(cls)(value)


def _each(change: Fix, value: Any) -> Any:
    return [change(item) for item in value] if is_array(value) else value


def _with_offset(value: Any) -> Any:
    return f"{value}Z" if isinstance(value, str) and _NAIVE.fullmatch(value) else value


def _amount(cls: type, value: Any) -> Any:
    """An amount as the document has it, of whatever form."""
    if not is_object(value):
        return value if is_array(value) or isinstance(value, bool) else {"decimal": value}
    if "decimal" in value or "amount" not in value:
        return value
    currency = "iso_currency_code" if "iso_currency_code" in attrs.fields_dict(cls) else "currency"
    kept = {name: part for name, part in value.items() if name not in ("amount", "currency")}
    return {**kept, "decimal": value["amount"], currency: value.get("currency")}
