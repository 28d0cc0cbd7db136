"""What is offered: offering types, their categories, and ways to register."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

import attrs

from ...objects import Image, Money
from ...rows import DEFERRED, EXPANDABLE
from .instructors import Instructor
from .memberships import Membership

__all__ = [
    "AppointmentSettings",
    "AvailabilityScheduleOfferingType",
    "OfferingType",
    "OfferingTypeCategory",
    "RegistrationOption",
    "RegistrationTimeSlot",
    "RegistrationTimeline",
    "RoomRentalSettings",
]


@attrs.frozen
class OfferingTypeCategory:
    """A category of offering types."""

    id: int | None = None
    object: Literal["offering_type_category"] | str | None = None
    name: str | None = None
    image: Image | None = None
    color: str | None = None


@attrs.frozen
class AppointmentSettings:
    """How appointments are made; durations in minutes."""

    duration: int | None = None
    buffer_before: int | None = None
    buffer_after: int | None = None
    start_time_increments: int | None = None
    default_venue: int | None = None
    default_venue_rooms: list[int] | None = None


@attrs.frozen
class RoomRentalSettings:
    """How rooms are rented; durations in minutes."""

    duration: int | None = None
    buffer_before: int | None = None
    buffer_after: int | None = None
    start_time_increments: int | None = None
    room_uniformity: bool | None = None


@attrs.frozen
class AvailabilityScheduleOfferingType:
    """Which schedule offers what, in which rooms; sent only when asked for through ``expand``."""

    offering_type: int | None = None
    availability_schedule: int | None = None
    venue_rooms: list[int] | None = None


@attrs.frozen
class RegistrationTimeline:
    """Who may register, and when; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["registration_timeline"] | str | None = None
    name: str | None = None
    audience_type: (
        Literal[
            "everyone",
            "business_only",
            "membership_holders",
            "specific_memberships",
            "specific_customers",
            "private_url",
        ]
        | str
        | None
    ) = None
    thumbnail: Image | None = None


@attrs.frozen
class OfferingType:
    """What is offered: a kind of class, course or appointment; intervals in minutes."""

    allows_dropins: bool | None = None
    appointment_settings: AppointmentSettings | None = attrs.field(default=None, metadata=EXPANDABLE)
    background_color: str | None = None
    cancellation_notice_interval: int | None = None
    category: int | OfferingTypeCategory | None = None
    customer_visibility: Literal["public", "membership_holders", "private"] | str | None = None
    description: str | None = None
    dropin_price: str | None = None
    has_active_schedules: bool | None = None
    has_pricing: bool | None = None
    id: int | None = None
    image: Image | None = None
    instructors: str | list[Instructor] | None = None
    is_draft: bool | None = None
    max_allowed_age: int | None = None
    memberships_count: int | None = None
    memberships_summary_description: str | None = None
    min_allowed_age: int | None = None
    name: str | None = None
    object: Literal["offering_type"] | str | None = None
    order: int | None = None
    registrations_close_interval: int | None = None
    registrations_open_interval: int | None = None
    room_rental_settings: RoomRentalSettings | None = attrs.field(default=None, metadata=EXPANDABLE)
    schedule_type: str | None = None
    status: Literal["active", "archived", "unknown"] | str | None = None
    waitlist_max: int | None = None
    availability_schedule_offering_types: list[AvailabilityScheduleOfferingType] | None = attrs.field(
        default=None, metadata=DEFERRED
    )
    memberships: list[Membership] | None = attrs.field(default=None, metadata=DEFERRED)
    registration_timelines: list[RegistrationTimeline] | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen
class RegistrationTimeSlot:
    """A time of the week at which one can register; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["registration_time_slot"] | str | None = None
    offering_type: int | None = None
    registration_option: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    day: (
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "staturday", "sunday"] | str | None
    ) = None
    occupancy: int | None = None


@attrs.frozen
class RegistrationOption:
    """A way to register for an offering type."""

    id: int | None = None
    object: Literal["registration_option"] | str | None = None
    offering_type: int | OfferingType | None = None
    drop_in_price: Money | None = None
    requires_membership_grant: bool | None = None
    type: Literal["offering_type", "time_slot", "course"] | str | None = None
    time_slots: list[RegistrationTimeSlot] | None = attrs.field(default=None, metadata=DEFERRED)
