"""Course Sessions - List.

API document: "Course Sessions - List", ``GET /api/v2/course_sessions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Literal

import attrs

from ..endpoint import LIST, Endpoint, KeyOrder, Recent, TimeSpan
from ..objects import Image, Money
from ..query import Query, limits
from ..rows import DEFERRED, EXPANDABLE

__all__ = [
    "COURSE_SESSIONS",
    "AppointmentSettings",
    "AvailabilitySchedule",
    "AvailabilityScheduleOfferingType",
    "Course",
    "CourseSession",
    "CourseSessionsQuery",
    "ICalendarLinks",
    "Instructor",
    "InstructorPermissions",
    "Membership",
    "OfferingType",
    "OfferingTypeCategory",
    "PhysicalAddress",
    "RegistrationTimeline",
    "RoomRentalSettings",
    "RoomThumbnail",
    "TimeSlot",
    "Venue",
    "VenueRoom",
]


@attrs.frozen
class PhysicalAddress:
    """A venue's address."""

    street: str | None = None
    street_secondary: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    lat: float | None = None
    lng: float | None = None


@attrs.frozen
class RoomThumbnail:
    """The picture of a room."""

    id: int | None = None
    object: Literal["image"] | str | None = None
    url: str | None = None
    profile: int | None = None
    original_width: int | None = None
    original_height: int | None = None
    user: int | None = None
    created_at: datetime | None = None


@attrs.frozen
class VenueRoom:
    """A room of a venue (``expand=venue.venue_rooms``)."""

    id: int | None = None
    object: Literal["venue_room"] | str | None = None
    status: Literal["active", "archived"] | str | None = None
    name: str | None = None
    venue: int | Venue | None = None
    thumbnail: RoomThumbnail | None = None


@attrs.frozen
class Venue:
    """A venue, as ``expand=venue`` sends it."""

    id: int | None = None
    object: Literal["venue"] | str | None = None
    name: str | None = None
    description: str | None = None
    address: str | None = None
    physical_address: PhysicalAddress | None = None
    timezone: str | None = None
    video_url: str | None = None
    zoom_user: int | None = None
    venue_type: Literal["physical", "online"] | str | None = None
    venue_rooms: str | list[VenueRoom] | None = None
    lat: float | None = None
    lng: float | None = None
    archived: bool | None = None
    is_online: bool | None = None
    video_url_type: Literal["static", "zoom"] | str | None = None


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
    """Calendar feeds of an instructor; sent only when asked for through ``expand``."""

    link: str | None = None
    webcal_url: str | None = None
    integrations: list[Any] | None = None


@attrs.frozen
class Instructor:
    """An instructor (``expand=instructors``)."""

    id: int | None = None
    object: Literal["instructor"] | str | None = None
    name: str | None = None
    picture_url: str | None = None
    description: str | None = None
    permissions: InstructorPermissions | None = None
    staff: int | None = None
    availability_schedules: list[AvailabilitySchedule] | None = attrs.field(default=None, metadata=DEFERRED)
    icalendar_links: ICalendarLinks | None = attrs.field(default=None, metadata=DEFERRED)


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
class OfferingTypeCategory:
    """A category of offering types (``expand=course.offering_type.category``)."""

    id: int | None = None
    object: Literal["offering_type_category"] | str | None = None
    name: str | None = None
    image: Image | None = None
    color: str | None = None


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
    """Which schedule offers what, in which rooms."""

    offering_type: int | None = None
    availability_schedule: int | None = None
    venue_rooms: list[int] | None = None


@attrs.frozen
class Membership:
    """A membership that admits to an offering type; sent only when asked for through ``expand``."""

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
    """What a course offers (``expand=course.offering_type``)."""

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
class Course:
    """The course of a session (``expand=course``)."""

    id: int | None = None
    object: Literal["course"] | str | None = None
    name: str | None = None
    offering_type: int | OfferingType | None = None
    published: bool | None = None
    course_sessions: str | list[CourseSession] | None = None


@attrs.frozen(slots=False)
class CourseSession:
    """A session of a course.

    `venue` and `course` are ids, `instructors` is the URL of a collection, until expanded.
    """

    id: int | None = None
    object: Literal["course_session"] | str | None = None
    name: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    status: Literal["active", "cancelled"] | str | None = None
    attending_count: int | None = None
    max_occupancy: int | None = None
    venue: int | Venue | None = None
    instructors: str | list[Instructor] | None = None
    course: int | Course | None = None
    customer_url: str | None = None
    provider_url: str | None = None


@attrs.frozen(kw_only=True)
class CourseSessionsQuery(Query[CourseSession]):
    """Parameters of ``GET /course_sessions``. API document: "Course Sessions - List"."""

    course: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only sessions of these courses (ids).")
    )
    ends_at_gte: str | datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions ending at or after this time.")
    )
    ends_at_lte: str | datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions ending at or before this time.")
    )
    expand: Sequence[str] | None = attrs.field(
        default=None,
        metadata=limits(
            "Objects to send whole instead of as an id or URL; dots reach deeper, four levels at most.",
            comma=True,
        ),
    )
    fields: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Fields to return; dots reach into objects.", comma=True)
    )
    instructors: int | None = attrs.field(default=None, metadata=limits("Only what these instructors teach."))
    local_starts_at_gte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only sessions starting at or after this time on the venue's clock.", local=True),
    )
    local_starts_at_lte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only sessions starting at or before this time on the venue's clock.", local=True),
    )
    occupancy_status: (
        Sequence[Literal["full", "not_full", "has_registrations", "has_waitlist", "empty"]] | None
    ) = attrs.field(default=None, metadata=limits("Only sessions this full."))
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    sort: Sequence[Literal["-start", "start"]] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.")
    )
    start_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Like starts_at_gte; the difference is not documented.")
    )
    start_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Like starts_at_lte; the difference is not documented.")
    )
    starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions starting at or after this time.")
    )
    starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions starting at or before this time.")
    )
    status: Sequence[Literal["active", "cancelled"]] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


COURSE_SESSIONS = Endpoint(
    name="course_sessions",
    title="Course Sessions - List",
    path="/course_sessions",
    query=CourseSessionsQuery,
    row=CourseSession,
    envelope=LIST,
    order=KeyOrder(field="starts_at", sort="start", gte="starts_at_gte", lte="starts_at_lte"),
    span=TimeSpan(field="starts_at", gte="starts_at_gte", lte="starts_at_lte"),
    sync=Recent(),
)
