"""Customer Referrals Report, and its grouped twin.

API documents: "Customer Referrals Report - Data" and "Customer Referrals Report - Grouped Data",
``GET /api/v2/reports/customer_referrals/data``,
``GET /api/v2/reports/customer_referrals.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..objects import CustomerAtVenue, CustomerSummary
from ..query import Query, Row, limits

__all__ = [
    "CUSTOMER_REFERRALS",
    "CUSTOMER_REFERRALS_GROUPED",
    "CustomerReferral",
    "CustomerReferralColumn",
    "CustomerReferralGroup",
    "CustomerReferralGroupColumn",
    "CustomerReferralsGroupedQuery",
    "CustomerReferralsQuery",
    "ReferralStatus",
    "ReferralStatusFilter",
    "SignupCustomer",
    "SignupMembership",
    "TextNamed",
]

ReferralStatusFilter = Literal["pending", "confirmed"]

ReferralStatus = Literal["pending", "confirmed", "cancelled"]


@attrs.frozen
class TextNamed:
    """A name with an id that TeamUp sends as text."""

    id: str | None = None
    name: str | None = None


@attrs.frozen
class SignupCustomer:
    """The customer who came. The id of the venue is text, as TeamUp sends it."""

    id: int | None = None
    name: str | None = None
    email: str | None = None
    venue: TextNamed = TextNamed()


@attrs.frozen
class SignupMembership:
    """The membership that the new customer bought. Ids and counts are text, as TeamUp sends them."""

    id: str | None = None
    status: Literal["active", "hold", "completed", "cancelled"] | str | None = None
    membership: TextNamed = TextNamed()
    use_count: str | None = None


@attrs.frozen(slots=False)
class CustomerReferral:
    """A customer who came because another one referred them."""

    id: int | None = None
    referring_customer: CustomerAtVenue = CustomerAtVenue()
    signup_customer: SignupCustomer = SignupCustomer()
    signup_customer_membership: SignupMembership | None = None
    credit_given: str | None = None
    signup_date: str | None = None
    confirmation_date: str | None = None
    updated_at: str | None = None
    status: ReferralStatus | str | None = None


CustomerReferralColumn = Literal[
    "id",
    "referring_customer_id",
    "referring_customer.id",
    "referring_customer",
    "referrering_customer_name",
    "referring_customer.name",
    "referrering_customer_email",
    "referring_customer.email",
    "referring_customer_venue_id",
    "referring_customer.venue.id",
    "referring_customer.venue",
    "referring_customer_venue_name",
    "referring_customer.venue.name",
    "signup_customer_id",
    "signup_customer.id",
    "signup_customer",
    "signup_customer_name",
    "signup_customer.name",
    "signup_customer_email",
    "signup_customer.email",
    "customer_membership_id",
    "signup_customer_membership.id",
    "signup_customer_membership",
    "customer_membership_status",
    "signup_customer_membership.status",
    "signup_customer_venue_id",
    "signup_customer.venue.id",
    "signup_customer.venue",
    "signup_customer_venue_name",
    "signup_customer.venue.name",
    "membership_id",
    "signup_customer_membership.membership.id",
    "signup_customer_membership.membership",
    "membership_name",
    "signup_customer_membership.membership.name",
    "credit_given",
    "signup_date",
    "confirmation_date",
    "updated_at",
    "status",
    "membership_use_count",
    "signup_customer_membership.use_count",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    confirmation_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only referrals confirmed on or after this day.")
    )
    confirmation_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only referrals confirmed on or before this day.")
    )
    confirmation_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only referrals confirmed within this timeframe (syntax not documented)."),
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    referring_customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only referrals by these customers (ids).")
    )
    signup_customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only referrals of these customers (ids).")
    )
    signup_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only referrals of customers who signed up on or after this day.")
    )
    signup_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only referrals of customers who signed up on or before this day.")
    )
    signup_date_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits(
            "Only referrals of customers who signed up within this timeframe (syntax not documented)."
        ),
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[ReferralStatusFilter] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )
    updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or after this time.")
    )
    updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or before this time.")
    )


@attrs.frozen(kw_only=True)
class CustomerReferralsQuery(_Filters[CustomerReferral]):
    """Parameters of ``GET /reports/customer_referrals/data``. API document: "Customer Referrals Report -
    Data".
    """

    columns: Sequence[CustomerReferralColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


CUSTOMER_REFERRALS = Endpoint(
    name="customer_referrals",
    title="Customer Referrals Report - Data",
    path="/reports/customer_referrals/data",
    query=CustomerReferralsQuery,
    row=CustomerReferral,
    aliases={
        "referring_customer_id": "referring_customer.id",
        "referrering_customer_name": "referring_customer.name",
        "referrering_customer_email": "referring_customer.email",
        "referring_customer_venue_id": "referring_customer.venue.id",
        "referring_customer_venue_name": "referring_customer.venue.name",
        "signup_customer_id": "signup_customer.id",
        "signup_customer_name": "signup_customer.name",
        "signup_customer_email": "signup_customer.email",
        "customer_membership_id": "signup_customer_membership.id",
        "customer_membership_status": "signup_customer_membership.status",
        "signup_customer_venue_id": "signup_customer.venue.id",
        "signup_customer_venue_name": "signup_customer.venue.name",
        "membership_id": "signup_customer_membership.membership.id",
        "membership_name": "signup_customer_membership.membership.name",
        "membership_use_count": "signup_customer_membership.use_count",
    },
)


@attrs.frozen(slots=False)
class CustomerReferralGroup:
    """A group of referrals: the requested columns, and how many there are."""

    referring_customer: CustomerSummary = CustomerSummary()
    signup_membership: TextNamed | None = None
    signup_month: str | None = None
    signup_year: str | None = None
    status: ReferralStatus | str | None = None
    count: str | None = None


CustomerReferralGroupColumn = Literal[
    "referring_customer_id",
    "referring_customer.id",
    "referring_customer",
    "referrering_customer_name",
    "referring_customer.name",
    "referrering_customer_email",
    "referring_customer.email",
    "membership_id",
    "signup_membership.id",
    "signup_membership",
    "membership_name",
    "signup_membership.name",
    "signup_month",
    "signup_year",
    "status",
    "count",
]


@attrs.frozen(kw_only=True)
class CustomerReferralsGroupedQuery(_Filters[CustomerReferralGroup]):
    """Parameters of ``GET /reports/customer_referrals.grouped/data``. API document: "Customer Referrals Report
    - Grouped Data".
    """

    columns: Sequence[CustomerReferralGroupColumn] = attrs.field(metadata=limits("Columns to return."))


CUSTOMER_REFERRALS_GROUPED = Endpoint(
    name="customer_referrals.grouped",
    title="Customer Referrals Report - Grouped Data",
    path="/reports/customer_referrals.grouped/data",
    query=CustomerReferralsGroupedQuery,
    row=CustomerReferralGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "referring_customer_id": "referring_customer.id",
        "referrering_customer_name": "referring_customer.name",
        "referrering_customer_email": "referring_customer.email",
        "membership_id": "signup_membership.id",
        "membership_name": "signup_membership.name",
    },
)
