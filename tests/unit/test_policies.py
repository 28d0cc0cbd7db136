"""Small pure parts: retry policy, error bodies, Retry-After, plans without a sort, the throttle's gate."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async import ConfigurationError, RetryPolicy, Throttle
from teamup_async._http.answer import Answer, error_from, retry_after
from teamup_async._http.policy import OncePolicy
from teamup_async._http.redact import excerpt
from teamup_async._http.retry import RetryBudget
from teamup_async._walking.plan import plan
from teamup_async._walking.position import first_position, page_reaching_past
from teamup_async._walking.seams import ByEquality, ByTime
from teamup_async.auth import Credentials
from teamup_async.dialect import Dialect
from teamup_async.errors import (
    BadRequestError,
    ConnectionFailedError,
    QueryError,
    RateLimitError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    StatusError,
)
from teamup_async.lists.attendances import ATTENDANCES as LISTED
from teamup_async.lists.attendances import AttendancesQuery as ListedQuery
from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSessionsQuery
from teamup_async.lists.external_calendars import EXTERNAL_CALENDARS_EVENTS
from teamup_async.lists.invoices import INVOICES
from teamup_async.reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED, AttendanceStrikesGroupedQuery
from teamup_async.reports.attendances import ATTENDANCES, AttendancesQuery
from tests.http.clock import Simulated

EPOCH = 1_760_000_000.0


@pytest.mark.parametrize(
    "settings", [{"attempts": 0}, {"rate_limits": -1}, {"base": -1.0}, {"base": 5.0, "maximum": 1.0}]
)
def test_policies_refused(settings):
    """A policy that can't be followed is refused."""
    with pytest.raises(ConfigurationError, match="attempts must be 1 or more"):
        RetryPolicy(**settings)
    with pytest.raises(ConfigurationError, match="patience must be 0 seconds or more"):
        RetryPolicy(patience=-1.0)


def test_once():
    """What must not be carried out twice is sent again only after a 429, with the settings of the policy."""
    policy = OncePolicy.like(RetryPolicy(attempts=7, patience=3.0))

    assert (policy.attempts, policy.patience) == (7, RetryPolicy.patient(3.0).patience)
    assert policy.retryable(RateLimitError("slow down", status=429))
    assert not policy.retryable(ServerError("down", status=503))


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConnectionFailedError("x"), True),
        (ConnectionFailedError("x", retryable=False), False),
        (RequestTimeoutError("x"), True),
        (RateLimitError("x", status=429), True),
        (ServerError("x", status=503), True),
        (ServerError("x", status=501), False),
        (BadRequestError("x", status=400), False),
        (ResponseDecodeError("x", retryable=True), True),
        (ResponseDecodeError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_what_is_tried_again(error, again):
    """What may pass by itself is tried again; what says no is not."""
    assert RetryPolicy().retryable(error) is again


@given(failures=st.integers(1, 60), base=st.floats(0, 10), more=st.floats(0, 100))
def test_backoff(failures, base, more):
    """Waits are random between nothing and a bound that doubles, up to the maximum: full jitter."""
    policy = RetryPolicy(base=base, maximum=base + more)
    assert 0 <= policy.backoff(failures) <= min(policy.maximum, base * 2 ** (failures - 1))


def test_budget():
    """A purse empties by retries and fills by successes; without a size it has no bottom."""
    purse = RetryBudget(2)
    assert [purse.spend(), purse.spend(), purse.spend()] == [True, True, False]
    for _ in range(5):
        purse.earn()
    assert [purse.spend(), purse.spend()] == [True, False]
    for _ in range(50):
        purse.earn()
    assert [purse.spend(), purse.spend(), purse.spend()] == [True, True, False]
    bottomless = RetryBudget(None)
    bottomless.earn()
    assert all(bottomless.spend() for _ in range(1000))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("  ", None),
        ("7", 7.0),
        (" 2.5 ", 2.5),
        ("-4", 0.0),
        ("1e9", 3600.0),
        ("nan", None),
        ("soon", None),
        (formatdate(EPOCH + 90, usegmt=True), 90.0),
        (formatdate(EPOCH - 90, usegmt=True), 0.0),
        ("Wed, 99 Foo 2025 00:00:00 GMT", None),
    ],
)
def test_retry_after(value, seconds):
    """Seconds or a date; anything else says nothing. Never more than an hour."""
    assert retry_after(value, EPOCH) == seconds


def answer(status: int, body: Any, kind: str = "application/json") -> Answer:
    return Answer(status, kind, "", body if isinstance(body, bytes) else json.dumps(body).encode())


def test_documented_errors():
    """The documented envelope becomes the exception's code, message, type and field errors."""
    body = {
        "code": "invalid",
        "message": "Not good.",
        "type": "invalid_request_error",
        "field_errors": {"columns": ["Unknown.", "Too many."], "non_field_errors": "Odd."},
    }
    error = error_from(answer(400, body), EPOCH)
    assert isinstance(error, BadRequestError)
    assert (error.status, error.code, error.message, error.type) == (
        400, "invalid", "Not good.", "invalid_request_error",
    )  # fmt: skip
    assert error.field_errors == {"columns": ("Unknown.", "Too many."), "non_field_errors": ("Odd.",)}
    assert "columns: Unknown.; Too many." in str(error)


def test_each_thing_once():
    """An error whose fields are all that it says, as Django REST framework sends it, says them once."""
    error = error_from(answer(400, {"venue": ["Unknown."], "status": ["Odd."]}), EPOCH)
    assert error.field_errors == {"venue": ("Unknown.",), "status": ("Odd.",)}
    assert str(error).count("Unknown") == str(error).count("Odd") == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[1]", b'{"code": [1], "field_errors": [2]}', b"\xff\xfe", b"[" * 100_000]
)
def test_other_errors(body):
    """Whatever an error's body holds, the status decides and a bounded piece is quoted."""
    error = error_from(answer(502, body), EPOCH)
    assert isinstance(error, ServerError)
    assert (error.code, error.field_errors) == (None, {})
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("status", "kind", "body", "expected"),
    [
        (200, "application/json; charset=utf-8", b"{}", None),
        (200, "", b"{}", None),
        (200, "application/vnd.api+json", b"{}", None),
        (200, "text/html", b"<p>", ResponseDecodeError),
        (200, "application/json", b"", ResponseDecodeError),
        (301, "text/html", b"", StatusError),
        (204, "application/json", b"", StatusError),
    ],
)
def test_successes(status, kind, body, expected):
    """A success is a 200 with a JSON body, and nothing else."""
    error = error_from(answer(status, body, kind), EPOCH)
    assert (error is None) if expected is None else isinstance(error, expected)


@given(st.binary())
def test_excerpts(body):
    """An excerpt is short and printable, whatever the bytes."""
    text = excerpt(body)
    assert len(text) <= 200
    assert all(c.isprintable() for c in text)


DEFAULT = Dialect()


def planned(endpoint: Any, query: Any, by: Any = None, start: Any = None, dialect: Dialect = DEFAULT) -> Any:
    return plan(
        endpoint,
        query,
        by=by,
        size=100,
        window=4,
        start=start,
        on_drift="heal",
        timeout=None,
        dialect=dialect,
    )


def test_plans_in_a_dialect():
    """Lists of values go out as the dialect says, and columns by their flat names where it takes only these."""
    query = AttendancesQuery(columns=["id", "customer"], sort=["-event.id"], status=["attended", "no_show"])
    pairs = planned(
        ATTENDANCES, query, dialect=Dialect(column_names="flat", arrays="comma", list_arrays="brackets")
    ).pairs
    assert dict(pairs)["columns"] == "id,customer"
    assert dict(pairs)["sort"] == "-event_id,id"
    assert dict(pairs)["status"] == "attended,no_show"
    listed = planned(
        COURSE_SESSIONS, CourseSessionsQuery(venues=[1, 2]), dialect=Dialect(list_arrays="brackets")
    )
    assert [name for name, _ in listed.pairs if "venues" in name] == ["venues[]"] * 2
    assert planned(ATTENDANCES, query).dialect == Dialect()


def test_plans_without_a_sort():
    """An empty sort sends none, and pages must repeat their last row; else the sort is the walk's."""
    grouped = planned(ATTENDANCE_STRIKES_GROUPED, AttendanceStrikesGroupedQuery(columns=["count"], sort=[]))
    listed = planned(COURSE_SESSIONS, CourseSessionsQuery(sort=[]))
    for route in (grouped, listed):
        assert isinstance(route.order, ByEquality)
        assert "sort" not in dict(route.pairs)
    assert dict(planned(COURSE_SESSIONS, CourseSessionsQuery()).pairs)["sort"] == "start"
    back = planned(COURSE_SESSIONS, CourseSessionsQuery(sort=["-start"]))
    assert back.order == ByTime("starts_at", descending=True)
    assert back.cursor == "starts_at_lte"
    customers = AttendanceStrikesGroupedQuery(columns=["customer", "count"], sort=["-count", "customer_name"])
    pairs = planned(ATTENDANCE_STRIKES_GROUPED, customers).pairs
    assert [v for k, v in pairs if k == "sort"] == [
        "-count", "customer.name", "customer.id", "customer.email",
    ]  # fmt: skip


def test_plans_with_a_key_in_an_object():
    """A walk asks for the object that its key lies in; the caller sees of it what the caller asked for."""
    key = "event.starts_at"
    plain = planned(LISTED, ListedQuery())
    assert dict(plain.pairs)["expand"] == "event"
    assert (plain.order, plain.cursor) == (ByTime(key), "event_starts_at_gte")
    assert (plain.hidden, plain.expanded) == ((), ("event",))
    few = planned(LISTED, ListedQuery(fields=["id", "status"], expand=["customer"]))
    assert dict(few.pairs)["fields"] == f"id,status,{key}"
    assert dict(few.pairs)["expand"] == "customer,event"
    assert (few.hidden, few.expanded) == ((key,), ("event",))
    asked = planned(LISTED, ListedQuery(fields=["id", "event"], expand=["event.venue"]))
    assert (dict(asked.pairs)["fields"], dict(asked.pairs)["expand"]) == ("id,event", "event.venue")
    assert (asked.hidden, asked.expanded) == ((), ())
    unsorted = planned(LISTED, ListedQuery(sort=[]))
    assert "expand" not in dict(unsorted.pairs)
    schema: Any = object()
    assert plain.for_columns(schema) is plain
    assert unsorted.for_columns(schema).schema is schema


def test_plans_that_cannot_be():
    """Ways to walk that an endpoint does not have, and positions of another way, are refused with what is allowed."""
    grouped = AttendanceStrikesGroupedQuery(columns=["count"])
    with pytest.raises(QueryError, match=r"by='id' \(its rows have no id\)\. Allowed: offset, page"):
        planned(ATTENDANCE_STRIKES_GROUPED, grouped, by="id")
    with pytest.raises(QueryError, match=r"course_sessions can't be walked by='offset'\. Allowed: page"):
        planned(COURSE_SESSIONS, CourseSessionsQuery(), by="offset")
    with pytest.raises(QueryError, match="by='id' reads rows sorted by id"):
        planned(ATTENDANCES, AttendancesQuery(columns=["id"], sort=["-id"]), by="id")
    with pytest.raises(QueryError, match="start comes from a walk by='page', not by='offset'"):
        planned(ATTENDANCE_STRIKES_GROUPED, grouped, by="offset", start=first_position("page", 100))
    assert planned(ATTENDANCE_STRIKES_GROUPED, grouped, start=first_position("page", 100)).first.by == "page"


def test_plans_by_id():
    """Rows with an id are sorted by it, or told apart by it; what was not asked for is hidden."""
    by_id = planned(ATTENDANCES, AttendancesQuery(columns=["status"]))
    assert (by_id.cursor, by_id.hidden) == ("id_gt", ("id",))
    again = by_id.first.entering(5)
    assert "id_gt=5" in by_id.query(again)
    assert "id_gt" not in by_id.query(by_id.first)
    own = planned(ATTENDANCES, AttendancesQuery(columns=["status"], sort=["status"]))
    assert [v for k, v in own.pairs if k == "sort"] == ["status", "id"]
    backwards = planned(ATTENDANCES, AttendancesQuery(columns=["id"], sort=["-id"]))
    assert [v for k, v in backwards.pairs if k == "sort"] == ["-id"]
    assert isinstance(backwards.order, ByEquality)


def test_plans_say_what_they_cannot_prove():
    """Only ids prove everything; what other orders can't prove is said, and how it can be had."""
    assert planned(ATTENDANCES, AttendancesQuery()).unproved is None
    grouped = planned(ATTENDANCE_STRIKES_GROUPED, AttendanceStrikesGroupedQuery(columns=["status", "count"]))
    by_count = planned(
        ATTENDANCE_STRIKES_GROUPED,
        AttendanceStrikesGroupedQuery(columns=["status", "count"], sort=["-count"]),
    )
    listed = planned(COURSE_SESSIONS, CourseSessionsQuery())
    unsorted = planned(COURSE_SESSIONS, CourseSessionsQuery(sort=[]))
    for route in (grouped, by_count, listed, unsorted):
        assert "confirm=True" in route.unproved
    assert "counts" in grouped.unproved
    assert "starts_at" in listed.unproved
    assert [route.ordered for route in (grouped, by_count, listed, unsorted)] == [True, False, True, False]
    assert [route.restarts for route in (grouped, by_count, listed, unsorted)] == [False, False, False, True]
    assert [route.moves for route in (grouped, by_count, listed, unsorted)] == [False, False, True, True]
    assert [route.grouped for route in (grouped, listed)] == [True, False]
    closures = planned(EXTERNAL_CALENDARS_EVENTS, EXTERNAL_CALENDARS_EVENTS.query())
    assert (closures.ordered, closures.restarts, closures.moves) == (False, False, False)
    assert "have no id" in closures.unproved
    invoices = planned(INVOICES, INVOICES.query(sort=["due_date"]))
    assert (invoices.ordered, invoices.restarts, dict(invoices.pairs)["sort"]) == (False, False, "due_date")


def test_tiny_pages():
    """Where a server gives tiny pages, less overlap must do."""
    assert page_reaching_past(5, 5, 5, 3) == page_reaching_past(5, 5, 5)


def test_digests_of_tokens():
    """Credentials can be told apart without showing the token."""
    one, same, other = (Credentials(token=token) for token in ("a", "a", "b"))
    assert one.digest == same.digest != other.digest
    assert one.digest != "a"


async def test_a_gate_of_its_own():
    """Only requests of the present generation open or close the gate; late answers change nothing."""
    clock = Simulated()
    throttle = Throttle(None, clock=clock)
    assert throttle.try_acquire()
    old = throttle.generation
    assert throttle.refused(old, None) == 5.0
    assert throttle.refused(old, None) == 5.0
    assert not throttle.try_acquire()
    throttle.ended(old, answered=True)
    assert not throttle.try_acquire()
    waited = await throttle.acquire()
    assert waited == 5.0 == throttle.waited
    assert throttle.refused(throttle.generation, 0.0) == pytest.approx(0.1)
    await throttle.acquire()
    throttle.ended(throttle.generation, answered=False)
    assert not throttle.try_acquire()
    await throttle.acquire()
    throttle.ended(throttle.generation, answered=True)
    assert throttle.try_acquire()
    assert throttle.now() == clock.time


@pytest.mark.parametrize("rate", [0, -1, 2.5])
def test_rates_refused(rate):
    """A throttle for no requests at all is refused; None is the way to leave the quota to the server."""
    with pytest.raises(ConfigurationError, match="rate must be a whole number of 1 or more"):
        Throttle(rate)
