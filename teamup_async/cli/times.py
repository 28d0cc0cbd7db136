"""Text of the command line into stretches of time: ``2025-01-31``, ``2025-01``, ``yesterday``, ``7d``. Pure.

What a report needs is a stretch with both ends, so that ``--until 2025-01-31`` includes the 31st. Libraries that read
free text give moments: ``2025-01`` becomes some time of some day in January.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import attrs

from ..errors import QueryError, clip, nearest

__all__ = ["TAKES", "Calendar", "Stretch", "read_zone"]

TAKES = "a day (2025-01-31), a month (2025-01), a year (2025), a time (2025-01-31T18:00), today, yesterday, 7d or 2w"
"""What a time may be on the command line, in words."""

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_AGO = re.compile(r"(\d{1,6})([dw])", re.ASCII)
_DAYS = {"d": 1, "w": 7}
_WORDS = {"today": 0, "yesterday": 1, "tomorrow": -1}
_TICK = timedelta(microseconds=1)


@attrs.frozen
class Stretch:
    """A stretch of time, both ends included. A moment is a stretch of no length."""

    first: datetime
    last: datetime


@attrs.frozen
class Calendar:
    """What turns text into time: the zone for times that name none, and what time it is now (aware)."""

    zone: tzinfo
    now: datetime

    def stretch(self, text: str) -> Stretch:
        """The stretch that `text` names, in `zone` unless it has a zone of its own.

        A day lasts from its midnight to the last microsecond before the next, also where a day has 23 or 25 hours.
        ``7d`` is the day a week ago, ``2w`` the day two weeks ago. Raises ValueError for anything else.
        """
        wanted = text.strip()
        days = _days(wanted.lower(), self.now.astimezone(self.zone).date())
        if days is not None:
            return Stretch(_midnight(days[0], self.zone), _before(_midnight(days[1], self.zone)))
        moment = datetime.fromisoformat(wanted)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return Stretch(moment, moment)


def _days(text: str, today: date) -> tuple[date, date] | None:
    """The first day that `text` names, and the day after the last one; None where it names no days."""
    try:
        ago = _AGO.fullmatch(text)
        if text in _WORDS or ago:
            back = _WORDS[text] if ago is None else int(ago[1]) * _DAYS[ago[2]]
            first = today - timedelta(days=back)
        elif _YEAR.fullmatch(text):
            return date(int(text), 1, 1), date(int(text) + 1, 1, 1)
        elif month := _MONTH.fullmatch(text):
            first = date(int(month[1]), int(month[2]), 1)
            return first, (first + timedelta(days=31)).replace(day=1)
        else:
            try:
                first = date.fromisoformat(text)
            except ValueError:
                return None
        return first, first + timedelta(days=1)
    except OverflowError:
        raise ValueError("outside of the calendar") from None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _before(moment: datetime) -> datetime:
    """The last microsecond before `moment`; counted in UTC, where no hour comes twice or is left out."""
    try:
        return (moment.astimezone(UTC) - _TICK).astimezone(moment.tzinfo)
    except OverflowError:
        raise ValueError("outside of the calendar") from None


def read_zone(text: str) -> tzinfo:
    """A time zone: ``UTC``, an offset such as ``+02:00``, or a name such as ``Europe/London``. Raises `QueryError`."""
    wanted = text.strip()
    offset = _OFFSET.fullmatch(wanted)
    if offset:
        sign, hours, minutes = offset.groups()
        delta = timedelta(hours=int(hours), minutes=int(minutes))
        if delta < timedelta(days=1) and int(minutes) < 60:
            return timezone(-delta if sign == "-" else delta)
    elif wanted.upper() in ("UTC", "Z"):
        return UTC
    else:
        try:
            return ZoneInfo(wanted)
        except (KeyError, ValueError, OSError):
            pass
    near = None if offset else nearest(wanted, available_timezones())
    hint = f"; did you mean {near!r}?" if near else ""
    raise QueryError(
        "timezone must be UTC, an offset such as +02:00, or a name such as Europe/London, not "
        f"{clip(repr(text), 80)}{hint}",
        parameter="timezone",
        value=text,
    )
