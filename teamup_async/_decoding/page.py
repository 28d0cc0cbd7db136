"""What a page holds once it is decoded, and the error for one that has another shape."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final, Generic, TypeVar

import attrs

from .._http.redact import excerpt
from .._json import is_array, is_object
from ..endpoint import Endpoint
from ..errors import ResponseDecodeError, clip, shown

__all__ = ["ColumnHeader", "Decoded", "check_page", "number", "whole_number", "words", "wrong_shape"]

Row = TypeVar("Row")

MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 1_000
"""What a page may hold before it is taken for an attack on memory; the documents allow 100 rows, and fewer
columns than that.
"""
_MAX_TOTAL: Final = (1 << 63) - 1
_MAX_DIGITS: Final = 40
"""The longest whole number that is taken from text, or from a number with a fraction or an exponent."""


@attrs.frozen
class Sorted:
    """How a column is sorted: `order` is ``asc`` or ``desc``."""

    order: str | None = None
    priority: float | None = None


@attrs.frozen
class ColumnHeader:
    """A column of a report page. API documents: all "Report - Data" pages.

    `label` is its name for people, `key` its dotted path in the rows, `sorted` the direction in which rows are sorted
    by it. `required` means that it is always there. `sortable` and `holds_customer_id` are as TeamUp says
    them. What it does not say is None.
    """

    label: str | None = None
    key: str | None = None
    sortable: bool | None = None
    holds_customer_id: bool | None = None
    sorted: Sorted | None = None
    required: bool | None = None


@attrs.frozen
class Decoded(Generic[Row]):
    """A page's content. `total` is None where the server did not say; `unknown` names the fields that the class of
    the rows does not know, as far as the first row has them; `twins` says whether rows are twins of their class.
    """

    rows: list[Row]
    total: int | None
    headers: tuple[ColumnHeader, ...]
    unknown: tuple[str, ...] = ()
    twins: bool = False


def wrong_shape(endpoint: Endpoint[..., Any], path: str, problem: str, body: bytes) -> ResponseDecodeError:
    """The error for a body whose `path` is not as documented."""
    path = clip(path, 300)  # objects that lead back to themselves can be nested as deep as the server likes
    return ResponseDecodeError(
        f"the answer has not the documented shape of {endpoint.name}: {path} {problem}",
        json_path=path,
        excerpt=excerpt(body),
        retryable=True,
    )


def check_page(endpoint: Endpoint[..., Any], rows: int, total: int | None, columns: int, body: bytes) -> None:
    """Refuse what no page can hold. Raises `ResponseDecodeError`."""
    envelope = endpoint.envelope
    if total is not None and not 0 <= total <= _MAX_TOTAL:
        raise wrong_shape(endpoint, f"$.{envelope.total}", f"is {words(total)}, not a count", body)
    if rows > MAX_ROWS:
        raise wrong_shape(endpoint, f"$.{envelope.rows}", f"holds {rows:,} rows, too many for a page", body)
    if columns > MAX_COLUMNS:
        raise wrong_shape(endpoint, "$.column_headers", f"holds {columns:,} columns, too many", body)


def words(value: Any) -> str:
    """`value` for an error's text: scalars quoted in part, objects and arrays by their kind."""
    if is_object(value):
        return "an object"
    if is_array(value):
        return "an array"
    known = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return known[value]
    return clip(str(value), 60) if isinstance(value, (int, Decimal)) else shown(value, 60)


def number(text: str) -> Decimal:
    """A JSON number, exactly; infinite where its exponent is beyond what a decimal can hold."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def whole_number(value: Any) -> int:
    """`value` as an integer where nothing is lost by it. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= _MAX_DIGITS:
        if value.isascii() and value.removeprefix("-").isdigit():
            return int(value)
    # An exponent costs a few bytes to send and gigabytes to write out, so it is looked at first.
    elif isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _MAX_DIGITS:
        whole = value.to_integral_value()
        if whole == value:
            return int(whole)
    raise ValueError(f"is {words(value)}, not a whole number")
