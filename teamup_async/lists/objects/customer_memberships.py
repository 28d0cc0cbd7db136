"""Memberships that customers hold, and their holds, which point at each other."""

from __future__ import annotations

from datetime import date
from typing import Literal

import attrs

from ...objects import Money
from ...rows import DEFERRED
from .customers import Customer
from .memberships import Membership
from .payments import DiscountCode, PaymentSubscription

__all__ = ["CustomerMembership", "CustomerMembershipHold"]


@attrs.frozen(slots=False)
class CustomerMembership:
    """A membership that a customer holds.

    References are ids until expanded. `discount_code`, `active_hold`, `payment_subscription` and `renewal_date` are
    documented as always present, but not every membership has them.
    """

    id: int | None = None
    object: Literal["customermembership"] | str | None = None
    name: str | None = None
    start_date: date | None = None
    expiration_date: date | None = None
    renewal_date: date | None = None
    status: Literal["active", "hold", "completed", "cancelled"] | str | None = None
    membership: int | Membership | None = None
    customer: int | Customer | None = None
    discount_code: int | DiscountCode | None = None
    billed_price: Money | None = None
    active_hold: int | CustomerMembershipHold | None = None
    payment_subscription: int | PaymentSubscription | None = None
    discount_code_makes_free_forever: str | None = None
    is_set_for_cancellation: str | None = None
    cancellation_reason: (
        Literal["upgraded", "cancelled", "mistake", "downgraded", "no_auto_renew"] | str | None
    ) = None
    next_billing_date: date | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(slots=False)
class CustomerMembershipHold:
    """A pause of a customer's membership."""

    id: int | None = None
    object: Literal["customer_membership_hold"] | str | None = None
    customer_membership: int | CustomerMembership | None = None
    active: bool | None = None
    start_date: date | None = None
    end_date: date | None = None
    days_to_add: int | None = None
    prorate_usage: bool | None = None
