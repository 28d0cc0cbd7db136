"""What each endpoint reads: a table, and what its names mean where the schema does not say so by itself.

A report, its grouped twin and its list are about one subject. Keys are the vendor's: names of endpoints, paths of
rows, names of parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from ..._memo import memo
from ...endpoint import Endpoint
from .clock import NOW
from .entities import ENTITIES
from .filters import (
    Filter,
    future,
    one_of,
    taught,
    with_none,
)
from .paths import Paths
from .schema import Derived, derive


def _derive(values: Mapping[str, str]) -> dict[str, Derived]:
    return {path: derive(text) for path, text in values.items()}


@attrs.frozen(kw_only=True)
class Subject:
    """One table as endpoints show it.

    `hops` leads from a name to the path it stands for, `names` from a parameter's stem to a path (``""`` is what
    ``timeframe``, ``month`` and ``year`` are about). `derived` are values that only this subject has, `measures`
    what grouped rows are not grouped by. `filters` are those that names do not explain, `always` the values of
    those that also apply when absent. `pivot` is the day or time whose periods become columns, `active` a condition
    with the period's bounds instead.
    """

    root: str
    hops: Mapping[str, str] = attrs.field(factory=dict[str, str])
    names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    derived: Mapping[str, Derived] = attrs.field(factory=dict[str, Derived], converter=_derive)
    measures: Mapping[str, Derived] = attrs.field(factory=dict[str, Derived], converter=_derive)
    filters: Mapping[str, Filter] = attrs.field(factory=dict[str, Filter])
    always: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    pivot: str = ""
    active: str = ""

    def paths(self, now: Any, currency: str) -> Paths:
        """A fresh statement's paths."""
        return Paths(ENTITIES[self.root], self.hops, self.derived, now, currency)


_TEACHERS: Final = taught("instructor", "second")
_OCCUPANCY: Final = one_of(
    {
        "full": "(coalesce({max_occupancy}, 0) > 0 AND {attending_count} >= {max_occupancy})",
        "not_full": "(coalesce({max_occupancy}, 0) = 0 OR {attending_count} < {max_occupancy})",
        "has_registrations": "{attending_count} > 0",
        "has_waitlist": "{waitlist_count} > 0",
        "empty": "{attending_count} = 0",
    }
)
_STATUSES: Final = """CASE {status} WHEN 'completed' THEN 'complete' WHEN 'upgraded' THEN 'complete'
    WHEN 'downgraded' THEN 'complete' ELSE {status} END"""

ATTENDANCES: Final = Subject(
    root="attendances",
    hops={
        "offering_type": "event.offering_type",
        "venue": "event.venue",
        "instructors": "event.instructors",
        "day_of_week": "event.day_of_week",
    },
    names={
        "event_start": "event.starts_at",
        "event_": "event.starts_at",
        "event": "event.starts_at",
        "event_local_starts_at": "event.local_start",
        "attendance_status": "status",
        "event_types": "event.type",
    },
    derived={"booking_source": "text: {booking_source.name}"},
    filters={
        "booking_sources": with_none("booking_source_id"),
        "include_future": future("event.starts_at"),
        "instructors": taught("event.instructor", "event.second"),
    },
    always={"include_future": False},
    pivot="event.local_start",
)
STRIKES: Final = Subject(
    root="attendance_strikes",
    hops={
        "offering_type": "event.offering_type",
        "venue": "event.venue",
        "day_of_week": "event.day_of_week",
    },
    names={"penalty": "penalty_id", "rule_applies_to": "applies_to"},
    derived={
        "customer_membership.membership.id": "key: {membership.id}",
        "customer_membership.membership.name": "text: {membership.name}",
    },
    pivot="event.local_start",
)
PUPILS: Final = Subject(
    root="course_session_attendances",
    hops={
        "course": "course_session.course",
        "offering_type": "course_session.offering_type",
        "venue": "course_session.venue",
        "instructors": "course_session.instructors",
        "day_of_week": "course_session.day_of_week",
    },
    names={"session_starts_at": "course_session.starts_at", "session": "course_session.starts_at"},
    filters={
        "include_future": future("course_session.starts_at"),
        "instructors": taught("course_session.instructor", "course_session.second"),
    },
    always={"include_future": False},
    pivot="course_session.local_start",
)
INSTRUCTED: Final = Subject(
    root="instructed_sessions",
    hops={"instructor_pay_rate": "pay_rate"},
    names={"": "starts_at"},
    filters={"instructors": taught("instructor")},
)
COURSE_SESSIONS: Final = Subject(
    root="course_sessions",
    names={"start": "starts_at"},
    derived={"start": "moment: {starts_at}"},
    filters={"instructors": _TEACHERS, "occupancy_status": _OCCUPANCY},
)

SUBJECTS: Final[Mapping[str, Subject]] = {
    "reports.attendances": ATTENDANCES,
    "reports.attendances.grouped": ATTENDANCES,
    "reports.attendance_strikes": STRIKES,
    "reports.attendance_strikes.grouped": STRIKES,
    "reports.course_session_attendances": PUPILS,
    "reports.course_session_attendances.grouped": PUPILS,
    "reports.instructed_sessions": INSTRUCTED,
    "lists.course_sessions": COURSE_SESSIONS,
}
"""By `Endpoint.full_name`."""


OBJECTS: Final[Mapping[str, Subject]] = {
    "Category": Subject(root="offering_type_categories"),
    "Course": Subject(root="courses"),
    "CourseSession": COURSE_SESSIONS,
    "Instructor": Subject(root="instructors"),
    "Membership": Subject(root="memberships"),
    "OfferingType": Subject(root="offering_types"),
    "OfferingTypeCategory": Subject(root="offering_type_categories"),
    "Venue": Subject(root="venues"),
    "VenueRoom": Subject(root="venue_rooms"),
}
"""What the objects of a class are made from."""


@memo
def served_from(endpoint: Endpoint[..., Any]) -> Subject | None:
    """What an endpoint reads; None where the tables do not have every column of its rows."""
    subject = SUBJECTS.get(endpoint.full_name)
    if subject is None or not endpoint.envelope.headed:
        return subject
    paths = subject.paths(NOW, "gbp")
    known = all(path in subject.measures or path == "count" or paths.knows(path) for path in endpoint.paths)
    return subject if known else None
