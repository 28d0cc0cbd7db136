"""What each filter leaves, by a plain look at the rows: nothing here knows the sandbox's tables or its SQL.

A filter's name says most: ``starts_at_gte`` compares, ``venues`` picks, ``signed_at_timeframe`` is a stretch of days.
Where it doesn't, `PATHS` says what the name stands for, and `SPECIAL` what the filter means.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from teamup_async import Endpoint
from teamup_async.query import Parameter

from .special import SPECIAL
from .studio import Meaning, Row, Studio, Verdict, moment
from .timeframes import days_of

_ENDS: Final = ("_gte", "_lte", "_timeframe")
PATHS: Final[Mapping[str, Mapping[str, str]]] = {
    "reports.attendances": {
        "attendance_status": "status",
        "booking_sources": "id -> lists.attendances -> booking_source.id",
        "event": "event.starts_at",
        "event_start": "event.starts_at",
        "event_types": "event.id -> lists.events -> schedule_type",
        "instructors": "instructors.id",
        "memberships": "customer_membership.membership.id",
    },
    "reports.attendance_strikes": {
        "attendance_status": "attendance.status",
        "event_starts_at": "event.starts_at",
        "memberships": "customer_membership.membership.id",
        "offering_types": "event.offering_type.id",
        "penalty": "penalty.id",
        "rule_applies_to": "rule.applies_to",
        "venues": "event.venue.id",
    },
    "reports.classes": {"": "starts_at", "durations": "duration_minutes", "instructors": "instructors.id"},
    "reports.course_session_attendances": {
        "instructors": "instructors.id",
        "memberships": "customer_membership.membership.id",
        "session": "course_session.starts_at",
        "session_starts_at": "course_session.starts_at",
    },
    "reports.customer_field_changes": {"customer_fields": "field.id"},
    "reports.customer_membership_holds": {
        "end": "end_date",
        "memberships": "customer_membership.membership.id",
        "membership_types": "customer_membership.membership.type",
        "start": "start_date",
    },
    "reports.customer_memberships": {
        "active_hold_end_date": "id -> lists.customer_memberships -> active_hold.end_date",
        "active_hold_start_date": "id -> lists.customer_memberships -> active_hold.start_date",
        "cancelled_at": "~cancelled_date",
        "downgrade_date": "downgraded_date",
        "membership_categories": "membership.id -> lists.memberships -> category",
        "purchased_at": "~purchase_date",
        "upgrade_date": "upgraded_date",
    },
    "reports.customer_referrals": {"memberships": "signup_customer_membership.membership.id"},
    "reports.customers": {
        "active_memberships": "active_customer_memberships.membership.id",
        "latest_registration_starts_at": "latest_registration.starts_at",
    },
    "reports.discount_code_uses": {"groups": "group.id"},
    "reports.gift_cards": {"purchasers": "purchaser_id"},
    "reports.instructed_sessions": {
        "": "starts_at",
        "instructors": "instructor.id",
        "pay_rates": "instructor_pay_rate.id",
    },
    "reports.invoice_line_items": {
        f"invoice_{name}": f"invoice.{name}"
        for name in ("confirmed_at", "due_date", "paid_at", "updated_at", "status")
    },
    "reports.sms_messages": {"interaction_triggers": "interaction.trigger"},
    "lists.attendances": {
        "event_starts_at": "event.starts_at",
        "offering_types": "event.offering_type",
        "venue": "event.venue",
    },
    "lists.content": {"instructor": "instructors.id", "tags": "tags.id"},
    "lists.content_collections": {"membership": "memberships.id"},
    "lists.course_session_attendances": {"course_session_starts_at": "course_session.starts_at"},
    "lists.course_sessions": {
        "instructors": "id -> course_sessions_with_instructors -> instructors.id",
        "offering_types": "course.offering_type",
        "start": "starts_at",
    },
    "lists.customer_memberships": {
        "active_hold_end_date": "active_hold.end_date",
        "active_hold_start_date": "active_hold.start_date",
        "membership_type": "membership.type",
        "owned_or_shared_with_customer": "customer",
    },
    "lists.events": {
        "category": "category.id",
        "instructors": "id -> events_with_instructors -> instructors.id",
        "max_allowed_age": "offering_type.max_allowed_age",
        "min_allowed_age": "offering_type.min_allowed_age",
        "start": "starts_at",
    },
    "lists.external_calendars.events": {
        "happens_after": "end_datetime_utc",
        "happens_before": "start_datetime_utc",
    },
    "lists.memberships": {"categories": "category"},
}
"""What a filter's name stands for, without what it ends in. After ``~``, rows show only the day of a time."""
WORDS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("reports.customer_membership_holds", "membership_types"): {
        "prepaid": "prepaid_plan",
        "recurring": "recurring_plan",
    },
    ("lists.customer_memberships", "membership_type"): {
        "prepaid": "prepaid_plan",
        "recurring": "recurring_plan",
    },
    ("lists.customer_memberships", "status"): {"complete": "completed"},
    ("reports.invoices", "purchase_types"): {"store": "store_order"},
    ("lists.waivers", "status"): {"0": "Active", "2": "Archived"},
}
"""Filters whose values are not those of the rows."""


def path_of(endpoint: Endpoint[..., Any], name: str) -> str | None:
    """The path of the rows that a filter is about, or None where it is about something else."""
    stem = name
    for end in _ENDS:
        stem = stem.removesuffix(end)
    stem = "" if stem == "timeframe" else stem
    named = PATHS.get(endpoint.full_name, {})
    if stem in named:
        return named[stem]
    single = stem.removesuffix("s")
    for path in (endpoint.canonical(stem), f"{stem}.id", f"{single}.id", single, f"{stem}_at"):
        if path in endpoint.paths:
            return path
    return None


def meaning(endpoint: Endpoint[..., Any], parameter: Parameter) -> Meaning | None:
    """What a filter means, for rows of an endpoint that is not grouped."""
    key = endpoint.full_name, parameter.name
    if key in SPECIAL:
        return SPECIAL[key]
    path = path_of(endpoint, parameter.name)
    if path is None:
        return None
    words = WORDS.get(key, {})
    if parameter.name.endswith("timeframe"):
        return _within(path.removeprefix("~"))
    if parameter.name.endswith(("_gte", "_lte")):
        return _compared(path, later=parameter.name.endswith("_gte"))
    if parameter.kind == "boolean":
        return lambda studio, row, value: (studio.values(row, path) == [True]) == value
    return lambda studio, row, value: bool(
        {words.get(str(each), str(each)) for each in _split(value)}
        & {str(found) for found in studio.values(row, path)}
    )


def _split(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    return str(value).split(",")


def _compared(path: str, *, later: bool) -> Meaning:
    coarse = path.startswith("~")

    def holds(studio: Studio, row: Row, bound: Any) -> Verdict:
        found = studio.values(row, path.removeprefix("~"))
        if not found:
            return False
        [value] = found
        return _after(value, bound, coarse=coarse) if later else _before(value, bound, coarse=coarse)

    return holds


def _pair(value: Any, bound: Any) -> tuple[Any, Any]:
    """A row's value and a bound, of the same type."""
    if isinstance(value, (int, float)):
        return value, bound
    if isinstance(bound, str):
        bound = moment(bound)
    if isinstance(bound, datetime):
        return (datetime.fromisoformat(value), bound) if bound.tzinfo is None else (moment(value), bound)
    return moment(value).astimezone(UTC).date(), bound


def _after(value: Any, bound: Any, *, coarse: bool) -> Verdict:
    here, there = _pair(value, bound)
    if coarse and here.date() == there.astimezone(UTC).date():
        return None
    return bool(here >= there)


def _before(value: Any, bound: Any, *, coarse: bool) -> Verdict:
    here, there = _pair(value, bound)
    if coarse and here.date() == there.astimezone(UTC).date():
        return None
    return bool(here <= there)


def _within(path: str) -> Meaning:
    def holds(studio: Studio, row: Row, text: str) -> bool:
        first, last = days_of(text)
        return any(
            first <= moment(value).astimezone(UTC).date() <= last for value in studio.values(row, path)
        )

    return holds


CANDIDATES: Final[Mapping[tuple[str, str], str]] = {
    ("reports.invoices", "customer_memberships"): "lists.customer_memberships id",
    ("reports.customer_memberships", "payment_processors"): "lists.payment_processors id",
    ("reports.invoices", "payment_processors"): "lists.payment_processors id",
    ("lists.attendances", "event_applicable_to_recurring_reservation"): "recurring_reservations",
    ("lists.content", "active_customer"): "lists.customers id",
    ("lists.content", "favorited_by"): "lists.customers id",
    ("lists.content", "query"): "lists.content name",
    ("lists.content_collections", "active_customer"): "lists.customers id",
    ("lists.content_filters", "collection"): "lists.content_collections id",
    ("lists.customer_fields", "forms"): "lists.customer_forms id",
    ("lists.customer_field_values", "customers"): "lists.customers id",
    ("lists.customer_forms", "applicable_to_memberships"): "lists.memberships id",
    ("lists.customer_forms", "applicable_to_offering_types"): "offering_types id",
    ("lists.customer_forms", "submitted_by"): "lists.customers id",
    ("lists.customer_issues", "status"): "issue_statuses",
    ("lists.customers", "active_memberships"): "lists.memberships id",
    ("lists.customers", "age_gte"): "reports.customers age",
    ("lists.customers", "age_lte"): "reports.customers age",
    ("lists.customers", "autocomplete"): "lists.customers email",
    ("lists.customers", "broadcast_message_recipients"): "broadcast_messages",
    ("lists.customers", "broadcast_message_non_recipients"): "broadcast_messages",
    ("lists.customers", "query"): "lists.customers last_name",
    ("lists.discount_codes", "query"): "lists.discount_codes code",
    ("lists.events", "active_customer"): "lists.customers id",
    ("lists.events", "applicable_to_recurring_reservation"): "recurring_reservations",
    ("lists.events", "registration_timelines"): "registration_timelines",
    ("lists.external_calendars.events", "instructor_id"): "instructors",
    ("lists.invoices", "store_order"): "store_orders",
    ("lists.memberships", "forms"): "lists.customer_forms id",
    ("lists.memberships", "offering_type"): "offering_types id",
    ("lists.memberships", "permits_registration_for_event"): "lists.events id",
}
"""Where values of other filters come from: an endpoint and a path of its rows, or the ids of a table."""
DEFAULTS: Final[Mapping[str, Any]] = {
    "include_future": False,
    "include_deleted": False,
    "include_virtual": False,
    "deleted": False,
}
"""What absent parameters mean."""
