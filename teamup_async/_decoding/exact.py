"""The exact path of `convert`: cattrs, row by row. Loaded only when a page does not fit the fast path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
import cattrs
import msgspec
from cattrs.gen import make_dict_structure_fn

from .._json import is_array, is_object
from .._memo import memo
from ..endpoint import Endpoint
from ..errors import clip
from ..hints import is_class, is_mapping, item_of, read
from .page import ColumnHeader, Decoded, check_page, number, whole_number, words, wrong_shape
from .wording import documented_headers

__all__ = ["structure_object", "structure_page"]

Row = TypeVar("Row")


def structure_page(endpoint: Endpoint[..., Row], body: bytes) -> Decoded[Row]:
    """The page in `body`, or `ResponseDecodeError` naming the JSON path of what does not fit."""
    envelope = endpoint.envelope
    content: Any = msgspec.json.Decoder(Any, float_hook=number).decode(body)
    if not is_object(content):
        raise wrong_shape(endpoint, "$", f"is {words(content)}, not an object", body)
    rows = content.get(envelope.rows)
    if not is_array(rows):
        found = words(rows) if envelope.rows in content else "missing"
        raise wrong_shape(endpoint, f"$.{envelope.rows}", f"is {found}, not an array", body)
    total = content.get(envelope.total)
    if total is not None and type(total) is not int:
        raise wrong_shape(endpoint, f"$.{envelope.total}", f"is {words(total)}, not a count", body)
    headers = content.get("column_headers")
    if headers is not None and not is_array(headers):
        raise wrong_shape(endpoint, "$.column_headers", f"is {words(headers)}, not an array", body)
    check_page(endpoint, len(rows), total, len(headers or ()), body)
    structured = [
        _structure(endpoint, endpoint.row, row, f"$.{envelope.rows}[{index}]", body)
        for index, row in enumerate(rows)
    ]
    heads = tuple(
        _structure(endpoint, ColumnHeader, item, f"$.column_headers[{index}]", body)
        for index, item in enumerate(headers or ())
    )
    return Decoded(structured, total, documented_headers(endpoint, heads))


def structure_object(endpoint: Endpoint[..., Row], body: bytes) -> Row:
    """The object in `body`, or `ResponseDecodeError` naming the JSON path of what does not fit."""
    content: Any = msgspec.json.Decoder(Any, float_hook=number).decode(body)
    found: Row = _structure(endpoint, endpoint.row, content, "$", body)
    return found


def _structure(endpoint: Endpoint[..., Any], cls: Any, value: Any, path: str, body: bytes) -> Any:
    try:
        return _converter().structure(value, cls)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        place, problem = _first(error, path)
        raise wrong_shape(endpoint, place, problem, body) from None


def _first(error: BaseException, path: str) -> tuple[str, str]:
    """The place and the text of the first problem in a cattrs error."""
    while isinstance(error, BaseExceptionGroup):
        inner = cast("BaseException", error.exceptions[0])
        for note in getattr(inner, "__notes__", ()):
            path += _step(note)
        error = inner
    return path, clip(str(error), 200)


def _step(note: Any) -> str:
    """One step of a JSON path, from cattrs' note; other notes are none."""
    if isinstance(note, cattrs.AttributeValidationNote):
        return f".{note.name}"
    return f"[{note.index}]" if isinstance(note, cattrs.IterableValidationNote) else ""


@memo
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    for target, hook in _SCALARS.items():
        converter.register_structure_hook(target, hook)
    converter.register_structure_hook_func(_made_of(Union, UnionType), _union_hook(converter))
    converter.register_structure_hook_func(_made_of(Literal), lambda value, _: _to_str(value))
    converter.register_structure_hook_func(_made_of(list, tuple), _list_hook(converter))
    converter.register_structure_hook_func(_made_of(Mapping), _mapping_hook(converter))
    converter.register_structure_hook_func(lambda target: target is Any, lambda value, _: _plain(value))

    def object_hook(cls: Any) -> Callable[[Any, Any], Any]:
        return _object_hook(cls, converter)

    converter.register_structure_hook_factory(attrs.has, object_hook)
    return converter


def _made_of(*origins: Any) -> Callable[[Any], bool]:
    def check(target: Any) -> bool:
        return get_origin(target) in origins

    return check


def _object_hook(cls: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    base: Any = make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=True)

    def structure(value: Any, _: Any) -> Any:
        if not is_object(value):
            raise ValueError(f"is {words(value)}, not an object")
        # A null is like an absent field: every field has a default.
        return base({k: v for k, v in value.items() if v is not None}, cls)

    return structure


def _list_hook(converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    def structure(value: Any, target: Any) -> Any:
        if not is_array(value):
            raise ValueError(f"is {words(value)}, not an array")
        item = item_of(target)
        made: list[Any] = []
        for index, each in enumerate(value):
            try:
                made.append(converter.structure(each, item))
            except Exception as error:  # noqa: BLE001 - whatever a hook raised gets its place
                note = cattrs.IterableValidationNote(f"item {index}", index, item)
                error.add_note(note)
                problem: Any = cattrs.IterableValidationError  # its signature is an exception group's
                raise problem("array", [error], target) from None
        return tuple(made) if get_origin(target) is tuple else made

    return structure


def _mapping_hook(converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    def structure(value: Any, target: Any) -> Any:
        if not is_object(value):
            raise ValueError(f"is {words(value)}, not an object")
        return {key: converter.structure(each, get_args(target)[1]) for key, each in value.items()}

    return structure


def _union_hook(converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    def structure(value: Any, target: Any) -> Any:
        if value is None:
            return None
        said = read(target)
        if isinstance(value, (dict, list)):
            lists = [form for form in said.forms if item_of(form) is not None]
            objects = [form for form in said.forms if is_class(form) or is_mapping(form) or form is Any]
            fitting = lists if isinstance(value, list) else objects
            if not fitting:
                raise ValueError(f"is {words(value)}, which is not expected here")
            return converter.structure(value, fitting[0])
        scalars: list[Any] = [form for form in said.forms if isinstance(form, type) and not is_class(form)]
        scalars += [str for _ in said.values[:1]]
        if not scalars:
            raise ValueError(f"is {words(value)}, not an object")
        exact: list[Any] = [m for m in scalars if m is type(value)]
        return converter.structure(value, (exact or scalars)[0])

    return structure


def _plain(value: Any) -> Any:
    """What the fast path makes of a value that may be anything."""
    if is_object(value):
        return {key: _plain(each) for key, each in value.items()}
    if is_array(value):
        return [_plain(each) for each in value]
    return _to_float(value, None) if isinstance(value, Decimal) else value


def _to_str(value: Any, _: Any = None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    raise ValueError(f"is {words(value)}, not text")


def _to_bool(value: Any, _: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"is {words(value)}, not true or false")


def _to_float(value: Any, _: Any) -> float:
    made = float(_to_decimal(value, _))
    if not isfinite(made):
        raise ValueError(f"is {words(value)}, a number out of range")
    return made


def _to_decimal(value: Any, _: Any) -> Decimal:
    try:
        if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
            made = Decimal(value)
            if made.is_finite():
                return made
    except InvalidOperation:
        pass
    raise ValueError(f"is {words(value)}, not a number")


def _iso(cls: Any) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError:
            pass
        try:
            return cls.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValueError(f"is {words(value)}, not a {cls.__name__} in ISO 8601") from None

    return structure


_SCALARS: dict[Any, Callable[[Any, Any], Any]] = {
    int: lambda value, _: whole_number(value),
    str: _to_str,
    bool: _to_bool,
    float: _to_float,
    Decimal: _to_decimal,
    datetime: _iso(datetime),
    date: _iso(date),
    time: _iso(time),
}
