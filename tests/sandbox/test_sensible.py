"""The made-up studio makes sense: nothing ends before it begins, sums add up, nobody is in two minds."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from teamup_async import endpoint_named
from teamup_async.sandbox import Sandbox
from teamup_async.sandbox.data.clock import NOW

from .studio import Row, Studio, moment
from .test_catalogue import at

TODAY = NOW.date().isoformat()


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """A studio large enough to have something of everything."""
    with Sandbox.in_thread(rows=2000, rate=None) as sandbox, closing(Studio(sandbox)) as found:
        yield found


def pence(money: Any) -> int:
    return round(money["decimal"] * 100)


def in_order(rows: list[Row], *names: str) -> None:
    """Of the times and days that a row has, none comes before one that is named before it."""
    for row in rows:
        times = [moment(row[name]) for name in names if row[name] is not None]
        assert times == sorted(times), (names, row)


def test_times_follow_each_other(studio: Studio) -> None:
    """What begins ends later; what is bought, delivered, used, paid or signed is so in this order."""
    memberships = studio.rows("reports.customer_memberships")
    in_order(memberships, "purchase_date", "start_date", "expiration_date")
    in_order(memberships, "start_date", "cancelled_date")
    in_order(studio.rows("reports.customer_membership_holds"), "start_date", "end_date")
    in_order(studio.rows("reports.customer_membership_holds"), "created_at", "updated_at")
    in_order(studio.rows("reports.gift_cards"), "purchased_at", "delivered_at", "redeemed_at", "redeem_by")
    in_order(studio.rows("reports.invoices"), "confirmed_at", "paid_at", "updated_at")
    in_order(studio.rows("reports.customer_referrals"), "signup_date", "confirmation_date")
    in_order(studio.rows("reports.sms_messages"), "queued_at", "status_updated_at")
    in_order(
        studio.rows("lists.events"), "registrations_open_at", "late_cancel_deadline", "starts_at", "ends_at"
    )
    in_order(studio.rows("lists.payment_subscriptions"), "start_date", "end_date")
    in_order(studio.rows("lists.customer_registration_blocks"), "created_at", "deactivated_at")
    in_order(studio.rows("lists.ai.business_advisor_reports"), "start_date", "end_date", "available_at")


def test_nothing_before_the_customer(studio: Studio) -> None:
    """Nobody holds, books, signs or refers anything before becoming a customer."""
    since = {row["id"]: moment(row["created_at"]) for row in studio.rows("reports.customers")}
    for row in studio.rows("reports.customer_memberships"):
        assert since[row["customer"]["id"]].date() <= date.fromisoformat(row["start_date"])
    for name, path in (
        ("reports.attendances", "event.starts_at"),
        ("reports.waiver_signatures", "signed_at"),
    ):
        for row in studio.rows(name):
            assert since[row["customer"]["id"]] <= moment(studio.values(row, path)[0])
    for row in studio.rows("reports.customer_referrals"):
        assert since[row["referring_customer"]["id"]] < since[row["signup_customer"]["id"]]


def test_memberships_are_of_one_mind(studio: Studio) -> None:
    """What a membership's status says is so: no active one has ended, each that ended says when."""
    memberships = {row["id"]: row for row in studio.rows("reports.customer_memberships")}
    for row in memberships.values():
        ended = row["cancelled_date"] or row["completed_at"]
        assert bool(ended) == (row["status"] not in ("active", "hold"))
        assert ended or (row["expiration_date"] or "9999") >= TODAY
        assert bool(row["cancellation_reason"]) == (row["status"] == "cancelled")
    holds = studio.rows("reports.customer_membership_holds")
    held = {row["customer_membership"]["id"] for row in holds if row["status"] == "active"}
    for row in holds:
        assert row["start_date"] >= row["customer_membership"]["start_date"]
        length = date.fromisoformat(row["end_date"]) - date.fromisoformat(row["start_date"])
        assert length == timedelta(days=row["days_to_add"])
    assert {key for key, row in memberships.items() if row["status"] == "hold"} <= held


def test_families(studio: Studio) -> None:
    """A family has one manager, who is grown up; children are not, and share the name."""
    families: dict[int, list[Row]] = defaultdict(list)
    for row in studio.rows("reports.customers"):
        if at(row, "family.id") is not None:
            families[row["family"]["id"]].append(row)
    assert families
    for members in families.values():
        roles = Counter(row["family"]["role"] for row in members)
        assert roles["manager"] == 1
        assert len({row["last_name"] for row in members}) == 1
        for row in members:
            assert (row["age"] < 18) == (row["family"]["role"] == "child")


def test_places(studio: Studio) -> None:
    """No more come than there are places, nobody twice, and to nothing that is cancelled or on a day off."""
    closed = {row["closure_date"] for row in studio.rows("lists.business_closures")}
    cancelled = {row["id"] for row in studio.rows("lists.events") if row["status"] == "cancelled"}
    for name in ("lists.events", "lists.course_sessions"):
        for row in studio.rows(name):
            assert not row["max_occupancy"] or row["attending_count"] <= row["max_occupancy"]
    for row in studio.rows("lists.events"):
        assert row["status"] == "cancelled" or row["starts_at"][:10] not in closed
    booked = Counter((row["customer"], row["event"]) for row in studio.rows("lists.attendances"))
    assert set(booked.values()) == {1}
    assert not cancelled & {event for _, event in booked}


def test_money(studio: Studio) -> None:
    """Only what was paid is refunded, and no more; a credit that was used is on the invoice and on the account."""
    invoices = studio.rows("reports.invoices")
    for row in invoices:
        assert 0 <= pence(row["refund_amount"]) <= pence(row["total_amount"])
        assert row["status"] == "paid" or pence(row["refund_amount"]) == 0
        assert (row["refund_date"] is None) == (pence(row["refund_amount"]) == 0)
        expected = pence(row["total_amount"]) - pence(row["credit_amount"]) + pence(row["adjustment_amount"])
        assert pence(row["expected_payment_amount"]) == expected > 0
        if row["charges"]:
            [charge] = row["charges"]
            assert round(float(charge["amount"]["decimal"]) * 100) == expected
        credited = sum(round(float(one["amount"]["decimal"]) * 100) for one in row["applied_credits"])
        assert credited == pence(row["credit_amount"])
    used = [
        pence(row["amount"]) for row in studio.rows("reports.customer_credits") if pence(row["amount"]) < 0
    ]
    assert used
    assert sum(pence(row["credit_amount"]) for row in invoices) == -sum(used)
    assert all(pence(row["balance"]) >= 0 for row in studio.rows("reports.customer_credits"))
    assert all(row["is_paid"] or not row["is_redeemed"] for row in studio.rows("reports.gift_cards"))


def test_who_pays(studio: Studio) -> None:
    """The payer of an invoice is a customer, under the same id and name when expanded."""
    names = {row["id"]: row["full_name"] for row in studio.rows("reports.customers")}
    plain = {row["id"]: row["payer"] for row in studio.rows("lists.invoices")}
    for row in studio.all_of(endpoint_named("lists.invoices"), {"expand": ["payer"]}):
        assert row["payer"] == {"id": plain[row["id"]], "name": names[plain[row["id"]]]}


def test_what_refers_is_there(studio: Studio) -> None:
    """Every id that a row of a list holds is that of an object."""
    for name, field, other in (
        ("lists.policy_agreements", "version", "lists.policy_versions"),
        ("lists.events", "venue_room", "lists.venue_rooms"),
        ("lists.customer_memberships", "discount_code", "lists.discount_codes"),
        ("lists.customer_form_submissions", "form", "lists.customer_forms"),
        ("lists.payment_subscriptions", "plan", "lists.membership_payment_plans"),
        ("lists.payment_subscriptions", "payment_method", "lists.payment_methods"),
        ("lists.crm.lead_forms", "lead_source", "lists.crm.lead_sources"),
        ("lists.family_invites", "claimed_by", "lists.customers"),
    ):
        keys = {row[field] for row in studio.rows(name)} - {None}
        assert keys
        assert keys <= {row["id"] for row in studio.rows(other)}, (name, field)
    policies = {key for (key,) in studio.table("policies", "id")}
    assert {row["policy"] for row in studio.rows("lists.policy_agreements")} <= policies
