"""Answers in other words than the documented ones become the same rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from teamup_async._decoding.exact import structure_page
from teamup_async._decoding.fast import decode, decode_object
from teamup_async._decoding.wording import documented, object_documented
from teamup_async.endpoints import endpoint_named
from teamup_async.errors import ResponseDecodeError
from teamup_async.objects import Money

ATTENDANCES = endpoint_named("attendances")
INVOICES = endpoint_named("invoices")
HOLDS = endpoint_named("customer_membership_holds")
EVENTS = endpoint_named("events")
MEMBERSHIPS = endpoint_named("memberships")
NESTED = {
    "id": 7,
    "customer": {"id": 1, "name": "Ada"},
    "customer_membership": {"id": 3, "membership": {"id": 4, "name": "Gold"}},
    "checkin": None,
    "status": "attended",
}
DOTTED = {
    "id": 7,
    "customer.id": 1,
    "customer.name": "Ada",
    "customer_membership.id": 3,
    "customer_membership.membership.id": 4,
    "customer_membership.membership.name": "Gold",
    "checkin.ocurred_at": None,
    "status": "attended",
}
FLAT = {
    "id": 7,
    "customer_id": 1,
    "customer_name": "Ada",
    "customer_membership_id": 3,
    "membership_id": 4,
    "membership_name": "Gold",
    "checkin_ocurred_at": None,
    "status": "attended",
}


def page(*rows: Any, headers: tuple[str, ...] = (), name: str = "rows") -> bytes:
    heads = [{"label": key, "key": key, "sortable": True} for key in headers]
    return json.dumps({"total": len(rows), "column_headers": heads, name: list(rows)}).encode()


@pytest.mark.parametrize("row", [DOTTED, FLAT])
def test_names_of_rows(row: Any) -> None:
    """Rows with dotted or flat names are the rows of nested ones, with nothing left over."""
    expected = decode(ATTENDANCES, page(NESTED))

    assert decode(ATTENDANCES, page(row)) == expected
    assert expected.unknown == ()
    assert expected.rows[0].customer_membership.membership.name == "Gold"


def test_a_first_row_that_tells_nothing() -> None:
    """Flat names are found in later rows, where the first one has no value for them."""
    rows = decode(ATTENDANCES, page({"id": 1}, {"id": 2, "checkin_ocurred_at": "2025-01-01T00:00:00Z"})).rows

    assert rows[0].checkin is None
    assert rows[1].checkin.ocurred_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert decode(ATTENDANCES, page({"id": 1}, headers=("customer_name",))).rows[0].id == 1


def test_names_of_headers() -> None:
    """The keys of headers are dotted paths, whatever was sent; on the exact path, too."""
    for row in ({"id": 1}, {"id": "1"}):
        headers = decode(ATTENDANCES, page(row, headers=("id", "membership_name", "more"))).headers
        assert [header.key for header in headers] == ["id", "customer_membership.membership.name", "more"]
    assert structure_page(ATTENDANCES, page(headers=("customer_id",))).headers[0].key == "customer.id"
    assert decode(ATTENDANCES, b'{"rows": [], "column_headers": [{"label": "x"}]}').headers[0].key is None


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2025-01-31T09:00:00Z", datetime(2025, 1, 31, 9, tzinfo=UTC)),
        ("2025-01-31T10:00:00+01:00", datetime(2025, 1, 31, 9, tzinfo=UTC)),
        ("2025-01-31T09:00:00", datetime(2025, 1, 31, 9, tzinfo=UTC)),
        ("2025-01-31T09:00:00.250", datetime(2025, 1, 31, 9, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_moments(sent: str, expected: datetime) -> None:
    """A moment without an offset is one of UTC; in objects and lists, too."""
    row, event = {"id": 1, "event": {"starts_at": sent}}, {"id": 1, "starts_at": sent}
    assert decode(ATTENDANCES, page(row)).rows[0].event.starts_at == expected
    assert decode(EVENTS, page(event, name="results")).rows[0].starts_at == expected
    assert decode_object(EVENTS, json.dumps(event).encode()).starts_at == expected
    charged = decode(INVOICES, page({"charges": [{"created_at": sent}]})).rows[0].charges
    assert charged[0].created_at == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"amount": "22.50", "currency": "gbp"}, Money(decimal=Decimal("22.50"), iso_currency_code="gbp")),
        ({"amount": 22.50}, Money(decimal=Decimal("22.50"))),
        ("22.50", Money(decimal=Decimal("22.50"))),
        (22.5, Money(decimal=Decimal("22.5"))),
        (None, None),
    ],
)
def test_amounts(sent: Any, expected: Money | None) -> None:
    """Amounts are read from all forms, with their digits."""
    row = {"id": 1, "credit_amount": sent, "customer": {"id": 4}}
    assert decode(HOLDS, page(row)).rows[0].credit_amount == expected
    mixed = decode(
        INVOICES, page({"total_amount": sent, "applied_credits": [], "charges": [{"amount": sent}]})
    )
    assert mixed.rows[0].total_amount == expected
    if expected is not None:
        assert mixed.rows[0].charges[0].amount.decimal == expected.decimal


def test_amounts_of_objects() -> None:
    """Amounts in the objects of a list are read from all forms; a list that sent only ids is not searched."""
    sent = {"id": 1, "price": "9.50"}
    assert decode(MEMBERSHIPS, page(sent, name="results")).rows[0].price.decimal == Decimal("9.50")
    assert decode_object(MEMBERSHIPS, json.dumps(sent).encode()).price.decimal == Decimal("9.50")
    ids = {"id": 1, "offering_type": 2, "small_session_attendances": [], "name": '"amount": 1'}
    assert decode(EVENTS, page(ids, name="results")).rows[0].offering_type == 2


@pytest.mark.parametrize("amount", [[], True, {"price": 4, "decimal": []}])
def test_what_is_no_amount(amount: Any) -> None:
    """What can't be an amount is still an error with its place."""
    body = page({"total_amount": amount, "due_date": "2025-01-01", "tax_amount": 4})
    with pytest.raises(ResponseDecodeError) as refused:
        decode(INVOICES, body)
    assert str(refused.value.json_path).startswith("$.rows[0].total_amount")


@pytest.mark.parametrize("body", [b"[]", b'{"rows": 1}', b'{"rows": [1, {"customer": 2, "instructors": 3}]}'])
def test_other_shapes_are_left(body: bytes) -> None:
    """What is no page of rows stays what it is: the decoder names its place."""
    assert json.loads(documented(ATTENDANCES, body)) == json.loads(body)
    assert object_documented(ATTENDANCES, b"4") == b"4"
