"""Who comes to events and to sessions of courses.

API documents: "Attendances - List" (``GET /api/v2/attendances``), "Course Session Attendances - List"
(``GET /api/v2/course_session_attendances``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, KeyOrder
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.courses import CourseSession
from .objects.customers import Customer
from .objects.events import Attendance

__all__ = [
    "ATTENDANCES",
    "COURSE_SESSION_ATTENDANCES",
    "Attendance",
    "AttendancesQuery",
    "CourseSessionAttendance",
    "CourseSessionAttendancesQuery",
]


@attrs.frozen(slots=False)
class CourseSessionAttendance:
    """A customer's attendance of a session of a course; references are ids until expanded."""

    id: int | None = None
    object: Literal["course_session_attendance"] | str | None = None
    course_session: int | CourseSession | None = None
    customer: int | Customer | None = None
    status: Literal["registered", "attended", "no_show"] | str | None = None


@attrs.frozen(kw_only=True)
class AttendancesQuery(ListQuery[Attendance]):
    """Parameters of ``GET /attendances``. API document: "Attendances - List"."""

    customer: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these customers (ids).")
    )
    event: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only of these events (ids)."))
    event_applicable_to_recurring_reservation: int | None = attrs.field(
        default=None, metadata=limits("Only at events that a recurring reservation matches (its id).")
    )
    event_local_starts_at_gte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only at events starting at or after this time on the venue's clock.", local=True),
    )
    event_local_starts_at_lte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only at events starting at or before this time on the venue's clock.", local=True),
    )
    event_starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only at events starting at or after this time.")
    )
    event_starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only at events starting at or before this time.")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).", comma=True)
    )
    sort: (
        Sequence[
            Literal["-customer.created_at", "-event_starts_at", "customer.created_at", "event_starts_at"]
        ]
        | None
    ) = attrs.field(default=None, metadata=limits("Fields to order by; a leading - means descending."))
    status: (
        Sequence[
            Literal[
                "not_registered", "registered", "attended", "no_show", "late_cancelled", "plans_to_attend"
            ]
        ]
        | None
    ) = attrs.field(default=None, metadata=limits("Only these statuses."))
    venue: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only at these venues (ids)."))


@attrs.frozen(kw_only=True)
class CourseSessionAttendancesQuery(ListQuery[CourseSessionAttendance]):
    """Parameters of ``GET /course_session_attendances``. API document: "Course Session Attendances - List"."""

    course_session_local_starts_at_gte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only of sessions starting at or after this time on the venue's clock.", local=True),
    )
    course_session_local_starts_at_lte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only of sessions starting at or before this time on the venue's clock.", local=True),
    )
    course_session_starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only of sessions starting at or after this time.")
    )
    course_session_starts_at_lte: datetime | None = attrs.field(
        default=None,
        metadata=limits(
            "Only of sessions ending at or before this time, the document says; the name says starting."
        ),
    )
    customer: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these customers (ids).")
    )


# No span: rows carry the time of their event only with expand=["event"].
ATTENDANCES = Endpoint(
    name="attendances",
    title="Attendances - List",
    path="/attendances",
    query=AttendancesQuery,
    row=Attendance,
    envelope=LIST,
    order=KeyOrder(
        field="event.starts_at",
        sort="event_starts_at",
        gte="event_starts_at_gte",
        lte="event_starts_at_lte",
    ),
    retrieve=True,
    shared_name=True,
)


# No span: the document calls course_session_starts_at_lte a filter on the end, so that stretches of time could leave
# out sessions across their borders.
COURSE_SESSION_ATTENDANCES = Endpoint(
    name="course_session_attendances",
    title="Course Session Attendances - List",
    path="/course_session_attendances",
    query=CourseSessionAttendancesQuery,
    row=CourseSessionAttendance,
    envelope=LIST,
    retrieve=True,
    shared_name=True,
)
