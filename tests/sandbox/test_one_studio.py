"""Everything is about one studio: a report's numbers agree with its list, and with its grouped twin."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from teamup_async.endpoints import endpoint_named
from teamup_async.sandbox import Sandbox

from .test_catalogue import GROUPED, all_columns, at, named, rows_of

TWINS = [endpoint for endpoint in GROUPED if "count" in endpoint.measures]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One studio for all tests here, which change nothing."""
    with Sandbox.in_thread(rows=600, course_sessions=130, rate=None) as shared:
        yield shared


async def report(call: Any, name: str, **params: Any) -> list[Any]:
    return await rows_of(call, endpoint_named(f"reports.{name}"), **params)


async def listed(call: Any, name: str, **params: Any) -> list[Any]:
    return await rows_of(call, endpoint_named(f"lists.{name}"), **params)


@pytest.mark.parametrize("endpoint", TWINS, ids=named)
async def test_twins_agree(call: Any, endpoint: Any) -> None:
    """A grouped report counts as many rows as its twin has; by each column both have, as often each value."""
    rows = await report(call, endpoint.name.removesuffix(".grouped"))
    groups = await rows_of(call, endpoint, columns="count")
    shared = [path for path in endpoint.paths if rows and path not in endpoint.measures and known(rows, path)]

    assert [int(row["count"]) for row in groups] == [len(rows)]
    for path in shared:
        column = next((name for name in endpoint.columns if endpoint.canonical(name) == path), None)
        if column is None:
            continue
        counted = await rows_of(call, endpoint, columns=[column, "count"])
        found: Counter[str] = Counter()
        for row in counted:
            found[str(at(row, path))] += int(row["count"])
        assert found == Counter(str(at(row, path)) for row in rows), path


def known(rows: list[Any], path: str) -> bool:
    """Whether plain rows carry a path, as text, number or flag."""
    return any(isinstance(at(row, path), (str, int, float)) for row in rows)


async def test_money_of_groups(call: Any) -> None:
    """The line items of each type amount to what the grouped report says."""
    expected: dict[str, float] = defaultdict(float)
    for item in await report(call, "invoice_line_items"):
        expected[item["type"]] += item["amount"]["decimal"]
    grouped = await report(call, "invoice_line_items.grouped", columns=["type", "total_amount"])

    assert {row["type"]: row["total_amount"]["decimal"] for row in grouped} == pytest.approx(dict(expected))


PAIRS: list[tuple[str, dict[str, Any], str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "attendances",
        {"include_future": True},
        "attendances",
        {},
        [("id", "id"), ("customer.id", "customer"), ("event.id", "event"), ("status", "status")],
    ),
    (
        "attendances",
        {},
        "attendances",
        {"event_starts_at_lte": "2026-01-01T00:00:00+00:00"},
        [("id", "id"), ("booking_source", "booking_source.name")],
    ),
    (
        "classes",
        {"include_future": True},
        "events",
        {},
        [
            ("id", "id"),
            ("starts_at", "starts_at"),
            ("status", "status"),
            ("venue.id", "venue"),
            ("offering_type.id", "offering_type"),
        ],
    ),
    (
        "course_session_attendances",
        {"include_future": True},
        "course_session_attendances",
        {},
        [("customer.id", "customer"), ("course_session.id", "course_session"), ("status", "status")],
    ),
    (
        "customer_membership_holds",
        {},
        "customer_membership_holds",
        {},
        [
            ("id", "id"),
            ("start_date", "start_date"),
            ("end_date", "end_date"),
            ("days_to_add", "days_to_add"),
            ("is_usage_prorated", "prorate_usage"),
            ("customer_membership.id", "customer_membership"),
        ],
    ),
    (
        "customer_memberships",
        {},
        "customer_memberships",
        {},
        [
            ("id", "id"),
            ("customer.id", "customer"),
            ("membership.id", "membership"),
            ("start_date", "start_date"),
            ("expiration_date", "expiration_date"),
            ("billed_price", "billed_price"),
        ],
    ),
    (
        "customers",
        {},
        "customers",
        {},
        [("id", "id"), ("first_name", "first_name"), ("email", "email"), ("created_at", "created_at")],
    ),
    (
        "invoices",
        {},
        "invoices",
        {},
        [
            ("id", "id"),
            ("customer.id", "payer"),
            ("due_date", "due_date"),
            ("is_credit_note", "is_credit_note"),
        ],
    ),
    (
        "waiver_signatures",
        {},
        "waiver_agreements",
        {},
        [("customer.id", "customer"), ("waiver.id", "waiver"), ("signed_at", "signed_at")],
    ),
]


@pytest.mark.parametrize(
    ("report_name", "of_report", "list_name", "of_list", "columns"),
    PAIRS,
    ids=[f"{pair[0]}-{len(pair[4])}" for pair in PAIRS],
)
async def test_lists_agree(
    call: Any,
    report_name: str,
    of_report: Any,
    list_name: str,
    of_list: Any,
    columns: list[tuple[str, str]],
) -> None:
    """A report and its list show the same rows."""
    reported = await report(call, report_name, **of_report)
    objects = await listed(call, list_name, **of_list)

    assert reported
    for mine, theirs in columns:
        assert Counter(str(at(row, mine)) for row in reported) == Counter(
            str(at(row, theirs)) for row in objects
        )
    assert sorted(str([at(row, mine) for mine, _ in columns]) for row in reported) == sorted(
        str([at(row, theirs) for _, theirs in columns]) for row in objects
    )


async def test_invoices_add_up(call: Any) -> None:
    """The line items of an invoice amount to it, discounts taken off and taxes added."""
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for item in await report(call, "invoice_line_items"):
        for part in ("amount", "discount_amount", "tax_amount", "refund_amount"):
            sums[item["invoice"]["id"]][part] += round(item[part]["decimal"] * 100)
    invoices = await report(call, "invoices")

    assert {row["id"] for row in invoices} == set(sums)
    for row in invoices:
        items = sums[row["id"]]
        assert round(row["subtotal_amount"]["decimal"] * 100) == items["amount"]
        assert round(row["refund_amount"]["decimal"] * 100) == items["refund_amount"]
        total = items["amount"] - items["discount_amount"] + items["tax_amount"]
        assert round(row["total_amount"]["decimal"] * 100) == total
        assert (row["status"] == "paid") == (row["paid_at"] is not None)


async def test_line_items_of_the_list(call: Any) -> None:
    """The line items that `expand` puts into an invoice of the list are those of the report."""
    reported = {item["id"]: item["invoice"]["id"] for item in await report(call, "invoice_line_items")}
    invoices = await listed(call, "invoices", expand="line_items")

    assert {item["id"]: row["id"] for row in invoices for item in row["line_items"]} == reported


async def test_customers_count_their_visits(call: Any) -> None:
    """What a customer's row counts is what the attendances report lists."""
    visits = await report(call, "attendances", include_future=True)
    counted = Counter((row["customer"]["id"], row["status"]) for row in visits)
    for row in await report(call, "customers"):
        key = row["id"]
        assert row["attendances_count"] == counted[key, "attended"]
        assert row["no_shows_count"] == counted[key, "no_show"]
        assert row["late_cancels_count"] == counted[key, "late_cancelled"]


async def test_customers_hold_their_memberships(call: Any) -> None:
    """The active memberships of a customer's row are those of the memberships report."""
    held: dict[int, set[int]] = defaultdict(set)
    for row in await report(call, "customer_memberships", status=["active"]):
        held[row["customer"]["id"]].add(row["id"])
    for row in await report(call, "customers"):
        assert {one["id"] for one in row["active_customer_memberships"]} == held[row["id"]]
        assert row["is_active"] == bool(held[row["id"]])


async def test_bookings_use_memberships_there_are(call: Any) -> None:
    """Who books with a membership holds it."""
    held = {
        row["id"]: (row["customer"]["id"], row["membership"]["id"])
        for row in await report(call, "customer_memberships")
    }
    booked = [*await report(call, "attendances"), *await report(call, "course_session_attendances")]
    with_one = [row for row in booked if row["customer_membership"]]

    assert with_one
    for row in with_one:
        membership = row["customer_membership"]
        assert held[membership["id"]] == (row["customer"]["id"], membership["membership"]["id"])


async def test_classes_count_who_came(call: Any) -> None:
    """What a class counts is what the attendances report lists, and a class that was cancelled has nobody."""
    came = Counter((row["event"]["id"], row["status"]) for row in await report(call, "attendances"))
    classes = await report(call, "classes")

    for row in classes:
        assert row["attendance_count"] == came[row["id"], "attended"]
        assert row["no_show_count"] == came[row["id"], "no_show"]
        assert row["late_cancel_count"] == came[row["id"], "late_cancelled"]
        assert row["status"] == "active" or not row["attendance_count"]
    assert {row["status"] for row in classes} == {"active", "cancelled"}


async def test_strikes_follow_visits(call: Any) -> None:
    """Strikes are given for missed and late-cancelled attendances, one each."""
    missed = [
        row for row in await report(call, "attendances") if row["status"] in ("no_show", "late_cancelled")
    ]
    strikes = await report(call, "attendance_strikes", **all_columns(endpoint_named("attendance_strikes")))

    assert Counter(row["customer"]["id"] for row in strikes) == Counter(
        row["customer"]["id"] for row in missed
    )


async def test_instructors_sum_up_their_sessions(call: Any) -> None:
    """An instructor's row sums up the sessions that they led, also within a filter."""
    for asked in ({}, {"starts_at_gte": "2025-03-01T00:00:00+00:00", "venues": [1001]}):
        led = Counter[int]()
        hours: dict[int, float] = defaultdict(float)
        for row in await report(call, "instructed_sessions", **asked):
            led[row["instructor"]["id"]] += 1
            hours[row["instructor"]["id"]] += row["hours"]
        rows = await report(call, "instructors", **asked)

        assert {row["id"]: row["total_sessions"] for row in rows} == led
        assert {row["id"]: row["total_hours"] for row in rows} == pytest.approx(dict(hours))


async def test_discount_codes_count_their_uses(call: Any) -> None:
    """A code has been used as often as the report of uses says."""
    used = Counter(row["discount_code"]["id"] for row in await report(call, "discount_code_uses"))

    assert {row["id"]: row["uses"] for row in await listed(call, "discount_codes")} == used


async def test_credits_balance(call: Any) -> None:
    """A customer's last balance is the credit on the customer's row."""
    balance: dict[int, float] = {}
    for row in await report(call, "customer_credits", sort="created_at"):
        balance[row["customer"]["id"]] = row["balance"]["decimal"]
    rows = await report(call, "customers", has_account_credit=True)

    assert balance
    assert {row["id"]: row["account_credit_balance"]["decimal"] for row in rows} == balance


async def test_extra_columns(call: Any) -> None:
    """`extra_customer_fields` adds a column for each field, which holds the customers' answers."""
    values = await rows_of(call, endpoint_named("reports.customer_field_changes"))
    fields = sorted({row["field"]["id"] for row in values})[:2]
    answers = {(row["customer"]["id"], row["field"]["id"]): row["new_value"] for row in values}
    asked = {"columns": ["id"], "extra_customer_fields": ",".join(map(str, fields))}
    page = await call.report("customers", **asked)
    rows = await rows_of(call, endpoint_named("reports.customers"), **asked)

    keys = [f"customer_field_{field}" for field in fields]
    assert [header["key"] for header in page["column_headers"]] == ["id", *keys]
    assert rows == [
        {
            "id": row["id"],
            **{key: answers.get((row["id"], field)) for key, field in zip(keys, fields, strict=True)},
        }
        for row in rows
    ]
    assert (await call("/reports/customers/data", extra_customer_fields="all")).status == 400


async def test_active_memberships_by_month(call: Any) -> None:
    """The pivot of memberships counts those that were active in each month."""
    rows = await rows_of(call, endpoint_named("reports.customer_memberships"))
    page = await call.report(
        "customer_memberships.grouped", columns=["type", "count"], pivot="active_by_month"
    )
    keys = [header["key"] for header in page["column_headers"]][2:]

    def ended(row: Any) -> str:
        if row["cancelled_date"] or row["completed_at"]:
            return row["cancelled_date"] or row["completed_at"][:10]
        return "9999"

    assert len(keys) == 4
    for group in page["rows"]:
        for month in keys:
            active = [
                r for r in rows if r["type"] == group["type"] and r["start_date"][:7] <= month <= ended(r)
            ]
            assert group[month] == len(active)


async def test_filters_in_other_words(call: Any) -> None:
    """Where a filter's values are not those of the rows, they mean what the documents say."""
    memberships, waivers = (endpoint_named(f"lists.{name}") for name in ("customer_memberships", "waivers"))
    completed = [row for row in await rows_of(call, memberships) if row["status"] == "completed"]
    archived = [row for row in await rows_of(call, waivers) if row["status"] == "Archived"]

    assert completed
    assert await rows_of(call, memberships, status="complete") == completed
    assert archived
    assert await rows_of(call, waivers, status=2) == archived
