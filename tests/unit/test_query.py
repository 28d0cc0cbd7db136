"""Query classes: what they declare, and what is refused before anything is sent."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.endpoints import endpoint_named
from teamup_async.errors import QueryError
from teamup_async.lists.course_sessions import CourseSessionsQuery
from teamup_async.query import Parameter, Query, check_scalar, encode, parameters, validate
from teamup_async.reports.attendance_strikes import AttendanceStrikesGroupedQuery
from teamup_async.reports.attendances import AttendancesQuery
from tests.unit.queries import Everything

SINCE = datetime(2025, 1, 1, tzinfo=UTC)


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
    assert found["day"] == Parameter(name="day", kind="date")
    assert found["number_choice"] == Parameter(name="number_choice", kind="integer", enum=("0", "2"))
    assert found["id_or_me"] == Parameter(name="id_or_me", kind="string", array=True, pattern=r"^(\d+|me)$")
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
    (
        "day",
        SINCE.replace(tzinfo=None),
        (
            "day must be a date without a time (for example date(2025, 1, 31)),"
            " not datetime.datetime(2025, 1, 1, 0, 0)"
        ),
    ),
    (
        "day",
        "2025-01-01",
        "day must be a date without a time (for example date(2025, 1, 31)), not '2025-01-01'",
    ),
    ("number_choice", 1, "number_choice does not know 1. Allowed: 0, 2"),
    ("number_choice", False, "number_choice does not know False. Allowed: 0, 2"),
    ("number_choice", 10**5000, "number_choice does not know <int>. Allowed: 0, 2"),
    ("id_or_me", [-1], r"id_or_me must match ^(\d+|me)$, not -1"),
    ("id_or_me", ["you"], r"id_or_me must match ^(\d+|me)$, not 'you'"),
    ("id_or_me", [True], "id_or_me must be text, not True"),
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
    assert caught.value.allowed == endpoint_named("attendances").columns


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
