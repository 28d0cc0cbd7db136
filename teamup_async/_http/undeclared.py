"""Paths that no declaration knows: how they and their parameters go into a URL, and what the answer says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

import msgspec

from ..errors import QueryError, ResponseDecodeError, clip, shown
from ..query import ArrayEncoding, Parameter, encode_pairs, encode_value
from .redact import excerpt

__all__ = ["path_of", "query_of", "read_json"]

_COMMA: Final = ("expand", "fields")
"""API document: guide "expanding-responses"."""


def path_of(path: str) -> str:
    """`path` as it goes behind the base URL. Raises `QueryError` for what would lead elsewhere."""
    if path.startswith("//") or any(mark in path for mark in ("://", "?", "#")):
        raise QueryError(
            f"path must be one below the base URL, such as /venues/12, without parameters, not {shown(path, 80)}",
            parameter="path",
            value=path,
        )
    segments = path.strip("/").split("/")
    if not all(segments) or not {".", ".."}.isdisjoint(segments) or not path.isprintable():
        raise QueryError(
            f"path must be one such as /venues/12, not {shown(path, 80)}", parameter="path", value=path
        )
    return "/" + quote(path.removeprefix("/"), safe="/:@!$&'()*+,;=-._~")


def query_of(parameters: Mapping[str, Any], arrays: ArrayEncoding) -> str:
    """The query of a URL, percent-encoded; what is None is left out. Raises `QueryError` for what can't be sent."""
    return urlencode(list(_pairs(parameters, arrays)), quote_via=quote, safe="")


def _pairs(parameters: Mapping[str, Any], arrays: ArrayEncoding) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if value is None:
            continue
        if isinstance(value, (list, tuple)):
            items = [_sendable(name, item) for item in cast("Sequence[Any]", value)]
            yield from encode_pairs(
                Parameter(name=name, kind="string", array=True, comma=name in _COMMA), items, arrays
            )
        else:
            yield name, encode_value(_sendable(name, value))


def _sendable(name: str, value: Any) -> Any:
    if isinstance(value, (str, int, float, Decimal, date)):
        return value
    raise QueryError(
        f"{name} must be text, a number, True or False, a date or time, or a list of these, not {shown(value, 80)}",
        parameter=name,
        value=value,
    )


def read_json(body: bytes) -> Any:
    """The JSON of an answer. Raises `ResponseDecodeError`."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem = clip(str(error), 200)
    raise ResponseDecodeError(f"the answer is no JSON: {problem}", excerpt=excerpt(body), retryable=True)
