"""Times of the generated data: a fixed present, venue time zones, and the sandbox's own timeframe syntax.

The zones follow fixed rules written out here, so that the same seed gives the same data on a machine without
a time zone database and after a change of one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

import attrs

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The present when nothing else is said, whatever the day of the test run."""
PAST_DAYS: Final = 729
FUTURE_DAYS: Final = 30

_STANDARD_HOURS: Final = {
    "Europe/London": 0,
    "Europe/Berlin": 1,
    "America/New_York": -5,
    "America/Denver": -7,
    "America/Phoenix": -7,
}


@attrs.define
class Present:
    """The moment that it is in the sandbox; the data of all accounts share one."""

    now: datetime


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime, as the tables store them."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _sunday(year: int, month: int, number: int) -> date:
    """The nth Sunday of a month; -1 is the last one."""
    first = date(year, month, 1)
    sundays = [
        day
        for day in (first + timedelta(days=n) for n in range(monthrange(year, month)[1]))
        if day.weekday() == 6
    ]
    return sundays[number - 1 if number > 0 else number]


@lru_cache(maxsize=4096)
def utc_offset(zone: str, day: date) -> timedelta:
    """Offset of a zone during the daytime of a day (the changes happen at night)."""
    hours = _STANDARD_HOURS[zone]
    if zone.startswith("Europe/"):
        summer = _sunday(day.year, 3, -1) <= day < _sunday(day.year, 10, -1)
    elif zone == "America/Phoenix":
        summer = False
    else:
        summer = _sunday(day.year, 3, 2) <= day < _sunday(day.year, 11, 1)
    return timedelta(hours=hours + summer)


_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
_LAST = re.compile(r"(last|next)_([1-9]\d{0,3})_(days|weeks|months)")
_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def timeframe(text: str, now: datetime) -> tuple[int, int] | None:
    """Bounds [start, end) in milliseconds of a timeframe, or None when the text is not one.

    The vendor does not document a timeframe syntax ("section on timeframe syntax" is missing from the API
    documents). This one is the sandbox's own: ``all``, ``today``, ``yesterday``, ``this_month``,
    ``last_month``, ``this_year``, ``last_year``, ``last_30_days`` (also weeks, months, and ``next_...``),
    ``2025``, ``2025-01``, ``2025-01-31`` and ``2025-01-01..2025-02-01`` (both days included). Days are those
    of UTC.
    """
    today = now.date()
    try:
        span = _timeframe_days(text, today)
    except (ValueError, OverflowError):
        return None
    if span is None:
        return None
    start, end = (milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC)) for day in span)
    return start, end


def _timeframe_days(text: str, today: date) -> tuple[date, date] | None:
    named = {
        "all": (date(1970, 1, 1), date(9999, 1, 1)),
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "this_month": (_months(today, 0), _months(today, 1)),
        "last_month": (_months(today, -1), _months(today, 0)),
        "this_year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year, 1, 1)),
    }
    if text in named:
        return named[text]
    return _relative_days(text, today) or _calendar_days(text)


def _relative_days(text: str, today: date) -> tuple[date, date] | None:
    if match := _LAST.fullmatch(text):
        way, count = match[1], int(match[2])
        if match[3] == "months":
            other = _months(today, count if way == "next" else -count)
        else:
            days = count * (7 if match[3] == "weeks" else 1)
            other = today + timedelta(days=days if way == "next" else -days)
        return (today, other) if way == "next" else (other, today + timedelta(days=1))
    return None


def _calendar_days(text: str) -> tuple[date, date] | None:
    if match := _SPAN.fullmatch(text):
        first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
        return (first, last + timedelta(days=1)) if first <= last else None
    if match := _MONTH.fullmatch(text):
        year, month, day = int(match[1]), match[2], match[3]
        if day:
            first = date(year, int(month), int(day))
            return first, first + timedelta(days=1)
        if month:
            first = date(year, int(month), 1)
            return first, _months(first, 1)
        return date(year, 1, 1), date(year + 1, 1, 1)
    return None


def _months(day: date, count: int) -> date:
    """The first of the month that is `count` months away from a day's month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)
