"""Classes Report, and its grouped twin.

API documents: "Classes Report - Data" and "Classes Report - Grouped Data",
``GET /api/v2/reports/classes/data``,
``GET /api/v2/reports/classes.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Changed, Endpoint, TimeSpan
from ..objects import Named
from ..query import Query, Row, limits

__all__ = [
    "CLASSES",
    "CLASSES_GROUPED",
    "Class",
    "ClassColumn",
    "ClassGroup",
    "ClassGroupColumn",
    "ClassesGroupedQuery",
    "ClassesQuery",
    "DayOfWeek",
]

DayOfWeek = Literal["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "staturday"]


@attrs.frozen(slots=False)
class Class:
    """A class that took place, or will."""

    id: int | None = None
    starts_at: datetime | None = None
    updated_at: datetime | None = None
    status: str | None = None
    offering_type: Named = Named()
    venue: Named = Named()
    instructors: tuple[Named, ...] = ()
    start_time: str | None = None
    duration_minutes: int | None = None
    day_of_week: str | None = None
    attendance_count: int | None = None
    late_cancel_count: int | None = None
    no_show_count: int | None = None


ClassColumn = Literal[
    "id",
    "starts_at",
    "updated_at",
    "status",
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
    "start_time",
    "duration_minutes",
    "day_of_week",
    "attendance_count",
    "late_cancel_count",
    "no_show_count",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    day_of_week: Sequence[DayOfWeek] | None = attrs.field(
        default=None, metadata=limits("Only these days of the week, in the vendor's spelling.")
    )
    durations: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only classes of these durations, in minutes.")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    include_future: bool | None = attrs.field(
        default=None, metadata=limits("Also include what has not happened yet.", default=False)
    )
    instructors: str | int | None = attrs.field(
        default=None, metadata=limits("Only what these instructors teach.")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only classes starting at or after this time.")
    )
    starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only classes starting at or before this time.")
    )
    status: str | None = attrs.field(default=None, metadata=limits("Only this status."))
    timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only classes within this timeframe (syntax not documented).")
    )
    updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or after this time.")
    )
    updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or before this time.")
    )
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


@attrs.frozen(kw_only=True)
class ClassesQuery(_Filters[Class]):
    """Parameters of ``GET /reports/classes/data``. API document: "Classes Report - Data"."""

    columns: Sequence[ClassColumn] | None = attrs.field(default=None, metadata=limits("Columns to return."))


CLASSES = Endpoint(
    name="classes",
    title="Classes Report - Data",
    path="/reports/classes/data",
    query=ClassesQuery,
    row=Class,
    aliases={
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
    },
    span=TimeSpan(field="starts_at", gte="starts_at_gte", lte="starts_at_lte"),
    future="include_future",
    sync=Changed(field="updated_at", gte="updated_at_gte"),
)


@attrs.frozen(slots=False)
class ClassGroup:
    """A group of classes: the requested columns, and how many there are and how well attended they were."""

    start_time: str | None = None
    day_of_week: str | None = None
    offering_type: Named = Named()
    venue: Named = Named()
    duration_minutes: int | None = None
    instructor: Named = Named()
    year: int | None = None
    month: int | None = None
    average_attendees: float | None = None
    count: int | None = None


ClassGroupColumn = Literal[
    "start_time",
    "day_of_week",
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
    "duration_minutes",
    "instructor_id",
    "instructor.id",
    "instructor",
    "instructor_name",
    "instructor.name",
    "year",
    "month",
    "average_attendees",
    "count",
]


@attrs.frozen(kw_only=True)
class ClassesGroupedQuery(_Filters[ClassGroup]):
    """Parameters of ``GET /reports/classes.grouped/data``. API document: "Classes Report - Grouped Data"."""

    columns: Sequence[ClassGroupColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))


CLASSES_GROUPED = Endpoint(
    name="classes.grouped",
    title="Classes Report - Grouped Data",
    path="/reports/classes.grouped/data",
    query=ClassesGroupedQuery,
    row=ClassGroup,
    grouped=True,
    measures=("average_attendees", "count"),
    aliases={
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
        "instructor_id": "instructor.id",
        "instructor_name": "instructor.name",
    },
    span=TimeSpan(field=None, gte="starts_at_gte", lte="starts_at_lte"),
    future="include_future",
)
