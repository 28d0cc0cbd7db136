"""Columns from row classes: names, types and order, without a row in sight; and values that do not fit."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pyarrow as pa
import pytest

from teamup_async import ENDPOINTS, endpoint_named
from teamup_async.objects import CustomerCard, Money, Named
from teamup_async.reports.attendances import (
    ATTENDANCES,
    Attendance,
    AttendedEvent,
    Checkin,
)
from teamup_async.reports.instructed_sessions import INSTRUCTED_SESSIONS, InstructedSession
from teamup_async.sinks import SinkError, sink_named
from teamup_async.sinks.columnar import ArrowBatch, arrow_schema
from teamup_async.sinks.jsonl import Jsonl
from teamup_async.sinks.schema import describe, schema_for

STRIKES, SESSIONS = endpoint_named("attendance_strikes.grouped"), endpoint_named("course_sessions")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_endpoint_has_columns(endpoint) -> None:
    """Each column has a type, for Arrow flat and nested; none repeats."""
    query = endpoint.query(columns=endpoint.columns) if endpoint.columns else endpoint.query()
    schema = schema_for(endpoint, query)

    assert len(set(schema.names)) == len(schema.names)
    assert arrow_schema(schema).names == list(schema.names)
    assert set(arrow_schema(schema, nested=True).names) <= {
        field.name for field in attrs.fields(endpoint.row)
    }


def test_types() -> None:
    """Ids are 64 bits, times have a zone, money is exact, lists hold structs."""
    flat = arrow_schema(schema_for(INSTRUCTED_SESSIONS, INSTRUCTED_SESSIONS.query()))

    assert flat.field("id").type == pa.int64()
    assert flat.field("hours").type == pa.float64()
    assert flat.field("instructor_pay.decimal").type == pa.decimal128(38, 10)
    assert flat.field("instructor_pay_rate.tiers").type.value_type.field("per_customer_amount").type == (
        pa.struct([("amount", pa.decimal128(38, 10)), ("currency", pa.string())])
    )
    attendances = arrow_schema(schema_for(ATTENDANCES, ATTENDANCES.query()))
    assert attendances.field("event.starts_at").type == pa.timestamp("us", tz="UTC")
    assert attendances.field("instructors").type == pa.list_(
        pa.struct([("id", pa.int64()), ("name", pa.string())])
    )


def test_only_what_was_asked_for() -> None:
    """`columns` choose, in their order, aliases resolved and objects spelled out; pivoted counts follow, each once."""
    chosen = schema_for(ATTENDANCES, ATTENDANCES.query(columns=["status", "venue", "customer_id"]))
    pivoted = schema_for(
        STRIKES, STRIKES.query(columns=["status", "count"]), ["2025-01", "status", "2025-01"]
    )

    assert chosen.names == ("status", "venue.id", "venue.name", "customer.id")
    assert pivoted.names == ("status", "count", "2025-01")


def test_expanded() -> None:
    """A reference is an id until it is expanded; what can't be a column of one type is JSON."""
    plain = dict(schema_for(SESSIONS, SESSIONS.query()).to_json())
    query = SESSIONS.query(expand=["venue", "instructors", "course.course_sessions"])
    expanded = dict(schema_for(SESSIONS, query).to_json())

    assert (plain["venue"], plain["instructors"], plain["course"]) == ("integer", "string", "integer")
    assert "venue" not in expanded
    assert expanded["venue.physical_address"].startswith("struct<street: string")
    assert expanded["instructors"].startswith("list<struct<id: integer")
    assert expanded["course.course_sessions"] == "list<json>"


def batch_of(endpoint, rows, *, nested=False, **query) -> pa.Table:
    """Rows as an Arrow table."""
    batch = ArrowBatch(schema_for(endpoint, endpoint.query(**query)), nested=nested)
    batch.add(rows)
    return pa.Table.from_batches(batch.finish())


ROW = Attendance(
    id=2**53 + 1,
    updated_at=datetime(2025, 1, 31, 18, 0, 0, 123456, tzinfo=UTC),
    customer=CustomerCard(id=1, name="Zoë"),
    event=AttendedEvent(starts_at=datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    instructors=(Named(1, "A"), Named(2, None)),
    checkin=Checkin(ocurred_at=None),
)


def test_values() -> None:
    """Nothing is lost or rounded: large ids, microseconds, times before 1970, lists, what is missing."""
    [row] = batch_of(ATTENDANCES, [ROW]).to_pylist()

    assert row["id"] == ROW.id
    assert row["updated_at"] == ROW.updated_at
    assert row["event.starts_at"] == ROW.event.starts_at
    assert row["instructors"] == [{"id": 1, "name": "A"}, {"id": 2, "name": None}]
    assert row["customer_membership.membership.name"] is None


def test_nested() -> None:
    """Nested, an object that is missing is null, and one that is empty is not."""
    first, second = batch_of(ATTENDANCES, [ROW, attrs.evolve(ROW, checkin=None)], nested=True).to_pylist()

    assert first["customer"] == {"id": 1, "name": "Zoë", "email": None, "thumbnail_url": None}
    assert (first["checkin"], second["checkin"]) == ({"ocurred_at": None}, None)
    assert first["customer_membership"] is None


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (attrs.evolve(ROW, id=2**63), "id"),
        (attrs.evolve(ROW, id="7"), "id"),
        (attrs.evolve(ROW, updated_at=datetime(2025, 1, 1)), "updated_at"),
        (attrs.evolve(ROW, customer=7), "customer"),
        (attrs.evolve(ROW, status="\ud800"), "status"),
    ],
)
def test_values_that_do_not_fit(row, column: str) -> None:
    """A value that a column can't hold is an error that names the column; it is not bent or dropped."""
    with pytest.raises(SinkError, match=rf"column {column}"):
        batch_of(ATTENDANCES, [row])


def test_decimals() -> None:
    """Money is exact, and refused where it would have to be rounded."""
    good = InstructedSession(id=1, instructor_pay=Money(decimal=Decimal("35.7500000001")))
    fine = InstructedSession(id=1, instructor_pay=Money(decimal=Decimal("0.00000000001")))

    assert batch_of(INSTRUCTED_SESSIONS, [good]).to_pylist()[0]["instructor_pay.decimal"] == Decimal(
        "35.7500000001"
    )
    with pytest.raises(SinkError, match=r"column instructor_pay\.decimal"):
        batch_of(INSTRUCTED_SESSIONS, [fine])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0E-99999999", "0"),
        ("0E+99999999", "0"),
        ("1." + 5000 * "0", "1"),
        ("10E-11", "0.0000000001"),
        ("1E+27", "1" + 27 * "0"),
        ("1E+28", None),
        ("1E-99999999", None),
        ("1E+99999999", None),
        (40 * "9", None),
        ("NaN", None),
        ("sNaN", None),
        ("-Infinity", None),
    ],
)
def test_amounts_of_odd_sizes(sent: str, kept: str | None) -> None:
    """An amount with any exponent is kept exactly, or refused: Arrow alone would crash, or find another number."""
    row = InstructedSession(id=1, instructor_pay=Money(decimal=Decimal(sent)))
    if kept is None:
        with pytest.raises(SinkError, match=r"column instructor_pay\.decimal"):
            batch_of(INSTRUCTED_SESSIONS, [row])
    else:
        assert batch_of(INSTRUCTED_SESSIONS, [row]).to_pylist()[0]["instructor_pay.decimal"] == Decimal(kept)


def test_jsonl_is_nested(tmp_path) -> None:
    """JSON lines have the shape that TeamUp sends, of the columns asked for."""
    sink = Jsonl(tmp_path)
    batch = sink.batch(schema_for(ATTENDANCES, ATTENDANCES.query(columns=["id", "customer_name", "checkin"])))
    batch.add([ROW])

    assert json.loads(batch.content()) == {
        "id": ROW.id,
        "customer": {"name": "Zoë"},
        "checkin": {"ocurred_at": None},
    }


def test_describe() -> None:
    """Types in words, as checkpoints hold them."""
    assert describe(schema_for(ATTENDANCES, ATTENDANCES.query()).columns[14].type) == (
        "list<struct<id: integer, name: string>>"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("duckdb:gym.duckdb", "duckdb:gym.duckdb"),
        ("data/x.parquet", "parquet:data/x.parquet"),
        ("gym.db", "sqlite:gym.db"),
        ("jsonl:data", "jsonl:data"),
    ],
)
def test_names(text: str, name: str) -> None:
    """Places by format or by suffix."""
    assert sink_named(text).name == name


def test_unknown_names() -> None:
    """What is no format says what is, and what was probably meant."""
    with pytest.raises(ValueError, match="did you mean parquet:data"):
        sink_named("parket:data")
    with pytest.raises(ValueError, match=r"no ending: use one of \.jsonl"):
        sink_named("data")
