"""Query classes: how what was accepted goes into a URL."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.errors import QueryError
from teamup_async.lists.course_sessions import CourseSessionsQuery
from teamup_async.query import encode, parameters
from teamup_async.reports.attendances import AttendancesQuery
from tests.unit.queries import Everything

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
ARRAYS = ("repeat", "comma", "brackets")


class Status(Enum):
    """An enum whose members are no text."""

    ATTENDED = "attended"


class TextStatus(str, Enum):  # noqa: UP042 - it differs from StrEnum, and people have them
    """An enum whose members are text, but print as members."""

    ATTENDED = "attended"


class Ids(IntEnum):
    """An enum of numbers."""

    FIRST = 1


def test_encode():
    """Booleans are lower case, times ISO 8601 with offset, lists repeated; what is None is not sent."""
    query = AttendancesQuery(
        include_future=True,
        event_start_gte=SINCE,
        status=["attended", "no_show"],
        instructors=5,
        customers=[],
    )

    assert encode(query) == [
        ("event_start_gte", "2025-01-01T00:00:00+00:00"),
        ("include_future", "true"),
        ("instructors", "5"),
        ("status", "attended"),
        ("status", "no_show"),
    ]
    assert encode(query, skip=["status", "instructors"]) == encode(query)[:2]
    assert encode(AttendancesQuery(include_future=False)) == [("include_future", "false")]
    assert encode(AttendancesQuery()) == []


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ("repeat", [("status", "active"), ("status", "cancelled")]),
        ("comma", [("status", "active,cancelled")]),
        ("brackets", [("status[]", "active"), ("status[]", "cancelled")]),
    ],
)
def test_array_encodings(arrays, expected):
    """Lists go out as told; those documented as comma-separated always do so."""
    query = CourseSessionsQuery(
        expand=["venue", "instructors"], fields=["id"], status=["active", "cancelled"], venues=()
    )

    assert encode(query, arrays) == [("expand", "venue,instructors"), ("fields", "id"), *expected]


def test_local_time():
    """A local time goes out without offset."""
    query = CourseSessionsQuery(local_starts_at_gte=datetime(2025, 1, 1, 9))

    assert encode(query) == [("local_starts_at_gte", "2025-01-01T09:00:00")]


def test_days_and_numbers_of_enums():
    """A day goes out as ISO 8601, a number of an enum and an id among texts as digits."""
    query = Everything(day=date(2025, 1, 31), number_choice=2, id_or_me=[7, "me"])

    assert encode(query, "comma") == [("day", "2025-01-31"), ("id_or_me", "7,me"), ("number_choice", "2")]


def test_enums():
    """Members of text enums go out as their value, in filters and in free text; others are refused."""
    query = AttendancesQuery(
        status=[TextStatus.ATTENDED, StrEnum("E", {"A": "no_show"}).A],
        customers=[Ids.FIRST],
        instructors=TextStatus.ATTENDED,
    )

    assert encode(query) == [
        ("customers", "1"),
        ("instructors", "attended"),
        ("status", "attended"),
        ("status", "no_show"),
    ]
    with pytest.raises(QueryError, match=r"status does not know <Status.ATTENDED: 'attended'>"):
        AttendancesQuery(status=[Status.ATTENDED])


def test_commas():
    """A value that would fall apart where lists are comma-separated is refused."""
    query = Everything(texts=["a", "b,c"])

    assert encode(query) == [("texts", "a"), ("texts", "b,c")]
    with pytest.raises(
        QueryError, match="texts is sent comma-separated and takes no value with a comma, not 'b,c'"
    ):
        encode(query, "comma")
    with pytest.raises(QueryError, match="listed is sent comma-separated"):
        encode(Everything(listed=[","]))


numbers = st.integers(-(2**63) + 1, 2**63 - 1)
words = st.text(st.characters(exclude_categories=["Cs"]))
whole_words = words.filter(lambda word: "," not in word)
offsets = st.builds(timezone, st.integers(-1439, 1439).map(lambda minutes: timedelta(minutes=minutes)))
queries = st.fixed_dictionaries(
    {},
    optional={
        "whole": st.integers(0, 100),
        "wholes": st.lists(numbers, min_size=1),
        "number": st.floats(max_value=10, allow_nan=False, allow_infinity=False)
        | st.decimals(max_value=10, allow_nan=False, allow_infinity=False),
        "flag": st.booleans(),
        "moment": st.datetimes(timezones=offsets),
        "local": st.datetimes(),
        "either": words | numbers | st.datetimes(timezones=offsets),
        "text": words,
        "texts": st.lists(whole_words, min_size=1),
        "listed": st.lists(whole_words, min_size=1),
        "choice": st.sampled_from(["one", "two"]),
        "choices": st.lists(st.sampled_from(["one", "two"]), min_size=1),
        "pairs": st.lists(whole_words.filter(bool), min_size=2),
    },
)
READ = {
    "integer": int,
    "number": Decimal,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date-time": datetime.fromisoformat,
    "string": str,
}


def understood(query: str, arrays: str) -> dict[str, Any]:
    """What a server that knows the declarations and the encoding reads from a query string."""
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    found: dict[str, Any] = {}
    for parameter in parameters(Everything):
        comma = parameter.comma or arrays == "comma"
        brackets = parameter.array and not comma and arrays == "brackets"
        values = [value for name, value in pairs if name == f"{parameter.name}{'[]' * brackets}"]
        if parameter.array and comma:
            values = [part for value in values for part in value.split(",")]
        read = [READ[parameter.kind](value) for value in values]
        if read:
            found[parameter.name] = tuple(read) if parameter.array else read[0]
    assert len(pairs) >= len(found)
    return found


@pytest.mark.parametrize("arrays", ARRAYS)
@given(values=queries)
def test_round_trip(arrays, values):
    """What was meant is what is understood at the other end of the URL, whatever the text and the encoding."""
    query = Everything(**values)
    meant = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    either = meant.get("either")
    if isinstance(either, int | datetime):
        meant["either"] = either.isoformat() if isinstance(either, datetime) else str(either)
    if "number" in meant:
        meant["number"] = Decimal(str(meant["number"]))

    assert understood(urlencode(encode(query, arrays)), arrays) == meant
