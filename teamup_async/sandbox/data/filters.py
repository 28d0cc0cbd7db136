"""How a checked parameter value becomes a condition in SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from ..parameters import instant
from ..problems import invalid
from .clock import milliseconds, timeframe

Condition = tuple[str, list[Any]]
Filter = Callable[[str, Any, datetime], Condition]
"""From a parameter's name and value, and the present, to a condition with its arguments; raises
`ProblemError`.
"""

_IDS: Final = re.compile(r"[0-9]{1,18}(,[0-9]{1,18})*", re.ASCII)


def among(column: str) -> Filter:
    """One of the values given."""
    return lambda _name, values, _now: (f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(values)])


def equals(column: str) -> Filter:
    """Exactly this value."""
    return lambda _name, value, _now: (f"{column} = ?", [value])


def greater(column: str) -> Filter:
    """More than this value."""
    return lambda _name, value, _now: (f"{column} > ?", [value])


def since(column: str) -> Filter:
    """At this time or later; times are stored as whole milliseconds."""
    return lambda _name, moment, _now: (f"{column} >= ?", [_exact(moment)])


def until(column: str) -> Filter:
    """At this time or earlier."""
    return lambda _name, moment, _now: (f"{column} <= ?", [_exact(moment)])


def _exact(moment: datetime) -> float:
    return milliseconds(moment) + moment.microsecond % 1000 / 1000


def text_since(column: str) -> Filter:
    """`since` for a parameter that the API document types as a string."""
    return lambda name, text, now: since(column)(name, _instant(name, text), now)


def text_until(column: str) -> Filter:
    """`until` for a parameter that the API document types as a string."""
    return lambda name, text, now: until(column)(name, _instant(name, text), now)


def _instant(name: str, text: str) -> datetime:
    try:
        if len(text) == 10:
            text = f"{date.fromisoformat(text)}T00:00:00Z"
        return instant(text)
    except ValueError as error:
        raise invalid(name, str(error)) from None


def local_since(column: str) -> Filter:
    """At this wall clock time of the venue or later; such times are stored as ISO 8601 text."""
    return lambda _name, moment, _now: (f"{column} >= ?", [moment.isoformat()])


def local_until(column: str) -> Filter:
    """At this wall clock time of the venue or earlier."""
    return lambda _name, moment, _now: (f"{column} <= ?", [moment.isoformat()])


def within(column: str) -> Filter:
    """Inside a timeframe; see `clock.timeframe` for the sandbox's own syntax."""

    def condition(name: str, text: str, now: datetime) -> Condition:
        bounds = timeframe(text, now)
        if bounds is None:
            raise invalid(name, "Unknown timeframe; for example last_30_days or 2025-01-01..2025-01-31.")
        return f"{column} >= ? AND {column} < ?", [*bounds]

    return condition


def taught(first: str, second: str) -> Filter:
    """Led by one of these instructors: an id, or several separated by commas (the documents only say
    "string").
    """

    def condition(name: str, value: Any, _: datetime) -> Condition:
        if not _IDS.fullmatch(str(value)):
            raise invalid(name, "Give an instructor id, or several separated by commas.")
        ids = f"[{value}]"
        chosen = "(SELECT value FROM json_each(?))"
        return f"({first} IN {chosen} OR {second} IN {chosen})", [ids, ids]

    return condition


def sources(column: str) -> Filter:
    """Booking sources by id; ``none`` for bookings without one."""

    def condition(_name: str, values: tuple[str, ...], _now: datetime) -> Condition:
        ids = json.dumps([int(value) for value in values if value != "none"])
        none = f" OR {column} IS NULL" if "none" in values else ""
        return f"({column} IN (SELECT value FROM json_each(?)){none})", [ids]

    return condition


def one_of(conditions: Mapping[str, str]) -> Filter:
    """Any of several named conditions."""
    return lambda _name, values, _now: (
        f"({' OR '.join(conditions[value] for value in values)})" if values else "0",
        [],
    )


def future(column: str) -> Filter:
    """``include_future``: false (also when absent) leaves out what starts after the present."""

    def condition(_: str, included: bool, now: datetime) -> Condition:
        return ("1", []) if included else (f"{column} <= ?", [milliseconds(now)])

    return condition
