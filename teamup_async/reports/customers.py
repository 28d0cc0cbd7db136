"""Customers Report, and its grouped twin.

API documents: "Customers Report - Data" and "Customers Report - Grouped Data",
``GET /api/v2/reports/customers/data``,
``GET /api/v2/reports/customers.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerMembershipSummary, Money, Named
from ..query import Query, Row, limits
from ..rows import NO_EXTRA, ONE_COLUMN

__all__ = [
    "CUSTOMERS",
    "CUSTOMERS_GROUPED",
    "Customer",
    "CustomerAddress",
    "CustomerColumn",
    "CustomerGroup",
    "CustomerGroupColumn",
    "CustomerTrait",
    "CustomersGroupedQuery",
    "CustomersQuery",
    "EmergencyContact",
    "Family",
    "LatestRegistration",
    "LeadSource",
]

CustomerTrait = Literal[
    "new", "claimed", "slipping_away", "inactive", "active", "registration_blocked", "lead"
]


@attrs.frozen
class CustomerAddress:
    """Where a customer lives."""

    first_line: str | None = None
    second_line: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    postal_code: str | None = None


@attrs.frozen
class Family:
    """The family that a customer belongs to, and who manages it."""

    id: int | None = None
    name: str | None = None
    role: str | None = None
    managers: tuple[Named, ...] = ()


@attrs.frozen
class LatestRegistration:
    """What the customer registered for last."""

    id: int | None = None
    starts_at: datetime | None = None
    name: str | None = None
    type: Literal["event", "course_session"] | str | None = None


@attrs.frozen
class EmergencyContact:
    """Whom to call."""

    name: str | None = None
    relationship: str | None = None
    phone: str | None = None


@attrs.frozen
class LeadSource:
    """Where the customer comes from."""

    name: str | None = None


@attrs.frozen(slots=False)
class Customer:
    """A customer.

    The columns that ``extra_customer_fields=`` adds are in the field of that name, keyed as in ``page.column_headers``.
    """

    id: int | None = None
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    is_active: bool | None = None
    date_of_birth: date | None = None
    age: int | None = None
    phone_number: str | None = None
    address: CustomerAddress | None = attrs.field(default=None, metadata=ONE_COLUMN)
    days_until_birthday: int | None = None
    gender: str | None = None
    is_claimed: bool | None = None
    is_new: bool | None = None
    is_slipping_away: bool | None = None
    registration_blocked: bool | None = None
    has_failed_payments: bool | None = None
    has_retry_payments: bool | None = None
    family: Family | None = None
    venue: Named | None = None
    instructor: Named | None = None
    referral_code: str | None = None
    thumbnail_url: str | None = None
    active_customer_memberships: tuple[CustomerMembershipSummary, ...] = ()
    inactive_customer_memberships: tuple[CustomerMembershipSummary, ...] = ()
    on_hold_customer_memberships: tuple[CustomerMembershipSummary, ...] = ()
    referring_member: Named | None = None
    account_credit_balance: Money | None = None
    last_payment_at: datetime | None = None
    last_payment_amount: Money | None = None
    registered_and_attended_count: int | None = None
    registrations_count: int | None = None
    attendances_count: int | None = None
    late_cancels_count: int | None = None
    no_shows_count: int | None = None
    latest_registration: LatestRegistration | None = attrs.field(default=None, metadata=ONE_COLUMN)
    emergency_contact: EmergencyContact | None = None
    lead_source: LeadSource | None = None
    is_lead: bool | None = None
    extra_customer_fields: Mapping[str, Any] = NO_EXTRA


CustomerColumn = Literal[
    "id",
    "full_name",
    "first_name",
    "last_name",
    "email",
    "created_at",
    "deleted_at",
    "is_active",
    "date_of_birth",
    "age",
    "phone_number",
    "address",
    "days_until_birthday",
    "gender",
    "is_claimed",
    "is_new",
    "is_slipping_away",
    "registration_blocked",
    "has_failed_payments",
    "has_retry_payments",
    "family_id",
    "family.id",
    "family",
    "family_name",
    "family.name",
    "family_role",
    "family.role",
    "family_managers",
    "family.managers",
    "venue_id",
    "venue.id",
    "venue",
    "venue_name",
    "venue.name",
    "instructor_id",
    "instructor.id",
    "instructor",
    "instructor_name",
    "instructor.name",
    "referral_code",
    "thumbnail_url",
    "active_customer_memberships",
    "inactive_customer_memberships",
    "on_hold_customer_memberships",
    "referring_member_id",
    "referring_member.id",
    "referring_member",
    "referrering_member_name",
    "referring_member.name",
    "account_credit_balance",
    "last_payment_at",
    "last_payment_amount",
    "registered_and_attended_count",
    "registrations_count",
    "attendances_count",
    "late_cancels_count",
    "no_shows_count",
    "latest_registration",
    "emergency_contact_name",
    "emergency_contact.name",
    "emergency_contact",
    "emergency_contact_relationship",
    "emergency_contact.relationship",
    "emergency_contact_phone",
    "emergency_contact.phone",
    "lead_source",
    "lead_source.name",
    "is_lead",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    active_memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only customers with these memberships active (ids).", comma=True)
    )
    created_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only customers created at or after this time.")
    )
    created_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only customers created at or before this time.")
    )
    created_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only customers created within this timeframe (syntax not documented).")
    )
    date_of_birth_gte: date | None = attrs.field(
        default=None, metadata=limits("Only customers born on or after this day.")
    )
    date_of_birth_lte: date | None = attrs.field(
        default=None, metadata=limits("Only customers born on or before this day.")
    )
    extra_customer_fields: str | None = attrs.field(
        default=None, metadata=limits("Ids of customer fields to add as columns (syntax not documented).")
    )
    has_account_credit: bool | None = attrs.field(
        default=None, metadata=limits("Only customers with credit, or without.")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    ids: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these ids.", comma=True))
    include_deleted: bool | None = attrs.field(
        default=None, metadata=limits("Also include customers that were deleted.", default=False)
    )
    is_active: bool | None = attrs.field(
        default=None, metadata=limits("Only active customers, or inactive ones.")
    )
    is_any: Sequence[CustomerTrait] | None = attrs.field(
        default=None, metadata=limits("Only customers with any of these traits.")
    )
    is_claimed: bool | None = attrs.field(
        default=None, metadata=limits("Only customers who claimed their account, or who did not.")
    )
    is_new: bool | None = attrs.field(default=None, metadata=limits("Only new customers, or none of them."))
    is_slipping_away: bool | None = attrs.field(
        default=None, metadata=limits("Only customers who come less and less, or none of them.")
    )
    latest_registration_starts_at_gte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only customers whose latest registration starts at or after this time."),
    )
    latest_registration_starts_at_lte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only customers whose latest registration starts at or before this time."),
    )
    registration_blocked: bool | None = attrs.field(
        default=None, metadata=limits("Only customers who may not register, or who may.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )


@attrs.frozen(kw_only=True)
class CustomersQuery(_Filters[Customer]):
    """Parameters of ``GET /reports/customers/data``. API document: "Customers Report - Data"."""

    columns: Sequence[CustomerColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


CUSTOMERS = Endpoint(
    name="customers",
    title="Customers Report - Data",
    path="/reports/customers/data",
    query=CustomersQuery,
    row=Customer,
    aliases={
        "family_id": "family.id",
        "family_name": "family.name",
        "family_role": "family.role",
        "family_managers": "family.managers",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
        "instructor_id": "instructor.id",
        "instructor_name": "instructor.name",
        "referring_member_id": "referring_member.id",
        "referrering_member_name": "referring_member.name",
        "emergency_contact_name": "emergency_contact.name",
        "emergency_contact_relationship": "emergency_contact.relationship",
        "emergency_contact_phone": "emergency_contact.phone",
    },
    span=TimeSpan(field="created_at", gte="created_at_gte", lte="created_at_lte"),
)


@attrs.frozen(slots=False)
class CustomerGroup:
    """A group of customers: the requested columns, and how many there are.

    The columns that ``extra_customer_fields=`` adds are in the field of that name, keyed as in ``page.column_headers``.
    """

    created_date: date | None = None
    is_claimed: bool | None = None
    is_active: bool | None = None
    has_account_credit: bool | None = None
    created_month: int | None = None
    created_year: int | None = None
    birth_month: int | None = None
    gender: str | None = None
    created_hour: int | None = None
    age: int | None = None
    is_new: bool | None = None
    is_slipping_away: bool | None = None
    registration_blocked: bool | None = None
    count: int | None = None
    extra_customer_fields: Mapping[str, Any] = NO_EXTRA


CustomerGroupColumn = Literal[
    "created_date",
    "is_claimed",
    "is_active",
    "has_account_credit",
    "created_month",
    "created_year",
    "birth_month",
    "gender",
    "created_hour",
    "age",
    "is_new",
    "is_slipping_away",
    "registration_blocked",
    "count",
]


@attrs.frozen(kw_only=True)
class CustomersGroupedQuery(_Filters[CustomerGroup]):
    """Parameters of ``GET /reports/customers.grouped/data``. API document: "Customers Report - Grouped Data"."""

    columns: Sequence[CustomerGroupColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))


CUSTOMERS_GROUPED = Endpoint(
    name="customers.grouped",
    title="Customers Report - Grouped Data",
    path="/reports/customers.grouped/data",
    query=CustomersGroupedQuery,
    row=CustomerGroup,
    grouped=True,
    measures=("count",),
    span=TimeSpan(field=None, gte="created_at_gte", lte="created_at_lte"),
)
