"""Customer Memberships Report, and its grouped twin.

API documents: "Customer Memberships Report - Data" and "Customer Memberships Report - Grouped Data",
``GET /api/v2/reports/customer_memberships/data``,
``GET /api/v2/reports/customer_memberships.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Changed, Endpoint
from ..objects import CustomerAtVenue, CustomerMembershipSummary, Money, Named
from ..query import Query, Row, limits
from ..rows import NO_COUNTS

__all__ = [
    "CUSTOMER_MEMBERSHIPS",
    "CUSTOMER_MEMBERSHIPS_GROUPED",
    "CustomerMembership",
    "CustomerMembershipColumn",
    "CustomerMembershipGroup",
    "CustomerMembershipGroupColumn",
    "CustomerMembershipStatus",
    "CustomerMembershipType",
    "CustomerMembershipsGroupedQuery",
    "CustomerMembershipsQuery",
]

CustomerMembershipStatus = Literal["active", "hold", "cancelled", "completed", "upgraded", "downgraded"]

CustomerMembershipType = Literal["pack", "prepaid", "recurring"]


@attrs.frozen(slots=False)
class CustomerMembership:
    """A membership that a customer has or had."""

    id: int | None = None
    updated_at: datetime | None = None
    customer: CustomerAtVenue = CustomerAtVenue()
    other_active: tuple[CustomerMembershipSummary, ...] = ()
    membership: Named = Named()
    type: CustomerMembershipType | str | None = None
    status: CustomerMembershipStatus | str | None = None
    payment_processor: str | None = None
    purchase_date: date | None = None
    start_date: date | None = None
    expiration_date: date | None = None
    renewal_date: date | None = None
    cancelled_date: date | None = None
    downgraded_date: date | None = None
    upgraded_date: date | None = None
    has_custom_limits: bool | None = None
    is_first_membership: bool | None = None
    billed_price: Money | None = None
    cancellation_reason: str | None = None
    completed_at: datetime | None = None


CustomerMembershipColumn = Literal[
    "id",
    "updated_at",
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
    "other_active",
    "membership_id",
    "membership.id",
    "membership",
    "membership_name",
    "membership.name",
    "type",
    "status",
    "payment_processor",
    "purchase_date",
    "start_date",
    "expiration_date",
    "renewal_date",
    "cancelled_date",
    "downgraded_date",
    "upgraded_date",
    "has_custom_limits",
    "is_first_membership",
    "billed_price",
    "cancellation_reason",
    "completed_at",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    active_hold_end_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships whose hold ends on or after this day.")
    )
    active_hold_end_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships whose hold ends on or before this day.")
    )
    active_hold_start_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships whose hold starts on or after this day.")
    )
    active_hold_start_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships whose hold starts on or before this day.")
    )
    cancelled_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only memberships cancelled at or after this time.")
    )
    cancelled_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only memberships cancelled at or before this time.")
    )
    cancelled_at_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships cancelled within this timeframe (syntax not documented)."),
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    downgrade_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships downgraded on or after this day.")
    )
    downgrade_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships downgraded on or before this day.")
    )
    downgrade_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships downgraded within this timeframe (syntax not documented)."),
    )
    expiration_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships expiring on or after this day.")
    )
    expiration_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships expiring on or before this day.")
    )
    expiration_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships expiring within this timeframe (syntax not documented)."),
    )
    has_active_hold: bool | None = attrs.field(
        default=None, metadata=limits("Only memberships that are on hold, or none of them.")
    )
    has_custom_limits: bool | None = attrs.field(
        default=None, metadata=limits("Only memberships with limits of their own, or none of them.")
    )
    has_expiration_date: bool | None = attrs.field(
        default=None, metadata=limits("Only memberships that expire, or none of them.")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    ids: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these ids."))
    is_first_membership: bool | None = attrs.field(
        default=None, metadata=limits("Only first memberships of their customers, or none of them.")
    )
    membership_categories: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these categories of memberships (ids).")
    )
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    payment_processors: Sequence[str] | None = attrs.field(
        default=None,
        metadata=limits(
            "Only these payment processors: an id, or none.", pattern=r"^(\d+|none)$", min_length=1
        ),
    )
    purchased_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only memberships bought at or after this time.")
    )
    purchased_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only memberships bought at or before this time.")
    )
    purchased_at_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships bought within this timeframe (syntax not documented)."),
    )
    renewal_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships renewing on or after this day.")
    )
    renewal_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships renewing on or before this day.")
    )
    renewal_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships renewing within this timeframe (syntax not documented)."),
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    start_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships starting on or after this day.")
    )
    start_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships starting on or before this day.")
    )
    start_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships starting within this timeframe (syntax not documented)."),
    )
    status: Sequence[CustomerMembershipStatus] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )
    types: Sequence[CustomerMembershipType] | None = attrs.field(
        default=None, metadata=limits("Only these types of membership.")
    )
    updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or after this time.")
    )
    updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or before this time.")
    )
    upgrade_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships upgraded on or after this day.")
    )
    upgrade_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only memberships upgraded on or before this day.")
    )
    upgrade_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only memberships upgraded within this timeframe (syntax not documented)."),
    )


@attrs.frozen(kw_only=True)
class CustomerMembershipsQuery(_Filters[CustomerMembership]):
    """Parameters of ``GET /reports/customer_memberships/data``. API document: "Customer Memberships Report -
    Data".
    """

    columns: Sequence[CustomerMembershipColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


CUSTOMER_MEMBERSHIPS = Endpoint(
    name="customer_memberships",
    title="Customer Memberships Report - Data",
    path="/reports/customer_memberships/data",
    query=CustomerMembershipsQuery,
    row=CustomerMembership,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "customer_venue_id": "customer.venue.id",
        "customer_venue_name": "customer.venue.name",
        "membership_id": "membership.id",
        "membership_name": "membership.name",
    },
    sync=Changed(field="updated_at", gte="updated_at_gte"),
)


@attrs.frozen(slots=False)
class CustomerMembershipGroup:
    """A group of memberships of customers: the requested columns, and how many there are.

    With ``pivot=`` the counts of the periods are in `counts`, keyed as in ``page.column_headers``.
    """

    type: CustomerMembershipType | str | None = None
    status: CustomerMembershipStatus | str | None = None
    payment_processor: str | None = None
    purchase_month: int | None = None
    purchase_year: int | None = None
    start_month: int | None = None
    start_year: int | None = None
    expiration_month: int | None = None
    expiration_year: int | None = None
    cancelled_month: int | None = None
    cancelled_year: int | None = None
    membership: Named = Named()
    count: int | None = None
    billed_price: Money | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


CustomerMembershipGroupColumn = Literal[
    "type",
    "status",
    "payment_processor",
    "purchase_month",
    "purchase_year",
    "start_month",
    "start_year",
    "expiration_month",
    "expiration_year",
    "cancelled_month",
    "cancelled_year",
    "membership_id",
    "membership.id",
    "membership",
    "membership_name",
    "membership.name",
    "count",
    "billed_price",
]


@attrs.frozen(kw_only=True)
class CustomerMembershipsGroupedQuery(_Filters[CustomerMembershipGroup]):
    """Parameters of ``GET /reports/customer_memberships.grouped/data``. API document: "Customer Memberships
    Report - Grouped Data".
    """

    columns: Sequence[CustomerMembershipGroupColumn] = attrs.field(metadata=limits("Columns to return."))
    max_pivot_columns: int | None = attrs.field(
        default=None, metadata=limits("How many pivoted columns at most.", default=4, maximum=12)
    )
    pivot: Literal["active_by_year", "active_by_month"] | None = attrs.field(
        default=None, metadata=limits("Period to spread the counts over, one column each.", min_length=1)
    )


CUSTOMER_MEMBERSHIPS_GROUPED = Endpoint(
    name="customer_memberships.grouped",
    title="Customer Memberships Report - Grouped Data",
    path="/reports/customer_memberships.grouped/data",
    query=CustomerMembershipsGroupedQuery,
    row=CustomerMembershipGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "membership_id": "membership.id",
        "membership_name": "membership.name",
    },
)
