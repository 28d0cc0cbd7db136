"""Times on the command line: days, months and words are stretches with two ends, in the time zone given."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.cli.times import Calendar, read_zone
from teamup_async.cli.values import read
from teamup_async.errors import QueryError
from teamup_async.query import Parameter

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2025, 3, 31, 0, 30, tzinfo=LONDON)  # one hour earlier it was still the 30th in UTC
TICK = timedelta(microseconds=1)
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
DAYS = st.dates(date(1900, 1, 2), date(2199, 12, 30))


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2025-01-31", (2025, 1, 31), (2025, 2, 1)),
        ("20250131", (2025, 1, 31), (2025, 2, 1)),
        ("2025-01", (2025, 1, 1), (2025, 2, 1)),
        ("2024-02", (2024, 2, 1), (2024, 3, 1)),
        ("2025-12", (2025, 12, 1), (2026, 1, 1)),
        ("2025", (2025, 1, 1), (2026, 1, 1)),
        ("today", (2025, 3, 31), (2025, 4, 1)),
        (" Yesterday ", (2025, 3, 30), (2025, 3, 31)),
        ("tomorrow", (2025, 4, 1), (2025, 4, 2)),
        ("7d", (2025, 3, 24), (2025, 3, 25)),
        ("2w", (2025, 3, 17), (2025, 3, 18)),
        ("0d", (2025, 3, 31), (2025, 4, 1)),
    ],
)
def test_days(text: str, first: tuple[int, int, int], after: tuple[int, int, int]) -> None:
    """A text that names days is all of them: from the first midnight to the last moment before the next one."""
    stretch = Calendar(LONDON, NOW).stretch(text)
    assert stretch.first == datetime(*first, tzinfo=LONDON)
    assert stretch.last.astimezone(UTC) + TICK == datetime(*after, tzinfo=LONDON).astimezone(UTC)
    assert stretch.last.date() < date(*after)


def test_a_moment() -> None:
    """A time of day is a moment: both ends are the same; a zone of its own stays."""
    calendar = Calendar(LONDON, NOW)
    moment = calendar.stretch("2025-07-01T18:00")
    assert moment.first == moment.last == datetime(2025, 7, 1, 18, tzinfo=LONDON)
    assert calendar.stretch("2025-07-01T18:00+02:00").first == datetime(2025, 7, 1, 16, tzinfo=UTC)


@given(ZONES, DAYS)
def test_days_follow_each_other(zone: ZoneInfo, day: date) -> None:
    """In every zone a day ends one microsecond before the next begins, also where clocks are changed at midnight."""
    calendar = Calendar(zone, datetime(2025, 1, 1, tzinfo=UTC))
    one, two = (calendar.stretch(d.isoformat()) for d in (day, day + timedelta(days=1)))
    assert one.first.astimezone(UTC) <= one.last.astimezone(UTC)
    assert one.last.astimezone(UTC) + TICK == two.first.astimezone(UTC)


@given(ZONES, DAYS)
def test_a_month_is_its_days(zone: ZoneInfo, day: date) -> None:
    """A month begins with its first day and ends with its last, and holds each of its days."""
    calendar = Calendar(zone, datetime(2025, 1, 1, tzinfo=UTC))
    month, within = calendar.stretch(f"{day:%Y-%m}"), calendar.stretch(day.isoformat())
    first = calendar.stretch(f"{day:%Y-%m}-01")
    following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    last = calendar.stretch((following - timedelta(days=1)).isoformat())
    assert (month.first, month.last) == (first.first, last.last)
    assert month.first.astimezone(UTC) <= within.first.astimezone(UTC)
    assert within.last.astimezone(UTC) <= month.last.astimezone(UTC)


@given(ZONES, st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(0, 3000))
def test_days_ago(zone: ZoneInfo, now: datetime, count: int) -> None:
    """`Nd` is the calendar day that many days before today, today being what the zone's calendar says."""
    calendar = Calendar(zone, now.replace(tzinfo=UTC))
    today = now.replace(tzinfo=UTC).astimezone(zone).date()
    assert calendar.stretch(f"{count}d") == calendar.stretch((today - timedelta(days=count)).isoformat())


@given(st.text(max_size=12))
def test_anything_else(text: str) -> None:
    """Whatever the text is, it is a stretch whose ends are in order, or it is refused as no time."""
    try:
        stretch = Calendar(UTC, NOW).stretch(text)
    except ValueError:
        return
    assert stretch.first <= stretch.last


@pytest.mark.parametrize(
    "text", ["9999-12-31", "0001-01-01", "999999d", "9999", "0000", "9999-12", "2025-13"]
)
def test_the_ends_of_the_calendar(text: str) -> None:
    """Where the calendar ends, a time is a ValueError at most, never an overflow."""
    for zone in (UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")):
        with suppress(ValueError):
            Calendar(zone, NOW).stretch(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("updated_at_gte", datetime(2025, 1, 31, tzinfo=LONDON)),
        ("updated_at_lte", datetime(2025, 1, 31, 23, 59, 59, 999999, tzinfo=LONDON)),
        ("updated_at_gt", datetime(2025, 1, 31, 23, 59, 59, 999999, tzinfo=LONDON)),
        ("updated_at_lt", datetime(2025, 1, 31, tzinfo=LONDON)),
        ("until", datetime(2025, 1, 31, 23, 59, 59, 999999, tzinfo=LONDON)),
        ("since", datetime(2025, 1, 31, tzinfo=LONDON)),
    ],
)
def test_ends_of_filters(name: str, expected: datetime) -> None:
    """A day as an upper end is that whole day; as a lower end it begins at midnight."""
    parameter = Parameter(name=name, kind="date-time")
    assert read(parameter, "2025-01-31", Calendar(LONDON, NOW)) == expected


def test_time_zones() -> None:
    """A zone that is misspelt is refused with the nearest name there is."""
    assert read_zone("Europe/London") == LONDON
    with pytest.raises(QueryError, match="did you mean 'Europe/London'"):
        read_zone("Europe/Londn")
    with pytest.raises(QueryError, match="an offset such as"):
        read_zone("+02:99")
