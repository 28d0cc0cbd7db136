"""The one place where bytes become rows.

The fast path is one ``msgspec`` decoder for each endpoint, straight into the attrs row classes. A page that
does not fit is read once more on the exact path: ``cattrs``, row by row, which takes what can be taken
without loss (a number sent as text, a null where an object is expected, a date without a time) and names the
place of what can't.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeVar

import attrs
import msgspec

from .._http.redact import excerpt
from .._json import is_object
from .._memo import memo
from ..endpoint import Endpoint
from ..errors import ResponseDecodeError, clip
from ..rows import EXTRA, extra_fields, leaf_paths, run_time_field
from .page import ColumnHeader, Decoded, check_page, number, whole_number, wrong_shape
from .unknown import first_row, keep, unknown_fields
from .wording import documented, documented_headers, has_plain_money, in_other_words, object_documented

__all__ = ["NO_HEADERS", "columns_named", "decode", "decode_object", "headers_of", "hide", "is_large"]

Row = TypeVar("Row")

_LARGE: Final = 2_000_000
"""Bytes, and values in them: a value costs its byte or two in the answer, and hundreds in memory."""
NO_HEADERS: Final = msgspec.Raw(b"null")
_HEADERS: Final[msgspec.json.Decoder[tuple[ColumnHeader, ...] | None]] = msgspec.json.Decoder(
    tuple[ColumnHeader, ...] | None
)


@lru_cache(maxsize=64)
def _remembered_headers(endpoint: Endpoint[..., Any], raw: bytes) -> tuple[ColumnHeader, ...]:
    """The headers of a page, which are the same on all pages of a walk."""
    return documented_headers(endpoint, _HEADERS.decode(raw) or ())


def headers_of(endpoint: Endpoint[..., Any], raw: bytes) -> tuple[ColumnHeader, ...]:
    """The headers of a page, from its part of the answer."""
    if len(raw) < 100_000:
        return _remembered_headers(endpoint, raw)
    # What is remembered stays in memory, so it must be of a reasonable size.
    return documented_headers(endpoint, _HEADERS.decode(raw) or ())


@memo
def _decoder(endpoint: Endpoint[..., Any]) -> msgspec.json.Decoder[Any]:
    envelope = endpoint.envelope
    row: Any = endpoint.row
    total: Any = int | None
    page = attrs.make_class(
        f"{endpoint.row.__name__}Page",
        {
            envelope.rows: attrs.field(type=list[row]),
            envelope.total: attrs.field(type=total, default=None),
            "column_headers": attrs.field(type=msgspec.Raw, default=NO_HEADERS),
        },
        frozen=True,
        slots=True,
    )
    return msgspec.json.Decoder(page)


@memo
def _object_decoder(endpoint: Endpoint[..., Row]) -> msgspec.json.Decoder[Row]:
    return msgspec.json.Decoder(endpoint.row)


@memo
def _raw_decoder(endpoint: Endpoint[..., Any]) -> msgspec.json.Decoder[Any]:
    """Of the rows alone, as they were sent."""
    page = attrs.make_class("Rows", {endpoint.envelope.rows: attrs.field(type=list[Any])}, slots=True)
    return msgspec.json.Decoder(page, float_hook=number)


def decode(endpoint: Endpoint[..., Row], body: bytes, *, extra: bool = False) -> Decoded[Row]:
    """The rows of a page; with `extra`, what their class does not know is kept in them.

    Raises `ResponseDecodeError`, with `json_path` where the shape is wrong.
    """
    if is_large(body):
        raise ResponseDecodeError(
            f"the answer holds more values than a page can: {excerpt(body)!r}", excerpt=excerpt(body)
        )
    try:
        first = first_row(endpoint.envelope.rows, body)
        if in_other_words(endpoint, body, first):
            body = documented(endpoint, body)
            first = first_row(endpoint.envelope.rows, body)
        try:
            decoded = _decode(endpoint, body)
        except ResponseDecodeError:
            if not has_plain_money(endpoint, body):
                raise
            body = documented(endpoint, body)
            decoded = _decode(endpoint, body)
        field = run_time_field(endpoint.row)
        named = () if field is None else columns_named(endpoint, decoded.headers)
        if field is not None and named:
            _add_named(endpoint, field, decoded, body, named)
        if extra:
            keep(endpoint, named, decoded.rows, _raw_rows(endpoint, body))
        unknown = unknown_fields(endpoint, named, first if decoded.rows else None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_json(error, body) from None
    return attrs.evolve(decoded, unknown=unknown) if unknown else decoded


def is_large(body: bytes) -> bool:
    """Whether an answer holds more values than a page can."""
    return len(body) > _LARGE and sum(map(body.count, (b",", b"{", b"["))) > _LARGE


def decode_object(endpoint: Endpoint[..., Row], body: bytes) -> Row:
    """The one object of an answer that is no page. Raises `ResponseDecodeError`."""
    try:
        if in_other_words(endpoint, body, None):
            body = object_documented(endpoint, body)
        try:
            return _object_decoder(endpoint).decode(body)
        except msgspec.ValidationError as error:
            from .exact import structure_object  # cattrs is loaded when it is needed

            try:
                return structure_object(endpoint, body)
            except ResponseDecodeError as problem:
                if has_plain_money(endpoint, body):
                    return _object_decoder(endpoint).decode(object_documented(endpoint, body))
                problem.add_note(f"The fast path said: {clip(str(error), 200)}")
                raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_json(error, body) from None


def _no_json(error: Exception, body: bytes) -> ResponseDecodeError:
    return ResponseDecodeError(
        f"the answer is not JSON that can be read ({clip(str(error), 120)}): {excerpt(body)!r}",
        excerpt=excerpt(body),
        retryable=True,
    )


def _decode(endpoint: Endpoint[..., Row], body: bytes) -> Decoded[Row]:
    envelope = endpoint.envelope
    try:
        page = _decoder(endpoint).decode(body)
        headers = headers_of(endpoint, bytes(page.column_headers))
    except msgspec.ValidationError as error:
        return _decode_exactly(endpoint, body, str(error))
    rows, total = getattr(page, envelope.rows), getattr(page, envelope.total)
    check_page(endpoint, len(rows), total, len(headers), body)
    return Decoded(rows, total, headers)


def _decode_exactly(endpoint: Endpoint[..., Row], body: bytes, fast: str) -> Decoded[Row]:
    from .exact import structure_page  # cattrs is loaded when it is needed

    try:
        return structure_page(endpoint, body)
    except ResponseDecodeError as error:
        error.add_note(f"The fast path said: {clip(fast, 200)}")
        raise


def columns_named(endpoint: Endpoint[..., Any], headers: tuple[ColumnHeader, ...]) -> tuple[str, ...]:
    """The keys of columns that only the headers tell, such as pivoted ones."""
    known = set(leaf_paths(endpoint.row)) | set(endpoint.columns)
    return tuple(h.key for h in headers if h.key and h.key not in known)


def _raw_rows(endpoint: Endpoint[..., Any], body: bytes) -> list[Any]:
    rows: list[Any] = getattr(_raw_decoder(endpoint).decode(body), endpoint.envelope.rows)
    return rows


def _add_named(
    endpoint: Endpoint[..., Any], field: str, decoded: Decoded[Any], body: bytes, keys: tuple[str, ...]
) -> None:
    """Put the columns of `keys` into `field` of the rows: the counts of a pivoted report, or anything."""
    name = endpoint.envelope.rows
    for index, (row, raw) in enumerate(zip(decoded.rows, _raw_rows(endpoint, body), strict=True)):
        found: dict[str, Any] = {}
        for key in keys:
            value = _value(raw, key)
            try:
                found[key] = whole_number(value) if field == "counts" and value is not None else value
            except ValueError as error:
                raise wrong_shape(endpoint, f"$.{name}[{index}].{clip(key, 100)}", str(error), body) from None
        object.__setattr__(row, field, found)


def _value(raw: Any, key: str) -> Any:
    """The value of a dotted `key`, as a key of its own or as a path; None if it is absent."""
    if key in raw:
        return raw[key]
    for name in key.split("."):
        raw = raw.get(name) if is_object(raw) else None
    return raw


def hide(rows: list[Any], names: tuple[str, ...], objects: tuple[str, ...] = ()) -> None:
    """Take fields that only the walk needed out of sight again; of twins nobody sees more than was asked for.

    `names` are fields, or dotted paths of fields in objects; of the `objects` in fields only the id is left.
    """
    if rows and isinstance(rows[0], msgspec.Struct):
        return
    for row in rows:
        for name in names:
            above, _, field = name.rpartition(".")
            holder = attrgetter(above)(row) if above else row
            if _is_object(holder):
                object.__setattr__(holder, field, None)
        for name in objects:
            _fold(row, name)


def _is_object(value: Any) -> bool:
    """Whether this is an object of a declared class: no id, and not nothing."""
    return attrs.has(value.__class__)


def _fold(row: Any, name: str) -> None:
    """The id of the object in a field in place of the object, and nothing of what its class does not know."""
    value = getattr(row, name)
    if not _is_object(value):
        return
    object.__setattr__(row, name, getattr(value, "id", None))
    extra = extra_fields(row)
    if extra:
        kept = {path: found for path, found in extra.items() if not path.startswith(f"{name}.")}
        object.__setattr__(row, EXTRA, kept)
