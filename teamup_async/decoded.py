"""What a page holds once it is decoded, and the error for one that has another shape."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs

from .endpoint import Endpoint
from .errors import ResponseDecodeError
from .wire import excerpt

__all__ = ["ColumnHeader", "Decoded", "wrong_shape"]

Row = TypeVar("Row")


@attrs.frozen
class Sorted:
    """How a column is sorted: `order` is ``asc`` or ``desc``."""

    order: str | None = None
    priority: float | None = None


@attrs.frozen
class ColumnHeader:
    """A column of a report page; `key` is its dotted path in the rows. API documents: all "Report - Data"
    pages.
    """

    label: str | None = None
    key: str | None = None
    sortable: bool | None = None
    holds_customer_id: bool | None = None
    sorted: Sorted | None = None
    required: bool | None = None


@attrs.frozen
class Decoded(Generic[Row]):
    """A page's content. `total` is None where the server did not say."""

    rows: list[Row]
    total: int | None
    headers: tuple[ColumnHeader, ...]


def wrong_shape(endpoint: Endpoint[..., Any], path: str, problem: str, body: bytes) -> ResponseDecodeError:
    """The error for a body whose `path` is not as documented."""
    return ResponseDecodeError(
        f"the answer has not the documented shape of {endpoint.name}: {path} {problem}",
        json_path=path,
        excerpt=excerpt(body),
        retryable=True,
    )
