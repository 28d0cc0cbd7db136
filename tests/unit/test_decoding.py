"""Bytes become rows: two paths that agree, and errors that name the place."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teamup_async._decoding.exact import structure_page
from teamup_async._decoding.fast import _decoder, decode, hide
from teamup_async._decoding.unknown import first_row
from teamup_async._decoding.wording import documented, in_other_words
from teamup_async.endpoints import endpoint_named
from teamup_async.errors import ResponseDecodeError
from teamup_async.lists.attendances import ATTENDANCES as LISTED
from teamup_async.rows import extra_fields
from tests.endpoints import TYPICAL
from tests.unit.json_rows import page_of

ATTENDANCES = endpoint_named("attendances")
STRIKES = endpoint_named("attendance_strikes.grouped")
TAUGHT = endpoint_named("instructed_sessions")
SESSIONS = endpoint_named("course_sessions")
ENDPOINT_NAMES = [endpoint.name for endpoint in TYPICAL]

both_paths = pytest.mark.parametrize("read", [decode, structure_page])


def page(endpoint: Any, *rows: str, headers: str = "[]") -> bytes:
    name = endpoint.envelope.rows
    return f'{{"{name}":[{",".join(rows)}],"column_headers":{headers}}}'.encode()


def refused(endpoint: Any, body: bytes) -> ResponseDecodeError:
    with pytest.raises(ResponseDecodeError) as caught:
        decode(endpoint, body)
    error = caught.value
    assert len(error.excerpt) <= 200
    assert len(str(error)) < 1000
    return error


@pytest.mark.parametrize("endpoint", TYPICAL, ids=ENDPOINT_NAMES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_paths_agree(endpoint, data):
    """Whatever fits the row class is read by the fast path alone, and the exact path makes the same of it."""
    body = data.draw(page_of(endpoint)).encode()
    fast = _decoder(endpoint).decode(body)  # raises for what does not fit
    rows, total = getattr(fast, endpoint.envelope.rows), getattr(fast, endpoint.envelope.total)
    exact = structure_page(endpoint, body)
    assert (exact.rows, exact.total) == (rows, total)
    assert repr(exact.rows) == repr(rows)
    if in_other_words(endpoint, body, first_row(endpoint.envelope.rows, body)):
        exact = structure_page(endpoint, documented(endpoint, body))
    assert attrs.evolve(decode(endpoint, body), unknown=()) == exact


def test_exactly_where_needed():
    """What does not fit but loses nothing is taken: nulls for objects, numbers as text, text as numbers, dates."""
    attendance = '{"id":"7","customer":null,"instructors":null,"status":5,"updated_at":"2024-01-02"}'
    (row,) = decode(ATTENDANCES, page(ATTENDANCES, attendance)).rows
    assert (row.id, row.customer.name, row.instructors, row.status) == (7, None, (), "5")
    assert row.updated_at == datetime(2024, 1, 2)

    taught = '{"id":3.0,"name":true,"venue_timezone":1.50,"hours":"1.5","instructor_pay":{"decimal":"4.50"}}'
    (row,) = decode(TAUGHT, page(TAUGHT, taught)).rows
    assert (row.id, row.name, row.venue_timezone, row.hours) == (3, "true", "1.50", 1.5)
    assert str(row.instructor_pay.decimal) == "4.50"

    membership = '{"start_date":"20240102","expiration_date":null,"duration":"9","is_draft":false}'
    slot = '{"default_monday":[{"start":"09:30","end":"1730"}]}'
    instructors = (
        f'[{{"availability_schedules":[{slot}],"icalendar_links":{{"integrations":[1.5,{{"a":[2.5]}}]}}}}]'
    )
    course = f'{{"offering_type":{{"memberships":[{membership}],"instructors":{instructors}}}}}'
    (row,) = decode(SESSIONS, page(SESSIONS, f'{{"id":"1","course":{course}}}')).rows
    bought, (teacher,) = row.course.offering_type.memberships[0], row.course.offering_type.instructors
    assert (bought.start_date, bought.expiration_date, bought.duration) == (date(2024, 1, 2), None, 9)
    assert teacher.availability_schedules[0].default_monday[0].end == time(17, 30)
    assert teacher.icalendar_links.integrations == [1.5, {"a": [2.5]}]


@both_paths
@pytest.mark.parametrize(
    "digits", ["1.10", "0.1234567890123456789012345678901234567890", "1E+400", "-0.0", "100"]
)
def test_decimals(read, digits):
    """Money keeps each digit that was sent, as a number or as text: no float is in between."""
    for sent in (digits, f'"{digits}"'):
        (row,) = read(TAUGHT, page(TAUGHT, f'{{"instructor_pay":{{"decimal":{sent}}}}}')).rows
        assert str(row.instructor_pay.decimal) == digits


@both_paths
def test_open(read):
    """Fields and enum values that nobody has heard of break nothing; absent fields are None or empty."""
    (row,) = read(ATTENDANCES, page(ATTENDANCES, '{"status":"dreamt","mood":{"deep":[1]}}')).rows
    assert (row.status, row.id, row.customer.id, row.checkin, row.instructors) == (
        "dreamt",
        None,
        None,
        None,
        (),
    )
    (row,) = read(STRIKES, page(STRIKES, '{"counts":{"2024":1}}')).rows
    assert row.counts == {"2024": 1}


@both_paths
@pytest.mark.parametrize(
    "text", ["2024-01-01T10:00:00.1234567Z", "2024-01-01T10:00:00+0100", "2024-01-01t10:00:00"]
)
def test_same_moment(read, text):
    """Both paths read a moment alike, down to the rounding of its last digit."""
    body = page(ATTENDANCES, f'{{"updated_at":"{text}"}}')
    assert read(ATTENDANCES, body).rows == decode(ATTENDANCES, body).rows


def test_unions():
    """A reference is an id or an object and a collection a link or a list, at each level, also as text."""
    deep = '{"venue":{"venue_rooms":[{"venue":{"venue_rooms":"https://rooms","id":"5"}},{"venue":"6"}]}}'
    plain = '{"venue":"7","instructors":"https://them","course":8}'
    first, second = decode(SESSIONS, page(SESSIONS, deep, plain)).rows
    assert first.venue.venue_rooms[0].venue.id == 5
    assert first.venue.venue_rooms[0].venue.venue_rooms == "https://rooms"
    assert first.venue.venue_rooms[1].venue == 6
    assert (second.venue, second.instructors, second.course) == (7, "https://them", 8)


def test_circles():
    """A session holds its course, which holds sessions; 50 times over, exactly as well."""
    for inner in ('{"id":1}', '{"id":"1"}'):
        body = page(SESSIONS, '{"course":{"course_sessions":[' * 50 + inner + "]}}" * 50)
        (row,) = decode(SESSIONS, body).rows
        for _ in range(50):
            (row,) = row.course.course_sessions
        assert row.id == 1


@pytest.mark.parametrize(
    ("endpoint", "body", "path", "says"),
    [
        (ATTENDANCES, b"[]", "$", "is an array, not an object"),
        (ATTENDANCES, b"null", "$", "is null, not an object"),
        (ATTENDANCES, b"3", "$", "is 3, not an object"),
        (ATTENDANCES, b"{}", "$.rows", "is missing"),
        (ATTENDANCES, b'{"rows":null}', "$.rows", "is null, not an array"),
        (ATTENDANCES, b'{"rows":{}}', "$.rows", "is an object, not an array"),
        (SESSIONS, b'{"rows":[]}', "$.results", "is missing"),
        (ATTENDANCES, b'{"rows":[],"total":-1}', "$.total", "is -1, not a count"),
        (ATTENDANCES, b'{"rows":[],"total":1.5}', "$.total", "is 1.5, not a count"),
        (ATTENDANCES, b'{"rows":[],"total":"3"}', "$.total", "is '3', not a count"),
        (ATTENDANCES, b'{"rows":[],"total":true}', "$.total", "is true, not a count"),
        (ATTENDANCES, b'{"rows":[],"total":{}}', "$.total", "is an object, not a count"),
        (ATTENDANCES, b'{"rows":[],"total":9223372036854775808}', "$.total", "not a count"),
        (SESSIONS, b'{"results":[],"count":1e400}', "$.count", "is 1E+400, not a count"),
        (ATTENDANCES, b'{"rows":[],"column_headers":5}', "$.column_headers", "is 5, not an array"),
        (
            ATTENDANCES,
            b'{"rows":[],"column_headers":[{},{},7]}',
            "$.column_headers[2]",
            "is 7, not an object",
        ),
        (
            ATTENDANCES,
            b'{"rows":[],"column_headers":[{"sorted":{"order":[]}}]}',
            "$.column_headers[0].sorted.order",
            "is an array",
        ),
        (ATTENDANCES, page(ATTENDANCES, "{}", "null"), "$.rows[1]", "is null, not an object"),
        (
            ATTENDANCES,
            page(ATTENDANCES, "{}", "{}", "{}", '{"customer":{"id":1.5}}'),
            "$.rows[3].customer.id",
            "is 1.5, not a whole number",
        ),
        (ATTENDANCES, page(ATTENDANCES, '{"customer":7}'), "$.rows[0].customer", "is 7, not an object"),
        (ATTENDANCES, page(ATTENDANCES, '{"checkin":7}'), "$.rows[0].checkin", "is 7, not an object"),
        (ATTENDANCES, page(ATTENDANCES, '{"instructors":7}'), "$.rows[0].instructors", "is 7, not an array"),
        (
            ATTENDANCES,
            page(ATTENDANCES, '{"instructors":[{"id":1},{"id":[]}]}'),
            "$.rows[0].instructors[1].id",
            "is an array, which is not expected here",
        ),
        (ATTENDANCES, page(ATTENDANCES, '{"id":true}'), "$.rows[0].id", "is true, not a whole number"),
        (
            ATTENDANCES,
            page(ATTENDANCES, '{"is_first_attendance":"yes"}'),
            "$.rows[0].is_first_attendance",
            "is 'yes', not true or false",
        ),
        (
            ATTENDANCES,
            page(ATTENDANCES, '{"updated_at":"soon"}'),
            "$.rows[0].updated_at",
            "is 'soon', not a datetime in ISO 8601",
        ),
        (ATTENDANCES, page(ATTENDANCES, '{"updated_at":7}'), "$.rows[0].updated_at", "is 7, not a datetime"),
        (TAUGHT, page(TAUGHT, '{"hours":"long"}'), "$.rows[0].hours", "is 'long', not a number"),
        (TAUGHT, page(TAUGHT, '{"hours":"nan"}'), "$.rows[0].hours", "is 'nan', not a number"),
        (TAUGHT, page(TAUGHT, '{"hours":1e400}'), "$.rows[0].hours", "is 1E+400, a number out of range"),
        (
            TAUGHT,
            page(TAUGHT, '{"instructor_pay":{"decimal":true}}'),
            "$.rows[0].instructor_pay.decimal",
            "is true, not a number",
        ),
        (
            TAUGHT,
            page(TAUGHT, '{"instructor_pay_rate":{"tiers":[{},{"per_customer_amount":{"amount":"much"}}]}}'),
            "$.rows[0].instructor_pay_rate.tiers[1].per_customer_amount.amount",
            "is 'much', not a number",
        ),
        (
            SESSIONS,
            page(SESSIONS, '{"venue":{"venue_rooms":[{"venue":{"id":"x"}}]}}'),
            "$.results[0].venue.venue_rooms[0].venue.id",
            "is 'x', not a whole number",
        ),
        (SESSIONS, page(SESSIONS, '{"venue":[1]}'), "$.results[0].venue", "is an array"),
        (SESSIONS, page(SESSIONS, '{"instructors":{}}'), "$.results[0].instructors", "is an object"),
        (STRIKES, page(STRIKES, '{"counts":5}'), "$.rows[0].counts", "is 5, not an object"),
    ],
)
def test_place(endpoint, body, path, says):
    """An error names the endpoint and the JSON path of what is wrong, says what is there, and quotes the beginning."""
    error = refused(endpoint, body)
    assert error.json_path == path
    assert f"{endpoint.name}: {path} " in str(error)
    assert says in str(error)
    assert error.excerpt == body.decode()[:199] + ("…" if len(body) > 200 else body.decode()[199:])
    assert error.retryable


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"rows":[{}]', b'{"rows":[NaN]}', b"\xff\xfe", b'{"rows":"\xff"}', b"[" * 100_000]
)
def test_no_json(body):
    """What is no JSON at all is said to be none, with its beginning; trying again may help."""
    error = refused(ATTENDANCES, body)
    assert str(error).startswith("the answer is not JSON that can be read (")
    assert error.json_path is None
    assert error.retryable


def test_fast_path_note():
    """An error of the exact path tells in a note what the fast path had said."""
    error = refused(ATTENDANCES, page(ATTENDANCES, '{"id":[]}'))
    assert error.__notes__[0].startswith("The fast path said: Expected `int | null`, got `array`")


HEADERS = json.dumps(
    [{"key": key} for key in ("customer.id", "count", "2024", "by.month", "by.week", "none", None)]
)


def test_counts():
    """Pivoted counts come from the keys of the headers, as keys of their own or as paths; absent ones are None."""
    rows = [
        '{"customer":{"id":1},"2024":5,"by.month":6,"by":{"week":7,"month":9}}',
        '{"2024":"8","by":3,"none":null}',
    ]
    first, second = decode(STRIKES, page(STRIKES, *rows, headers=HEADERS)).rows
    assert first.counts == {"2024": 5, "by.month": 6, "by.week": 7, "none": None}
    assert second.counts == {"2024": 8, "by.month": None, "by.week": None, "none": None}
    assert decode(STRIKES, page(STRIKES, '{"2024":4}')).rows[0].counts == {}

    # the same where the page needs the exact path
    (row,) = decode(STRIKES, page(STRIKES, '{"count":"1","2024":5.0}', headers=HEADERS)).rows
    assert (row.count, row.counts["2024"]) == (1, 5)


@pytest.mark.parametrize("value", ["1.5", '"many"', "[]", "{}", "true", "1e99", "1e99999999999999999999"])
def test_counts_that_are_none(value):
    """A pivoted count that is no whole number is an error with its place."""
    body = page(STRIKES, "{}", f'{{"by":{{"month":{value}}}}}', headers=HEADERS)
    error = refused(STRIKES, body)
    assert error.json_path == "$.rows[1].by.month"
    assert "not a whole number" in str(error)


def test_counts_are_the_sandbox_s_headers_too():
    """Headers that are the same on each page are read once."""
    body = page(ATTENDANCES, headers=HEADERS)
    assert decode(ATTENDANCES, body).headers is decode(ATTENDANCES, body).headers


def test_hide():
    """Fields that only the walk needed are taken out of sight."""
    rows = decode(ATTENDANCES, page(ATTENDANCES, '{"id":1,"status":"attended"}')).rows
    hide(rows, ("id",))
    assert (rows[0].id, rows[0].status) == (None, "attended")


def test_hide_in_objects():
    """Of an object that only the walk needed the id is left, or nothing if that was not asked for; what its class does
    not know goes, too. In an object that was asked for, only the field goes.
    """
    body = (
        b'{"count":4,"results":[{"id":1,"event":{"id":7,"starts_at":"2025-01-01T00:00:00Z","new":1},"more":2},'
        b'{"id":2,"event":{"starts_at":"2025-01-01T00:00:00Z"}},{"id":3,"event":9},{"id":4}]}'
    )
    rows = decode(LISTED, body, extra=True).rows
    hide(rows, ("event.starts_at",), ("event",))
    assert [row.event for row in rows] == [7, None, 9, None]
    assert dict(extra_fields(rows[0])) == {"more": 2}

    whole = decode(LISTED, body).rows
    hide(whole, ("event.starts_at",))
    assert [whole[0].event.id, whole[0].event.starts_at, whole[2].event, whole[3].event] == [7, None, 9, None]


def test_moments_are_aware():
    """A time with a zone is read with it."""
    (row,) = decode(ATTENDANCES, page(ATTENDANCES, '{"updated_at":"2024-07-29T15:51:28.071Z"}')).rows
    assert row.updated_at == datetime(2024, 7, 29, 15, 51, 28, 71000, UTC)
    assert Decimal(row.updated_at.microsecond) == 71000


def test_more_than_a_page_holds():
    """A page of ten thousand rows and more, or of a thousand columns and more, is refused, as are headers by the
    megabyte; large headers are read, but not remembered.
    """
    for read in (decode, structure_page):
        with pytest.raises(ResponseDecodeError, match=r"\$\.rows holds 10,001 rows, too many for a page"):
            read(ATTENDANCES, page(ATTENDANCES, *["{}"] * 10_001))
        with pytest.raises(ResponseDecodeError, match=r"\$\.column_headers holds 1,001 columns, too many"):
            read(ATTENDANCES, page(ATTENDANCES, headers=f"[{','.join(['{}'] * 1_001)}]"))
    with pytest.raises(ResponseDecodeError, match="holds more values than a page can"):
        decode(ATTENDANCES, b'{"rows":[' + b"{}," * 1_000_000 + b"{}]}")
    large = page(ATTENDANCES, headers=json.dumps([{"label": "x" * 200_000}]))
    assert decode(ATTENDANCES, large).headers == decode(ATTENDANCES, large).headers
    assert decode(ATTENDANCES, large).headers is not decode(ATTENDANCES, large).headers


@attrs.frozen(slots=False)
class Tagged:
    """A row of an endpoint of one's own, with a list of texts, which no documented endpoint has."""

    tags: tuple[str, ...] = ()
    id: int | None = None


def test_lists_of_texts():
    """Items that are no text, and can't be read as one, have their place."""
    tagged = attrs.evolve(TAUGHT, row=Tagged)
    (only,) = decode(tagged, page(tagged, '{"tags":["a",2,true]}')).rows
    assert only.tags == ("a", "2", "true")
    assert refused(tagged, page(tagged, '{"tags":["a",{}]}')).json_path == "$.rows[0].tags[1]"
