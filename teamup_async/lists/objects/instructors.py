"""Instructors, when they can be booked, and calendar feeds."""

from __future__ import annotations

from datetime import time
from typing import Any, Literal

import attrs

from ...rows import DEFERRED

__all__ = ["AvailabilitySchedule", "ICalendarLinks", "Instructor", "InstructorPermissions", "TimeSlot"]


@attrs.frozen
class InstructorPermissions:
    """What an instructor may do."""

    email_notifications: bool | None = None
    revenue: bool | None = None
    attendances: bool | None = None
    super_admin: bool | None = None
    customers: bool | None = None
    discount_codes: bool | None = None
    manage_events: bool | None = None
    store: bool | None = None
    developer: bool | None = None
    customer_payments: bool | None = None
    instructor_attendances: bool | None = None
    instructor_manage_events: bool | None = None
    pos: bool | None = None


@attrs.frozen
class TimeSlot:
    """A part of a day."""

    start: time | None = None
    end: time | None = None


@attrs.frozen
class AvailabilitySchedule:
    """When an instructor can be booked; sent only when asked for through ``expand``."""

    id: int | None = None
    object: str | None = None
    name: str | None = None
    venue: int | None = None
    default_monday: list[TimeSlot] | None = None
    default_tuesday: list[TimeSlot] | None = None
    default_wednesday: list[TimeSlot] | None = None
    default_thursday: list[TimeSlot] | None = None
    default_friday: list[TimeSlot] | None = None
    default_saturday: list[TimeSlot] | None = None
    default_sunday: list[TimeSlot] | None = None
    schedule_type: Literal["IU", "RRTL", "GC"] | str | None = None
    instructor: int | None = None
    is_default: str | None = None
    has_availability: str | None = None


@attrs.frozen
class ICalendarLinks:
    """Calendar feeds of an instructor or a business; sent only when asked for through ``expand``."""

    link: str | None = None
    webcal_url: str | None = None
    integrations: list[Any] | None = None


@attrs.frozen
class Instructor:
    """An instructor."""

    id: int | None = None
    object: Literal["instructor"] | str | None = None
    name: str | None = None
    picture_url: str | None = None
    description: str | None = None
    permissions: InstructorPermissions | None = None
    staff: int | None = None
    availability_schedules: list[AvailabilitySchedule] | None = attrs.field(default=None, metadata=DEFERRED)
    icalendar_links: ICalendarLinks | None = attrs.field(default=None, metadata=DEFERRED)
