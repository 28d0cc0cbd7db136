"""Query strings checked against an endpoint's declaration, and made into a `Selection`.

There is no list of parameters here: names, types, enums, limits and patterns are those of
``Endpoint.parameters``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

import attrs

from ..endpoint import Endpoint
from ..query import Parameter
from .problems import ProblemError, invalid

N = TypeVar("N", int, float)
_PAGING: Final = frozenset({"format", "limit", "offset", "page", "page_size"})
_BOOLEANS: Final = {"true": True, "false": False, "True": True, "False": False, "1": True, "0": False}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII)

Values = Mapping[str, Any]
"""Checked parameters: arrays as tuples, integers, booleans, dates and datetimes parsed."""


@attrs.frozen
class Selection:
    """What is asked for, apart from the page: hashable, so that the same question is answered once.

    `newest_first`: the order of rows that share their sort keys, or are not sorted.
    """

    filters: tuple[tuple[str, Any], ...] = ()
    columns: tuple[str, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    pivot: str = "all"
    max_pivot_columns: int = 4
    expand: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    newest_first: bool = False


@attrs.frozen
class Page:
    """Which rows of a selection: a page."""

    offset: int
    limit: int
    page: int | None = None


def check(endpoint: Endpoint[..., Any], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of a request, parsed; raises `ProblemError` (400) naming every one that is wrong.

    Arrays are repeated names, but for those that are documented as comma-separated.
    """
    known = {parameter.name: parameter for parameter in endpoint.parameters}
    given: dict[str, list[str]] = {}
    errors: dict[str, list[str]] = {}
    for name, text in pairs:
        if name in known:
            given.setdefault(name, []).append(text)
        else:
            errors.setdefault(name, ["Unknown parameter."])
    values: dict[str, Any] = {}
    for name, texts in given.items():
        try:
            values[name] = _parse(known[name], texts)
        except ValueError as error:
            errors.setdefault(name, [str(error)])
    for parameter in endpoint.parameters:
        if parameter.required and parameter.name not in given:
            errors.setdefault(parameter.name, ["This field is required."])
    if errors:
        text = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items())
        raise ProblemError(400, "invalid", text, errors)
    return values


def _parse(parameter: Parameter, texts: list[str]) -> Any:
    if not parameter.array:
        if len(texts) > 1:
            raise ValueError("Given more than once.")
        return _scalar(parameter, texts[0])
    if parameter.comma:
        if len(texts) > 1:
            raise ValueError("Given more than once; separate the values by commas.")
        texts = texts[0].split(",") if texts[0] else []
    if len(texts) < (parameter.min_items or 0):
        raise ValueError(f"Needs at least {parameter.min_items} value.")
    return tuple(_scalar(parameter, text) for text in texts)


def _scalar(parameter: Parameter, text: str) -> Any:
    if parameter.enum and text not in parameter.enum:
        raise ValueError(f'"{text[:100]}" is not a valid choice.')
    if parameter.min_length and len(text) < parameter.min_length:
        raise ValueError("This field may not be blank.")
    if parameter.pattern and not re.search(parameter.pattern, text, re.ASCII):
        raise ValueError(f"This value does not match {parameter.pattern}.")
    return _READERS[parameter.kind](parameter, text)


def _integer(parameter: Parameter, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("A valid integer is required.")
    return _within(parameter, int(text))


def _number(parameter: Parameter, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("A valid number is required.")
    return _within(parameter, float(text))


def _boolean(_: Parameter, text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError("Must be a valid boolean.")
    return _BOOLEANS[text]


def _within(parameter: Parameter, number: N) -> N:
    if parameter.minimum is not None and number < parameter.minimum:
        raise ValueError(f"Ensure this value is greater than or equal to {parameter.minimum}.")
    if parameter.maximum is not None and number > parameter.maximum:
        raise ValueError(f"Ensure this value is less than or equal to {parameter.maximum}.")
    return number


def instant(text: str, *, local: bool = False) -> datetime:
    """An ISO 8601 time: with an offset, or (`local`) without; raises ValueError."""
    try:
        moment = datetime.fromisoformat(text if _INSTANT.fullmatch(text) else "")
    except ValueError:
        raise ValueError("Datetime has wrong format; use ISO 8601.") from None
    if local:
        return moment.replace(tzinfo=None)
    if moment.tzinfo is None:
        raise ValueError("Datetime needs a UTC offset.")
    return moment


def _date(_: Parameter, text: str) -> date:
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise ValueError("Date has wrong format; use YYYY-MM-DD.") from None


_READERS: Final[Mapping[str, Callable[[Parameter, str], Any]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date-time": lambda parameter, text: instant(text, local=parameter.local),
    "date": _date,
    "string": lambda _, text: text,
}


def page_of(endpoint: Endpoint[..., Any], values: Values, clamp: int | None = None) -> Page:
    """The page asked for. `clamp` caps its size as a server may do without saying so.

    Both pairs at once are refused: the documents do not say which one would win.
    """
    by_page = sorted({"page", "page_size"} & values.keys())
    by_offset = sorted({"limit", "offset"} & values.keys())
    if by_page and by_offset:
        raise invalid("non_field_errors", f"Use either {' and '.join(by_page)} or {' and '.join(by_offset)}.")
    defaults = {parameter.name: parameter.default for parameter in endpoint.parameters}
    standard = defaults.get("limit") or 100
    cap = standard if clamp is None else clamp
    if endpoint.envelope.name == "list" or by_page:
        size = int(values.get("page_size", standard))
        size = size if clamp is None else min(size, cap)
        number = int(values.get("page", 1))
        if number < 1 or (size < 1 and endpoint.envelope.name == "list"):
            raise ProblemError(404, "not_found", "Invalid page.")
        return Page((number - 1) * size, size, number)
    limit, offset = int(values.get("limit", standard)), int(values.get("offset", 0))
    if limit < 0:
        raise invalid("limit", "Ensure this value is greater than or equal to 0.")
    return Page(offset, limit if clamp is None else min(limit, cap))


def selection(endpoint: Endpoint[..., Any], values: Values) -> Selection:
    """Everything about a request but the page."""
    columns = endpoint.leaves(values.get("columns") or ()) or endpoint.paths
    special = {"columns", "sort", "pivot", "max_pivot_columns", "expand", "fields", *_PAGING}
    sort: dict[str, bool] = {}
    for name in values.get("sort", ()):
        sort.setdefault(endpoint.canonical(name.removeprefix("-")), name.startswith("-"))
    return Selection(
        filters=tuple(sorted((name, value) for name, value in values.items() if name not in special)),
        columns=columns,
        sort=tuple(sort.items()),
        pivot=values.get("pivot", "all"),
        max_pivot_columns=values.get("max_pivot_columns", 4),
        expand=tuple(dict.fromkeys(values.get("expand", ()))),
        fields=tuple(dict.fromkeys(values.get("fields", ()))),
    )
