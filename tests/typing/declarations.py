"""What type checkers know of the declarations. Nobody runs this: mypy and pyright read it (`nox -s types`).

A line that ends in `# type: ignore[...]` must be an error for both of them, or they complain.
"""

from collections.abc import Mapping
from typing import assert_type

from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSession
from teamup_async.query import Query
from teamup_async.reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED, AttendanceStrikeGroup
from teamup_async.reports.attendances import ATTENDANCES, Attendance


def queries() -> None:
    """The keyword arguments of a query are those of its class."""
    assert_type(ATTENDANCES.query(status=["attended"], columns=["id", "customer.name"]), Query[Attendance])
    assert_type(COURSE_SESSIONS.query(expand=["venue"]), Query[CourseSession])
    ATTENDANCES.query(statuz=["attended"])  # type: ignore[call-arg]
    ATTENDANCES.query(status=["atended"])  # type: ignore[list-item]
    ATTENDANCES.query(status=1)  # type: ignore[arg-type]
    ATTENDANCE_STRIKES_GROUPED.query()  # type: ignore[call-arg]
    ATTENDANCE_STRIKES_GROUPED.query(columns=["status"], pivot="weekly")  # type: ignore[arg-type]


def rows(attendance: Attendance, group: AttendanceStrikeGroup) -> None:
    """Rows are typed and frozen; what every row has needs no check for None."""
    assert_type(attendance.id, int | None)
    assert_type(attendance.customer.name, str | None)
    assert_type(group.counts, Mapping[str, int | None])
    attendance.id = 1  # type: ignore[misc]
    attendance.nonsense  # type: ignore[attr-defined]
    attendance.checkin.ocurred_at  # type: ignore[union-attr]
