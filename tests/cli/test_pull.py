"""Pulling: what is written, in which format, and how much of it."""

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from teamup_async.endpoint import Endpoint
from teamup_async.sandbox import Sandbox, faults
from tests.endpoints import TYPICAL

REQUIRED = {
    "attendance_strikes.grouped": ["--columns", "status,event.venue.name,count"],
    "course_session_attendances.grouped": ["--columns", "venue.name,status,count"],
}


def by_path(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = None if row is None else row[name]
    return row


@pytest.mark.parametrize("endpoint", TYPICAL, ids=lambda endpoint: endpoint.name)
def test_counts_agree(teamup: Any, endpoint: Endpoint[..., Any]) -> None:
    """`count` and both formats of `pull` tell the same number of rows, for every endpoint; stderr stays empty."""
    options = [endpoint.command_name, *REQUIRED.get(endpoint.name, [])]
    count = teamup("count", *options)
    jsonl, table = (teamup("pull", *options, "--format", kind) for kind in ("jsonl", "csv"))
    assert {count.code, jsonl.code, table.code} == {0}
    assert {count.err, jsonl.err, table.err} == {""}
    assert int(count.out) == len(jsonl.lines) == len(table.lines) - 1 > 0


def test_jsonl_is_nested(teamup: Any) -> None:
    """A line of jsonl is the row as TeamUp sends it: nested, with the vendor's names."""
    row = json.loads(teamup("pull", "attendances", "--limit", "1").out)
    assert {"id", "updated_at", "customer", "event", "instructors", "checkin", "is_first_attendance"} <= set(
        row
    )
    assert {"id", "name", "email", "thumbnail_url"} == set(row["customer"])
    assert row["event"]["starts_at"].endswith("Z")
    assert {"id", "name"} == set(row["instructors"][0])


def test_jsonl_has_the_columns_asked_for(teamup: Any) -> None:
    """Only what was asked for is written; flat names mean paths, and what is walked by does not show."""
    ran = teamup(
        "pull", "attendances", "--limit", "3", "--columns", "customer_name,status", "--columns", "checkin"
    )
    for line in ran.lines:
        row = json.loads(line)
        assert set(row) == {"customer", "status", "checkin"}
        assert set(row["customer"]) == {"name"}


def test_pivot(teamup: Any) -> None:
    """The columns that a pivot makes stand in each row under their own keys."""
    options = ("attendance-strikes.grouped", "--columns", "event.venue.name", "--pivot", "month")
    rows = [json.loads(line) for line in teamup("pull", *options).lines]
    keys = [key for key in rows[0] if key != "event"]
    assert keys
    assert all(isinstance(row[key], int) for row in rows for key in keys)
    assert teamup("pull", *options, "--format", "csv").lines[0].split(",") == ["event.venue.name", *keys]


def test_csv_agrees_with_jsonl(teamup: Any) -> None:
    """csv has dotted keys in the order of the page, and the same values as jsonl."""
    rows = [json.loads(line) for line in teamup("pull", "attendances").lines]
    table = list(csv.DictReader(io.StringIO(teamup("pull", "attendances", "--format", "csv").out)))
    assert next(iter(table[0])) == "id"
    assert "customer_membership.membership.name" in table[0]
    for row, cells in zip(rows, table, strict=True):
        for path, cell in cells.items():
            value = by_path(row, path)
            if value is None:
                assert cell == ""
            elif isinstance(value, (list, bool)):
                assert json.loads(cell) == value
            else:
                assert cell == str(value)


def test_money_keeps_its_digits(teamup: Any) -> None:
    """Money is a number with its digits in jsonl, and one column for each of its parts in csv."""
    lines = teamup("pull", "instructed-sessions", "--limit", "20").lines
    rows = [json.loads(line, parse_float=str) for line in lines]
    table = list(
        csv.DictReader(
            io.StringIO(teamup("pull", "instructed-sessions", "--limit", "20", "--format", "csv").out)
        )
    )
    for row, cells in zip(rows, table, strict=True):
        pay = row["instructor_pay"]
        assert cells["instructor_pay.decimal"] == ("" if pay is None else str(pay["decimal"]))


def test_expanded(teamup: Any) -> None:
    """Expanded objects are written whole, without the fields that TeamUp sends on demand only."""
    row = json.loads(teamup("pull", "course-sessions", "--expand", "venue,instructors", "--limit", "1").out)
    assert row["venue"]["name"]
    assert row["venue"]["physical_address"]["city"]
    assert row["instructors"][0]["name"]
    assert "availability_schedules" not in row["instructors"][0]
    plain = json.loads(teamup("pull", "course-sessions", "--limit", "1").out)
    assert isinstance(plain["venue"], int)


def test_fields(teamup: Any) -> None:
    """Lists write the fields that were asked for."""
    options = ("course-sessions", "--fields", "id,venue.name", "--expand", "venue", "--limit", "2")
    for line in teamup("pull", *options).lines:
        row = json.loads(line)
        assert set(row) == {"id", "venue"}
        assert set(row["venue"]) == {"name"}
    assert teamup("pull", *options, "--format", "csv").lines[0] == "id,venue.name"


def test_filters_are_sent(teamup: Any, sandbox: Any) -> None:
    """Filters, zones and flags go out as the query encodes them."""
    ran = teamup(
        "count", "attendances", "--status", "attended,no_show", "--status", "registered", "--venues", "1004",
        "--event-start-gte", "2024-03-01", "--event-start-lte", "2024-06-01T12:00+01:00", "--timezone", "Europe/London",
        "--include-future", "--id-gt", "-5",
    )  # fmt: skip
    assert ran.code == 0
    request = sandbox.log[-1]
    assert request.values("status") == ["attended", "no_show", "registered"]
    assert request.value("venues") == "1004"
    assert request.value("event_start_gte") == "2024-03-01T00:00:00+00:00"
    assert request.value("event_start_lte") == "2024-06-01T12:00:00+01:00"
    assert request.value("include_future") == "true"
    assert request.value("id_gt") == "-5"
    assert request.value("format") == "json"


@pytest.mark.parametrize("by", ["offset", "page", "id"])
def test_pagings(teamup: Any, by: str) -> None:
    """Every paging gives the same rows in the same order, whatever the size of a page."""
    plain = teamup("pull", "attendances", "--columns", "id,status")
    assert (
        teamup("pull", "attendances", "--columns", "id,status", "--by", by, "--size", "37").out == plain.out
    )


@pytest.mark.parametrize("limit", [1, 99, 100, 101, 250, 10_000])
def test_limit(teamup: Any, sandbox: Any, limit: int) -> None:
    """--limit gives the first rows, and does not ask for many more."""
    every = teamup("pull", "attendances", "--columns", "id").lines
    before = sandbox.requests
    ran = teamup("pull", "attendances", "--columns", "id", "--limit", str(limit))
    assert ran.lines == every[:limit]
    assert sandbox.requests - before <= -(-min(limit, 450) // 99) + 2


def test_resume(teamup: Any, sandbox: Any) -> None:
    """What a failed run printed goes on where it stopped: together the rows are all rows, each once."""
    from teamup_async.sandbox import faults

    every = teamup("pull", "attendances", "--columns", "id").lines
    sandbox.faults.add(
        faults.status(400), when=lambda request: request.value("offset") not in (None, "0", "99")
    )
    failed = teamup("pull", "attendances", "--columns", "id", "--window", "1")
    assert failed.code == 1
    assert 0 < len(failed.lines) < len(every)
    place = failed.err.partition("--start '")[2].partition("'")[0]
    assert json.loads(place)
    sandbox.faults.clear()
    rest = teamup("pull", "attendances", "--columns", "id", "--start", place)
    assert failed.lines + rest.lines == every


def test_drift_warning(teamup: Any, environment: pytest.MonkeyPatch) -> None:
    """With --on-drift warn, rows that moved are told in a line of stderr, and the rest is written."""
    with Sandbox.in_thread(rows=450, rate=None) as sandbox:
        environment.setenv("TEAMUP_BASE_URL", sandbox.url)
        environment.setenv("TEAMUP_TOKEN", sandbox.token)
        ids = sandbox.ids("attendances")

        def meanwhile(request: Any) -> None:
            if request.value("offset") not in (None, "0") and len(sandbox.ids("attendances")) == len(ids):
                sandbox.delete("attendances", ids[:5])

        sandbox.before_request = meanwhile
        ran = teamup("pull", "attendances", "--columns", "id", "--window", "1", "--on-drift", "warn")
    assert ran.code == 0
    assert "teamup: warning: attendances:" in ran.err
    assert "Traceback" not in ran.err


def test_table(teamup: Any) -> None:
    """A table has the first 20 rows and as many columns as fit, and says what it leaves out."""
    ran = teamup("pull", "attendances", "--format", "table")
    assert ran.code == 0
    assert len(ran.lines) == 22
    assert ran.lines[0].split()[0] == "id"
    assert "20 of 4" in ran.lines[-1]
    assert "of 23 columns; --format csv or jsonl has them all" in ran.lines[-1]
    assert max(map(len, ran.lines)) <= 120
    assert (
        teamup("pull", "attendances", "--format", "table", "--columns", "id", "--limit", "1")
        .lines[-1]
        .startswith("1 of")
    )


def test_empty(teamup: Any) -> None:
    """No rows: jsonl is empty, csv has its head, a table says so."""
    nobody = ("pull", "attendances", "--customers", "1", "--columns", "id,status")
    assert teamup(*nobody).out == ""
    assert teamup(*nobody, "--format", "csv").out == "id,status\n"
    assert teamup(*nobody, "--format", "table").out == "0 rows\n"
    assert teamup("pull", "attendances", "--customers", "1", "--format", "table").out == "0 rows\n"


@pytest.mark.parametrize(
    ("name", "first"),
    [("a.csv", "id"), ("a.jsonl", '{"id":'), ("a.ndjson", '{"id":'), ("a.txt", "id")],
)
def test_format_from_ending(teamup: Any, tmp_path: Path, name: str, first: str) -> None:
    """Without --format, the ending of the file decides."""
    assert (
        teamup("pull", "attendances", "--columns", "id", "--limit", "2", "-o", str(tmp_path / name)).out == ""
    )
    assert (tmp_path / name).read_text(encoding="utf-8").strip().startswith(first)


def test_options_before_the_command(teamup: Any, sandbox: Any, environment: pytest.MonkeyPatch) -> None:
    """Shared options may also stand before the command."""
    environment.delenv("TEAMUP_TOKEN")
    ran = teamup("--token", sandbox.token, f"--base-url={sandbox.url}", "-q", "count", "attendances")
    assert (ran.code, ran.err) == (0, "")
    assert int(ran.out) > 0


@pytest.mark.parametrize(("name", "first"), [("a.parquet", b"PAR1"), ("a.arrow", b"ARROW1"), ("a.xls", None)])
def test_other_formats_are_written_or_refused(
    teamup: Any, tmp_path: Path, name: str, first: bytes | None
) -> None:
    """A file is what its ending says, or there is none and the message says what is possible."""
    ran = teamup("pull", "attendances", "--columns", "id", "-o", str(tmp_path / name))
    if ran.code == 0:
        assert first is not None
        assert (tmp_path / name).read_bytes().startswith(first)
    else:
        assert ran.code in (1, 2)
        assert "--out" in ran.err if first else ".parquet" in ran.err
        assert not (tmp_path / name).exists()


def test_options_of_the_store(teamup: Any, sandbox: Any, tmp_path: Path) -> None:
    """`--extra keep` adds a column for what is not known, `--wait` takes seconds; neither goes with a pipe."""
    sandbox.faults.add(
        faults.body(lambda body: body.replace(b'"status":', b'"mood":"happy","status":')),
        path="attendances",
        times=None,
    )
    place = tmp_path / "gym.db"
    kept = teamup("pull", "attendances", "-o", str(place), "--extra", "keep", "--wait", "1")
    db = sqlite3.connect(place)
    moods = {mood for (mood,) in db.execute("SELECT extra FROM attendances")}
    db.close()

    assert kept.code == 0
    assert moods == {'{"mood":"happy"}'}
    assert teamup("pull", "attendances", "-o", str(place), "--wait", "-1").code == 2
    assert "wait" in teamup("pull", "attendances", "--wait", "5").err


def test_thrifty_and_confirmed(teamup: Any, sandbox: Any) -> None:
    """--thrifty takes the fewest requests, and --confirm reads a report of several pages twice."""

    def requests(*words: str) -> int:
        before = sandbox.requests
        ran = teamup("pull", "attendances", "--columns", "id", "--format", "csv", *words)
        assert (ran.code, ran.err) == (0, "")
        return sandbox.requests - before

    least = -(-len(sandbox.ids("attendances")) // 100)
    assert requests("--thrifty", "--by", "page") in (least, least + 1)
    assert requests("--no-thrifty", "--by", "page") >= least
    assert requests("--thrifty", "--confirm") in (2 * least, 2 * least + 2)
