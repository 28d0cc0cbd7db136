"""Courses and their sessions, which point at each other."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from .instructors import Instructor
from .offerings import OfferingType
from .venues import Venue

__all__ = ["Course", "CourseSession"]


@attrs.frozen(slots=False)
class Course:
    """A course.

    `offering_type` is an id, `course_sessions` the URL of a collection, until expanded.
    """

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
