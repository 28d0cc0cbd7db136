"""The subjects of lists, and of the objects that ``expand`` puts into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .filters import Filter, compare, contains, equals, holds, one_of, told, unless
from .report_subjects import COURSE_SESSIONS, CUSTOMERS, OCCUPANCY, TEACHERS_OF_EVENT
from .subject import Subject


def _reserved(offering_type: str, weekday: str) -> Filter:
    """What a recurring reservation matches: the same offer, on the same day of the week."""
    return holds(
        f"EXISTS (SELECT 1 FROM recurring_reservations AS r WHERE r.offering_type_id = {{{offering_type}}}"
        f" AND r.weekday = {{{weekday}}} AND r.id = ?)"
    )


def _meant(reached: str) -> Filter:
    """Whom a broadcast message is for, of a venue or everybody, and whether it reaches them."""
    return holds(
        f"({reached}) AND EXISTS (SELECT 1 FROM broadcast_messages AS b WHERE b.id = ?"
        " AND coalesce(b.venue_id = {venue.id}, 1))"
    )


_REGISTERED: Final = """(SELECT a.status FROM attendances AS a INDEXED BY attendances_of_event
    WHERE a.event_id = {id} AND a.customer_id = {given.active_customer} ORDER BY a.id LIMIT 1)"""
_ACTIVE_HOLDERS: Final = CUSTOMERS.filters["active_memberships"]
LISTS: Final[Mapping[str, Subject]] = {
    "ai.business_advisor_reports": Subject(root="business_advisor_reports"),
    "attendances": Subject(
        root="attendances",
        hops={"venue": "event.venue", "offering_type": "event.offering_type"},
        names={"event_local_starts_at": "event.local_start"},
        filters={
            "event_applicable_to_recurring_reservation": _reserved("event.offering_type.id", "event.weekday")
        },
    ),
    "content": Subject(
        root="content",
        derived={
            "is_favorited_by_active_customer": """flag: CASE WHEN {given.active_customer} IS NOT NULL THEN EXISTS
                (SELECT 1 FROM content_favorites AS f WHERE f.content_id = {id}
                AND f.customer_id = {given.active_customer}) END"""
        },
        filters={
            "active_customer": told,
            "favorited_by": holds(
                "{id} IN (SELECT f.content_id FROM content_favorites AS f WHERE f.customer_id = ?)"
            ),
            "query": contains("name"),
        },
    ),
    "content_collections": Subject(
        root="content_collections",
        names={"membership": "memberships"},
        derived={
            "active_customer_has_access": """flag: CASE WHEN {given.active_customer} IS NOT NULL THEN EXISTS
                (SELECT 1 FROM customer_memberships AS h INDEXED BY memberships_of_customer
                JOIN collection_memberships AS p ON p.membership_id = h.membership_id
                WHERE h.customer_id = {given.active_customer} AND h.status = 'active' AND p.collection_id = {id}) END"""
        },
        filters={"active_customer": told},
    ),
    "content_filters": Subject(
        root="content_filters",
        filters={
            "collection": holds(
                "{id} IN (SELECT g.filter_id FROM content AS c JOIN content_taggings AS k ON k.content_id = c.id"
                " JOIN content_tags AS g ON g.id = k.tag_id WHERE c.collection_id = ?)"
            )
        },
    ),
    "course_session_attendances": Subject(
        root="course_session_attendances",
        names={
            "course_session_starts_at": "course_session.starts_at",
            "course_session_local_starts_at": "course_session.local_start",
        },
    ),
    "course_sessions": COURSE_SESSIONS,
    "courses": Subject(root="courses"),
    "crm.lead_forms": Subject(root="lead_forms"),
    "crm.lead_sources": Subject(root="lead_sources"),
    "business_closures": Subject(root="business_closures"),
    "customer_field_values": Subject(root="customer_field_values"),
    "customer_fields": Subject(
        root="customer_fields",
        filters={
            "applicable_scenario": holds(
                "{id} IN (SELECT o.field_id FROM customer_field_scenarios AS o WHERE o.scenario = ?)"
            ),
            "include_virtual": unless("is_virtual", "NOT {path}"),
        },
        always={"include_virtual": False},
    ),
    "customer_form_submissions": Subject(root="customer_form_submissions"),
    "customer_forms": Subject(
        root="customer_forms",
        names={
            "applicable_to_memberships": "applied_memberships",
            "applicable_to_offering_types": "applied_offering_types",
        },
        filters={
            "applicable_to": one_of(
                {
                    "all_memberships": "{memberships_applies_to} = 'all'",
                    "all_offering_types": "{offering_types_applies_to} = 'all'",
                    "at_least_one_membership": "{id} IN (SELECT form_id FROM applied_memberships)",
                    "at_least_one_offering_type": "{id} IN (SELECT form_id FROM applied_offering_types)",
                }
            ),
            "submitted_by": holds(
                "EXISTS (SELECT 1 FROM customer_form_submissions AS f WHERE f.form_id = {id}"
                " AND f.customer_id IN (SELECT value FROM json_each(?)))"
            ),
        },
    ),
    "customer_issues": Subject(root="customer_issues", names={"importance": "status.importance_key"}),
    "customer_membership_holds": Subject(root="customer_membership_holds"),
    "customer_memberships": Subject(
        root="customer_memberships",
        names={"membership_type": "type", "owned_or_shared_with_customer": "customer", "ids": "id"},
        derived={
            "status": "text: CASE WHEN t.status IN ('upgraded', 'downgraded') THEN 'completed' ELSE t.status END"
        },
        filters={
            "status": holds("replace({status}, 'completed', 'complete') IN (SELECT value FROM json_each(?))")
        },
    ),
    "customer_registration_blocks": Subject(root="customer_registration_blocks"),
    "customers": Subject(
        root="customers",
        hops={"customer_venue": "venue"},
        names={"ids": "id"},
        filters={
            "active_memberships": _ACTIVE_HOLDERS,
            "broadcast_message_non_recipients": _meant("NOT {is_opted_into_broadcast_messages}"),
            "broadcast_message_recipients": _meant("{is_opted_into_broadcast_messages}"),
            "autocomplete": holds("({name} LIKE ? || '%' OR {email} LIKE ? || '%')"),
            "can_delete": holds(
                "NOT EXISTS (SELECT 1 FROM attendances AS v INDEXED BY attendances_of_customer"
                " WHERE v.customer_id = {id}) = ?"
            ),
            "deleted": holds("({deleted_at} IS NOT NULL) = ?"),
            "query": contains("name", "email"),
        },
        always={"deleted": False},
    ),
    "discount_code_groups": Subject(root="discount_code_groups"),
    "discount_codes": Subject(root="discount_codes", filters={"query": contains("name", "code")}),
    "events": Subject(
        root="events",
        hops={"category": "offering_type.category"},
        names={
            "start": "starts_at",
            "end": "ends_at",
            "local_starts_at": "local_start",
            "category": "offering_type.category",
            "ids": "id",
        },
        derived={
            "active_registration_status.current_status": f"text: {_REGISTERED}",
            "active_registration_status.suggested_action": f"""text: CASE WHEN {{given.active_customer}} IS NULL
                THEN NULL                WHEN {_REGISTERED} IS NULL THEN 'register' ELSE 'none' END""",
            **{
                f"active_registration_status.{name}": f"""moment: CASE WHEN {{given.active_customer}} IS NOT NULL
                    THEN {value} END"""
                for name, value in (
                    ("registrations_open_at", "{registrations_open_at}"),
                    ("registrations_close_at", "{registrations_close_at}"),
                    ("late_cancels_after", "{late_cancel_deadline}"),
                )
            },
            "active_registration_status.restriction_codes": """json: CASE WHEN {given.active_customer} IS NOT NULL
                THEN json_array() END""",
        },
        filters={
            "active_customer": told,
            "applicable_to_recurring_reservation": _reserved("offering_type.id", "weekday"),
            "registration_timelines": equals("timeline"),
            "instructors": TEACHERS_OF_EVENT,
            "occupancy_status": OCCUPANCY,
            "max_allowed_age": equals("offering_type.max_allowed_age"),
            "min_allowed_age": equals("offering_type.min_allowed_age"),
        },
    ),
    "external_calendars.events": Subject(
        root="external_calendar_events",
        names={"instructor_id": "instructor"},
        filters={
            "happens_after": compare("end_datetime_utc", ">="),
            "happens_before": compare("start_datetime_utc", "<="),
        },
    ),
    "family_invites": Subject(
        root="family_invites", filters={"claimed": holds("({claimed_by} IS NOT NULL) = ?")}
    ),
    "invoices": Subject(
        root="invoices",
        hops={"payer": "customer"},
        derived={
            "status": "text: replace(t.status, 'pending_online', 'pending')",
            "charges": """json: CASE WHEN {paid_at} IS NULL THEN json_array() ELSE json_array(json_object('id', {id},
                'object', 'invoice_charge', 'payment_processor', {payment_processor_id})) END""",
            "applied_credits": """json: CASE WHEN {credit_amount} > 0 THEN json_array(json_object(
                'id', {id} + 30000000, 'object', 'invoice_credit', 'amount', json_object(
                    'decimal', {credit_amount} / 100.0, 'string', printf('%.2f', {credit_amount} / 100.0),
                    'iso_currency_code', {studio_currency}))) ELSE json_array() END""",
            "discounts": "json: json_array()",
            "adjustments": "json: json_array()",
            "taxes": "json: json_array()",
            "credit_notes": "json: json_array()",
        },
    ),
    "membership_categories": Subject(root="membership_categories"),
    "membership_payment_plans": Subject(root="membership_payment_plans"),
    "memberships": Subject(
        root="memberships",
        names={"categories": "category", "offering_type": "offering_types"},
        filters={
            "permits_registration_for_event": holds(
                "{id} IN (SELECT p.membership_id FROM membership_offerings AS p"
                " JOIN events AS e ON e.offering_type_id = p.offering_type_id WHERE e.id = ?)"
            )
        },
    ),
    "payment_methods": Subject(root="payment_methods"),
    "payment_processors": Subject(root="payment_processors"),
    "payment_subscriptions": Subject(root="payment_subscriptions"),
    "policy_agreements": Subject(root="policy_agreements"),
    "policy_versions": Subject(root="policy_versions"),
    "providers": Subject(root="providers"),
    "venue_rooms": Subject(root="venue_rooms", filters={"venue": holds("{venue_id} = CAST(? AS INTEGER)")}),
    "venues": Subject(
        root="venues",
        filters={
            "has_active_sessions": holds("EXISTS (SELECT 1 FROM events AS e WHERE e.venue_id = {id}) = ?")
        },
    ),
    "waiver_agreements": Subject(root="waiver_agreements"),
    "waivers": Subject(
        root="waivers",
        filters={
            "applicable_to": holds(
                "EXISTS (SELECT 1 FROM json_each({doc}, '$.when_required') AS w WHERE w.value IN"
                " (SELECT value FROM json_each(?)))"
            ),
            "status": holds("CASE {status} WHEN 'Active' THEN 0 ELSE 2 END = ?"),
        },
    ),
}
"""By the name of the list."""
OBJECTS: Final[Mapping[str, Subject]] = {
    "Attendance": LISTS["attendances"],
    "ContentCollection": LISTS["content_collections"],
    "Course": LISTS["courses"],
    "CourseSession": COURSE_SESSIONS,
    "Customer": LISTS["customers"],
    "CustomerField": LISTS["customer_fields"],
    "CustomerFieldValue": LISTS["customer_field_values"],
    "CustomerMembership": LISTS["customer_memberships"],
    "InvoiceLineItem": Subject(
        root="invoice_line_items",
        # A list refers to what was billed, and knows one kind of fee; the report has both in full.
        derived={
            "billed_item": "key: {billed_item_key}",
            "type": "text: replace(t.type, 'service_fee', 'flat_fee')",
        },
    ),
    "CustomerMembershipHold": LISTS["customer_membership_holds"],
    "DiscountCode": LISTS["discount_codes"],
    "Event": LISTS["events"],
    "Instructor": Subject(root="instructors"),
    "LeadSource": LISTS["crm.lead_sources"],
    "Membership": LISTS["memberships"],
    "MembershipPaymentPlan": LISTS["membership_payment_plans"],
    "OfferingType": Subject(root="offering_types"),
    "OfferingTypeCategory": Subject(root="offering_type_categories"),
    "PaymentMethod": LISTS["payment_methods"],
    "PaymentProcessor": LISTS["payment_processors"],
    "PaymentSubscription": LISTS["payment_subscriptions"],
    "Policy": Subject(root="policies"),
    "PolicyVersion": LISTS["policy_versions"],
    "Provider": LISTS["providers"],
    "Venue": LISTS["venues"],
    "VenueRoom": LISTS["venue_rooms"],
    "Waiver": LISTS["waivers"],
}
"""What the objects of a class are made from."""
