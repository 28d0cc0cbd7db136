"""Customer Membership Holds Report, and its grouped twin.

API documents: "Customer Membership Holds Report - Data" and "Customer Membership Holds Report - Grouped Data",
``GET /api/v2/reports/customer_membership_holds/data``,
``GET /api/v2/reports/customer_membership_holds.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Changed, Endpoint
from ..objects import CustomerAtVenue, CustomerMembershipSummary, Money
from ..query import Query, Row, limits
from ..rows import NO_COUNTS

__all__ = [
    "CUSTOMER_MEMBERSHIP_HOLDS",
    "CUSTOMER_MEMBERSHIP_HOLDS_GROUPED",
    "CustomerMembershipHold",
    "CustomerMembershipHoldColumn",
    "CustomerMembershipHoldGroup",
    "CustomerMembershipHoldGroupColumn",
    "CustomerMembershipHoldsGroupedQuery",
    "CustomerMembershipHoldsQuery",
    "HeldMembership",
    "HeldMembershipKind",
    "HeldMembershipType",
    "HeldMembershipTypeFilter",
    "HoldStatus",
    "PaymentResolution",
    "TypedMembership",
]

HeldMembershipTypeFilter = Literal["pack", "prepaid", "recurring"]

PaymentResolution = Literal["charge", "credit", "none"]

HoldStatus = Literal["active", "ended", "upcoming"]

HeldMembershipType = Literal["pack", "prepaid_plan", "recurring_plan"]


@attrs.frozen
class TypedMembership:
    """What kind of membership it is."""

    id: int | None = None
    type: HeldMembershipType | str | None = None
    name: str | None = None


@attrs.frozen
class HeldMembership:
    """The membership that is on hold."""

    id: int | None = None
    membership: TypedMembership = TypedMembership()
    start_date: date | None = None
    expiration_date: date | None = None
    allowed_cancellation_date: date | None = None


@attrs.frozen
class HeldMembershipKind:
    """The kind of membership that is on hold."""

    name: str | None = None
    type: HeldMembershipType | str | None = None


@attrs.frozen(slots=False)
class CustomerMembershipHold:
    """A pause of a membership."""

    id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    start_date: date | None = None
    end_date: date | None = None
    status: HoldStatus | str | None = None
    is_usage_prorated: bool | None = None
    credit_amount: Money | None = None
    reactivation_charge_amount: Money | None = None
    is_payment_resolution_customized: bool | None = None
    customer: CustomerAtVenue = CustomerAtVenue()
    customer_membership: HeldMembership | None = None
    previous_expiration_date: date | None = None
    previous_allowed_cancellation_date: date | None = None
    other_active_customer_memberships: tuple[CustomerMembershipSummary, ...] = ()
    days_to_add: int | None = None


CustomerMembershipHoldColumn = Literal[
    "id",
    "created_at",
    "updated_at",
    "start_date",
    "end_date",
    "status",
    "is_usage_prorated",
    "credit_amount",
    "reactivation_charge_amount",
    "is_payment_resolution_customized",
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "customer_venue_id",
    "customer.venue.id",
    "customer.venue",
    "customer_venue_name",
    "customer.venue.name",
    "customer_membership_id",
    "customer_membership.id",
    "customer_membership",
    "membership_id",
    "customer_membership.membership.id",
    "customer_membership.membership",
    "membership_type",
    "customer_membership.membership.type",
    "membership_name",
    "customer_membership.membership.name",
    "membership_start_date",
    "customer_membership.start_date",
    "membership_expiration_date",
    "customer_membership.expiration_date",
    "membership_allowed_cancellation_date",
    "customer_membership.allowed_cancellation_date",
    "previous_expiration_date",
    "previous_allowed_cancellation_date",
    "other_active_customer_memberships",
    "days_to_add",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    created_at_gte: date | None = attrs.field(
        default=None, metadata=limits("Only holds created on or after this day.")
    )
    created_at_lte: date | None = attrs.field(
        default=None, metadata=limits("Only holds created on or before this day.")
    )
    created_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only holds created within this timeframe (syntax not documented).")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    end_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only holds ending on or after this day.")
    )
    end_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only holds ending on or before this day.")
    )
    end_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only holds ending within this timeframe (syntax not documented).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    is_usage_prorated: bool | None = attrs.field(
        default=None, metadata=limits("Only holds that are prorated, or none of them.")
    )
    membership_types: Sequence[HeldMembershipTypeFilter] | None = attrs.field(
        default=None, metadata=limits("Only these types of membership.")
    )
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    payment_resolution_type: Sequence[PaymentResolution] | None = attrs.field(
        default=None, metadata=limits("Only holds that were settled this way.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    start_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only holds starting on or after this day.")
    )
    start_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only holds starting on or before this day.")
    )
    start_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only holds starting within this timeframe (syntax not documented).")
    )
    status: Sequence[HoldStatus] | None = attrs.field(default=None, metadata=limits("Only these statuses."))
    updated_at_gte: date | None = attrs.field(
        default=None, metadata=limits("Only rows updated on or after this day.")
    )
    updated_at_lte: date | None = attrs.field(
        default=None, metadata=limits("Only rows updated on or before this day.")
    )


@attrs.frozen(kw_only=True)
class CustomerMembershipHoldsQuery(_Filters[CustomerMembershipHold]):
    """Parameters of ``GET /reports/customer_membership_holds/data``. API document: "Customer Membership Holds
    Report - Data".
    """

    columns: Sequence[CustomerMembershipHoldColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


CUSTOMER_MEMBERSHIP_HOLDS = Endpoint(
    name="customer_membership_holds",
    title="Customer Membership Holds Report - Data",
    path="/reports/customer_membership_holds/data",
    query=CustomerMembershipHoldsQuery,
    row=CustomerMembershipHold,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "customer_venue_id": "customer.venue.id",
        "customer_venue_name": "customer.venue.name",
        "customer_membership_id": "customer_membership.id",
        "membership_id": "customer_membership.membership.id",
        "membership_type": "customer_membership.membership.type",
        "membership_name": "customer_membership.membership.name",
        "membership_start_date": "customer_membership.start_date",
        "membership_expiration_date": "customer_membership.expiration_date",
        "membership_allowed_cancellation_date": "customer_membership.allowed_cancellation_date",
    },
    sync=Changed(field="updated_at", gte="updated_at_gte", unit="date"),
)


@attrs.frozen(slots=False)
class CustomerMembershipHoldGroup:
    """A group of holds of memberships: the requested columns, and how many there are and how long they last.

    With ``pivot=`` the counts of the periods are in `counts`, keyed as in ``page.column_headers``.
    """

    status: HoldStatus | str | None = None
    membership: HeldMembershipKind = HeldMembershipKind()
    payment_resolution_type: Literal["charge", "credit"] | str | None = None
    start_month: int | None = None
    start_year: int | None = None
    end_month: int | None = None
    end_year: int | None = None
    average_hold_duration: int | None = None
    count: int | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


CustomerMembershipHoldGroupColumn = Literal[
    "status",
    "membership_name",
    "membership.name",
    "membership",
    "membership_type",
    "membership.type",
    "payment_resolution_type",
    "start_month",
    "start_year",
    "end_month",
    "end_year",
    "average_hold_duration",
    "count",
]


@attrs.frozen(kw_only=True)
class CustomerMembershipHoldsGroupedQuery(_Filters[CustomerMembershipHoldGroup]):
    """Parameters of ``GET /reports/customer_membership_holds.grouped/data``. API document: "Customer
    Membership Holds Report - Grouped Data".
    """

    columns: Sequence[CustomerMembershipHoldGroupColumn] = attrs.field(
        metadata=limits("Columns to return.", min_items=1)
    )
    max_pivot_columns: int | None = attrs.field(
        default=None, metadata=limits("How many pivoted columns at most.", default=4, maximum=12)
    )
    pivot: Literal["all", "year", "month", "week"] | None = attrs.field(
        default=None,
        metadata=limits("Period to spread the counts over, one column each.", default="all", min_length=1),
    )


CUSTOMER_MEMBERSHIP_HOLDS_GROUPED = Endpoint(
    name="customer_membership_holds.grouped",
    title="Customer Membership Holds Report - Grouped Data",
    path="/reports/customer_membership_holds.grouped/data",
    query=CustomerMembershipHoldsGroupedQuery,
    row=CustomerMembershipHoldGroup,
    grouped=True,
    measures=("average_hold_duration", "count"),
    aliases={
        "membership_name": "membership.name",
        "membership_type": "membership.type",
    },
)
