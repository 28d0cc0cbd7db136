"""Events and their attendances, which point at each other."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from ...objects import Image, Named
from ...rows import DEFERRED
from .customer_memberships import CustomerMembership
from .customers import Customer
from .instructors import Instructor
from .offerings import OfferingType
from .venues import Venue, VenueRoom

__all__ = [
    "Attendance",
    "Event",
    "EventCategory",
    "EventRegistrationTimeline",
    "GympassBooking",
    "RegistrationStatus",
    "WaitlistSpot",
]


@attrs.frozen
class EventCategory:
    """The category of an event's offering type, without its colour; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["offering_type_category"] | str | None = None
    name: str | None = None
    image: Image | None = None


@attrs.frozen
class RegistrationStatus:
    """What the active customer can do about an event; sent only when asked for through ``expand``.

    Known from the documents' examples only: there may be more fields, and the values of its enums are lost.
    """

    suggested_action: str | None = None
    current_status: str | None = None
    restriction_codes: list[str] | None = None
    registrations_open_at: datetime | None = None
    registrations_close_at: datetime | None = None
    late_cancels_after: datetime | None = None


@attrs.frozen
class EventRegistrationTimeline:
    """A timeline that an event has instead of its offering type's. Known from the documents' examples only."""

    id: int | None = None
    name: str | None = None
    audience_type: str | None = None
    thumbnail: Image | None = None


@attrs.frozen(slots=False)
class Event:
    """An event: a class or an appointment at a time.

    References are ids, `instructors` is the URL of a collection, until expanded; `category` and
    `active_registration_status` are sent only when asked for through ``expand``. The document is incomplete: there may
    be more fields after `active_registration_status`, and the name of `overriden_registration_timelines` (sic) is
    from other sources.
    """

    id: int | None = None
    object: Literal["event"] | str | None = None
    name: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    status: Literal["active", "cancelled"] | str | None = None
    max_occupancy: int | None = None
    waitlist_max_override: int | None = None
    attending_count: int | None = None
    waiting_count: int | None = None
    is_appointment: str | None = None
    small_session_attendances: list[int | Attendance] | None = None
    venue: int | Venue | None = None
    venue_room: int | VenueRoom | None = None
    registrations_open_at: datetime | None = None
    registrations_close_at: datetime | None = None
    late_cancel_deadline: datetime | None = None
    instructors: str | list[Instructor] | None = None
    offering_type: int | OfferingType | None = None
    customer_url: str | None = None
    provider_url: str | None = None
    description: str | None = None
    schedule_type: str | None = None
    category: EventCategory | None = attrs.field(default=None, metadata=DEFERRED)
    active_registration_status: RegistrationStatus | None = attrs.field(default=None, metadata=DEFERRED)
    overriden_registration_timelines: list[EventRegistrationTimeline] | None = None


@attrs.frozen
class GympassBooking:
    """The booking that a Gympass customer made; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["gympass_booking"] | str | None = None
    is_access_validated: bool | None = None
    access_validation_error: str | None = None
    access_validation_attempted_at: datetime | None = None
    booking_number: str | None = None
    checked_in_at: datetime | None = None


@attrs.frozen
class WaitlistSpot:
    """A place on the waiting list; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["waitlist_spot"] | str | None = None
    status: Literal["on_waitlist", "spot_reserved", "expired", "rejected"] | str | None = None
    added_at: datetime | None = None
    spot_reserved_at: datetime | None = None
    reserved_spot_expires_at: datetime | None = None
    position: int | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(slots=False)
class Attendance:
    """A customer's attendance of an event.

    `customer`, `event` and `customer_membership` are ids until expanded. `customer_membership` is null for a drop-in,
    although no document says that it may be. `event.small_session_attendances` leads back here.
    """

    id: int | None = None
    object: Literal["attendance"] | str | None = None
    customer: int | Customer | None = None
    event: int | Event | None = None
    status: Literal["not_registered", "registered", "attended", "no_show", "late_cancelled"] | str | None = (
        None
    )
    customer_membership: int | CustomerMembership | None = None
    booking_source: Named | None = None
    gympass_booking: GympassBooking | None = attrs.field(default=None, metadata=DEFERRED)
    waitlist_spot: WaitlistSpot | None = attrs.field(default=None, metadata=DEFERRED)
