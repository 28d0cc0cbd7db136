"""The memberships that customers hold, and their holds.

API documents: "Customer Memberships - List" (``GET /api/v2/customer_memberships``), "Customer Membership
Holds - List" (``GET /api/v2/customer_membership_holds``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.customer_memberships import CustomerMembership, CustomerMembershipHold

__all__ = [
    "CUSTOMER_MEMBERSHIPS",
    "CUSTOMER_MEMBERSHIP_HOLDS",
    "CustomerMembership",
    "CustomerMembershipHold",
    "CustomerMembershipHoldsQuery",
    "CustomerMembershipsQuery",
]


@attrs.frozen(kw_only=True)
class CustomerMembershipsQuery(ListQuery[CustomerMembership]):
    """Parameters of ``GET /customer_memberships``. API document: "Customer Memberships - List"."""

    active_hold_end_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only with a hold that ends on or after this day.")
    )
    active_hold_end_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only with a hold that ends on or before this day.")
    )
    active_hold_start_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only with a hold that starts on or after this day.")
    )
    active_hold_start_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only with a hold that starts on or before this day.")
    )
    customer: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these customers (ids).", comma=True)
    )
    expiration_date_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only expiring at or after this time.")
    )
    expiration_date_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only expiring at or before this time.")
    )
    has_active_hold: bool | None = attrs.field(
        default=None, metadata=limits("Only with (or without) a hold, now or later.")
    )
    has_expiration_date: bool | None = attrs.field(
        default=None, metadata=limits("Only with (or without) an expiration date.")
    )
    ids: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these (ids).", comma=True))
    membership: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these memberships (ids).", comma=True)
    )
    membership_type: Sequence[Literal["pack", "recurring", "prepaid"]] | None = attrs.field(
        default=None, metadata=limits("Only these types of memberships.", comma=True)
    )
    owned_or_shared_with_customer: float | None = attrs.field(
        default=None, metadata=limits("Only what this customer owns or shares (id).")
    )
    sort: (
        Sequence[
            Literal[
                "-expiration_date",
                "-membership.name",
                "-membership.type",
                "-start_date",
                "-status",
                "expiration_date",
                "membership.name",
                "membership.type",
                "start_date",
                "status",
            ]
        ]
        | None
    ) = attrs.field(default=None, metadata=limits("Fields to order by; a leading - means descending."))
    start_date_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only starting at or after this time.")
    )
    start_date_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only starting at or before this time.")
    )
    status: Sequence[Literal["active", "hold", "complete", "cancelled"]] | None = attrs.field(
        default=None,
        metadata=limits(
            "Only these statuses; a row says ``completed`` where the filter says ``complete``.", comma=True
        ),
    )


@attrs.frozen(kw_only=True)
class CustomerMembershipHoldsQuery(ListQuery[CustomerMembershipHold]):
    """Parameters of ``GET /customer_membership_holds``. API document: "Customer Membership Holds - List"."""


# No order: start_date is a day, and start_date_gte a time. A walk that enters a day again would have to know in which
# time zone the server's days begin, and in which order it sends more memberships of one day than a page holds.
CUSTOMER_MEMBERSHIPS = Endpoint(
    name="customer_memberships",
    title="Customer Memberships - List",
    path="/customer_memberships",
    query=CustomerMembershipsQuery,
    row=CustomerMembership,
    envelope=LIST,
    retrieve=True,
    shared_name=True,
)


CUSTOMER_MEMBERSHIP_HOLDS = Endpoint(
    name="customer_membership_holds",
    title="Customer Membership Holds - List",
    path="/customer_membership_holds",
    query=CustomerMembershipHoldsQuery,
    row=CustomerMembershipHold,
    envelope=LIST,
    retrieve=True,
    shared_name=True,
)
