"""What type checkers know of the client: arguments and rows come from the declarations. Nobody runs this."""

from datetime import date, datetime
from typing import assert_type

from teamup_async import Page, RowStream, TeamUp
from teamup_async.lists.course_sessions import CourseSession, CourseSessionsQuery
from teamup_async.reports import (
    INVOICES,
    Customer,
    CustomerMembershipHold,
    Instructor,
    Invoice,
    InvoiceGroup,
    InvoicesQuery,
)
from teamup_async.reports.attendance_strikes import AttendanceStrikeGroup
from teamup_async.reports.attendances import ATTENDANCES, Attendance, AttendancesQuery
from teamup_async.reports.instructed_sessions import InstructedSession


def methods(teamup: TeamUp, since: datetime, day: date) -> None:
    """Every endpoint is a method with the parameters of its document, and a stream of its rows."""
    assert_type(
        teamup.reports.attendances(status=["attended"], event_start_gte=since, columns=["id"]),
        RowStream[Attendance],
    )
    assert_type(
        teamup.reports.attendance_strikes_grouped(columns=["status"], pivot="month"),
        RowStream[AttendanceStrikeGroup],
    )
    assert_type(teamup.reports.instructed_sessions(), RowStream[InstructedSession])
    assert_type(teamup.course_sessions(expand=["venue", "instructors"]), RowStream[CourseSession])
    assert_type(teamup.stream(ATTENDANCES, status=["attended"]), RowStream[Attendance])
    assert_type(teamup.stream(ATTENDANCES, AttendancesQuery(status=["attended"])), RowStream[Attendance])

    assert_type(teamup.reports.customers(created_at_gte=since, ids=[1]), RowStream[Customer])
    assert_type(
        teamup.reports.customer_membership_holds(updated_at_gte=day), RowStream[CustomerMembershipHold]
    )
    assert_type(teamup.reports.invoices_grouped(columns=["status", "count"]), RowStream[InvoiceGroup])
    assert_type(teamup.reports.instructors(instructors=7), RowStream[Instructor])
    assert_type(teamup.lists.course_sessions(venues=[1]), RowStream[CourseSession])
    assert_type(INVOICES.row, type[Invoice])
    assert_type(InvoicesQuery(due_date_gte=day), InvoicesQuery)

    teamup.reports.attendances(colums=["id"])  # type: ignore[call-arg]
    teamup.reports.attendances(columns=["idd"])  # type: ignore[list-item]
    teamup.reports.attendances(event_start_gte="2025-01-01")  # type: ignore[arg-type]
    teamup.reports.attendance_strikes_grouped()  # type: ignore[call-arg]
    teamup.reports.members()  # type: ignore[attr-defined]
    teamup.reports.customer_membership_holds(updated_at_gte="2025-01-31")  # type: ignore[arg-type]
    teamup.reports.invoices(status=["paid"])  # type: ignore[arg-type]
    teamup.course_sessions(pivot="month")  # type: ignore[call-arg]
    teamup.stream(ATTENDANCES, pivot="month")  # type: ignore[call-overload]
    teamup.stream(ATTENDANCES, CourseSessionsQuery())  # type: ignore[misc]


def settings() -> None:
    """Settings are named, and their types are checked."""
    TeamUp(token="t", provider_id=123, rate=None)
    TeamUp("t")  # type: ignore[call-arg]
    TeamUp(rate="250")  # type: ignore[arg-type]
    TeamUp(mode="provider", auth_scheme="Bearer", array_encoding="comma")
    TeamUp(mode="owner")  # type: ignore[arg-type]
    TeamUp(auth_scheme="Basic")  # type: ignore[arg-type]
    TeamUp(array_encoding="pipes")  # type: ignore[arg-type]


async def streams(teamup: TeamUp) -> None:
    """A stream gives rows, pages, a count, a first row and lists, all typed."""
    stream = teamup.reports.attendances()
    async for row in stream:
        assert_type(row, Attendance)
        assert_type(row.event.starts_at, datetime | None)
    async for page in stream.pages():
        assert_type(page, Page[Attendance])
        assert_type(list(page.rows), list[Attendance])
    async with stream as rows:
        async for row in rows:
            assert_type(row, Attendance)
    assert_type(await stream.count(), int)
    assert_type(await stream.first(), Attendance | None)
    assert_type(await stream.collect(limit=1000), list[Attendance])
    assert_type(stream.paged(by="id", size=100, window=8), RowStream[Attendance])
    stream.paged(by="cursor")  # type: ignore[arg-type]
    list(stream)  # type: ignore[call-overload]
