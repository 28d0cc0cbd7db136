"""Discount codes, ways to pay, and payments that repeat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from ...objects import Named
from .memberships import MembershipPaymentPlan

__all__ = ["DiscountCode", "PaymentMethod", "PaymentMethodOwner", "PaymentProcessor", "PaymentSubscription"]


@attrs.frozen(slots=False)
class DiscountCode:
    """A discount code.

    `discount_amount` is a number or an object without documented fields.
    """

    id: int | None = None
    object: Literal["discount_code"] | str | None = None
    name: str | None = None
    code: str | None = None
    status: Literal["inactive", "active"] | str | None = None
    uses: int | None = None
    allowed_uses: int | None = None
    allowed_uses_per_customer: int | None = None
    discount_type: Literal["flat", "percent"] | str | None = None
    discount_amount: Mapping[str, Any] | Decimal | None = None
    usable_start_date: date | None = None
    usable_end_date: date | None = None
    usable_purchase_types: (
        list[Literal["event", "course", "membership", "store", "joining_fee"] | str] | None
    ) = None
    usable_by_new_customers_only: bool | None = None
    usable_by_default_for_purchase_types: bool | None = None
    applicable_billing_cycles: int | None = None
    group: Named | None = None


@attrs.frozen(slots=False)
class PaymentProcessor:
    """A service that takes payments."""

    id: int | None = None
    object: Literal["payment_processor"] | str | None = None
    type: int | None = None
    name: str | None = None


@attrs.frozen
class PaymentMethodOwner:
    """Who owns a way to pay."""

    name: str | None = None


@attrs.frozen(slots=False)
class PaymentMethod:
    """A way to pay.

    The documents know six kinds, told apart by `type`; each has some of the fields after `can_delete`.
    """

    id: int | None = None
    object: Literal["payment_method"] | str | None = None
    type: Literal["mandate", "credit_card", "payfast", "offline", "paypal", "bank_account"] | str | None = (
        None
    )
    profile: PaymentMethodOwner | None = None
    long_description: str | None = None
    short_description: str | None = None
    can_delete: bool | None = None
    bank_name: str | None = None
    account_holder_name: str | None = None
    account_number_ending: str | None = None
    brand: str | None = None
    cardholder_name: str | None = None
    last_four: str | None = None
    expiration_month: int | None = None
    expiration_year: int | None = None
    email: str | None = None


@attrs.frozen(slots=False)
class PaymentSubscription:
    """Payments for a membership that repeat.

    `plan` and `payment_method` are ids until expanded.
    """

    id: int | None = None
    object: Literal["payment_subscription"] | str | None = None
    plan: int | MembershipPaymentPlan | None = None
    retry_count: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    payment_method: int | PaymentMethod | None = None
