"""The one place where bytes become rows.

The fast path is one ``msgspec`` decoder for each endpoint, straight into the attrs row classes. A page
that does not fit is
read once more on the exact path: ``cattrs``, row by row, which takes what can be taken without loss (a
number sent as
text, a null where an object is expected, a date without a time) and names the place of what can't.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeVar

import attrs
import msgspec

from ._json import is_object
from ._memo import memo
from .decoded import ColumnHeader, Decoded, wrong_shape
from .endpoint import Endpoint
from .errors import ResponseDecodeError, clip
from .rows import leaf_paths
from .wire import excerpt

__all__ = ["decode", "hide"]

Row = TypeVar("Row")


_NO_HEADERS: Final = msgspec.Raw(b"null")
_HEADERS: Final[msgspec.json.Decoder[tuple[ColumnHeader, ...] | None]] = msgspec.json.Decoder(
    tuple[ColumnHeader, ...] | None
)


@lru_cache(maxsize=64)
def _headers(raw: bytes) -> tuple[ColumnHeader, ...]:
    """The headers of a page, which are the same on all pages of a walk."""
    return _HEADERS.decode(raw) or ()


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
            "column_headers": attrs.field(type=msgspec.Raw, default=_NO_HEADERS),
        },
        frozen=True,
        slots=True,
    )
    return msgspec.json.Decoder(page)


def decode(endpoint: Endpoint[..., Row], body: bytes) -> Decoded[Row]:
    """The rows of a page. Raises `ResponseDecodeError`, with `json_path` where the shape is wrong."""
    envelope = endpoint.envelope
    try:
        page = _decoder(endpoint).decode(body)
        headers = _headers(bytes(page.column_headers))
    except msgspec.ValidationError as error:
        return _decode_exactly(endpoint, body, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ResponseDecodeError(
            f"the answer is not JSON ({clip(str(error), 120)}): {excerpt(body)!r}",
            excerpt=excerpt(body),
            retryable=True,
        ) from None
    decoded: Decoded[Row] = Decoded(getattr(page, envelope.rows), getattr(page, envelope.total), headers)
    _check_total(endpoint, decoded.total, body)
    if endpoint.grouped:
        _add_counts(endpoint, decoded, body)
    return decoded


def _check_total(endpoint: Endpoint[..., Any], total: int | None, body: bytes) -> None:
    if total is not None and total < 0:
        raise wrong_shape(endpoint, f"$.{endpoint.envelope.total}", f"is negative ({total})", body)


def _decode_exactly(endpoint: Endpoint[..., Row], body: bytes, fast: str) -> Decoded[Row]:
    from .exact import structure_page  # cattrs is loaded when it is needed

    try:
        decoded = structure_page(endpoint, body)
    except ResponseDecodeError as error:
        error.add_note(f"The fast path said: {clip(fast, 200)}")
        raise
    if endpoint.grouped:
        _add_counts(endpoint, decoded, body)
    return decoded


def _add_counts(endpoint: Endpoint[..., Any], decoded: Decoded[Any], body: bytes) -> None:
    """Put the counts of pivoted columns, whose keys only the headers tell, into ``row.counts``."""
    known = set(leaf_paths(endpoint.row)) | set(endpoint.columns)
    keys = [h.key for h in decoded.headers if h.key and h.key not in known]
    if not keys:
        return
    raw_rows = msgspec.json.decode(body)[endpoint.envelope.rows]
    for row, raw in zip(decoded.rows, raw_rows, strict=True):
        object.__setattr__(row, "counts", {key: _count(raw, key) for key in keys})


def _count(raw: Any, key: str) -> Any:
    if is_object(raw) and key in raw:
        return raw[key]
    for name in key.split("."):
        raw = raw.get(name) if is_object(raw) else None
    return raw


def hide(rows: list[Any], names: tuple[str, ...]) -> None:
    """Take fields that only the walk needed out of sight again."""
    for row in rows:
        for name in names:
            object.__setattr__(row, name, None)
