"""Pulls into files and databases: what is written, what is resumed, what is refused."""

import errno
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from teamup_async import ConfigurationError, QueryError, ServerError, endpoint_named
from teamup_async._bulk import staging as staging_module  # noqa: F401
from teamup_async.bulk import CheckpointError, Plan, make_plan
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks import Csv, Jsonl, SinkBusyError, SinkError
from tests.bulk.tables import FORMATS, contents, rows_of

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
bulk = sys.modules["teamup_async._bulk.staging"]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch) -> None:
    """Many commits, so that there is something to resume."""
    monkeypatch.setattr(bulk, "BATCH", 500)


@pytest.mark.parametrize("kind", FORMATS)
async def test_all_rows(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Each format holds the rows of the stream, in its order, and nothing else is left behind."""
    async with client() as teamup:
        result = await teamup.pull({"attendances": {}}, into=FORMATS[kind].format(tmp_path))

        expected = await teamup.reports.attendances().collect()
    rows = rows_of(kind, tmp_path, "attendances")

    assert result.ok
    assert [str(row.id) for row in expected] == [str(row["id"]) for row in rows]
    names = [row["customer"]["name"] if kind in ("jsonl", "json") else row["customer.name"] for row in rows]
    assert [row.customer.name for row in expected] == names
    assert [file for file in tmp_path.rglob("*") if ".teamup" in str(file) or file.suffix == ".lock"] == []


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


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb", "sqlite"])
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
        with pytest.raises(ExceptionGroup, match="1 of 1 parts"):
            await teamup.pull({"attendances": {}}, into=Jsonl(tmp_path), raise_on_error=True)


async def interrupted(client, sandbox: Sandbox, into, **options) -> None:
    """Leave an unfinished pull."""
    rule = sandbox.faults.add(faults.status(503), path="attendances", nth=12, times=None)
    async with client() as teamup:
        result = await teamup.pull({"attendances": {"event_start_gte": SINCE}}, into=into, **options)
    assert not result.ok
    sandbox.faults.rules.remove(rule)


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

    saved = tmp_path / ".teamup" / "state.json"
    assert sandbox.token not in saved.read_text("utf-8")
    async with client() as teamup:
        result = await teamup.pull(same, into=into, restart=True)
    assert result.ok
    assert result.parts[0].resumed == 0


async def test_another_version(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """What another version of this package left unfinished is refused, until it is begun anew."""
    into = Jsonl(tmp_path)
    await interrupted(client, sandbox, into)
    saved = tmp_path / ".teamup" / "state.json"
    saved.write_text(saved.read_text("utf-8").replace('"version": 2', '"version": 99'), "utf-8")
    same = {"attendances": {"event_start_gte": SINCE}}

    async with client() as teamup:
        with pytest.raises(CheckpointError, match="another version"):
            await teamup.pull(same, into=into)
        result = await teamup.pull(same, into=into, restart=True)
    assert result.ok


class Full(Csv):
    """A sink whose disk is full when the target is half written, until there is room."""

    room = False

    def assemble(self, file, schema, stages) -> None:
        """Write, and fail at the end."""
        super().assemble(file, schema, stages)
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_no_room_for_the_target(client, tmp_path: Path) -> None:
    """A target that can't be written leaves nothing half-made; the next run writes it without asking for a row."""
    sink = Full(tmp_path)
    async with client() as teamup:
        failed = await teamup.pull({"course_sessions": {}}, into=sink)
        left = {file.suffix for file in (tmp_path / ".teamup").iterdir()}
        sink.room = True
        result = await teamup.pull({"course_sessions": {}}, into=sink)

    assert "No space left" in str(failed.incomplete[0].reason)
    assert left == {".stage", ".json"}
    assert result.ok
    assert result.parts[0].stats.requests == 0
    assert [file.name for file in tmp_path.iterdir()] == ["course_sessions.csv"]


@pytest.mark.parametrize("path", ["taken", "taken/here", "taken/here.jsonl"])
async def test_file_in_place_of_a_folder(client, tmp_path: Path, path: str) -> None:
    """What is a file can't be a folder; it is named, and stays as it is."""
    (tmp_path / "taken").write_text("mine\n")
    async with client() as teamup:
        with pytest.raises(SinkError, match=r"cannot write .*taken"):
            await teamup.pull({"attendances": {}}, into=Jsonl(tmp_path / path))

    assert (tmp_path / "taken").read_text() == "mine\n"
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


async def test_existing_file(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A file that is there stays as it is until the new one is whole."""
    place = tmp_path / "attendances.jsonl"
    place.write_text("old\n")
    place.chmod(0o640)
    await interrupted(client, sandbox, Jsonl(tmp_path))

    assert place.read_text() == "old\n"
    async with client() as teamup:
        await teamup.pull({"attendances": {"event_start_gte": SINCE}}, into=Jsonl(tmp_path))
    assert len(place.read_text("utf-8").splitlines()) == 3000
    assert place.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
async def test_tables_replaced_at_once(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """A table shows the rows of the last whole pull until the next is whole."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        await teamup.pull({"attendances": {"columns": ["id"], "status": ["no_show"]}}, into=into)
        before = rows_of(kind, tmp_path, "attendances")
        await interrupted(client, sandbox, into)
        during = rows_of(kind, tmp_path, "attendances")
        result = await teamup.pull({"attendances": {"event_start_gte": SINCE}}, into=into)

    assert before == during
    assert result.ok
    assert len(rows_of(kind, tmp_path, "attendances")) == 3000


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
async def test_foreign_table(client, tmp_path: Path, kind: str) -> None:
    """A table that somebody else made is not touched."""
    import sqlite3

    import duckdb

    place = FORMATS[kind].format(tmp_path).partition(":")[2]
    db = sqlite3.connect(place) if kind == "sqlite" else duckdb.connect(place)
    db.execute("CREATE TABLE Attendances (mine TEXT)")
    db.commit()
    db.close()
    async with client() as teamup:
        with pytest.raises(SinkError, match="not made by teamup_async"):
            await teamup.pull({"attendances": {}}, into=f"{kind}:{place}")

    assert rows_of(kind, tmp_path, "attendances") == []


@pytest.mark.parametrize("kind", FORMATS)
async def test_two_at_once(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """While one run writes to a target, another is refused; afterwards it is welcome."""
    into = FORMATS[kind].format(tmp_path)
    refused: list[BaseException] = []

    async with client() as teamup:

        async def second(_) -> None:
            try:
                await teamup.pull({"instructed_sessions": {}}, into=into)
            except SinkBusyError as error:
                refused.append(error)

        import asyncio

        tasks: list[asyncio.Task[None]] = []
        result = await teamup.pull(
            {"attendances": {}},
            into=into,
            watch=lambda parts: tasks.append(asyncio.create_task(second(parts))),
        )
        await tasks[0]
        later = await teamup.pull({"instructed_sessions": {}}, into=into)

    assert result.ok
    assert "another run is writing" in str(refused[0])
    assert later.ok


async def test_unwritable(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A target that can't be written is refused before anything is asked for."""
    (tmp_path / "attendances.csv").mkdir()
    (tmp_path / "file").write_text("")
    before = sandbox.requests
    async with client() as teamup:
        with pytest.raises(SinkError, match="it is a directory"):
            await teamup.pull({"attendances": {}}, into=Csv(tmp_path))
        with pytest.raises(SinkError, match="cannot write"):
            await teamup.pull({"attendances": {}}, into=Csv(tmp_path / "file" / "folder"))
        with pytest.raises(SinkError, match="it is a directory"):
            await teamup.pull({"attendances": {}}, into=f"sqlite:{tmp_path}")

    assert sandbox.requests == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("kind", FORMATS)
async def test_read_only(client, tmp_path: Path, kind: str) -> None:
    """A folder without the right to write is refused in words."""
    tmp_path.chmod(0o500)
    try:
        async with client() as teamup:
            with pytest.raises(SinkError, match="cannot write"):
                await teamup.pull({"attendances": {}}, into=FORMATS[kind].format(tmp_path))
    finally:
        tmp_path.chmod(0o700)


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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on files")
@pytest.mark.parametrize("kind", FORMATS)
def test_full_disk(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """When there is no space left the part says so, nothing half-written shows, and with space the pull goes on."""
    import subprocess

    script = Path(__file__).with_name("filling.py")
    done = subprocess.run(
        [sys.executable, script, sandbox.url, sandbox.token, FORMATS[kind].format(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert not first["ok"]
    assert "cannot write" in first["parts"][0]["reason"]
    assert second["ok"]
    assert second["rows"] == 3000
    assert len(rows_of(kind, tmp_path, "attendances")) == 3000
    assert [name for name in contents(tmp_path) if "attendances" not in name and "gym" not in name] == []


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "duckdb", "sqlite"])
@pytest.mark.parametrize("turns", [1, 3, 10, 200])
async def test_cancelled(client, tmp_path: Path, kind: str, turns: int) -> None:
    """A pull that is cancelled lets its place go at once, and the same pull goes on later."""
    import asyncio

    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        task = asyncio.create_task(teamup.pull({"attendances": {}}, into=into))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        result = await teamup.pull({"attendances": {}}, into=into)

    assert result.ok
    assert len(rows_of(kind, tmp_path, "attendances")) == 3000
