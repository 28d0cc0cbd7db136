"""The subjects of reports; each has a grouped twin, or could have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .filters import future, holds, one_of, taught, unless, with_none
from .subject import Subject

TEACHERS_OF_EVENT: Final = taught("instructor", "second")
OCCUPANCY: Final = one_of(
    {
        "full": "(coalesce({max_occupancy}, 0) > 0 AND {attending_count} >= {max_occupancy})",
        "not_full": "(coalesce({max_occupancy}, 0) = 0 OR {attending_count} < {max_occupancy})",
        "has_registrations": "{attending_count} > 0",
        "has_waitlist": "{waitlist_count} > 0",
        "empty": "{attending_count} = 0",
    }
)

ATTENDANCES: Final = Subject(
    root="attendances",
    hops={
        "offering_type": "event.offering_type",
        "venue": "event.venue",
        "instructors": "event.instructors",
        "day_of_week": "event.day_of_week",
    },
    names={
        "event_start": "event.starts_at",
        "event_": "event.starts_at",
        "event": "event.starts_at",
        "event_local_starts_at": "event.local_start",
        "attendance_status": "status",
        "event_types": "event.type",
    },
    derived={"booking_source": "text: {booking_source.name}"},
    filters={
        "booking_sources": with_none("booking_source_id"),
        "include_future": future("event.starts_at"),
        "instructors": taught("event.instructor", "event.second"),
    },
    always={"include_future": False},
    pivot="event.local_start",
)
STRIKES: Final = Subject(
    root="attendance_strikes",
    hops={
        "offering_type": "event.offering_type",
        "venue": "event.venue",
        "day_of_week": "event.day_of_week",
    },
    names={"penalty": "penalty_id", "rule_applies_to": "applies_to"},
    derived={
        "customer_membership.membership.id": "key: {membership.id}",
        "customer_membership.membership.name": "text: {membership.name}",
    },
    pivot="event.local_start",
)
PUPILS: Final = Subject(
    root="course_session_attendances",
    hops={
        "course": "course_session.course",
        "offering_type": "course_session.offering_type",
        "venue": "course_session.venue",
        "instructors": "course_session.instructors",
        "day_of_week": "course_session.day_of_week",
    },
    names={"session_starts_at": "course_session.starts_at", "session": "course_session.starts_at"},
    filters={
        "include_future": future("course_session.starts_at"),
        "instructors": taught("course_session.instructor", "course_session.second"),
    },
    always={"include_future": False},
    pivot="course_session.local_start",
)
INSTRUCTED: Final = Subject(
    root="instructed_sessions",
    hops={"instructor_pay_rate": "pay_rate"},
    names={"": "starts_at"},
    filters={"instructors": taught("instructor")},
)
COURSE_SESSIONS: Final = Subject(
    root="course_sessions",
    names={"start": "starts_at"},
    derived={"start": "moment: {starts_at}"},
    filters={"instructors": TEACHERS_OF_EVENT, "occupancy_status": OCCUPANCY},
)

CLASSES: Final = Subject(
    root="events",
    names={"": "starts_at", "durations": "duration_minutes"},
    derived={
        "day_of_week": "text: replace({weekday}, 'saturday', 'staturday')",
        "month": "key: CAST(substr({local_start}, 6, 2) AS INTEGER)",
        "year": "key: CAST(substr({local_start}, 1, 4) AS INTEGER)",
    },
    measures={"average_attendees": "number: avg({attendance_count})"},
    filters={"include_future": future("starts_at"), "instructors": TEACHERS_OF_EVENT},
    always={"include_future": False},
)
CONTENT_VIEWS: Final = Subject(
    root="content_views",
    names={"": "viewed_at"},
    derived={"month": "key: {viewed_month}", "year": "key: {viewed_year}"},
)
HOLDS: Final = Subject(
    root="customer_membership_holds",
    hops={"customer": "customer_membership.customer", "membership": "customer_membership.membership"},
    names={
        "start": "start_date",
        "end": "end_date",
        "membership_types": "customer_membership.type",
    },
    measures={"average_hold_duration": "number: CAST(round(avg({duration})) AS INTEGER)"},
    filters={"payment_resolution_type": with_none("payment_resolution_type")},
    pivot="start_date",
)
MEMBERSHIPS_HELD: Final = Subject(
    root="customer_memberships",
    names={
        "downgrade_date": "downgraded_date",
        "upgrade_date": "upgraded_date",
        "membership_categories": "membership.category",
        "types": "type",
        "ids": "id",
    },
    measures={"billed_price": "pence: sum({billed_price})"},
    filters={"payment_processors": with_none("payment_processor_id")},
    derived={
        "purchase_month": "key: {purchased_month}",
        "purchase_year": "key: {purchased_year}",
    },
    pivot="start_date",
    active="(substr({start_date}, 1, length('$')) <= '$' AND coalesce({ended_on} >= '$', 1))",
)
REFERRALS: Final = Subject(
    root="customer_referrals",
    names={"memberships": "signup_customer_membership.membership"},
)
CUSTOMERS: Final = Subject(
    root="customers",
    names={
        "latest_registration_starts_at": "latest_registration.starts_at",
        "ids": "id",
    },
    filters={
        "active_memberships": holds(
            "EXISTS (SELECT 1 FROM customer_memberships AS h INDEXED BY memberships_of_customer WHERE"
            " h.customer_id = {id} AND h.status = 'active' AND h.membership_id IN (SELECT value FROM json_each(?)))"
        ),
        "include_deleted": unless("deleted_at", "{path} IS NULL"),
        "is_any": one_of(
            {
                "new": "{is_new}",
                "claimed": "{is_claimed}",
                "slipping_away": "{is_slipping_away}",
                "inactive": "NOT {is_active}",
                "active": "{is_active}",
                "registration_blocked": "{registration_blocked}",
                "lead": "{is_lead}",
            }
        ),
    },
    derived={"birth_month": "key: CAST(strftime('%m', {date_of_birth}) AS INTEGER)"},
    always={"include_deleted": False},
    extra=(
        "extra_customer_fields",
        "customer_field_",
        """text: (SELECT a.value FROM customer_field_values AS a INDEXED BY answers_of_customer
        WHERE a.customer_id = {id} AND a.field_id = $ ORDER BY a.id LIMIT 1)""",
    ),
)
USES: Final = Subject(
    root="invoices",
    hops={"group": "discount_code.group"},
    names={"": "created_at", "used_at": "created_at", "groups": "discount_code.group"},
    derived={
        "use_type": "text: replace({purchase_type}, 'course_session', 'course')",
        "used_for": """json: json_object('id', {used_id}, 'label', {purchase_items}, 'type', {purchase_type})""",
        "used_at": "moment: {created_at}",
        "month": "key: {created_month}",
        "year": "key: {created_year}",
    },
    always={"used": True},
    filters={"used": holds("{discount_code_id} IS NOT NULL")},
)
TEACHERS: Final = Subject(
    root="instructed_sessions",
    grouped=True,
    names={"": "starts_at"},
    derived={"id": "key: {instructor.id}", "name": "text: {instructor.name}"},
    measures={
        "total_sessions": "key: count(*)",
        "total_hours": "number: sum({hours})",
        "total_pay": "text: printf('%.2f', coalesce(sum({pay}), 0) / 100.0)",
    },
    filters={"instructors": taught("instructor")},
)
LINE_ITEMS: Final = Subject(
    root="invoice_line_items",
    names={
        f"invoice_{name}": f"invoice.{name}"
        for name in ("confirmed_at", "due_date", "paid_at", "updated_at", "status")
    },
    measures={"total_amount": "pence: sum({amount})"},
)
INVOICES: Final = Subject(
    root="invoices",
    names={"payment_processors": "payment_processor_id", "due_date": "due_date", "paid_at": "paid_at"},
    filters={
        "credit_applied": holds("({credit_amount} > 0) = ?"),
        "discount_applied": holds("({discount_amount} > 0) = ?"),
        "purchase_types": holds(
            "replace({purchase_type}, 'store_order', 'store') IN (SELECT value FROM json_each(?))"
        ),
    },
)
MESSAGES: Final = Subject(
    root="sms_messages", names={"interaction_triggers": "trigger", "status_updated": "status_updated_at"}
)

REPORTS: Final[Mapping[str, Subject]] = {
    "attendance_strikes": STRIKES,
    "attendances": ATTENDANCES,
    "classes": CLASSES,
    "content_views": CONTENT_VIEWS,
    "course_session_attendances": PUPILS,
    "customer_credits": Subject(root="customer_credits"),
    "customer_field_changes": Subject(root="customer_field_changes", names={"customer_fields": "field"}),
    "customer_membership_holds": HOLDS,
    "customer_memberships": MEMBERSHIPS_HELD,
    "customer_referrals": REFERRALS,
    "customers": CUSTOMERS,
    "discount_code_uses": USES,
    "gift_cards": Subject(root="gift_cards", names={"purchasers": "customer"}),
    "instructed_sessions": INSTRUCTED,
    "instructors": TEACHERS,
    "invoice_line_items": LINE_ITEMS,
    "invoices": INVOICES,
    "sms_messages": MESSAGES,
    "waiver_signatures": Subject(root="waiver_agreements"),
}
"""By the name of the report."""
