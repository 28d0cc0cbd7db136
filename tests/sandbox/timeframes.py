"""Stretches of days in the sandbox's own syntax, for which no API document has one."""

from __future__ import annotations

from datetime import date, timedelta

from teamup_async.sandbox.data.clock import NOW

TODAY = NOW.date()
DAY = timedelta(days=1)
TIMEFRAMES = [
    "today", "yesterday", "this_month", "last_month", "this_year", "last_year", "last_30_days", "next_2_weeks",
    "last_3_months", "next_1_months", "2025", "2025-06", "2025-06-17", "2024-11-05..2025-08-20", "1999",
]  # fmt: skip
"""Some of them."""


def days_of(text: str) -> tuple[date, date]:
    """The first and the last day of a timeframe."""
    if text in ("today", "yesterday"):
        shown = TODAY if text == "today" else TODAY - DAY
        return shown, shown
    return _calendar(text) if text[0].isdigit() else _relative(*text.split("_"))


def _calendar(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    if last:
        return date.fromisoformat(first), date.fromisoformat(last)
    year, *rest = map(int, text.split("-"))
    if len(rest) == 2:
        return date(year, *rest), date(year, *rest)
    begin = date(year, *rest, 1) if rest else date(year, 1, 1)
    return begin, _month(begin, 1 if rest else 12) - DAY


def _relative(way: str, *rest: str) -> tuple[date, date]:
    *amount, unit = rest
    if not amount:
        start, months = (date(TODAY.year, 1, 1), 12) if unit == "year" else (_month(TODAY, 0), 1)
        return (
            (start, _month(start, months) - DAY) if way == "this" else (_month(start, -months), start - DAY)
        )
    count = int(amount[0])
    if unit == "months":
        return (_month(TODAY, -count), TODAY) if way == "last" else (TODAY, _month(TODAY, count) - DAY)
    span = timedelta(days=count * (7 if unit == "weeks" else 1))
    return (TODAY - span, TODAY) if way == "last" else (TODAY, TODAY + span - DAY)


def _month(day: date, count: int) -> date:
    """The first of the month so many months later."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)
