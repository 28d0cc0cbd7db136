"""Text of the command line into values of a query."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.cli.times import Calendar, read_zone
from teamup_async.cli.values import option_name, query_values, read
from teamup_async.errors import QueryError
from teamup_async.query import Parameter

NOW = datetime(2025, 3, 31, 12, tzinfo=UTC)
PLAIN = Calendar(UTC, NOW)
TOKYO = Calendar(ZoneInfo("Asia/Tokyo"), NOW)
WHEN = Parameter(name="updated_at_gte", kind="date-time")
LOCAL = Parameter(name="local_starts_at_gte", kind="date-time", local=True)
IDS = Parameter(name="venues", kind="integer", array=True)


def test_option_name() -> None:
    """An option is the parameter's name with dashes."""
    assert option_name("event_start_gte") == "--event-start-gte"


@pytest.mark.parametrize("text", ["2025-01-31", "2025-01-31T00:00", "20250131", "2025-01-31T00:00:00"])
def test_time_without_zone(text: str) -> None:
    """A time without a zone is in the zone of --timezone, a date alone is its midnight."""
    zone = ZoneInfo("Europe/London")
    assert read(WHEN, text, Calendar(zone, NOW)) == datetime(2025, 1, 31, tzinfo=zone)


@pytest.mark.parametrize("text", ["2025-01-31T18:00+02:00", "2025-01-31T16:00Z"])
def test_time_with_zone(text: str) -> None:
    """A time that names its zone keeps it, whatever --timezone says."""
    assert read(WHEN, text, TOKYO) == datetime(2025, 1, 31, 16, tzinfo=UTC)


def test_day() -> None:
    """A day is a date, also where a month or a word names it; a time of day is refused."""
    first, last = (Parameter(name=f"closure_date_{end}", kind="date") for end in ("gte", "lte"))

    assert read(first, "2025-01-31", PLAIN) == read(last, "2025-01-31", PLAIN) == date(2025, 1, 31)
    assert (read(first, "2025-01", PLAIN), read(last, "2025-01", TOKYO)) == (
        date(2025, 1, 1),
        date(2025, 1, 31),
    )
    assert read(first, "yesterday", PLAIN) == date(2025, 3, 30)
    for text in ("2025-01-31T18:00", "2025-01-31 18:00", "20250131T18"):
        with pytest.raises(QueryError, match="closure_date_gte is a day and takes no time of day"):
            read(first, text, PLAIN)


def test_local_time() -> None:
    """Times on the venue's clock have no zone, and one that has is refused."""
    assert read(LOCAL, "2025-01-31T18:00", PLAIN) == datetime(2025, 1, 31, 18)
    with pytest.raises(QueryError, match="local_starts_at_gte is on the venue's clock"):
        read(LOCAL, "2025-01-31T18:00Z", PLAIN)


@pytest.mark.parametrize("text", ["soon", "2025-02-30", "31.01.2025", "2025-01-31T25:00"])
def test_no_time(text: str) -> None:
    """What is no time is refused with the parameter's name, the text, and an example."""
    with pytest.raises(QueryError, match=r"updated_at_gte must be a day \(2025-01-31\)") as caught:
        read(WHEN, text, PLAIN)
    assert caught.value.parameter == "updated_at_gte"


@given(st.lists(st.lists(st.integers(-(2**40), 2**40), min_size=1), min_size=1))
def test_lists(groups: list[list[int]]) -> None:
    """Repeated options and text with commas, in any mixture, make one list in order."""
    texts = [", ".join(map(str, group)) for group in groups]
    assert read(IDS, texts, PLAIN) == [number for group in groups for number in group]


@pytest.mark.parametrize("given", [[""], [" "], ["1,"], ["1", ""], ["1,,2"], ","])
@pytest.mark.parametrize("kind", ["integer", "string"])
def test_nothing_is_no_value(kind: Any, given: Any) -> None:
    """An empty value is refused: without the filter every row would come."""
    with pytest.raises(QueryError, match="venues has an empty value: give it one, or leave it out"):
        read(Parameter(name="venues", kind=kind, array=True), list(given), PLAIN)
    with pytest.raises(QueryError, match="venues has an empty value"):
        read(Parameter(name="venues", kind=kind), "", PLAIN)


@pytest.mark.parametrize("text", ["1,x", "1_000", "١٢", "1.0", "0x10", "9" * 21])
def test_no_whole_number(text: str) -> None:
    """Only ASCII digits make a whole number."""
    with pytest.raises(QueryError, match="venues must be a whole number"):
        read(IDS, [text], PLAIN)


def test_numbers() -> None:
    """Numbers keep their digits; infinity is none."""
    parameter = Parameter(name="amount", kind="number")
    assert read(parameter, "0.10", PLAIN) == Decimal("0.10")
    for text in ("inf", "nan", "ten"):
        with pytest.raises(QueryError, match="amount must be a number"):
            read(parameter, text, PLAIN)


def test_booleans() -> None:
    """A flag is true or false; a list of them is read from text."""
    flags = Parameter(name="flags", kind="boolean", array=True)
    assert read(Parameter(name="flag", kind="boolean"), False, PLAIN) is False
    assert read(flags, ["true,false"], PLAIN) == [True, False]
    with pytest.raises(QueryError, match="flags must be true or false"):
        read(flags, ["perhaps"], PLAIN)


def test_query_values() -> None:
    """What was not given is left to the query."""
    assert query_values([WHEN, IDS], {"venues": ["1"], "updated_at_gte": None}, PLAIN) == {"venues": [1]}


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("UTC", timedelta(0)),
        ("z", timedelta(0)),
        ("+02:00", timedelta(hours=2)),
        ("-0530", -timedelta(hours=5, minutes=30)),
        ("Asia/Tokyo", timedelta(hours=9)),
    ],
)
def test_zones(text: str, offset: timedelta) -> None:
    """A zone is UTC, an offset, or a name."""
    moment = datetime(2025, 1, 1, tzinfo=read_zone(text))
    assert moment.utcoffset() == offset
    assert moment.astimezone(timezone(offset)) == moment


@pytest.mark.parametrize("text", ["", "Mars", "+99:00", "../etc/passwd", "\0"])
def test_no_zone(text: str) -> None:
    """Anything else is refused, with what would do."""
    with pytest.raises(QueryError, match=r"timezone must be UTC, an offset such as \+02:00"):
        read_zone(text)
