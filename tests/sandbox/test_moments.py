"""Time passes, answers are made of several moments, totals lie."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from teamup_async.sandbox import Received, Sandbox

PIVOTED = {"columns": ["status", "count"], "pivot": "month", "max_pivot_columns": 3}


async def test_the_future_begins(call: Any, sandbox: Sandbox) -> None:
    """A booking becomes visible when its class starts; nothing of it changes by that."""
    before = await call.rows("attendances")
    booked = {row["id"]: row for row in await call.rows("attendances", include_future=True)}
    hidden = sorted(booked.keys() - {row["id"] for row in before})
    first = min(datetime.fromisoformat(booked[key]["event"]["starts_at"]) for key in hidden)

    sandbox.now = first - timedelta(milliseconds=1)
    assert await call.rows("attendances") == before
    sandbox.advance(timedelta(milliseconds=1))
    after = await call.rows("attendances")
    sandbox.advance(timedelta(days=31))

    assert before[0]["id"] == after[0]["id"]
    assert len(before) < len(after) < len(booked)
    assert all(booked[row["id"]] == row for row in after)
    assert {row["id"]: row for row in await call.rows("attendances")} == booked


async def test_grouped_reports_know_the_time(call: Any, sandbox: Sandbox) -> None:
    """A grouped report counts what has started by now."""
    name = "course_session_attendances.grouped"
    [everything] = await call.rows(name, columns="count", include_future=True)
    sandbox.now = datetime(2025, 1, 1, tzinfo=UTC)
    [early] = await call.rows(name, columns="count")
    [same] = await call.rows(name, columns="count", session_timeframe="2024")

    assert 0 < early["count"] == same["count"] < everything["count"]


async def test_timeframes_follow(call: Any, sandbox: Sandbox) -> None:
    """Timeframes are relative to the present."""
    sandbox.now = datetime(2025, 3, 15, 12, tzinfo=UTC)
    february = await call.rows("attendances", event_timeframe="2025-02")

    assert february
    assert await call.rows("attendances", event_timeframe="last_month") == february


async def test_changes_are_stamped_with_the_present(call: Any, sandbox: Sandbox) -> None:
    """`updated_at` of a change is the present, and later than that of the change before."""
    sandbox.advance(timedelta(days=2))
    one, other = (sandbox.update("attendances", n=1)[0] for _ in range(2))
    rows = {row["id"]: row["updated_at"] for row in await call.rows("attendances")}

    assert [rows[one], rows[other]] == ["2026-01-03T00:00:00.000Z", "2026-01-03T00:00:00.001Z"]


async def test_data_lie_around_now(call: Any) -> None:
    """`Sandbox(now=...)` moves the data: two years of past classes, a month of future ones."""
    now = datetime(2027, 5, 6, 7, tzinfo=UTC)
    async with Sandbox(rows=600, rate=None, now=now) as sandbox:
        call.sandbox = sandbox
        usual = await call.rows("attendances")
        everything = await call.rows("attendances", include_future=True)
        recent = await call.rows("attendances", event_timeframe="last_60_days")
        sandbox.advance(timedelta(days=1))
    starts = sorted(datetime.fromisoformat(row["event"]["starts_at"]) for row in everything)

    assert (len(usual), sandbox.now) == (600, now + timedelta(days=1))
    assert len(everything) > 600
    assert now - timedelta(days=735) < starts[0] < now < starts[-1] < now + timedelta(days=33)
    assert 0 < len(recent) < 50


def test_now_needs_a_time_zone() -> None:
    """A moment without a time zone is refused."""
    with pytest.raises(ValueError, match="time zone"):
        Sandbox(rows=0, now=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="time zone"):
        Sandbox(rows=0).now = datetime(2026, 1, 1)


async def test_restarted_at_the_same_moment() -> None:
    """A sandbox that is started again is back at its first moment."""
    sandbox = Sandbox(rows=10)
    async with sandbox:
        sandbox.advance(timedelta(days=1))
    async with sandbox:
        assert sandbox.now == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_count_then_select(call: Any, sandbox: Sandbox, asynchronous: bool) -> None:
    """What changes between count and select shows in the rows only."""
    gone: list[int] = []

    def delete(request: Received) -> None:
        assert request.value("limit") == "100"
        gone.extend(sandbox.delete("attendances", n=5))

    async def delete_later(request: Received) -> None:
        await asyncio.sleep(0)
        delete(request)

    sandbox.between_count_and_rows = delete_later if asynchronous else delete
    torn = await call.report("attendances", limit=100, offset=500)
    sandbox.between_count_and_rows = None
    whole = await call.report("attendances", limit=100, offset=500)

    assert (torn["total"], len(torn["rows"])) == (600, 95)
    assert (whole["total"], len(whole["rows"]), len(gone)) == (595, 95, 5)


async def test_count_then_select_of_lists(call: Any, sandbox: Sandbox) -> None:
    """In a list `count`, `next` and 404 go by the count; the results are no more than were counted."""
    sandbox.between_count_and_rows = lambda _: sandbox.insert("course_sessions", 100) and None
    before = await call("/course_sessions", page=2, page_size=100)
    sandbox.between_count_and_rows = lambda _: sandbox.delete("course_sessions", n=500) and None
    after = await call("/course_sessions", page=2, page_size=100)

    assert (before.body["count"], len(before.body["results"]), before.body["next"]) == (130, 30, None)
    assert (after.body["count"], after.body["results"]) == (230, [])
    assert (await call("/course_sessions", page=2, page_size=100)).status == 404


async def test_count_then_select_of_groups(call: Any, sandbox: Sandbox) -> None:
    """The total of a grouped report may be older than its groups and its pivoted columns."""
    name = "attendance_strikes.grouped"
    [newest] = await call.rows(name, columns="count")

    def insert(_: Received) -> None:
        event = sandbox.insert("events", starts_at=datetime(2026, 5, 6, 12, tzinfo=UTC))
        sandbox.insert(name, 4, event_id=event[0], status="open")

    columns = await call.report(name, **PIVOTED)
    sandbox.between_count_and_rows = insert
    shifted = await call.report(name, **PIVOTED)
    sandbox.between_count_and_rows = None
    keys = [[header["key"] for header in page["column_headers"]][2:] for page in (columns, shifted)]

    assert (keys[0][1:], keys[1][2]) == (keys[1][:2], "2026-05")
    assert sum(row["2026-05"] for row in shifted["rows"]) == 4
    assert sum(row["count"] for row in shifted["rows"]) == newest["count"] + 4


async def test_columns_change_between_pages(call: Any, sandbox: Sandbox) -> None:
    """A new period while a pivoted report is read shifts the columns of the pages that follow."""
    name = "attendance_strikes.grouped"
    asked = {**PIVOTED, "columns": ["customer_id", "count"]}

    def insert(request: Received) -> None:
        if request.value("offset") == "5":
            event = sandbox.insert("events", starts_at=sandbox.now + timedelta(days=40))
            sandbox.insert(name, event_id=event[0])

    sandbox.before_request = insert
    pages = [await call.report(name, limit=5, offset=offset, **asked) for offset in (0, 5)]
    keys = [[header["key"] for header in page["column_headers"]][2:] for page in pages]

    assert keys[0][1:] == keys[1][:2]
    assert keys[1][2] == "2026-02"


LIES: list[tuple[Any, list[Any]]] = [
    (lambda exact, _: exact - 3, [597, 597]),
    (lambda exact, _: exact + 10**12, [600 + 10**12] * 2),
    (lambda _exact, _: 3, [3, 3]),
    (lambda _exact, _: -1, [-1, -1]),
    (lambda exact, request: exact + int(request.value("offset")), [600, 700]),
    (lambda _exact, _: None, ["absent", "absent"]),
]


@pytest.mark.parametrize(("lie", "stated"), LIES)
async def test_totals_that_lie(call: Any, sandbox: Sandbox, lie: Any, stated: list[Any]) -> None:
    """A total can be anything, on each page something else, or absent; the rows stay true."""
    honest = [await call.report("attendances", limit=100, offset=offset) for offset in (0, 100)]
    sandbox.total = lie
    lying = [await call.report("attendances", limit=100, offset=offset) for offset in (0, 100)]

    assert [page.get("total", "absent") for page in lying] == stated
    assert [page["rows"] for page in lying] == [page["rows"] for page in honest]


async def test_counts_that_lie(call: Any, sandbox: Sandbox) -> None:
    """The same for lists: `next` and 404 stay true."""
    sandbox.total = lambda _exact, request: None if request.value("page") == "2" else 5

    first, second, third = [await call("/course_sessions", page=page, page_size=100) for page in (1, 2, 3)]

    assert (first.body["count"], len(first.body["results"]), "page=2" in first.body["next"]) == (5, 100, True)
    assert ("count" in second.body, len(second.body["results"]), second.body["next"]) == (False, 30, None)
    assert third.status == 404


async def test_pages_in_flight_see_different_moments(call: Any, sandbox: Sandbox) -> None:
    """Of two requests in flight the later one may be answered first, of an earlier state of the data."""
    may_go = asyncio.Event()

    async def hold(request: Received) -> None:
        if request.value("offset") == "0":
            await may_go.wait()

    sandbox.before_request = hold
    first = asyncio.create_task(call.report("attendances", limit=100, offset=0))
    second = await call.report("attendances", limit=100, offset=100)
    gone = sandbox.delete("attendances", ids=[row["id"] for row in second["rows"][:7]])
    may_go.set()

    assert (second["total"], (await first)["total"], len(gone)) == (600, 593, 7)


async def test_an_answer_of_an_earlier_moment(call: Any, sandbox: Sandbox) -> None:
    """`before_reply` can hold an answer back while the data change."""
    sandbox.before_reply = lambda _: sandbox.delete("attendances", n=600) and None
    held = await call.report("attendances", limit=100)

    assert (held["total"], len(held["rows"])) == (600, 100)
    assert (await call.report("attendances", limit=100))["total"] == 0


@pytest.mark.parametrize("hook", ["before_request", "between_count_and_rows", "before_reply", "total"])
async def test_broken_hooks(call: Any, sandbox: Sandbox, hook: str, caplog: Any) -> None:
    """A hook that raises makes the answer a 500, and the log says why."""

    def broken(*_: Any) -> None:
        raise LookupError("broken hook")

    setattr(sandbox, hook, broken)
    answered = await call("/reports/attendances/data")

    assert (answered.status, answered.body["code"]) == (500, "sandbox_error")
    assert "broken hook" in caplog.text


async def test_moved_sessions(call: Any, sandbox: Sandbox) -> None:
    """A session moved to another time ends as much later, and its wall clock time follows."""
    [before] = [row for row in await call.sessions() if row["id"] == sandbox.ids("course_sessions")[0]]
    lasted = datetime.fromisoformat(before["ends_at"]) - datetime.fromisoformat(before["starts_at"])
    start = datetime(2026, 7, 1, 10, tzinfo=UTC)
    sandbox.update("course_sessions", ids=[before["id"]], starts_at=start)
    [moved] = await call.sessions(local_starts_at_gte="2026-07-01T06:00:00", start_gte=start.isoformat())

    assert datetime.fromisoformat(moved["starts_at"]) == start
    assert datetime.fromisoformat(moved["ends_at"]) == start + lasted
    assert sandbox.sql("SELECT local_start FROM course_sessions WHERE id = ?", before["id"]) in (
        [("2026-07-01T11:00:00",)],
        [("2026-07-01T12:00:00",)],
    )
