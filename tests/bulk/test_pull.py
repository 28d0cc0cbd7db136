"""Pulls into files and databases: what is written, what is resumed, what is refused."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from teamup_async import ConfigurationError, QueryError, ServerError, endpoint_named
from teamup_async._bulk import staging as staging_module  # noqa: F401
from teamup_async.bulk import CheckpointError, Plan, make_plan
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks import Csv, Jsonl
from tests.sinks.interrupting import SINCE, interrupted
from tests.sinks.reading import FORMATS, rows_of

bulk = sys.modules["teamup_async._bulk.staging"]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch) -> None:
    """Many commits, so that there is something to resume."""
    monkeypatch.setattr(bulk, "BATCH", 500)


async def test_names_and_queries(client, tmp_path: Path) -> None:
    """A request is a mapping, a query or a stream; its key names the file."""
    async with client() as teamup:
        late = endpoint_named("attendances").query(status=["late_cancelled"])
        stream = teamup.course_sessions(expand=["venue"])
        result = await teamup.pull(
            {"late": late, "sessions": stream, "instructed-sessions": {}}, into=Jsonl(tmp_path)
        )
        counted = await teamup.reports.attendances(status=["late_cancelled"]).count()

    assert result.ok
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "instructed_sessions.jsonl",
        "late.jsonl",
        "sessions.jsonl",
    ]
    assert len(rows_of("jsonl", tmp_path, "late")) == counted
    assert {"id", "name"} <= set(rows_of("jsonl", tmp_path, "sessions")[0]["venue"])


async def test_one_file(client, tmp_path: Path) -> None:
    """A path with the format's suffix is the file; it can't hold two targets."""
    async with client() as teamup:
        result = await teamup.pull({"instructed_sessions": {}}, into=str(tmp_path / "paid.csv"))

        with pytest.raises(ConfigurationError, match="2 targets"):
            await teamup.pull({"attendances": {}, "course_sessions": {}}, into=Csv(tmp_path / "paid.csv"))

    assert result.ok
    assert [file.name for file in tmp_path.iterdir()] == ["paid.csv"]


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb", "sqlite", "postgresql"])
async def test_one_part_fails(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """A failing part does not take the others down; the next run goes on with it, and begins the others anew."""
    sandbox.faults.add(faults.status(503), path="attendances", nth=12, times=None)
    requests = {"attendances": {}, "instructed_sessions": {}}
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        result = await teamup.pull(requests, into=into)

        [failed] = result.incomplete
        assert (failed.part.name, failed.complete) == ("attendances", False)
        assert "503" in failed.reason
        assert 0 < failed.rows < 3000
        assert [done.part.name for done in result.complete] == ["instructed_sessions"]
        with pytest.raises(ExceptionGroup) as caught:
            result.raise_on_error()
        assert [type(error) for error in caught.value.exceptions] == [ServerError]
        assert json.loads(json.dumps(result.to_json()))["ok"] is False

        sandbox.faults.clear()
        [added] = sandbox.insert("instructed_sessions", n=1)
        before = len(sandbox.log)
        again = await teamup.pull(requests, into=into)
        asked = [received.path for received in list(sandbox.log)[before:]]

    assert again.ok
    assert again.parts[0].resumed == failed.rows
    assert asked.count("/reports/attendances/data") < 31
    assert str(added) in {str(row["id"]) for row in rows_of(kind, tmp_path, "instructed_sessions")}
    assert len(rows_of(kind, tmp_path, "attendances")) == 3000


async def test_raise_on_error(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """On demand, what went wrong is raised as a group."""
    sandbox.faults.add(faults.status(503), times=None)
    async with client() as teamup:
        with pytest.raises(ExceptionGroup, match="1 of 1 report is incomplete"):
            await teamup.pull({"attendances": {}}, into=Jsonl(tmp_path), raise_on_error=True)


async def test_foreign_checkpoint(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """What is unfinished of another query or form is not gone on with, and the result says why; the rest is done."""
    into = Jsonl(tmp_path)
    await interrupted(client, sandbox, into)
    same = {"attendances": {"event_start_gte": SINCE}}

    async def reason(requests, sink=into, **options) -> str:
        async with client() as teamup:
            result = await teamup.pull(requests, into=sink, **options)
        [refused] = result.incomplete
        assert isinstance(refused.error, CheckpointError)
        return str(refused.error)

    other = {"attendances": {"event_start_gte": SINCE, "status": ["attended"]}, "course_sessions": {}}
    asked = await reason(other)
    assert "query.status was not given, and is ['attended'] now" in asked
    assert "begin it anew with restart" in asked
    assert len(rows_of("jsonl", tmp_path, "course_sessions")) > 0
    assert "sink.format was 'jsonl', and is 'csv' now" in await reason(same, Csv(tmp_path))
    assert "windows was not given" in await reason(same, windows=timedelta(days=30))

    saved = tmp_path / ".teamup" / "state.jsonl"
    assert sandbox.token not in saved.read_text("utf-8")
    async with client() as teamup:
        result = await teamup.pull(same, into=into, restart=True)
    assert result.ok
    assert result.parts[0].resumed == 0


async def test_another_version(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """What another version of this package left unfinished is refused, until it is begun anew."""
    into = Jsonl(tmp_path)
    await interrupted(client, sandbox, into)
    saved = tmp_path / ".teamup" / "state.jsonl"
    saved.write_text(saved.read_text("utf-8").replace('"version": 2', '"version": 99'), "utf-8")
    same = {"attendances": {"event_start_gte": SINCE}}

    async with client() as teamup:
        with pytest.raises(CheckpointError, match="another version"):
            await teamup.pull(same, into=into)
        result = await teamup.pull(same, into=into, restart=True)
    assert result.ok


def test_names_become_files() -> None:
    """Names that could leave the folder, and names that meet, are refused."""
    for name in ("../evil", "a/b", "", ".hidden", "a\nb"):
        with pytest.raises(QueryError):
            make_plan({name: endpoint_named("attendances").query()})
    with pytest.raises(QueryError, match="called 'A'"):
        make_plan({"a": endpoint_named("attendances").query(), "A": endpoint_named("attendances").query()})
    with pytest.raises(QueryError, match="did you mean"):
        make_plan({"attendance": {}})
    with pytest.raises(QueryError, match="attendances has no filter 'staus'; did you mean 'status'"):
        make_plan({"attendances": {"staus": []}})


@pytest.mark.parametrize("given", [["attendances"], "attendances"])
async def test_names_alone(client, tmp_path: Path, given: list[str] | str) -> None:
    """A list of names, or a name, is refused with what to write instead."""
    async with client() as teamup:
        for work in (
            teamup.pull(given, into=f"jsonl:{tmp_path}"),
            teamup.sync(given, into=f"parquet:{tmp_path}"),
        ):
            with pytest.raises(
                QueryError, match=r'name each report with its filters: \{"attendances": \{\}\}'
            ):
                await work


async def test_windows(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """Windows bring each row once, those at a boundary too, and only what was asked for."""
    boundary = datetime(2024, 3, 1, tzinfo=UTC)
    extra = sandbox.update("instructed_sessions", n=3, starts_at=int(boundary.timestamp() * 1000))
    query = {
        "starts_at_gte": datetime(2024, 2, 1, tzinfo=UTC),
        "starts_at_lte": datetime(2024, 5, 1, tzinfo=UTC),
    }
    async with client() as teamup:
        result = await teamup.pull(
            {"instructed_sessions": query}, into=Jsonl(tmp_path), windows=boundary - query["starts_at_gte"]
        )
        expected = await teamup.reports.instructed_sessions(**query).collect()
    ids = [row["id"] for row in rows_of("jsonl", tmp_path, "instructed_sessions")]

    assert len(result.parts) == 4
    assert set(extra) <= set(ids)
    assert sorted(ids) == sorted(row.id for row in expected)


async def test_plan_travels(tmp_path: Path) -> None:
    """A plan is data: it goes through JSON and pickle, and can be split without tearing targets apart."""
    import pickle

    plan = make_plan(
        {
            "attendances": endpoint_named("attendances").query(
                event_start_gte=SINCE, event_start_lte=SINCE + timedelta(days=90)
            ),
            "course_sessions": {"expand": ["venue"]},
        },
        accounts=("north", "south"),
        windows=timedelta(days=30),
    )

    assert len(plan) == 8
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert pickle.loads(pickle.dumps(plan)) == plan
    pieces = plan.split(3)
    assert sorted(part.id for piece in pieces for part in piece) == sorted(part.id for part in plan)
    assert all(len({(p.account, p.name) for p in piece}) >= 1 for piece in pieces)
    homes = [{(part.account, part.name) for part in piece} for piece in pieces]
    assert sum(map(len, homes)) == 4


def test_odd_windows() -> None:
    """No time at all is one part; a window longer than the calendar is one window."""
    query = {"event_start_gte": SINCE, "event_start_lte": SINCE - timedelta(days=1)}
    [backwards] = make_plan({"attendances": query}, windows=timedelta(days=1))
    [long] = make_plan({"attendances": {"event_start_gte": SINCE}}, windows=timedelta.max)

    assert backwards.window is None
    assert long.window is not None
    assert long.window.until is None


def test_windows_refused() -> None:
    """What can't be split says so: sorted queries, and columns without the time."""
    query = {"event_start_gte": SINCE}
    with pytest.raises(QueryError, match="sorted"):
        make_plan({"attendances": {**query, "sort": ["id"]}}, windows=timedelta(days=30))
    with pytest.raises(QueryError, match=r"event\.starts_at"):
        make_plan({"attendances": {**query, "columns": ["id"]}}, windows=timedelta(days=30))
    grouped = {"attendance_strikes.grouped": {"columns": ["count"], "event_starts_at_gte": SINCE}}
    assert len(make_plan(grouped, windows=timedelta(days=30))) == 1
