"""Pages decoded for columns: twins of rows that hold the same, and rows wherever a twin would not."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teamup_async import ENDPOINTS, Endpoint, ResponseDecodeError, endpoint_named
from teamup_async._decoding.columns import decode_columns
from teamup_async._decoding.fast import decode, hide
from teamup_async._decoding.page import Decoded
from teamup_async._decoding.twins import twins_of
from teamup_async._walking.plan import Plan, plan
from teamup_async.envelope import REPORT
from teamup_async.objects import Named
from teamup_async.query import Query
from teamup_async.sinks.extract import values_by_row
from teamup_async.sinks.schema import Schema, schema_for, with_extra
from tests.unit.json_rows import page_of

ATTENDANCES = endpoint_named("attendances")
CUSTOMERS = endpoint_named("customers")
FIELD_VALUES = endpoint_named("customer_field_values")
LONGEST = 2_000_000


def body_of(endpoint: Endpoint[..., Any], *rows: Any, **more: Any) -> bytes:
    return json.dumps({endpoint.envelope.rows: rows, **more}).encode()


def straight(endpoint: Endpoint[..., Any], body: bytes, *, extra: bool = False, **query: Any) -> Decoded[Any]:
    return decode_columns(endpoint, schema_of(endpoint, **query), ("id",), body, extra=extra)


def schema_of(endpoint: Endpoint[..., Any], **query: Any) -> Schema:
    return schema_for(endpoint, endpoint.query(**query))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_an_empty_row_is_the_empty_row(endpoint: Endpoint[..., Any]) -> None:
    """A twin without any field sent has the values of a row without any, in all columns."""
    query = {"columns": endpoint.columns} if endpoint.grouped else {}
    schema = schema_of(endpoint, **query)
    body = body_of(endpoint, {})

    page = straight(endpoint, body, **query)

    assert page.twins
    assert list(values_by_row(schema, page.rows)) == list(values_by_row(schema, decode(endpoint, body).rows))


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_same_values(data: st.DataObject) -> None:
    """Rows made from the types of their fields have the same values on both ways, or the same error."""
    endpoint = data.draw(st.sampled_from([each for each in ENDPOINTS if not each.grouped]))
    body = data.draw(page_of(endpoint)).encode()
    schema = schema_of(endpoint)

    def outcome(read: Any) -> Any:
        try:
            page = read()
        except ResponseDecodeError as error:
            return str(error)
        return repr([list(values_by_row(schema, page.rows)), page.total, page.headers, page.unknown])

    assert outcome(lambda: decode(endpoint, body)) == outcome(lambda: straight(endpoint, body))


def test_only_what_is_asked_for() -> None:
    """A twin has the fields of the columns, with real times; what else the row class has is as if not sent."""
    row = {"id": 7, "updated_at": "2025-01-31T18:00:00Z", "customer": {"id": 5}}
    body = body_of(ATTENDANCES, row, total=1, column_headers=[{"key": "id"}])

    page = straight(ATTENDANCES, body, columns=["updated_at", "customer_id"])

    assert page.twins
    [twin] = page.rows
    assert (twin.id, twin.customer.id, twin.customer.name, twin.instructors) == (7, 5, None, ())
    assert twin.updated_at == decode(ATTENDANCES, body).rows[0].updated_at
    assert (page.total, page.headers[0].key, page.unknown) == (1, "id", ())


@pytest.mark.parametrize(
    ("columns", "key"), [(["id"], "event.starts_at"), (["event"], "event.starts_at"), (["id"], "gone")]
)
def test_what_the_walk_looks_at(columns: list[str], key: str) -> None:
    """Fields that the walk looks at are there, in objects too; a strict twin takes a page that holds them."""
    schema = schema_of(ATTENDANCES, columns=columns)
    body = body_of(ATTENDANCES, {"id": 7, "event": {"starts_at": "2025-01-31T18:00:00Z"}})

    [twin] = decode_columns(ATTENDANCES, schema, ("id", key), body).rows

    assert twin.event.starts_at == decode(ATTENDANCES, body).rows[0].event.starts_at
    assert list(values_by_row(schema, [twin])) == list(values_by_row(schema, decode(ATTENDANCES, body).rows))


def test_keys_below_a_column() -> None:
    """A column that is a value of its own stays one, also where the walk looks for something in it."""
    sessions = endpoint_named("course_sessions")
    schema, body = schema_of(sessions), body_of(sessions, {"id": 1, "venue": 5})

    [twin] = decode_columns(sessions, schema, ("id", "venue.id"), body).rows

    assert twin.venue == 5


def test_a_new_field() -> None:
    """A field that nobody knows is told and passed over, as by rows; where it is to be kept, the page becomes rows."""
    body = body_of(ATTENDANCES, {"id": 7, "mood": "good", "customer": {"shoe": 43}})

    dropped, kept = straight(ATTENDANCES, body), straight(ATTENDANCES, body, extra=True)
    nothing_new = straight(ATTENDANCES, body_of(ATTENDANCES, {"id": 7}), extra=True)

    assert (dropped.twins, dropped.unknown) == (True, ("mood", "customer.shoe"))
    assert (kept.twins, kept.unknown) == (False, dropped.unknown)
    assert nothing_new.twins


def test_flat_names() -> None:
    """A page that names its columns flat goes by way of rows, which know these names."""
    body = body_of(ATTENDANCES, {"id": 1, "customer_id": 5, "status": "attended"})

    page = straight(ATTENDANCES, body)

    assert not page.twins
    assert (page.rows[0].customer.id, page.rows[0].status) == (5, "attended")


def test_objects_that_stay_objects() -> None:
    """An object that becomes JSON in its column is left to its class, and what is new in it is told."""
    body = body_of(FIELD_VALUES, {"id": 1, "value": {"new": 3}})

    page = straight(FIELD_VALUES, body)

    assert page.twins
    assert page.unknown == decode(FIELD_VALUES, body).unknown == ("value.new",)
    assert not straight(FIELD_VALUES, body, extra=True).twins


@pytest.mark.parametrize(
    "row",
    [{"id": "7"}, {"id": 7.0}, {"customer": None}, {"updated_at": "20250131T180000Z"}, {"status": 5}],
    ids=str,
)
def test_rows_in_doubt(row: dict[str, Any]) -> None:
    """Another value than declared (a number as text, a null object) goes the way of rows, which may take it."""
    body = body_of(ATTENDANCES, row)

    page = straight(ATTENDANCES, body)

    assert not page.twins
    assert page == decode(ATTENDANCES, body)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"rows":5}', b'{"rows":[{"id":{}}]}', b'{"rows":[],"total":-1}', b'{"rows":[{"id":1}]',
     b'{"rows":[{"a":' + b"[" * 100_000, b'{"rows":["\xff"]}', b'{"rows":[],"column_headers":[5]}',
     b"[" + b"0," * LONGEST + b"0]"],
    ids=range(11),
)  # fmt: skip
def test_refused_alike(body: bytes) -> None:
    """What is no page is refused with the words of the way of rows."""
    with pytest.raises(ResponseDecodeError) as straight_away:
        straight(ATTENDANCES, body)
    with pytest.raises(ResponseDecodeError) as by_rows:
        decode(ATTENDANCES, body)

    assert str(straight_away.value) == str(by_rows.value)
    assert straight_away.value.json_path == by_rows.value.json_path


def test_columns_that_only_a_page_tells() -> None:
    """A report with custom columns goes the way of rows, which keeps them."""
    own = body_of(CUSTOMERS, {"id": 1}, column_headers=[{"key": "id"}, {"key": "shoe_size"}])

    assert not straight(CUSTOMERS, own).twins
    assert straight(CUSTOMERS, body_of(CUSTOMERS, {"id": 1}, column_headers=[{"key": "id"}])).twins


def test_what_the_walk_hides() -> None:
    """Twins are left as they are where rows have fields hidden: nobody sees more of them than the columns."""
    page = straight(ATTENDANCES, body_of(ATTENDANCES, {"id": 7}), columns=["status"])

    hide(page.rows, ("id",))

    assert page.rows[0].id == 7


@attrs.frozen
class Checked:
    """An object that looks at what it gets."""

    name: str = attrs.field(default="", validator=attrs.validators.max_len(3))


@attrs.frozen(slots=False)
class Own:
    """A row class of a user's."""

    id: int
    thing: Checked = Checked()
    venue: Named | None = None


@attrs.frozen(slots=False)
class Made:
    """A row class that makes a value for itself."""

    id: int | None = None
    tags: list[str] = attrs.field(factory=list[str])


@attrs.frozen(kw_only=True)
class AnyQuery(Query[Any]):
    """Parameters of nothing."""


def own(row: type[Any]) -> Endpoint[..., Any]:
    return Endpoint(name="own", title="Own", path="/own", query=AnyQuery, row=row, envelope=REPORT)


def test_classes_of_users() -> None:
    """A row class that checks, changes or makes values is no class for twins; a required field stays required."""
    endpoint, schema = own(Own), schema_for(own(Own), AnyQuery())
    fine = body_of(endpoint, {"id": 1, "thing": {"name": "abc"}})
    bad = body_of(endpoint, {"venue": {"id": 2}})

    [twin] = straight(endpoint, fine).rows

    assert type(twin.thing) is Checked
    assert list(values_by_row(schema, [twin])) == list(values_by_row(schema, decode(endpoint, fine).rows))
    with pytest.raises(ResponseDecodeError, match="id"):
        straight(endpoint, bad)
    assert twins_of(schema_for(own(Made), AnyQuery()), ("id",)) == ()
    assert not straight(own(Made), body_of(own(Made), {"id": 1})).twins


def walk(endpoint: Endpoint[..., Any], **options: Any) -> Plan[Any]:
    made: dict[str, Any] = {
        "by": None,
        "size": 100,
        "window": 8,
        "start": None,
        "on_drift": "heal",
        "timeout": None,
    }
    query = endpoint.query(**({"columns": endpoint.columns} if endpoint.grouped else {}))
    return plan(endpoint, query, **{**made, **options})


def test_walks_for_columns() -> None:
    """A walk gives twins where columns are wanted of it, but not where it compares whole rows with each other."""
    sessions = endpoint_named("course_sessions")
    body = body_of(sessions, {"id": 1, "starts_at": "2025-01-31T18:00:00Z"})
    schema = with_extra(schema_of(sessions))

    assert not walk(sessions).decode(body).twins
    assert walk(sessions).for_columns(schema).decode(body).twins
    assert not walk(sessions, confirm=True).for_columns(schema).decode(body).twins
