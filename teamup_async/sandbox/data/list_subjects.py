"""The subjects of lists, and of the objects that ``expand`` puts into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .filters import contains, equals, holds
from .report_subjects import COURSE_SESSIONS, CUSTOMERS, OCCUPANCY, TEACHERS_OF_EVENT
from .subject import Subject

_ACTIVE_HOLDERS: Final = CUSTOMERS.filters["active_memberships"]
LISTS: Final[Mapping[str, Subject]] = {
    "attendances": Subject(
        root="attendances",
        hops={"venue": "event.venue", "offering_type": "event.offering_type"},
        names={"event_local_starts_at": "event.local_start"},
    ),
    "content": Subject(root="content", filters={"query": contains("name")}),
    "content_collections": Subject(root="content_collections"),
    "content_filters": Subject(root="content_filters"),
    "course_session_attendances": Subject(
        root="course_session_attendances",
        names={
            "course_session_starts_at": "course_session.starts_at",
            "course_session_local_starts_at": "course_session.local_start",
        },
    ),
    "course_sessions": COURSE_SESSIONS,
    "courses": Subject(root="courses"),
    "crm.lead_sources": Subject(root="lead_sources"),
    "business_closures": Subject(root="business_closures"),
    "customer_field_values": Subject(root="customer_field_values"),
    "customer_fields": Subject(root="customer_fields"),
    "customer_form_submissions": Subject(root="customer_form_submissions"),
    "customer_forms": Subject(
        root="customer_forms",
        filters={
            "submitted_by": holds(
                "EXISTS (SELECT 1 FROM customer_form_submissions AS f WHERE f.form_id = {id}"
                " AND f.customer_id IN (SELECT value FROM json_each(?)))"
            )
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
        filters={
            "instructors": TEACHERS_OF_EVENT,
            "occupancy_status": OCCUPANCY,
            "max_allowed_age": equals("offering_type.max_allowed_age"),
            "min_allowed_age": equals("offering_type.min_allowed_age"),
        },
    ),
    "invoices": Subject(
        root="invoices",
        derived={
            "status": "text: replace(t.status, 'pending_online', 'pending')",
            "charges": """json: CASE WHEN {paid_at} IS NULL THEN json_array() ELSE json_array(json_object('id', {id},
                'object', 'invoice_charge', 'payment_processor', {payment_processor_id})) END""",
            "discounts": "json: json_array()",
            "adjustments": "json: json_array()",
            "taxes": "json: json_array()",
            "credit_notes": "json: json_array()",
        },
    ),
    "membership_categories": Subject(root="membership_categories"),
    "membership_payment_plans": Subject(root="membership_payment_plans"),
    "memberships": Subject(root="memberships", names={"categories": "category"}),
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
        root="waivers", filters={"status": holds("CASE {status} WHEN 'Active' THEN 0 ELSE 2 END = ?")}
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
