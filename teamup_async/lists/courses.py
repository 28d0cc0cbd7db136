"""Courses - List.

API document: "Courses - List", ``GET /api/v2/courses``.
"""

from __future__ import annotations

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.courses import Course

__all__ = ["COURSES", "Course", "CoursesQuery"]


@attrs.frozen(kw_only=True)
class CoursesQuery(ListQuery[Course]):
    """Parameters of ``GET /courses``. API document: "Courses - List"."""

    published: bool | None = attrs.field(
        default=None, metadata=limits("Only courses that are (or are not) published.")
    )


COURSES = Endpoint(
    name="courses",
    title="Courses - List",
    path="/courses",
    query=CoursesQuery,
    row=Course,
    envelope=LIST,
    retrieve=True,
)
