"""Text of the command line into values of a query, and the names that options have. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ..errors import QueryError, clip
from ..query import Parameter

__all__ = ["Given", "option_name", "query_values", "read", "read_zone"]

Given = str | bool | Sequence[str] | None
"""What the command line gave for a filter: None for nothing."""

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


def option_name(name: str) -> str:
    """The option of a parameter: ``event_start_gte`` is ``--event-start-gte``."""
    return f"--{name.replace('_', '-')}"


def query_values(parameters: Iterable[Parameter], given: Mapping[str, Given], zone: tzinfo) -> dict[str, Any]:
    """The keyword arguments of a query, from what the command line gave. Raises `QueryError`."""
    values = {parameter.name: read(parameter, given.get(parameter.name), zone) for parameter in parameters}
    return {name: value for name, value in values.items() if value is not None}


def read(parameter: Parameter, given: Given, zone: tzinfo) -> Any:
    """The value of one parameter; lists may be repeated options, text with commas, or both.

    Whether the value is allowed is for the query to check. Raises `QueryError` for text that is no value of the kind.
    """
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, str):
        return _READERS[parameter.kind](parameter, given, zone)
    texts = [item.strip() for text in given if text.strip() for item in text.split(",")]
    return [_READERS[parameter.kind](parameter, text, zone) for text in texts]


def read_zone(text: str) -> tzinfo:
    """A time zone: ``UTC``, an offset such as ``+02:00``, or a name such as ``Europe/London``. Raises `QueryError`."""
    offset = _OFFSET.fullmatch(text.strip())
    if offset:
        sign, hours, minutes = offset.groups()
        delta = timedelta(hours=int(hours), minutes=int(minutes))
        if delta < timedelta(days=1):
            return timezone(-delta if sign == "-" else delta)
    elif text.strip().upper() in ("UTC", "Z"):
        return UTC
    else:
        try:
            return ZoneInfo(text.strip())
        except (KeyError, ValueError, OSError):
            pass
    raise QueryError(
        f"timezone must be UTC, an offset such as +02:00, or a name such as Europe/London, not {clip(repr(text), 80)}",
        parameter="timezone",
        value=text,
    )


def _integer(parameter: Parameter, text: str, _: tzinfo) -> int:
    # int() would also take digits of other scripts and underscores; more digits than 64 bits hold are no id.
    if not _WHOLE.fullmatch(text.strip()) or len(text) > 20:
        raise _refused(parameter, text, "must be a whole number")
    return int(text)


def _number(parameter: Parameter, text: str, _: tzinfo) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _refused(parameter, text, "must be a number") from None
    if not number.is_finite():
        raise _refused(parameter, text, "must be a number")
    return number


def _string(_: Parameter, text: str, __: tzinfo) -> str:
    return text


def _boolean(parameter: Parameter, text: str, _: tzinfo) -> bool:
    if text.lower() not in ("true", "false"):
        raise _refused(parameter, text, "must be true or false")
    return text.lower() == "true"


def _datetime(parameter: Parameter, text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _refused(
            parameter,
            text,
            "must be a date or a time in ISO 8601, such as 2025-01-31 or 2025-01-31T18:00+01:00",
        ) from None
    if not parameter.local:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    if moment.tzinfo is not None:
        raise _refused(parameter, text, "is on the venue's clock and must be a time without a zone")
    return moment


def _date(parameter: Parameter, text: str, _: tzinfo) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _refused(parameter, text, "must be a date in ISO 8601, such as 2025-01-31") from None


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
