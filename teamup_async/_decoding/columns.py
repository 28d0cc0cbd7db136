"""Bytes to what columns are made of: the way of a page into Arrow, without row objects.

The page is decoded into twins of the row class, which hold the same values in the fields that are asked for.
Anything that they do not take (a number sent as text, an object where a reference is expected, a custom column) is
left to `decode`: so a page is the same on both ways, or refused with the same error.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from .._memo import memo
from ..endpoint import Endpoint
from ..rows import run_time_field
from ..sinks.schema import Schema
from .fast import NO_HEADERS, columns_named, decode, headers_of, is_large
from .page import Decoded, check_page
from .twins import Twin, twins_of
from .unknown import first_row, unknown_fields
from .wording import in_other_words

__all__ = ["decode_columns"]

Row = TypeVar("Row")


def decode_columns(
    endpoint: Endpoint[..., Row], schema: Schema, keys: tuple[str, ...], body: bytes, *, extra: bool = False
) -> Decoded[Any]:
    """The rows of a page, as twins that hold the columns of `schema` and the fields `keys`; as rows where in doubt.

    With `extra`, rows keep what their class does not know: then twins are only for pages where that is nothing.
    Raises `ResponseDecodeError` as `decode` does.
    """
    if not is_large(body):
        for twin in twins_of(schema, keys):
            if (twin.tells or not extra) and (page := _decoded(endpoint, twin, body)) is not None:
                return page
    return decode(endpoint, body, extra=extra)


def _decoded(endpoint: Endpoint[..., Any], twin: Twin, body: bytes) -> Decoded[Any] | None:
    """The page in `body`; None where the twin does not take it."""
    try:
        page = _decoder(endpoint, twin).decode(body)
        headers = headers_of(endpoint, bytes(page.headers))
        # A strict twin refuses other names than the documented ones, so the first row need not be looked at.
        first = None if twin.tells else first_row(endpoint.envelope.rows, body)
        if in_other_words(endpoint, body, first):
            return None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    rows: list[Any] = page.rows
    check_page(endpoint, len(rows), page.total, len(headers), body)
    if run_time_field(endpoint.row) is not None and columns_named(endpoint, headers):
        return None
    unknown = () if twin.tells else unknown_fields(endpoint, (), first if rows else None)
    return Decoded(rows, page.total, headers, unknown, twins=True)


@memo
def _decoder(endpoint: Endpoint[..., Any], twin: Twin) -> msgspec.json.Decoder[Any]:
    kind: Any = twin.kind
    total: Any = int | None
    names = {"rows": endpoint.envelope.rows, "total": endpoint.envelope.total, "headers": "column_headers"}
    page = msgspec.defstruct(
        f"{kind.__name__}Page",
        [("rows", list[kind]), ("total", total, None), ("headers", msgspec.Raw, NO_HEADERS)],
        rename=names,
        gc=False,
    )
    return msgspec.json.Decoder(page)
