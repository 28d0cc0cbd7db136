"""Attendances Report, and its grouped twin.

API documents: "Attendances Report - Data" and "Attendances Report - Grouped Data",
``GET /api/v2/reports/attendances/data``,
``GET /api/v2/reports/attendances.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Changed, Endpoint, TimeSpan
from ..objects import CustomerCard, CustomerMembershipSummary, CustomerSummary, Named
from ..query import Query, Row, limits
from ..rows import NO_COUNTS

__all__ = [
    "ATTENDANCES",
    "ATTENDANCES_GROUPED",
    "Attendance",
    "AttendanceColumn",
    "AttendanceGroup",
    "AttendanceGroupColumn",
    "AttendanceStatus",
    "AttendancesGroupedQuery",
    "AttendancesQuery",
    "AttendedEvent",
    "AttendedTime",
    "BookingMethod",
    "Checkin",
    "EventType",
]

AttendanceStatus = Literal["attended", "registered", "no_show", "late_cancelled"]

BookingMethod = Literal["membership", "dropin", "free"]

EventType = Literal["appointment", "class"]


@attrs.frozen
class AttendedEvent:
    """What is attended."""

    id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    name: str | None = None


@attrs.frozen
class Checkin:
    """The check-in; `ocurred_at` is the vendor's spelling."""

    ocurred_at: datetime | None = None


@attrs.frozen
class AttendedTime:
    """When the events of a group start: a time of day."""

    start_time: str | None = None


# Not slotted: decoding pays for every absent field of a slotted class, and ``columns=`` leaves most absent.
@attrs.frozen(slots=False)
class Attendance:
    """A customer's attendance at an event."""

    id: int | None = None
    updated_at: datetime | None = None
    customer: CustomerCard = CustomerCard()
    event: AttendedEvent = AttendedEvent()
    offering_type: Named = Named()
    venue: Named = Named()
    instructors: tuple[Named, ...] = ()
    booking_method: BookingMethod | str | None = None
    customer_membership: CustomerMembershipSummary | None = None
    booking_source: str | None = None
    status: AttendanceStatus | str | None = None
    checkin: Checkin | None = None
    is_first_attendance: bool | None = None


AttendanceColumn = Literal[
    "id",
    "updated_at",
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "customer_thumbnail_url",
    "customer.thumbnail_url",
    "event_id",
    "event.id",
    "event",
    "event_starts_at",
    "event.starts_at",
    "event_ends_at",
    "event.ends_at",
    "event_name",
    "event.name",
    "offering_type_id",
    "offering_type.id",
    "offering_type",
    "offering_type_name",
    "offering_type.name",
    "venue_id",
    "venue.id",
    "venue",
    "venue_name",
    "venue.name",
    "instructors",
    "booking_method",
    "customer_membership_id",
    "customer_membership.id",
    "customer_membership",
    "membership_id",
    "customer_membership.membership.id",
    "customer_membership.membership",
    "membership_name",
    "customer_membership.membership.name",
    "booking_source",
    "status",
    "checkin_ocurred_at",
    "checkin.ocurred_at",
    "checkin",
    "is_first_attendance",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    attendance_status: Sequence[AttendanceStatus] | None = attrs.field(
        default=None, metadata=limits("Only attendances with this status.")
    )
    booking_methods: Sequence[BookingMethod] | None = attrs.field(
        default=None, metadata=limits("Only bookings made this way.")
    )
    booking_sources: Sequence[str] | None = attrs.field(
        default=None,
        metadata=limits(
            "Only bookings from these sources: an application id, or none.",
            pattern=r"^(\d+|none)$",
            min_length=1,
        ),
    )
    customer_memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only bookings made with these memberships of customers (ids).")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    event_start_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only events starting at or after this time.")
    )
    event_start_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only events starting at or before this time.")
    )
    event_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only events within this timeframe (syntax not documented).")
    )
    event_types: Sequence[EventType] | None = attrs.field(
        default=None, metadata=limits("Only appointments, or only classes.")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    include_future: bool | None = attrs.field(
        default=None, metadata=limits("Also include what has not happened yet.", default=False)
    )
    instructors: str | int | None = attrs.field(
        default=None, metadata=limits("Only what these instructors teach.")
    )
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[AttendanceStatus] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )
    updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or after this time.")
    )
    updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or before this time.")
    )
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


@attrs.frozen(kw_only=True)
class AttendancesQuery(_Filters[Attendance]):
    """Parameters of ``GET /reports/attendances/data``. API document: "Attendances Report - Data"."""

    columns: Sequence[AttendanceColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


ATTENDANCES = Endpoint(
    name="attendances",
    title="Attendances Report - Data",
    path="/reports/attendances/data",
    query=AttendancesQuery,
    row=Attendance,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "customer_thumbnail_url": "customer.thumbnail_url",
        "event_id": "event.id",
        "event_starts_at": "event.starts_at",
        "event_ends_at": "event.ends_at",
        "event_name": "event.name",
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
        "customer_membership_id": "customer_membership.id",
        "membership_id": "customer_membership.membership.id",
        "membership_name": "customer_membership.membership.name",
        "checkin_ocurred_at": "checkin.ocurred_at",
    },
    span=TimeSpan(field="event.starts_at", gte="event_start_gte", lte="event_start_lte"),
    future="include_future",
    sync=Changed(field="updated_at", gte="updated_at_gte"),
)


@attrs.frozen(slots=False)
class AttendanceGroup:
    """A group of attendances: the requested columns, and how many there are.

    With ``pivot=`` the counts of the periods are in `counts`, keyed as in ``page.column_headers``.
    """

    customer: CustomerSummary = CustomerSummary()
    day_of_week: str | None = None
    event: AttendedTime = AttendedTime()
    offering_type: Named = Named()
    venue: Named = Named()
    booking_method: BookingMethod | str | None = None
    booking_source: str | None = None
    status: AttendanceStatus | str | None = None
    count: int | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


AttendanceGroupColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "day_of_week",
    "event_start_time",
    "event.start_time",
    "event",
    "offering_type_id",
    "offering_type.id",
    "offering_type",
    "offering_type_name",
    "offering_type.name",
    "venue_id",
    "venue.id",
    "venue",
    "venue_name",
    "venue.name",
    "booking_method",
    "booking_source",
    "status",
    "count",
]


@attrs.frozen(kw_only=True)
class AttendancesGroupedQuery(_Filters[AttendanceGroup]):
    """Parameters of ``GET /reports/attendances.grouped/data``. API document: "Attendances Report - Grouped
    Data".
    """

    columns: Sequence[AttendanceGroupColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))
    max_pivot_columns: int | None = attrs.field(
        default=None, metadata=limits("How many pivoted columns at most.", default=4, maximum=12)
    )
    pivot: Literal["all", "year", "month", "week"] | None = attrs.field(
        default=None,
        metadata=limits("Period to spread the counts over, one column each.", default="all", min_length=1),
    )


ATTENDANCES_GROUPED = Endpoint(
    name="attendances.grouped",
    title="Attendances Report - Grouped Data",
    path="/reports/attendances.grouped/data",
    query=AttendancesGroupedQuery,
    row=AttendanceGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "event_start_time": "event.start_time",
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
    },
    span=TimeSpan(field=None, gte="event_start_gte", lte="event_start_lte"),
    future="include_future",
)
