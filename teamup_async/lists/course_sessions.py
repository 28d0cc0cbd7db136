"""Course Sessions - List.

API document: "Course Sessions - List", ``GET /api/v2/course_sessions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, KeyOrder, Recent, TimeSpan
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.courses import CourseSession

__all__ = ["COURSE_SESSIONS", "CourseSession", "CourseSessionsQuery"]


@attrs.frozen(kw_only=True)
class CourseSessionsQuery(ListQuery[CourseSession]):
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
    retrieve=True,
)
