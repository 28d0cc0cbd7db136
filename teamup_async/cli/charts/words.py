"""Names of the API as words for people: ``event.venue.name`` is the venue, ``no_show`` a no show. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from ...endpoint import Endpoint
from ...query import Query

__all__ = ["column_words", "filter_words", "period", "query_words", "report_words", "value_words"]

_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*", re.ASCII)
_FREE = ("name", "email", "title", "description")
"""Last words of columns that hold text people wrote, which is shown as it is."""


def report_words(endpoint: Endpoint[..., Any]) -> str:
    """What a report counts: ``Attendance strikes``."""
    title = re.sub(r"( Report)?( - Grouped Data| - Data| - List)?$", "", endpoint.title)
    first, *rest = title.split()
    return " ".join([first, *(word if word.isupper() else word.lower() for word in rest)])


def column_words(path: str) -> str:
    """What a column is called: ``event.venue.name`` is ``Venue``, ``day_of_week`` is ``Day of week``."""
    pieces = path.split(".")
    if len(pieces) > 1 and pieces[-1] in ("name", "id", "email"):
        name = pieces[-2] if pieces[-1] == "name" else f"{pieces[-2]} {pieces[-1]}"
    else:
        name = pieces[-1]
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def value_words(path: str, value: Any) -> str:
    """A value of a column as a label: codes become words, what people wrote stays; nothing can steer a terminal."""
    if value is None or value == "":
        return f"No {column_words(path).lower()}"
    text = str(value)
    if path.rpartition(".")[2] not in _FREE and _CODE.fullmatch(text) and not text.isdigit():
        text = text.replace("_", " ")
        text = text[:1].upper() + text[1:]
    return "".join(character if character.isprintable() else " " for character in text)


def query_words(endpoint: Endpoint[..., Any], query: Query[Any]) -> str:
    """What a query asks for, in one line: the stretch of time, then its filters."""
    return " · ".join((period(endpoint, query), *filter_words(endpoint, query)))


def period(endpoint: Endpoint[..., Any], query: Query[Any]) -> str:
    """The stretch of time that a query asks for: ``1 Jan 2025 to 31 Jan 2025``."""
    span = endpoint.span
    first, last = (getattr(query, name) for name in (span.gte, span.lte)) if span else (None, None)
    if first is None:
        return "All time" if last is None else f"Until {_moment(last)}"
    if last is None:
        return f"Since {_moment(first)}"
    return f"{_moment(first)} to {_moment(last)}"


def _moment(value: date) -> str:
    day = f"{value.day} {value:%b %Y}"
    if not isinstance(value, datetime) or (value.hour, value.minute) in ((0, 0), (23, 59)):
        return day
    return f"{day} {value:%H:%M}"


def filter_words(
    endpoint: Endpoint[..., Any], query: Query[Any], *, beside: Iterable[str] = ()
) -> Iterator[str]:
    """What each filter of a query says, but for the stretch of time and those in `beside`."""
    span = endpoint.span
    shown = {"columns", "sort", *beside, *((span.gte, span.lte) if span else ())}
    for parameter in endpoint.filters:
        value = getattr(query, parameter.name)
        if parameter.name in shown or value is None:
            continue
        values = list(value) if parameter.array else [value]
        told = ", ".join(_told(parameter.name, one) for one in values[:4])
        rest = f" and {len(values) - 4} more" if len(values) > 4 else ""
        yield f"{column_words(parameter.name)}: {told}{rest}"


def _told(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return _moment(value)
    return value_words(name, value).lower() if isinstance(value, str) else str(value)
