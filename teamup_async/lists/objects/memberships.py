"""Memberships, how they are paid for, and penalties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import attrs

from ...objects import Money
from ...rows import DEFERRED

__all__ = ["JoiningFee", "Membership", "MembershipPaymentPlan", "MembershipPenaltySystem", "PenaltyRule"]


@attrs.frozen(slots=False)
class Membership:
    """A membership that can be bought.

    `allotment`, `plans` and `terms` are URLs.
    """

    id: int | None = None
    object: Literal["membership"] | str | None = None
    type: Literal["pack", "recurring_plan", "prepaid_plan"] | str | None = None
    name: str | None = None
    description: str | None = None
    begin_on_first_registration: bool | None = None
    start_date: date | None = None
    expiration_date: date | None = None
    duration: int | None = None
    duration_unit: Literal["days", "weeks", "months"] | str | None = None
    one_time_fee: Money | None = None
    price: Money | None = None
    display_price: Money | None = None
    use_prorate: bool | None = None
    category: int | None = None
    is_dropin: bool | None = None
    for_sale: bool | None = None
    has_active_members: bool | None = None
    active_member_count: int | None = None
    allow_repeat_purchases: bool | None = None
    visible_to_customers: bool | None = None
    purchasable_only_by_provider: bool | None = None
    new_customers_only: bool | None = None
    penalty_system: int | None = None
    allotment: str | None = None
    plans: str | None = None
    terms: str | None = None
    is_draft: bool | None = None
    incomplete_reasons: list[str] | None = None
    shareable: bool | None = None


@attrs.frozen
class JoiningFee:
    """What it costs to join; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["joining_fee"] | str | None = None
    amount: Money | None = None


@attrs.frozen(slots=False)
class MembershipPaymentPlan:
    """A way to pay for a membership. The vendor spells Saturday ``staturday``."""

    id: int | None = None
    object: Literal["membership_payment_plan"] | str | None = None
    status: Literal["for_sale", "unavailable"] | str | None = None
    membership: int | None = None
    price: Money | None = None
    billing_period_length: int | None = None
    billing_period_unit: Literal["months", "weeks"] | str | None = None
    committed_billing_periods: int | None = None
    fixed_billing_day_of_month: int | None = None
    fixed_billing_day_of_week: (
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "staturday", "sunday"] | str | None
    ) = None
    commitment_expiration_scheme: (
        Literal["stop_contract", "renew_contract", "continue_by_period"] | str | None
    ) = None
    cancellation_notice_days: int | None = None
    enrollment_schedule: Literal["purchase_date", "next_possible_prorate"] | str | None = None
    duration_description: str | None = None
    price_with_period: str | None = None
    joining_fee: JoiningFee | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen
class PenaltyRule:
    """What is charged after how many infractions in how many days."""

    price: Money | None = None
    max_infractions: int | None = None
    days: int | None = None


@attrs.frozen
class MembershipPenaltySystem:
    """What members pay for not showing up or cancelling late."""

    id: int | None = None
    object: Literal["membership_penalty_system"] | str | None = None
    memberships: list[int | Membership] | None = None
    name: str | None = None
    status: Literal["active", "archived"] | str | None = None
    no_show_rule: PenaltyRule | None = None
    late_cancel_rule: PenaltyRule | None = None
    late_cancel_or_no_show_rule: PenaltyRule | None = None
    deferred_charge_days: int | None = None
    archived_at: datetime | None = None
