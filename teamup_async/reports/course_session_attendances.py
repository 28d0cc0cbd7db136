"""Course Session Attendances Report, and its grouped twin.

API documents: "Course Session Attendances Report - Data" and "Course Session Attendances Report - Grouped Data",
``GET /api/v2/reports/course_session_attendances/data``,
``GET /api/v2/reports/course_session_attendances.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerMembershipSummary, CustomerSummary, Named
from ..query import Query, Row, limits
from ..rows import NO_COUNTS

__all__ = [
    "COURSE_SESSION_ATTENDANCES",
    "COURSE_SESSION_ATTENDANCES_GROUPED",
    "AttendedSession",
    "CourseAttendanceColumn",
    "CourseAttendanceGroupColumn",
    "CourseAttendanceStatus",
    "CourseBookingMethod",
    "CourseSessionAttendance",
    "CourseSessionAttendanceGroup",
    "CourseSessionAttendancesGroupedQuery",
    "CourseSessionAttendancesQuery",
    "SessionTime",
]

CourseBookingMethod = Literal["session_dropin", "membership", "course_dropin"]

CourseAttendanceStatus = Literal["no_show", "registered", "attended"]


@attrs.frozen
class AttendedSession:
    """The session of the course."""

    id: int | None = None
    starts_at: datetime | None = None


@attrs.frozen
class SessionTime:
    """When the course sessions of a group start: a time of day."""

    start_time: str | None = None


@attrs.frozen(slots=False)
class CourseSessionAttendance:
    """A customer's attendance at a session of a course."""

    customer: CustomerSummary = CustomerSummary()
    course_session: AttendedSession = AttendedSession()
    course: Named = Named()
    course_series: Named | None = None
    offering_type: Named = Named()
    venue: Named = Named()
    instructors: tuple[Named, ...] = ()
    booking_method: CourseBookingMethod | str | None = None
    customer_membership: CustomerMembershipSummary | None = None
    is_makeup: bool | None = None
    status: CourseAttendanceStatus | str | None = None


CourseAttendanceColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "course_session_id",
    "course_session.id",
    "course_session",
    "course_session_starts_at",
    "course_session.starts_at",
    "course_id",
    "course.id",
    "course",
    "course_name",
    "course.name",
    "course_series_id",
    "course_series.id",
    "course_series",
    "course_series_name",
    "course_series.name",
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
    "is_makeup",
    "status",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    booking_methods: Sequence[CourseBookingMethod] | None = attrs.field(
        default=None, metadata=limits("Only bookings made this way.")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    include_future: bool | None = attrs.field(
        default=None, metadata=limits("Also include what has not happened yet.", default=False)
    )
    instructors: str | int | None = attrs.field(
        default=None, metadata=limits("Only what these instructors teach.")
    )
    is_makeup: bool | None = attrs.field(
        default=None, metadata=limits("Only make-up attendances, or none of them.")
    )
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    session_starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions starting at or after this time.")
    )
    session_starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions starting at or before this time.")
    )
    session_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only sessions within this timeframe (syntax not documented).")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[CourseAttendanceStatus] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


@attrs.frozen(kw_only=True)
class CourseSessionAttendancesQuery(_Filters[CourseSessionAttendance]):
    """Parameters of ``GET /reports/course_session_attendances/data``. API document: "Course Session
    Attendances Report - Data".
    """

    columns: Sequence[CourseAttendanceColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


COURSE_SESSION_ATTENDANCES = Endpoint(
    name="course_session_attendances",
    title="Course Session Attendances Report - Data",
    path="/reports/course_session_attendances/data",
    query=CourseSessionAttendancesQuery,
    row=CourseSessionAttendance,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "course_session_id": "course_session.id",
        "course_session_starts_at": "course_session.starts_at",
        "course_id": "course.id",
        "course_name": "course.name",
        "course_series_id": "course_series.id",
        "course_series_name": "course_series.name",
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
        "customer_membership_id": "customer_membership.id",
        "membership_id": "customer_membership.membership.id",
        "membership_name": "customer_membership.membership.name",
    },
    span=TimeSpan(field="course_session.starts_at", gte="session_starts_at_gte", lte="session_starts_at_lte"),
    future="include_future",
)


@attrs.frozen(slots=False)
class CourseSessionAttendanceGroup:
    """A group of attendances at course sessions: the requested columns, and how many there are.

    With ``pivot=`` the counts of the periods are in `counts`, keyed as in ``page.column_headers``.
    """

    customer: CustomerSummary = CustomerSummary()
    venue: Named = Named()
    offering_type: Named = Named()
    booking_method: CourseBookingMethod | str | None = None
    is_makeup: bool | None = None
    status: CourseAttendanceStatus | str | None = None
    course_session: SessionTime = SessionTime()
    day_of_week: str | None = None
    count: int | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


CourseAttendanceGroupColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "venue_id",
    "venue.id",
    "venue",
    "venue_name",
    "venue.name",
    "offering_type_id",
    "offering_type.id",
    "offering_type",
    "offering_type_name",
    "offering_type.name",
    "booking_method",
    "is_makeup",
    "status",
    "course_session_start_time",
    "course_session.start_time",
    "course_session",
    "day_of_week",
    "count",
]


@attrs.frozen(kw_only=True)
class CourseSessionAttendancesGroupedQuery(_Filters[CourseSessionAttendanceGroup]):
    """Parameters of ``GET /reports/course_session_attendances.grouped/data``. API document: "Course Session
    Attendances Report - Grouped Data".
    """

    columns: Sequence[CourseAttendanceGroupColumn] = attrs.field(
        metadata=limits("Columns to return.", min_items=1)
    )
    max_pivot_columns: int | None = attrs.field(
        default=None, metadata=limits("How many pivoted columns at most.", default=4, maximum=12)
    )
    pivot: Literal["all", "year", "month", "week"] | None = attrs.field(
        default=None,
        metadata=limits("Period to spread the counts over, one column each.", default="all", min_length=1),
    )


COURSE_SESSION_ATTENDANCES_GROUPED = Endpoint(
    name="course_session_attendances.grouped",
    title="Course Session Attendances Report - Grouped Data",
    path="/reports/course_session_attendances.grouped/data",
    query=CourseSessionAttendancesGroupedQuery,
    row=CourseSessionAttendanceGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "course_session_start_time": "course_session.start_time",
    },
    span=TimeSpan(field=None, gte="session_starts_at_gte", lte="session_starts_at_lte"),
    future="include_future",
)
