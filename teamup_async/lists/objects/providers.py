"""The business itself."""

from __future__ import annotations

from typing import Literal

import attrs

from ...objects import Image
from ...rows import DEFERRED
from .instructors import ICalendarLinks

__all__ = ["ContactInfo", "Currency", "DefaultRegistrationSettings", "Provider", "ProviderAddress"]


@attrs.frozen
class Currency:
    """The currency of a business, and on which side of an amount its symbol stands."""

    iso_currency_code: str | None = None
    symbol: str | None = None
    position: Literal["before", "after"] | str | None = None


@attrs.frozen
class ContactInfo:
    """How to reach a business; sent only when asked for through ``expand``."""

    email: str | None = None
    phone_number: str | None = None


@attrs.frozen
class DefaultRegistrationSettings:
    """When registration opens and closes unless an offering type says otherwise, as text; sent only when asked for
    through ``expand``.
    """

    registrations_open_interval: str | None = None
    registrations_close_interval: str | None = None
    cancellation_notice_interval: str | None = None


@attrs.frozen
class ProviderAddress:
    """The address of a business; sent only when asked for through ``expand``."""

    street: str | None = None
    street_secondary: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    timezone: str | None = None


@attrs.frozen(slots=False)
class Provider:
    """A business; the fields from `icalendar_links` on are sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["provider"] | str | None = None
    name: str | None = None
    description: str | None = None
    logo: Image | None = None
    country: str | None = None
    currency: Currency | None = None
    is_marketing_preference_on_customer_forms: bool | None = None
    icalendar_links: ICalendarLinks | None = attrs.field(default=None, metadata=DEFERRED)
    contact_info: ContactInfo | None = attrs.field(default=None, metadata=DEFERRED)
    default_registration_settings: DefaultRegistrationSettings | None = attrs.field(
        default=None, metadata=DEFERRED
    )
    address: ProviderAddress | None = attrs.field(default=None, metadata=DEFERRED)
