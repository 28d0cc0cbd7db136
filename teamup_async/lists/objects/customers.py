"""Customers, and where they came from."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from ...objects import Image, Money
from ...rows import DEFERRED
from .customer_fields import CustomerFieldValue
from .providers import Provider
from .venues import Venue

__all__ = ["Customer", "LeadSource", "ReferralCode", "SmsAccount"]


@attrs.frozen(slots=False)
class LeadSource:
    """Where customers come from."""

    id: int | None = None
    object: Literal["lead_source"] | str | None = None
    name: str | None = None
    archived: bool | None = None


@attrs.frozen
class ReferralCode:
    """The code by which a customer brings in others."""

    code: str | None = None
    share_url: str | None = None


@attrs.frozen
class SmsAccount:
    """The number that text messages go to; sent only when asked for through ``expand``."""

    verified: bool | None = None
    country: str | None = None
    full_number: str | None = None
    phone_number: str | None = None
    enabled: bool | None = None


@attrs.frozen(slots=False)
class Customer:
    """A customer.

    `lead_source` and `provider` are ids until expanded; the fields from `field_values` on are sent only when asked for
    through ``expand``.
    """

    created_at: datetime | None = None
    email: str | None = None
    family_role: Literal["manager", "child"] | str | None = None
    family: int | None = None
    first_name: str | None = None
    id: int | None = None
    image: Image | None = None
    is_lead: bool | None = None
    last_name: str | None = None
    lead_source: int | LeadSource | None = None
    object: Literal["customer"] | str | None = None
    participating: bool | None = None
    provider: int | Provider | None = None
    referral_code: ReferralCode | None = None
    visibility: Literal["visible", "hidden"] | str | None = None
    field_values: list[CustomerFieldValue] | None = attrs.field(default=None, metadata=DEFERRED)
    is_opted_into_broadcast_messages: bool | None = attrs.field(default=None, metadata=DEFERRED)
    is_opted_into_sms_marketing: bool | None = attrs.field(default=None, metadata=DEFERRED)
    sms_account: SmsAccount | None = attrs.field(default=None, metadata=DEFERRED)
    customer_venue: Venue | None = attrs.field(default=None, metadata=DEFERRED)
    credit_balance: Money | None = attrs.field(default=None, metadata=DEFERRED)
