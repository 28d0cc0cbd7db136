"""Reports filter, prune, sort, page, group and pivot."""

import csv
import io
from collections import Counter
from datetime import datetime
from typing import Any

import attrs
import pytest

from teamup_async.endpoints import ENDPOINTS
from teamup_async.sandbox import Sandbox

REPORTS = [endpoint for endpoint in ENDPOINTS if endpoint.envelope.name == "report"]
GROUPED = ["attendance_strikes.grouped", "attendances.grouped", "course_session_attendances.grouped"]


def at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row.get(name) if row is not None else None
    return row


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_attendances_default(call: Any, sandbox: Sandbox) -> None:
    """`rows` attendances of past events, by ascending id with gaps; 50 a page."""
    page = await call.report("attendances")
    ids = [row["id"] for row in await call.rows("attendances")]

    assert (page["total"], len(page["rows"])) == (600, 50)
    assert ids == sorted(set(ids)) == sandbox.ids("attendances")
    assert ids[-1] - ids[0] > len(ids)


SINCE = "2025-02-03T04:05:06+00:00"
ATTENDANCE_FILTERS: list[tuple[str, Any, Any]] = [
    ("status", ["attended", "no_show"], lambda r: r["status"] in ("attended", "no_show")),
    ("attendance_status", ["late_cancelled"], lambda r: r["status"] == "late_cancelled"),
    ("booking_methods", ["free", "dropin"], lambda r: r["booking_method"] in ("free", "dropin")),
    ("booking_sources", ["none"], lambda r: r["booking_source"] is None),
    ("booking_sources", ["1081", "none"], lambda r: r["booking_source"] in (None, "iOS app")),
    ("event_start_gte", SINCE, lambda r: moment(r["event"]["starts_at"]) >= moment(SINCE)),
    ("event_start_lte", SINCE, lambda r: moment(r["event"]["starts_at"]) <= moment(SINCE)),
    ("updated_at_gte", SINCE, lambda r: moment(r["updated_at"]) >= moment(SINCE)),
    ("updated_at_lte", SINCE, lambda r: moment(r["updated_at"]) <= moment(SINCE)),
    ("event_timeframe", "2025-03", lambda r: r["event"]["starts_at"].startswith("2025-03")),
    (
        "event_types",
        ["appointment"],
        lambda r: r["offering_type"]["name"] in ("Personal Training", "Massage"),
    ),
    ("instructors", "1100", lambda r: 1100 in [i["id"] for i in r["instructors"]]),
    ("instructors", "1100,1107", lambda r: {1100, 1107} & {i["id"] for i in r["instructors"]}),
    ("memberships", [1500, 1513], lambda r: at(r, "customer_membership.membership.id") in (1500, 1513)),
    ("customer_memberships", [600004], lambda r: at(r, "customer_membership.id") == 600004),
    ("customers", [40011, 40017], lambda r: r["customer"]["id"] in (40011, 40017)),
    ("offering_types", [1300], lambda r: r["offering_type"]["id"] == 1300),
    ("venues", [1001], lambda r: r["venue"]["id"] == 1001),
    ("id_gt", 2001000, lambda r: r["id"] > 2001000),
]


@pytest.mark.parametrize(("name", "value", "holds"), ATTENDANCE_FILTERS)
async def test_attendance_filters(call: Any, name: str, value: Any, holds: Any) -> None:
    """Each filter gives exactly the rows it is about."""
    everything = await call.rows("attendances")

    expected = [row for row in everything if holds(row)]

    assert 0 < len(expected) < len(everything)
    assert await call.rows("attendances", **{name: value}) == expected


async def test_future(call: Any, sandbox: Sandbox) -> None:
    """What starts after the sandbox's present comes only with `include_future`."""
    usual = await call.rows("attendances")
    everything = await call.rows("attendances", include_future=True)
    future = [row for row in everything if moment(row["event"]["starts_at"]) > sandbox.now]

    assert future
    assert len(everything) == len(usual) + len(future)
    assert {row["status"] for row in future} <= {"registered", "late_cancelled"}


INSTRUCTED_FILTERS: list[tuple[str, Any, Any]] = [
    ("instructors", "1107", lambda r: r["instructor"]["id"] == 1107),
    ("pay_rates", [1062, 1064], lambda r: at(r, "instructor_pay_rate.id") in (1062, 1064)),
    ("session_types", ["course_session"], lambda r: r["session_type"] == "course_session"),
    ("starts_at_gte", SINCE, lambda r: moment(r["starts_at"]) >= moment(SINCE)),
    ("starts_at_lte", SINCE, lambda r: moment(r["starts_at"]) <= moment(SINCE)),
    ("timeframe", "last_year", lambda r: r["starts_at"].startswith("2025-")),
    ("offering_types", [1300], lambda r: r["offering_type"]["id"] == 1300),
    ("venues", [1001], lambda r: r["venue"]["id"] == 1001),
    ("id_gt", 5000300, lambda r: r["id"] > 5000300),
]


@pytest.mark.parametrize(("name", "value", "holds"), INSTRUCTED_FILTERS)
async def test_instructed_session_filters(call: Any, name: str, value: Any, holds: Any) -> None:
    """Each filter gives exactly the rows it is about."""
    everything = await call.rows("instructed_sessions")

    expected = [row for row in everything if holds(row)]

    assert 0 < len(expected) < len(everything)
    assert await call.rows("instructed_sessions", **{name: value}) == expected


@pytest.mark.parametrize("endpoint", REPORTS, ids=lambda endpoint: endpoint.name)
async def test_columns(call: Any, endpoint: Any) -> None:
    """Every value of `columns` gives the nested fields it stands for and no other, named in `column_headers`."""
    for column in endpoint.columns:
        page = await call.report(endpoint.name, columns=column, limit=1)
        keys = [header["key"] for header in page["column_headers"]]

        assert keys == list(endpoint.leaves([column]))
        assert list(page["rows"][0]) == [keys[0].split(".")[0]]


async def test_column_headers(call: Any) -> None:
    """Headers have the documented fields; `sorted` only where the report is sorted."""
    page = await call.report(
        "attendances", columns=["customer_id", "instructors"], sort=["-customer_id", "id"]
    )

    assert page["column_headers"] == [
        {
            "label": "Customer ID",
            "key": "customer.id",
            "sortable": True,
            "holds_customer_id": True,
            "sorted": {"order": "desc", "priority": 0},
            "required": False,
        },
        {
            "label": "Instructors",
            "key": "instructors",
            "sortable": False,
            "holds_customer_id": False,
            "required": False,
        },
    ]


@pytest.mark.parametrize("name", ["attendances", "instructed_sessions"])
async def test_sort(call: Any, name: str) -> None:
    """Rows come in the order asked for, ties by id; absent values first."""
    rows = await call.rows(name, sort=["-venue.id", "offering_type_id"])

    assert rows == sorted(rows, key=lambda r: (-r["venue"]["id"], r["offering_type"]["id"], r["id"]))
    backwards = await call.rows(name, sort="-id")
    assert [r["id"] for r in backwards] == sorted((r["id"] for r in backwards), reverse=True)


@pytest.mark.parametrize("name", ["nonsense", "instructors", "customer", "-"])
async def test_unsortable(call: Any, name: str) -> None:
    """What is unknown, a list or a group cannot be sorted on."""
    answered = await call("/reports/attendances/data", sort=name)

    assert answered.status == 400
    assert set(answered.body["field_errors"]) == {"sort"}


@pytest.mark.parametrize("name", ["attendances", "instructed_sessions"])
async def test_walks_agree(call: Any, name: str) -> None:
    """By offset, by page and by id the same rows come in the same order."""
    everything = await call.rows(name, sort="id")
    by_page: list[Any] = []
    by_id: list[Any] = []
    page = 1
    while rows := (await call.report(name, sort="id", page=page, page_size=70))["rows"]:
        by_page += rows
        page += 1
    last = 0
    while rows := (await call.report(name, sort="id", id_gt=last, limit=70))["rows"]:
        by_id += rows
        last = rows[-1]["id"]

    assert by_page == by_id == everything


async def test_id_gt_under_another_order(call: Any) -> None:
    """`id_gt` filters under any order."""
    everything = await call.rows("attendances", sort="-event_starts_at")
    middle = sorted(row["id"] for row in everything)[300]

    expected = [row for row in everything if row["id"] > middle]

    assert await call.rows("attendances", sort="-event_starts_at", id_gt=middle) == expected


async def test_past_the_end(call: Any) -> None:
    """A page of a report past its end is empty."""
    page = await call.report("attendances", page=1000, page_size=100)

    assert (page["total"], page["rows"]) == (600, [])


async def test_csv(call: Any) -> None:
    """CSV is the reports' default format: a client that forgets format=json notices."""
    answered = await call(
        "/reports/attendances/data", columns=["id", "customer.name", "instructors"], limit=3
    )
    page = await call.report("attendances", columns=["id", "customer.name", "instructors"], limit=3)

    assert answered.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answered.body.decode())))
    assert lines[0] == ["id", "customer.name", "instructors"]
    assert [line[:2] for line in lines[1:]] == [[str(r["id"]), r["customer"]["name"]] for r in page["rows"]]


@pytest.mark.parametrize("name", GROUPED)
async def test_groups(call: Any, sandbox: Sandbox, name: str) -> None:
    """A grouped report is a GROUP BY: distinct keys, counts that add up, fewer groups for fewer columns."""
    fine = await call.rows(name, columns=["venue_name", "status", "day_of_week", "count"])
    coarse = await call.rows(name, columns=["status", "count"])
    keys = [tuple(str(part) for key, part in row.items() if key != "count") for row in fine]

    assert len(set(keys)) == len(keys) > len(coarse)
    sums: Counter[str] = Counter()
    for row in fine:
        sums[row["status"]] += row["count"]
    assert sums == {row["status"]: row["count"] for row in coarse}
    assert sums.total() == len(sandbox.ids(name))


@pytest.mark.parametrize("name", GROUPED)
@pytest.mark.parametrize(("pivot", "pattern"), [("year", "%Y"), ("month", "%Y-%m"), ("week", "%Y-W%W")])
async def test_pivots(call: Any, name: str, pivot: str, pattern: str) -> None:
    """A pivot adds a column for each of the newest periods, oldest first, under the key in `column_headers`."""
    page = await call.report(
        name, columns=["status", "count"], pivot=pivot, max_pivot_columns=12, sort="-count"
    )
    keys = [header["key"] for header in page["column_headers"]][2:]

    assert 0 < len(keys) <= 12
    assert keys == sorted(keys)
    assert all(datetime.strptime(key, pattern) for key in keys) or pivot == "week"
    for row in page["rows"]:
        assert set(row) == {"status", "count", *keys}
        total = sum(row[key] for key in keys)
        assert total == row["count"] if pivot == "year" else total <= row["count"]


async def test_pivot_limits(call: Any) -> None:
    """The default is four periods; a pivoted column can be sorted on."""
    name = "attendance_strikes.grouped"
    page = await call.report(name, columns=["customer_id", "count"], pivot="year")
    years = [header["key"] for header in page["column_headers"]][2:]
    ordered = await call.report(name, columns=["customer_id", "count"], pivot="year", sort=f"-{years[-1]}")
    values = [row[years[-1]] for row in ordered["rows"]]

    assert years == ["2024", "2025"]
    assert values == sorted(values, reverse=True)
    month = await call.report(name, columns=["status"], pivot="month")
    assert len(month["column_headers"]) == 1 + 4


STRIKE_FILTERS: list[tuple[str, Any, str]] = [
    ("status", ["open", "voided"], "s.status IN ('open', 'voided')"),
    ("attendance_status", ["no_show"], "s.attendance_status = 'no_show'"),
    ("rule_applies_to", ["late_cancels"], "s.applies_to = 'late_cancels'"),
    ("memberships", [1500], "s.membership_id = 1500"),
    ("penalty", 4103, "s.penalty_id = 4103"),
    ("customers", [40011], "s.customer_id = 40011"),
    ("event_starts_at_gte", SINCE, "e.starts_at >= 1738555506000"),
    ("event_starts_at_lte", SINCE, "e.starts_at <= 1738555506000"),
    ("venues", [1001], "e.venue_id = 1001"),
    ("offering_types", [1300], "e.offering_type_id = 1300"),
    ("id_gt", 70100, "s.id > 70100"),
]


@pytest.mark.parametrize(("name", "value", "where"), STRIKE_FILTERS)
async def test_strike_filters(call: Any, name: str, value: Any, where: str) -> None:
    """Each filter counts exactly the strikes it is about."""
    async with Sandbox(rows=3000, rate=None) as sandbox:
        [(expected,)] = sandbox.sql(
            f"SELECT count(*) FROM attendance_strikes s JOIN events e ON e.id = s.event_id WHERE {where}"
        )
        other = attrs.evolve(call, sandbox=sandbox)
        page = await other.report("attendance_strikes.grouped", columns="count", **{name: value})

    assert [{"count": expected}] == page["rows"]
    assert expected > 0


PUPIL_FILTERS: list[tuple[str, Any, str]] = [
    ("booking_methods", ["course_dropin"], "a.booking_method = 'course_dropin'"),
    ("status", ["no_show"], "a.status = 'no_show'"),
    ("is_makeup", True, "a.is_makeup"),
    ("is_makeup", False, "NOT a.is_makeup"),
    (
        "instructors",
        "1100,1107,1114,1121,1128",
        "(s.instructor_id BETWEEN 1100 AND 1128 OR s.second_id BETWEEN 1100 AND 1128)",
    ),
    ("memberships", [1500], "a.membership_id = 1500"),
    ("session_starts_at_gte", SINCE, "s.starts_at >= 1738555506000"),
    ("session_starts_at_lte", SINCE, "s.starts_at <= 1738555506000"),
    ("session_timeframe", "2024", "s.starts_at < 1735689600000"),
    ("venues", [1001], "s.venue_id = 1001"),
    ("customers", [40025], "a.customer_id = 40025"),
    ("offering_types", [1399], "s.offering_type_id = 1399"),
    ("id_gt", 1200100, "a.id > 1200100"),
]


@pytest.mark.parametrize(("name", "value", "where"), PUPIL_FILTERS)
async def test_course_attendance_filters(
    call: Any, sandbox: Sandbox, name: str, value: Any, where: str
) -> None:
    """Each filter counts exactly the attendances it is about."""
    [(expected,)] = sandbox.sql(
        "SELECT count(*) FROM course_session_attendances a JOIN course_sessions s ON s.id = a.course_session_id"
        f" WHERE {where} AND s.starts_at <= ?",
        int(sandbox.now.timestamp() * 1000),
    )
    page = await call.report("course_session_attendances.grouped", columns="count", **{name: value})

    assert [{"count": expected}] == page["rows"]
    assert expected > 0


async def test_unknown_timeframe(call: Any) -> None:
    """The sandbox has a timeframe syntax of its own; anything else is refused by name."""
    answered = await call("/reports/attendances/data", event_timeframe="whenever")

    assert (answered.status, set(answered.body["field_errors"])) == (400, {"event_timeframe"})


async def test_money_and_rates(call: Any) -> None:
    """Pay follows from the rate; rows without a rate have neither."""
    rows = await call.rows("instructed_sessions")

    assert any(row["instructor_pay_rate"] is None for row in rows)
    for row in rows:
        rate, pay = row["instructor_pay_rate"], row["instructor_pay"]
        assert (rate is None) == (pay is None)
        if rate is not None and rate["type"] == "per_hour":
            assert pay["decimal"] == pytest.approx(float(rate["base"]) * row["hours"], abs=0.01)
            assert pay["string"].startswith("£")
