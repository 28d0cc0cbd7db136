"""Filters whose names do not say what they mean: what each of them leaves, by a plain look at the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from teamup_async.sandbox.data.clock import NOW

from .studio import Meaning, Row, Studio, local_time, moment

TODAY: Final = NOW.date()


def _local(path: str, *, later: bool) -> Meaning:
    def holds(studio: Studio, row: Row, bound: Any) -> bool:
        here = local_time(studio, row, path)
        return here >= bound if later else here <= bound

    return holds


def _upcoming(path: str) -> Meaning:
    """``include_future``: without it, what has not started yet is left out."""
    return lambda studio, row, value: value or moment(studio.values(row, path)[0]) <= NOW


def _full(studio: Studio, row: Row, wanted: Any) -> bool:
    seats, taken = row["max_occupancy"] or 0, row["attending_count"]
    waiting = row["waiting_count"] if "waiting_count" in row else waitlist(studio, row)
    holds = {
        "full": 0 < seats <= taken,
        "not_full": not 0 < seats <= taken,
        "has_registrations": taken > 0,
        "has_waitlist": waiting > 0,
        "empty": taken == 0,
    }
    return any(holds[status] for status in wanted)


def waitlist(studio: Studio, row: Row) -> int:
    """How many wait for a place in a session of a course, which its row does not say."""
    return int(dict(studio.table("course_sessions", "id", "waitlist_count"))[row["id"]])


def _any_of(studio: Studio, row: Row, wanted: Any) -> bool:
    del studio
    holds = {
        "new": row["is_new"],
        "claimed": row["is_claimed"],
        "slipping_away": row["is_slipping_away"],
        "inactive": not row["is_active"],
        "active": row["is_active"],
        "registration_blocked": row["registration_blocked"],
        "lead": row["is_lead"],
    }
    return any(holds[status] for status in wanted)


def _processor(studio: Studio, row: Row, wanted: Any) -> bool:
    """Rows name the processor, the filter takes its id."""
    ids = {one["name"]: str(one["id"]) for one in studio.rows("lists.payment_processors")}
    name = row["payment_processor"]
    return (ids[name] if name is not None else "none") in {str(each) for each in wanted}


def _source(studio: Studio, row: Row, wanted: Any) -> bool:
    found = studio.values(row, "id -> lists.attendances -> booking_source.id") or ["none"]
    return str(found[0]) in {str(each) for each in wanted}


def _resolution(studio: Studio, row: Row, wanted: Any) -> bool:
    return (resolution(studio, row) or "none") in wanted


def resolution(studio: Studio, row: Row) -> str | None:
    """How a hold was paid for: its row only shows the amounts."""
    del studio
    if row["credit_amount"] is not None:
        return "credit"
    return "charge" if row["reactivation_charge_amount"] is not None else None


def _billed(studio: Studio, row: Row, wanted: Any) -> bool:
    """The line items say which membership an invoice is for."""
    lines = [line for line in studio.rows("reports.invoice_line_items") if line["invoice"]["id"] == row["id"]]
    items = [line["billed_item"] for line in lines]
    return any(item["object"] == "customer_membership" and item["id"] in wanted for item in items)


def _contains(*paths: str) -> Meaning:
    return lambda studio, row, value: any(
        value.lower() in str(found).lower() for path in paths for found in studio.values(row, path)
    )


def _name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}"


def _importance(studio: Studio, row: Row, wanted: Any) -> bool:
    words = {"Flag on Profiles": "flag_on_profile", "Normal": "normal", "Consider case closed": "closed"}
    return words[dict(studio.table("issue_statuses", "id", "importance"))[issue_status(row)]] in wanted


def issue_status(row: Row) -> Any:
    """The id of an issue's status, which may be sent as a whole object."""
    status = row["status"]
    return status["id"] if isinstance(status, dict) else status


def _age(studio: Studio, row: Row) -> int | None:
    born = next(iter(studio.values(row, "id -> reports.customers -> date_of_birth")), None)
    if born is None:
        return None
    day = date.fromisoformat(born)
    return TODAY.year - day.year - ((TODAY.month, TODAY.day) < (day.month, day.day))


def _booked(studio: Studio, row: Row) -> bool:
    return any(other["customer"] == row["id"] for other in studio.rows("lists.attendances"))


def _has_sessions(studio: Studio, row: Row, wanted: bool) -> bool:
    return any(event["venue"] == row["id"] for event in studio.rows("lists.events")) == wanted


def _applies(row: Row, what: str, keys: set[int]) -> bool:
    """Whether a form applies to any of these memberships or offering types."""
    named = {int(each["id"] if isinstance(each, dict) else each) for each in row[what]}
    return {
        "all": bool(keys),
        "none": False,
        "only": bool(keys & named),
        "all_except": bool(keys - named),
    }[row[f"{what}_applies_to"]]


def _form(studio: Studio, key: int) -> Row:
    found = studio.one("whole_forms", key)
    assert found is not None
    return found


def _existing(studio: Studio, what: str) -> set[int]:
    return {
        one["id"]
        for one in studio.rows("offering_types" if what == "offering_types" else "lists.memberships")
    }


def _form_applies(what: str) -> Meaning:
    return lambda studio, row, wanted: _applies(
        _form(studio, row["id"]), what, set(wanted) & _existing(studio, what)
    )


def _applicable(studio: Studio, row: Row, wanted: Any) -> bool:
    form = _form(studio, row["id"])
    return any(
        form[f"{each.removeprefix('all_')}_applies_to"] == "all"
        if each.startswith("all_")
        else _applies(form, what, _existing(studio, what))
        for each in wanted
        for what in [f"{each.removeprefix('at_least_one_')}s"]
    )


def _forms_of_membership(studio: Studio, row: Row, wanted: Any) -> bool:
    return any(
        _applies(form, "memberships", {row["id"]})
        for form in studio.rows("whole_forms")
        if form["id"] in wanted
    )


def _forms_of_field(studio: Studio, row: Row, wanted: Any) -> bool:
    return any(
        row["id"] in {field["id"] for field in form["fields"]}
        for form in studio.rows("whole_forms")
        if form["id"] in wanted
    )


def permitted(studio: Studio, membership: int, offering_type: Any) -> bool:
    """Whether one can register with a membership for what is offered."""
    found = studio.one("offering_types", offering_type)
    return found is not None and membership in {one["id"] for one in found["memberships"]}


def _permits(studio: Studio, row: Row, event: int) -> bool:
    there = studio.one("lists.events", event)
    return there is not None and permitted(studio, row["id"], there["offering_type"])


def _timelines(studio: Studio, row: Row, wanted: Any) -> bool:
    own = [one["id"] for one in row["overriden_registration_timelines"] or ()]
    found = own or studio.values(row, "offering_type.registration_timelines.id")
    return bool(set(found) & set(wanted))


def _reserved(studio: Studio, row: Row, key: int) -> bool:
    """A recurring reservation is for a weekday, and what is offered then."""
    reserved = {
        one[0]: one[1:] for one in studio.table("recurring_reservations", "id", "offering_type_id", "weekday")
    }
    if key not in reserved:
        return False
    return reserved[key] == (row["offering_type"], f"{local_time(studio, row, ''):%A}".lower())


def _reserved_event(studio: Studio, row: Row, key: int) -> bool:
    event = studio.one("lists.events", row["event"])
    return event is not None and _reserved(studio, event, key)


def _reached(*, reached: bool) -> Meaning:
    """Who a broadcast message is for, and whether it reaches them: they must have opted in."""

    def holds(studio: Studio, row: Row, key: float) -> bool:
        messages = dict(studio.table("broadcast_messages", "id", "venue_id"))
        if key not in messages:
            return False
        meant = messages[key] is None or row["customer_venue"]["id"] == messages[key]
        return meant and row["is_opted_into_broadcast_messages"] == reached

    return holds


def _always(studio: Studio, row: Row, value: Any) -> bool:
    del studio, row, value
    return True


def _column(table: str, column: str) -> Callable[[Studio, Row], Any]:
    return lambda studio, row: dict(studio.table(table, "id", column))[row["id"]]


SPECIAL: Final[dict[tuple[str, str], Meaning]] = {
    ("reports.attendances", "include_future"): _upcoming("event.starts_at"),
    ("reports.attendances", "booking_sources"): _source,
    ("reports.classes", "include_future"): _upcoming("starts_at"),
    ("reports.course_session_attendances", "include_future"): _upcoming("course_session.starts_at"),
    ("reports.customer_memberships", "has_active_hold"): lambda studio, row, value: (
        bool(studio.values(row, "id -> lists.customer_memberships -> active_hold")) == value
    ),
    ("reports.customer_memberships", "has_expiration_date"): lambda _, row, value: (
        (row["expiration_date"] is not None) == value
    ),
    ("reports.customer_memberships", "payment_processors"): _processor,
    ("reports.customer_membership_holds", "payment_resolution_type"): _resolution,
    ("reports.customers", "has_account_credit"): lambda _, row, value: (
        ((row["account_credit_balance"] or {"decimal": 0})["decimal"] > 0) == value
    ),
    ("reports.customers", "include_deleted"): lambda _, row, value: value or row["deleted_at"] is None,
    ("reports.customers", "is_any"): _any_of,
    ("reports.invoices", "credit_applied"): lambda _, row, value: (
        (row["credit_amount"]["decimal"] > 0) == value
    ),
    ("reports.invoices", "customer_memberships"): _billed,
    ("reports.invoices", "discount_applied"): lambda _, row, value: (
        (row["discount_amount"]["decimal"] > 0) == value
    ),
    ("reports.invoices", "payment_processors"): _processor,
    ("lists.attendances", "event_applicable_to_recurring_reservation"): _reserved_event,
    ("lists.attendances", "event_local_starts_at_gte"): _local("event", later=True),
    ("lists.attendances", "event_local_starts_at_lte"): _local("event", later=False),
    ("lists.content", "active_customer"): _always,
    ("lists.content", "favorited_by"): lambda studio, row, value: (
        (value, row["id"]) in studio.table("content_favorites", "customer_id", "content_id")
    ),
    ("lists.content", "query"): _contains("name"),
    ("lists.content_collections", "active_customer"): _always,
    ("lists.content_filters", "collection"): lambda studio, row, value: any(
        tag["filter"] == row["id"]
        for content in studio.rows("lists.content")
        if content["collection"] == value
        for tag in content["tags"]
    ),
    ("lists.course_session_attendances", "course_session_local_starts_at_gte"): _local(
        "course_session", later=True
    ),
    ("lists.course_session_attendances", "course_session_local_starts_at_lte"): _local(
        "course_session", later=False
    ),
    ("lists.course_sessions", "local_starts_at_gte"): _local("", later=True),
    ("lists.course_sessions", "local_starts_at_lte"): _local("", later=False),
    ("lists.course_sessions", "occupancy_status"): _full,
    ("lists.customer_fields", "applicable_scenario"): lambda studio, row, value: (
        (row["id"], value) in studio.table("customer_field_scenarios", "field_id", "scenario")
    ),
    ("lists.customer_fields", "forms"): _forms_of_field,
    ("lists.customer_fields", "include_virtual"): lambda studio, row, value: (
        value or not _column("customer_fields", "is_virtual")(studio, row)
    ),
    ("lists.customer_field_values", "customers"): lambda studio, row, value: (
        _column("customer_field_values", "customer_id")(studio, row) in value
    ),
    ("lists.customer_forms", "applicable_to"): _applicable,
    ("lists.customer_forms", "applicable_to_memberships"): _form_applies("memberships"),
    ("lists.customer_forms", "applicable_to_offering_types"): _form_applies("offering_types"),
    ("lists.customer_forms", "no_signup"): lambda studio, row, value: (
        bool(_column("customer_forms", "no_signup")(studio, row)) == value
    ),
    ("lists.customer_forms", "submitted_by"): lambda studio, row, value: any(
        one["form"] == row["id"] and one["customer"] in value
        for one in studio.rows("lists.customer_form_submissions")
    ),
    ("lists.customer_issues", "importance"): _importance,
    ("lists.customer_issues", "status"): lambda _, row, value: issue_status(row) == value,
    ("lists.customer_memberships", "has_active_hold"): lambda _, row, value: (
        (row["active_hold"] is not None) == value
    ),
    ("lists.customer_memberships", "has_expiration_date"): lambda _, row, value: (
        (row["expiration_date"] is not None) == value
    ),
    ("lists.customers", "active_memberships"): lambda studio, row, value: any(
        held["customer"] == row["id"] and held["status"] == "active" and held["membership"] in value
        for held in studio.rows("lists.customer_memberships")
    ),
    ("lists.customers", "age_gte"): lambda studio, row, value: (_age(studio, row) or -1) >= value,
    ("lists.customers", "age_lte"): lambda studio, row, value: (_age(studio, row) or 999) <= value,
    ("lists.customers", "autocomplete"): lambda _, row, value: (
        _name(row).lower().startswith(value.lower()) or row["email"].lower().startswith(value.lower())
    ),
    ("lists.customers", "broadcast_message_recipients"): _reached(reached=True),
    ("lists.customers", "broadcast_message_non_recipients"): _reached(reached=False),
    ("lists.customers", "can_delete"): lambda studio, row, value: (not _booked(studio, row)) == value,
    ("lists.customers", "deleted"): lambda studio, row, value: (
        bool(studio.values(row, "id -> reports.customers -> deleted_at")) == value
    ),
    ("lists.customers", "query"): lambda _, row, value: (
        value.lower() in _name(row).lower() or value.lower() in row["email"].lower()
    ),
    ("lists.discount_codes", "query"): _contains("name", "code"),
    ("lists.events", "active_customer"): _always,
    ("lists.events", "applicable_to_recurring_reservation"): _reserved,
    ("lists.events", "local_starts_at_gte"): _local("", later=True),
    ("lists.events", "local_starts_at_lte"): _local("", later=False),
    ("lists.events", "occupancy_status"): _full,
    ("lists.events", "registration_timelines"): _timelines,
    ("lists.external_calendars.events", "happens_after"): lambda _, row, value: (
        moment(row["end_datetime_utc"]) >= value
    ),
    ("lists.external_calendars.events", "happens_before"): lambda _, row, value: (
        moment(row["start_datetime_utc"]) <= value
    ),
    ("lists.external_calendars.events", "instructor_id"): lambda _, row, value: (
        row["calendar_source_account"]["id"] == value + 80_000
    ),
    ("lists.family_invites", "claimed"): lambda _, row, value: (row["claimed_by"] is not None) == value,
    ("lists.invoices", "store_order"): lambda studio, row, value: (
        _column("invoices", "store_order_id")(studio, row) == value
    ),
    ("lists.memberships", "forms"): _forms_of_membership,
    ("lists.memberships", "offering_type"): lambda studio, row, value: permitted(studio, row["id"], value),
    ("lists.memberships", "permits_registration_for_event"): _permits,
    ("lists.venues", "has_active_sessions"): _has_sessions,
    ("lists.venues", "status"): lambda _, row, value: ("archived" if row["archived"] else "active") == value,
    ("lists.waivers", "applicable_to"): lambda _, row, value: bool(set(row["when_required"]) & set(value)),
}
"""Filters whose names do not say what they mean."""


def _has_access(studio: Studio, row: Row, customer: int) -> bool:
    """Whether a customer holds one of the memberships that a collection comes with."""
    wanted = set(studio.values(row, "memberships.id"))
    return any(
        held["customer"] == customer and held["status"] == "active" and held["membership"] in wanted
        for held in studio.rows("lists.customer_memberships")
    )


def _registration(studio: Studio, row: Row, customer: int) -> Row:
    """What a customer can do about an event."""
    booked = [
        one["status"]
        for one in studio.rows("lists.attendances")
        if (one["event"], one["customer"]) == (row["id"], customer)
    ]
    return {
        "suggested_action": "none" if booked else "register",
        "current_status": booked[0] if booked else None,
        "restriction_codes": [],
        "registrations_open_at": row["registrations_open_at"],
        "registrations_close_at": row["registrations_close_at"],
        "late_cancels_after": row["late_cancel_deadline"],
    }


TOLD: Final[dict[str, tuple[str, Callable[[Studio, Row, int], Any]]]] = {
    "lists.content": (
        "is_favorited_by_active_customer",
        lambda studio, row, customer: (
            (customer, row["id"]) in studio.table("content_favorites", "customer_id", "content_id")
        ),
    ),
    "lists.content_collections": ("active_customer_has_access", _has_access),
    "lists.events": ("active_registration_status", _registration),
}
"""What rows say of the active customer, who is a parameter."""
