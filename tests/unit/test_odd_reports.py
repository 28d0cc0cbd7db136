"""What is odd about some reports: objects that are one column, columns that only an answer names, text for numbers."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from teamup_async import Endpoint, QueryError, endpoint_named
from teamup_async._decoding.exact import structure_page
from teamup_async._decoding.fast import decode
from teamup_async.endpoints import ENDPOINTS
from teamup_async.reports.customers import CUSTOMERS, Customer, CustomerAddress, CustomersQuery
from teamup_async.reports.invoices import INVOICES, INVOICES_GROUPED
from teamup_async.rows import flattener, leaf_paths, run_time_field, sortable_paths
from teamup_async.sinks.schema import ListOf, Scalar, Struct, pivot_keys, schema_for

both_paths = pytest.mark.parametrize("read", [decode, structure_page])


def page(rows: list[dict[str, Any]], headers: list[str] | None = None) -> bytes:
    """An answer of a report."""
    heads = [{"key": key, "label": key, "sortable": True} for key in headers or ()]
    return json.dumps({"total": len(rows), "rows": rows, "column_headers": heads}).encode()


def test_one_column() -> None:
    """An object that the report has as one column is one path, and a column of its own in a table."""
    assert {"address", "latest_registration"} < set(leaf_paths(Customer))
    assert {"family.id", "emergency_contact.phone"} < set(leaf_paths(Customer))
    assert CUSTOMERS.leaves(["address", "family"]) == (
        "address",
        "family.id",
        "family.name",
        "family.role",
        "family.managers",
    )
    row = Customer(address=CustomerAddress(city="Leeds"))
    assert flattener(Customer, ("address",))(row) == (CustomerAddress(city="Leeds"),)
    schema = schema_for(CUSTOMERS, CustomersQuery(columns=["address", "family.managers"]))
    assert schema.names == ("address", "family.managers")
    assert isinstance(schema.columns[0].type, Struct)
    assert isinstance(schema.columns[1].type, ListOf)


def test_sortable() -> None:
    """Columns of one plain value can be sorted by; lists, money and objects can't be counted on."""
    sortable = sortable_paths(Customer)
    assert {"id", "email", "family.id", "date_of_birth", "is_lead"} < sortable
    assert sortable.isdisjoint(
        {"address", "account_credit_balance", "active_customer_memberships", "family.managers"}
    )


def test_columns_named_at_run_time() -> None:
    """The fields that a studio adds to its customers come under the keys that the answer names, whatever they hold."""
    rows = [{"id": 1, "shoe size": 9.5, "vip": True, "nested": {"key": "x"}}, {"id": 2, "vip": None}]
    body = page(rows, ["id", "shoe size", "vip", "nested.key"])
    first, second = decode(CUSTOMERS, body).rows
    assert first.extra_customer_fields == {"shoe size": 9.5, "vip": True, "nested.key": "x"}
    assert second.extra_customer_fields == {"shoe size": None, "vip": None, "nested.key": None}
    (plain,) = decode(CUSTOMERS, page([{"id": 3}], ["id"])).rows
    assert plain.extra_customer_fields == {}
    assert run_time_field(Customer) == "extra_customer_fields"

    keys = pivot_keys(CUSTOMERS, ("id", "shoe size", "vip"))
    schema = schema_for(CUSTOMERS, CustomersQuery(columns=["id"]), keys)
    assert schema.names == ("id", "shoe size", "vip")
    assert schema.columns[1].type == Scalar("json")
    assert flattener(Customer, ("id", "vip"))(first) == (1, True)


@both_paths
def test_text_for_numbers(read: Any) -> None:
    """An amount whose digits are sent as text is a decimal all the same; a count that is text stays what it is."""
    body = page([{"id": 1, "charges": [{"amount": {"decimal": "12.50", "currency": "GBP"}}]}])
    (row,) = read(INVOICES, body).rows
    assert row.charges[0].amount.decimal == Decimal("12.50")
    (group,) = read(INVOICES_GROUPED, page([{"status": "open", "count": "3"}])).rows
    assert group.count == "3"


@both_paths
def test_free_form(read: Any) -> None:
    """An object without documented fields is kept as it came."""
    sent = {"old": {"id": 1}, "tags": ["a", None]}
    (row,) = read(INVOICES, page([{"id": 1, "legacy_mapping": sent}])).rows
    assert row.legacy_mapping == sent
    (empty,) = read(INVOICES, page([{"id": 1, "legacy_mapping": None}])).rows
    assert empty.legacy_mapping is None
    query = INVOICES.make_query({"columns": ["id", "legacy_mapping"]})
    assert schema_for(INVOICES, query).columns[1].type == Scalar("json")


@pytest.mark.parametrize(
    "name", ["invoices", "invoices.grouped", "invoice_line_items", "invoice_line_items.grouped"]
)
def test_pages_without_bounds(name: str) -> None:
    """Some documents state no bounds for pages by offset; those for numbered pages stay."""
    limits = {parameter.name: parameter for parameter in endpoint_named(name).parameters}
    assert (limits["limit"].maximum, limits["limit"].default, limits["offset"].minimum) == (None, 50, None)
    assert limits["page_size"].maximum == 100


def test_days() -> None:
    """A day is a date, not a time, and is sent as such."""
    holds = endpoint_named("customer_membership_holds")
    assert holds.make_query({"updated_at_gte": date(2025, 1, 31)})
    with pytest.raises(QueryError, match="updated_at_gte must be a date"):
        holds.make_query({"updated_at_gte": "2025-01-31"})


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.grouped], ids=lambda endpoint: endpoint.name)
def test_measures(endpoint: Endpoint[..., Any]) -> None:
    """Every grouped report says what is computed for each group; the rest of its columns are what it groups by."""
    assert endpoint.measures
    assert set(endpoint.measures) < set(endpoint.paths)
    assert "count" in endpoint.measures or "count" not in endpoint.paths
