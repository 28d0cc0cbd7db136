"""Where each column and filter of the five endpoints lies in the tables.

Keys are the vendor's: column paths and parameter names of the declarations. What a declaration has and this
does not is refused by a test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from .filters import (
    Filter,
    among,
    equals,
    future,
    greater,
    local_since,
    local_until,
    one_of,
    since,
    sources,
    taught,
    text_since,
    text_until,
    until,
    within,
)
from .studio import money


@attrs.frozen
class Column:
    """A column: its SQL expression, and how its value becomes JSON (with the account's currency at hand)."""

    sql: str
    decode: Callable[[Any, str], Any] | None = None
    sortable: bool = True


@attrs.frozen
class Table:
    """How an endpoint reads the database.

    `name` is the table that changes when rows are inserted or deleted, `nullable` the objects a row may lack,
    `always` the filters that also apply when absent, `local_time` what ``pivot`` goes by.
    """

    name: str
    key: str
    source: str
    columns: Mapping[str, Column]
    filters: Mapping[str, Filter]
    nullable: tuple[str, ...] = ()
    always: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    local_time: str = ""


def _moment(column: str) -> Column:
    return Column(f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')")


def _flag(value: Any, _: str) -> bool | None:
    return None if value is None else bool(value)


def _people(value: Any, _: str) -> list[dict[str, Any]]:
    flat = json.loads(value)
    return [
        {"id": key, "name": name} for key, name in zip(flat[::2], flat[1::2], strict=True) if key is not None
    ]


def _list(value: Any, _: str) -> Any:
    return None if value is None else json.loads(value)


def _money(value: Any, currency: str) -> Any:
    return None if value is None else money(value, currency)


def _weekday(local: str) -> Column:
    days = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    cases = " ".join(f"WHEN '{number}' THEN '{day}'" for number, day in enumerate(days))
    return Column(f"CASE strftime('%w', {local}) {cases} END")


def _named(path: str, alias: str) -> dict[str, Column]:
    return {f"{path}.id": Column(f"{alias}.id"), f"{path}.name": Column(f"{alias}.name")}


def _customer(alias: str) -> dict[str, Column]:
    return {**_named("customer", alias), "customer.email": Column(f"{alias}.email")}


def _thumbnail(alias: str) -> Column:
    return Column(f"'https://images.example.com/customers/' || {alias}.id || '.jpg'")


ATTENDANCES: Final = Table(
    name="attendances",
    key="a.id",
    source="""attendances a LEFT JOIN customers c ON c.id = a.customer_id LEFT JOIN events e ON e.id =
    a.event_id
        LEFT JOIN offering_types o ON o.id = e.offering_type_id LEFT JOIN venues v ON v.id = e.venue_id
        LEFT JOIN instructors i ON i.id = e.instructor_id LEFT JOIN instructors j ON j.id = e.second_id
        LEFT JOIN memberships m ON m.id = a.membership_id LEFT JOIN booking_sources b ON b.id =
        a.booking_source_id""",
    columns={
        "id": Column("a.id"),
        "updated_at": _moment("a.updated_at"),
        **_customer("c"),
        "customer.thumbnail_url": _thumbnail("c"),
        "event.id": Column("e.id"),
        "event.starts_at": _moment("e.starts_at"),
        "event.ends_at": _moment("e.ends_at"),
        "event.name": Column("e.name"),
        **_named("offering_type", "o"),
        **_named("venue", "v"),
        "instructors": Column("json_array(i.id, i.name, j.id, j.name)", _people, sortable=False),
        "booking_method": Column("a.booking_method"),
        "customer_membership.id": Column("a.customer_membership_id"),
        **_named("customer_membership.membership", "m"),
        "booking_source": Column("b.name"),
        "status": Column("a.status"),
        "checkin.ocurred_at": _moment("a.checkin_at"),
        "is_first_attendance": Column("a.is_first_attendance", _flag),
    },
    filters={
        "attendance_status": among("a.status"),
        "booking_methods": among("a.booking_method"),
        "booking_sources": sources("a.booking_source_id"),
        "customer_memberships": among("a.customer_membership_id"),
        "customers": among("a.customer_id"),
        "event_start_gte": since("e.starts_at"),
        "event_start_lte": until("e.starts_at"),
        "event_timeframe": within("e.starts_at"),
        "event_types": among("e.type"),
        "id_gt": greater("a.id"),
        "include_future": future("e.starts_at"),
        "instructors": taught("e.instructor_id", "e.second_id"),
        "memberships": among("a.membership_id"),
        "offering_types": among("e.offering_type_id"),
        "status": among("a.status"),
        "updated_at_gte": since("a.updated_at"),
        "updated_at_lte": until("a.updated_at"),
        "venues": among("e.venue_id"),
    },
    nullable=("customer_membership", "checkin"),
    always={"include_future": False},
)

ATTENDANCE_STRIKES_GROUPED: Final = Table(
    name="attendance_strikes",
    key="s.id",
    source="""attendance_strikes s LEFT JOIN customers c ON c.id = s.customer_id LEFT JOIN events e ON e.id
    = s.event_id
        LEFT JOIN offering_types o ON o.id = e.offering_type_id LEFT JOIN venues v ON v.id = e.venue_id
        LEFT JOIN memberships m ON m.id = s.membership_id""",
    columns={
        **_customer("c"),
        "status": Column("s.status"),
        "attendance.status": Column("s.attendance_status"),
        "rule.applies_to": Column("s.applies_to"),
        **_named("event.offering_type", "o"),
        **_named("event.venue", "v"),
        "event.start_time": Column("substr(e.local_start, 12, 5)"),
        **_named("customer_membership.membership", "m"),
        "day_of_week": _weekday("e.local_start"),
        "count": Column("count(*)"),
    },
    filters={
        "attendance_status": among("s.attendance_status"),
        "customers": among("s.customer_id"),
        "event_starts_at_gte": since("e.starts_at"),
        "event_starts_at_lte": until("e.starts_at"),
        "id_gt": greater("s.id"),
        "memberships": among("s.membership_id"),
        "offering_types": among("e.offering_type_id"),
        "penalty": equals("s.penalty_id"),
        "rule_applies_to": among("s.applies_to"),
        "status": among("s.status"),
        "venues": among("e.venue_id"),
    },
    nullable=("customer_membership",),
    local_time="e.local_start",
)

COURSE_SESSION_ATTENDANCES_GROUPED: Final = Table(
    name="course_session_attendances",
    key="a.id",
    source="""course_session_attendances a LEFT JOIN customers c ON c.id = a.customer_id
        LEFT JOIN course_sessions s ON s.id = a.course_session_id
        LEFT JOIN offering_types o ON o.id = s.offering_type_id LEFT JOIN venues v ON v.id = s.venue_id""",
    columns={
        **_customer("c"),
        **_named("venue", "v"),
        **_named("offering_type", "o"),
        "booking_method": Column("a.booking_method"),
        "is_makeup": Column("a.is_makeup", _flag),
        "status": Column("a.status"),
        "course_session.start_time": Column("substr(s.local_start, 12, 5)"),
        "day_of_week": _weekday("s.local_start"),
        "count": Column("count(*)"),
    },
    filters={
        "booking_methods": among("a.booking_method"),
        "customers": among("a.customer_id"),
        "id_gt": greater("a.id"),
        "include_future": future("s.starts_at"),
        "instructors": taught("s.instructor_id", "s.second_id"),
        "is_makeup": equals("a.is_makeup"),
        "memberships": among("a.membership_id"),
        "offering_types": among("s.offering_type_id"),
        "session_starts_at_gte": since("s.starts_at"),
        "session_starts_at_lte": until("s.starts_at"),
        "session_timeframe": within("s.starts_at"),
        "status": among("a.status"),
        "venues": among("s.venue_id"),
    },
    always={"include_future": False},
    local_time="s.local_start",
)

INSTRUCTED_SESSIONS: Final = Table(
    name="instructed_sessions",
    key="t.id",
    source="""instructed_sessions t LEFT JOIN offering_types o ON o.id = t.offering_type_id
        LEFT JOIN instructors i ON i.id = t.instructor_id LEFT JOIN venues v ON v.id = t.venue_id
        LEFT JOIN pay_rates r ON r.id = t.pay_rate_id""",
    columns={
        "id": Column("t.id"),
        "name": Column("t.name"),
        **_named("offering_type", "o"),
        **_named("instructor", "i"),
        "instructor.thumbnail_url": Column("i.picture_url"),
        "starts_at": _moment("t.starts_at"),
        **_named("venue", "v"),
        "venue_timezone": Column("v.timezone"),
        "max_occupancy": Column("t.max_occupancy"),
        "hours": Column("t.hours"),
        "attended_count": Column("t.attended_count"),
        "no_show_count": Column("t.no_show_count"),
        "late_cancel_count": Column("t.late_cancel_count"),
        "comped_counts.attended": Column("t.comped_attended"),
        "session_type": Column("t.session_type"),
        **_named("instructor_pay_rate", "r"),
        "instructor_pay_rate.type": Column("r.type"),
        "instructor_pay_rate.base": Column("r.base"),
        "instructor_pay_rate.tiers": Column("r.tiers", _list, sortable=False),
        "instructor_pay": Column("t.pay", _money),
        "instructor_pay_calculation_pending": Column("t.pay_pending", _flag),
    },
    filters={
        "id_gt": greater("t.id"),
        "instructors": taught("t.instructor_id", "t.instructor_id"),
        "offering_types": among("t.offering_type_id"),
        "pay_rates": among("t.pay_rate_id"),
        "session_types": among("t.session_type"),
        "starts_at_gte": since("t.starts_at"),
        "starts_at_lte": until("t.starts_at"),
        "timeframe": within("t.starts_at"),
        "venues": among("t.venue_id"),
    },
    nullable=("instructor_pay_rate",),
)

COURSE_SESSIONS: Final = Table(
    name="course_sessions",
    key="s.id",
    source="course_sessions s",
    columns={
        "id": Column("s.id"),
        "object": Column("'course_session'"),
        "name": Column("s.name"),
        "starts_at": _moment("s.starts_at"),
        "ends_at": _moment("s.ends_at"),
        "status": Column("s.status"),
        "attending_count": Column("s.attending_count"),
        "max_occupancy": Column("s.max_occupancy"),
        "venue": Column("s.venue_id"),
        "instructors": Column("json_array(s.instructor_id, s.second_id)", _list),
        "course": Column("s.course_id"),
        "customer_url": Column("'https://goteamup.com/c/course_sessions/' || s.id"),
        "provider_url": Column("'https://goteamup.com/p/course_sessions/' || s.id"),
        "start": Column("s.starts_at"),
    },
    filters={
        "course": among("s.course_id"),
        "ends_at_gte": text_since("s.ends_at"),
        "ends_at_lte": text_until("s.ends_at"),
        "instructors": taught("s.instructor_id", "s.second_id"),
        "local_starts_at_gte": local_since("s.local_start"),
        "local_starts_at_lte": local_until("s.local_start"),
        "occupancy_status": one_of(
            {
                "full": "(coalesce(s.max_occupancy, 0) > 0 AND s.attending_count >= s.max_occupancy)",
                "not_full": "(coalesce(s.max_occupancy, 0) = 0 OR s.attending_count < s.max_occupancy)",
                "has_registrations": "s.attending_count > 0",
                "has_waitlist": "s.waitlist_count > 0",
                "empty": "s.attending_count = 0",
            }
        ),
        "offering_types": among("s.offering_type_id"),
        "start_gte": since("s.starts_at"),
        "start_lte": until("s.starts_at"),
        "starts_at_gte": since("s.starts_at"),
        "starts_at_lte": until("s.starts_at"),
        "status": among("s.status"),
        "venues": among("s.venue_id"),
    },
)

TABLES: Final[Mapping[str, Table]] = {
    "attendances": ATTENDANCES,
    "attendance_strikes.grouped": ATTENDANCE_STRIKES_GROUPED,
    "course_session_attendances.grouped": COURSE_SESSION_ATTENDANCES_GROUPED,
    "instructed_sessions": INSTRUCTED_SESSIONS,
    "course_sessions": COURSE_SESSIONS,
}
"""By `Endpoint.key`."""
