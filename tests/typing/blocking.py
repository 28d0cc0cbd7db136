"""What type checkers know of the client that is not async: the types of the async one. Nobody runs this."""

from collections.abc import Generator
from datetime import datetime
from typing import Any, assert_type

from teamup_async import Page
from teamup_async.blocking import BulkPull, ExportJob, Items, RowStream, TeamUp
from teamup_async.bulk import Account, PullResult
from teamup_async.lists.course_sessions import CourseSession
from teamup_async.lists.objects.customers import Customer
from teamup_async.reports.attendances import ATTENDANCES, Attendance, AttendancesQuery


def methods(teamup: TeamUp, since: datetime) -> None:
    """Every endpoint is a method with the parameters of its document, and a stream of its rows."""
    stream = teamup.reports.attendances(status=["attended"], event_start_gte=since, columns=["id"])
    assert_type(stream, RowStream[Attendance])
    assert_type(teamup.course_sessions(expand=["venue"]), RowStream[CourseSession])
    assert_type(teamup.lists.customers(), RowStream[Customer])
    assert_type(teamup.lists.customers.get(7, expand=["venue"]), Customer)
    assert_type(teamup.stream(ATTENDANCES, status=["attended"]), RowStream[Attendance])
    assert_type(teamup.stream(ATTENDANCES, AttendancesQuery(status=["attended"])), RowStream[Attendance])
    assert_type(teamup.retrieve(ATTENDANCES, 7), Attendance)

    teamup.reports.attendances(colums=["id"])  # type: ignore[call-arg]
    teamup.reports.attendances(columns=["idd"])  # type: ignore[list-item]
    teamup.reports.members()  # type: ignore[attr-defined]
    teamup.stream(ATTENDANCES, pivot="month")  # type: ignore[call-overload]


def streams(stream: RowStream[Attendance]) -> None:
    """Rows come without `await`, with the types of the row class."""
    assert_type(iter(stream), Generator[Attendance])
    for row in stream:
        assert_type(row, Attendance)
    with stream as rows:
        assert_type(next(rows), Attendance)
    assert_type(stream.pages(), Items[Page[Attendance]])
    assert_type(stream.paged(size=10, thrifty=True), RowStream[Attendance])
    assert_type(stream.up_to(5), RowStream[Attendance])
    assert_type(stream.first(), Attendance | None)
    assert_type(stream.collect(3), list[Attendance])
    assert_type(stream.count(), int)
    assert_type(stream.export(format="json"), ExportJob[Attendance])
    for exported in stream.export().rows():
        assert_type(exported, Attendance)

    stream.paged(sise=10)  # type: ignore[call-arg]
    stream.collect("3")  # type: ignore[arg-type]


def work(teamup: TeamUp, bulk: BulkPull) -> None:
    """Pulls and syncs take what the async ones take, blocking streams too."""
    assert_type(teamup.pull({"a": teamup.reports.attendances()}, into="csv:a", names="snake"), PullResult)
    assert_type(bulk.sync({"attendances": {}}, into="gym.duckdb", full=True), PullResult)
    assert_type(bulk.clients, dict[str, TeamUp])
    assert_type(teamup.get("/venues", page=2), Any)

    teamup.pull({"attendances": {}})  # type: ignore[call-arg]
    teamup.sync({"attendances": {}}, into=7)  # type: ignore[arg-type]


def settings() -> None:
    """Settings are those of the async clients."""
    with TeamUp(token="t", rate=None, concurrency=4) as teamup:
        assert_type(teamup, TeamUp)
    assert_type(TeamUp.from_config("north"), TeamUp)
    BulkPull([Account(name="a", token="t")], cap=8)
    TeamUp(tokn="t")  # type: ignore[call-arg]
    TeamUp(concurrency="4")  # type: ignore[arg-type]
