"""Query classes: what is refused before anything is sent, and how the rest goes into a URL."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.course_sessions import CourseSessionsQuery
from teamup_async.endpoints import ENDPOINTS
from teamup_async.errors import QueryError
from teamup_async.query import Parameter, Query, check_scalar, encode, limits, parameters, validate
from teamup_async.reports.attendance_strikes import AttendanceStrikesGroupedQuery
from teamup_async.reports.attendances import AttendancesQuery

SINCE = datetime(2025, 1, 1, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Everything(Query[Any]):
    """A parameter of each kind."""

    whole: int | None = attrs.field(default=None, metadata=limits("A number.", minimum=0, maximum=100))
    wholes: Sequence[int] | None = None
    number: float | Decimal | None = attrs.field(default=None, metadata=limits(maximum=10))
    flag: bool | None = attrs.field(default=None, metadata=limits(default=False))
    moment: datetime | None = None
    local: datetime | None = attrs.field(default=None, metadata=limits(local=True))
    either: str | int | datetime | None = None
    text: str | None = None
    texts: Sequence[str] | None = None
    listed: Sequence[str] | None = attrs.field(default=None, metadata=limits(comma=True))
    choice: Literal["one", "two"] | None = None
    choices: Sequence[Literal["one", "two"]] | None = None
    pairs: Sequence[str] | None = attrs.field(default=None, metadata=limits(min_items=2, min_length=1))


# --- declared as data -------------------------------------------------------------------------------------


def test_parameters():
    """Annotation and limits of a field become a parameter; what is not said keeps its default."""
    found = {parameter.name: parameter for parameter in parameters(Everything)}

    assert found["whole"] == Parameter(
        name="whole", kind="integer", minimum=0, maximum=100, description="A number."
    )
    assert found["wholes"] == Parameter(name="wholes", kind="integer", array=True)
    assert found["number"] == Parameter(name="number", kind="number", maximum=10)
    assert found["flag"].default is False
    assert found["local"] == Parameter(name="local", kind="date-time", local=True)
    assert found["either"] == Parameter(name="either", kind="string")
    assert found["listed"] == Parameter(name="listed", kind="string", array=True, comma=True)
    assert found["choice"] == Parameter(name="choice", kind="string", enum=("one", "two"))
    assert found["choices"] == Parameter(name="choices", kind="string", enum=("one", "two"), array=True)
    assert parameters(Everything) is parameters(Everything)


@pytest.mark.parametrize("hint", [bytes, list[int], dict[str, int], Sequence[bytes]])
def test_impossible_declarations(hint):
    """An annotation that no parameter can have is an error of the declaration, and says which."""
    broken = attrs.make_class("Broken", {"name": attrs.field(default=None, type=hint)}, bases=(Query,))

    with pytest.raises(TypeError, match=r"^name is declared .*, which no parameter can be$"):
        parameters(broken)


def test_required():
    """A field without default is a required parameter: Python asks for it, and None does not do."""
    (columns,) = (p for p in parameters(AttendanceStrikesGroupedQuery) if p.required)

    assert columns.name == "columns"
    with pytest.raises(TypeError, match="columns"):
        AttendanceStrikesGroupedQuery()
    with pytest.raises(QueryError, match=r"^columns is required$") as caught:
        AttendanceStrikesGroupedQuery(columns=None)
    assert caught.value.parameter == "columns"
    assert caught.value.allowed == columns.enum


def test_queries_are_values():
    """A query is frozen, equal to its like and hashable, and what was checked can't be changed afterwards."""
    columns = ["id"]
    query = AttendancesQuery(columns=columns)
    columns.append("invented")

    assert query.columns == ("id",)
    assert query == AttendancesQuery(columns=("id",))
    assert hash(query) == hash(AttendancesQuery(columns=["id"]))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        query.columns = ["id"]
    assert attrs.evolve(query, columns=["status"]).columns == ("status",)


# --- refused ----------------------------------------------------------------------------------------------


def refused(name: str, value: object) -> QueryError:
    """The error for one value of one parameter."""
    with pytest.raises(QueryError) as caught:
        Everything(**{name: value})
    assert caught.value.parameter == name
    return caught.value


class Broken:
    """Something that can't even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


REFUSED = [
    ("whole", True, "whole must be a whole number, not True"),
    ("whole", 1.0, "whole must be a whole number, not 1.0"),
    ("whole", "1", "whole must be a whole number, not '1'"),
    ("whole", -1, "whole must be 0 or more, not -1"),
    ("whole", 101, "whole must be 100 or less, not 101"),
    ("whole", 2**63, "whole must be a whole number of at most 64 bits, not 9223372036854775808"),
    ("whole", 10**5000, "whole must be a whole number of at most 64 bits, not <int>"),
    ("whole", Broken(), "whole must be a whole number, not <Broken>"),
    ("wholes", [1, "2"], "wholes must be a whole number, not '2'"),
    ("wholes", [1, None], "wholes must be a whole number, not None"),
    ("wholes", 1, "wholes takes a list, wholes=[...], not 1"),
    ("wholes", "12", "wholes takes a list, wholes=[...], not '12'"),
    ("wholes", b"12", "wholes takes a list, wholes=[...], not b'12'"),
    ("wholes", {1: 2}, "wholes takes a list, wholes=[...], not {1: 2}"),
    ("number", True, "number must be a number, not True"),
    ("number", "1", "number must be a number, not '1'"),
    ("number", math.nan, "number must be a number, not nan"),
    ("number", math.inf, "number must be a number, not inf"),
    ("number", Decimal("sNaN"), "number must be a number, not Decimal('sNaN')"),
    ("number", 10.5, "number must be 10 or less, not 10.5"),
    ("flag", 1, "flag must be True or False, not 1"),
    ("flag", "true", "flag must be True or False, not 'true'"),
    ("moment", "2025-01-01", "moment must be a datetime, not '2025-01-01'"),
    ("moment", date(2025, 1, 1), "moment must be a datetime, not datetime.date(2025, 1, 1)"),
    (
        "moment",
        datetime(2025, 1, 1),
        (
            "moment must be a datetime with a time zone (for example datetime(2025, 1, 1, tzinfo=UTC)),"
            " not datetime.datetime(2025, 1, 1, 0, 0)"
        ),
    ),
    (
        "local",
        SINCE,
        (
            "local is in the venue's own time and must be a datetime without a time zone,"
            " not datetime.datetime(2025, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)"
        ),
    ),
    ("local", "09:00", "local must be a datetime, not '09:00'"),
    ("either", True, "either must be text, not True"),
    ("either", 2**63, "either must be text, not 9223372036854775808"),
    ("either", b"x", "either must be text, not b'x'"),
    ("text", "\ud800", r"text must be encodable as UTF-8, not '\ud800'"),
    ("texts", "text", "texts takes a list, texts=[...], not 'text'"),
    ("texts", [5], "texts must be text, not 5"),
    ("choice", "tow", "choice does not know 'tow'; did you mean 'two'? Allowed: one, two"),
    ("choice", "three", "choice does not know 'three'. Allowed: one, two"),
    ("choice", 1, "choice does not know 1. Allowed: one, two"),
    ("choice", "\r\nx", r"choice does not know '\r\nx'. Allowed: one, two"),
    ("choices", ["one", "on"], "choices does not know 'on'; did you mean 'one'? Allowed: one, two"),
    ("choices", "one", "choices takes a list, choices=[...], not 'one'"),
    ("pairs", ["a"], "pairs needs at least 2 values"),
    ("pairs", ["a", ""], "pairs must not be empty, not ''"),
]


@pytest.mark.parametrize(("name", "value", "message"), REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_refused(name, value, message):
    """The message names the parameter, what was given, what is allowed, and the near miss."""
    error = refused(name, value)

    assert str(error) == message


def test_naive_in_text():
    """A parameter that takes text takes a datetime too, with a time zone like any other."""
    naive = datetime(2025, 1, 1)

    assert "with a time zone" in str(refused("either", naive))
    with pytest.raises(QueryError, match="ends_at_gte must be a datetime with a time zone"):
        CourseSessionsQuery(ends_at_gte=naive)


def test_error_attributes():
    """What the message says can be read from the error's attributes too."""
    with pytest.raises(QueryError) as caught:
        AttendancesQuery(status=["attended", "no-show"])
    error = caught.value

    assert (error.parameter, error.value, error.suggestion) == ("status", "'no-show'", "no_show")
    assert error.allowed == ("attended", "registered", "no_show", "late_cancelled")


def test_unknown_columns():
    """An unknown column names its nearest neighbour and all that there are."""
    with pytest.raises(QueryError) as caught:
        AttendancesQuery(columns=["id", "customer.nmae"])

    assert "columns does not know 'customer.nmae'; did you mean 'customer.name'? Allowed: id, " in str(
        caught.value
    )
    assert caught.value.allowed == ENDPOINTS[0].columns


def test_empty_columns():
    """Columns that a report requires can't be empty, and the error lists them."""
    with pytest.raises(
        QueryError, match=r"^columns needs at least 1 value, of: customer_id, .*, count$"
    ) as caught:
        AttendanceStrikesGroupedQuery(columns=[])

    assert caught.value.parameter == "columns"
    assert AttendancesQuery(columns=[]).columns == ()


@pytest.mark.parametrize("value", ["٣", "12\n", "", "1 2", "None", "-1", "1,2", "１２"])  # noqa: RUF001
def test_pattern(value):
    """A pattern holds for the whole value and means ASCII digits; anything else is refused."""
    with pytest.raises(QueryError, match="booking_sources must "):
        AttendancesQuery(booking_sources=["none", "12", value])


def test_huge_lists():
    """A huge list is checked to its end, and quoted only in part."""
    many = [*range(200_000), "last"]

    assert str(refused("wholes", many)) == "wholes must be a whole number, not 'last'"
    assert len(str(refused("flag", many))) < 200
    assert len(refused("choice", "x" * 10**6).value or "") <= 200


def test_accepted_lists():
    """Lists, tuples, sets and ranges are lists of values; a generator, which can be read only once, is not."""
    for values in ([1, 2], (1, 2), {1, 2}, frozenset([1, 2]), range(1, 3)):
        assert sorted(Everything(wholes=values).wholes) == [1, 2]
    assert "takes a list" in str(refused("wholes", (n for n in [1])))


def test_validate_and_check_scalar():
    """The checks can be had on their own: of a whole query, and of a single value."""
    parameter = Parameter(name="size", kind="integer", minimum=1)

    assert validate(Everything()) is None
    assert check_scalar(parameter, 1) is None
    with pytest.raises(QueryError, match="size must be 1 or more, not 0"):
        check_scalar(parameter, 0)


# --- encoded ----------------------------------------------------------------------------------------------

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


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values=st.dictionaries(st.sampled_from([p.name for p in parameters(Everything)]), anything))
def test_anything(values):
    """Whatever is given, the query is made and can be sent, or QueryError says why not: nothing else happens."""
    try:
        query = Everything(**values)
        pairs = encode(query)
    except QueryError as error:
        assert error.parameter in values
        assert str(error).startswith(error.parameter)
        assert len(str(error)) < 400
    else:
        assert all(type(name) is str and type(value) is str for name, value in pairs)
        assert urlencode(pairs).isascii()
