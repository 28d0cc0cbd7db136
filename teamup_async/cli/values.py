"""Text of the command line into values of a query, and the names that options have. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ..errors import QueryError, clip
from ..query import Parameter
from .times import TAKES, Calendar

__all__ = ["Given", "option_name", "query_values", "read"]

Given = str | bool | Sequence[str] | None
"""What the command line gave for a filter: None for nothing."""

_ENDS = ("_lte", "_gt", "until")
"""Endings of names that mean the end of a stretch: a whole day up to and including, or all that is after it."""
_CLOCK = re.compile(r"\d[T ]\d|:", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


def option_name(name: str) -> str:
    """The option of a parameter: ``event_start_gte`` is ``--event-start-gte``."""
    return f"--{name.replace('_', '-')}"


def query_values(
    parameters: Iterable[Parameter], given: Mapping[str, Given], calendar: Calendar
) -> dict[str, Any]:
    """The keyword arguments of a query, from what the command line gave. Raises `QueryError`."""
    values = {
        parameter.name: read(parameter, given.get(parameter.name), calendar) for parameter in parameters
    }
    return {name: value for name, value in values.items() if value is not None}


def read(parameter: Parameter, given: Given, calendar: Calendar) -> Any:
    """The value of one parameter; lists may be repeated options, text with commas, or both.

    Whether the value is allowed is for the query to check. Raises `QueryError` for text that is no value of the kind,
    and for no text at all.
    """
    if given is None or isinstance(given, bool):
        return given
    reader = _READERS[parameter.kind]
    texts = (
        [given] if isinstance(given, str) else [item.strip() for text in given for item in text.split(",")]
    )
    if not all(text.strip() for text in texts):
        # An empty filter would be none at all, and give every row: `--venues "$VENUE"` with VENUE unset.
        raise QueryError(
            f"{parameter.name} has an empty value: give it one, or leave it out",
            parameter=parameter.name,
            value=given,
        )
    values = [reader(parameter, text, calendar) for text in texts]
    return values[0] if isinstance(given, str) else values


def _integer(parameter: Parameter, text: str, _: Calendar) -> int:
    # int() would also take digits of other scripts and underscores; more digits than 64 bits hold are no id.
    if not _WHOLE.fullmatch(text.strip()) or len(text) > 20:
        raise _refused(parameter, text, "must be a whole number")
    return int(text)


def _number(parameter: Parameter, text: str, _: Calendar) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _refused(parameter, text, "must be a number") from None
    if not number.is_finite():
        raise _refused(parameter, text, "must be a number")
    return number


def _string(_: Parameter, text: str, __: Calendar) -> str:
    return text


def _boolean(parameter: Parameter, text: str, _: Calendar) -> bool:
    if text.lower() not in ("true", "false"):
        raise _refused(parameter, text, "must be true or false")
    return text.lower() == "true"


def _datetime(parameter: Parameter, text: str, calendar: Calendar) -> datetime:
    moment = _end(parameter, text, calendar)
    if not parameter.local:
        return moment
    if _has_zone(text):
        raise _refused(parameter, text, "is on the venue's clock and must be a time without a zone")
    return moment.replace(tzinfo=None)


def _date(parameter: Parameter, text: str, calendar: Calendar) -> date:
    if _has_clock(text):
        raise _refused(parameter, text, "is a day and takes no time of day")
    return _end(parameter, text, calendar).date()


def _end(parameter: Parameter, text: str, calendar: Calendar) -> datetime:
    """The end of the stretch that `text` names which the parameter is about, going by its name."""
    try:
        stretch = calendar.stretch(text)
    except ValueError:
        raise _refused(parameter, text, f"must be {TAKES}") from None
    return stretch.last if parameter.name.endswith(_ENDS) else stretch.first


def _has_clock(text: str) -> bool:
    return _CLOCK.search(text) is not None


def _has_zone(text: str) -> bool:
    try:
        return datetime.fromisoformat(text.strip()).tzinfo is not None
    except ValueError:
        return False  # a month, or a word


_READERS = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": _boolean,
    "date-time": _datetime,
    "date": _date,
}


def _refused(parameter: Parameter, text: str, problem: str) -> QueryError:
    return QueryError(
        f"{parameter.name} {problem}, not {clip(repr(text), 80)}", parameter=parameter.name, value=text
    )
