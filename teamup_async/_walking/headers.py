"""What the headers of a report's page tell of how its request was understood. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._decoding.page import ColumnHeader
from ..endpoint import Endpoint
from ..query import Query
from .learned import Told

__all__ = ["lacking", "told_by_headers"]


def told_by_headers(
    endpoint: Endpoint[..., Any], query: Query[Any], hidden: Sequence[str], headers: Sequence[ColumnHeader]
) -> Told:
    """What the headers of an answer tell; nothing where there are none."""
    if not headers:
        return Told()
    keys = {header.key for header in headers}
    in_order = any(header.sorted is not None for header in headers)
    wanted: Sequence[str] | None = getattr(query, "columns", None)
    if wanted is None:
        return Told(read=in_order)
    asked = set(endpoint.leaves((*wanted, *hidden)))
    unasked = {path for path in endpoint.paths if path not in asked}
    always = {header.key for header in headers if header.required}
    if not asked <= keys or keys & unasked - always:
        return Told(doubtful=True)
    chosen = bool(unasked)
    return Told(read=in_order or chosen, several=chosen and len(asked) > 1)


def lacking(endpoint: Endpoint[..., Any], headers: Sequence[ColumnHeader]) -> bool:
    """Whether an answer to a query without ``columns`` lacks some of those that can be asked for."""
    keys = {header.key for header in headers}
    return bool(headers) and not all(path in keys for path in endpoint.paths if path in endpoint.columns)
