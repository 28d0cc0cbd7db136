"""What each sink must do. A sink that is added to the table is tested here by itself."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async._bulk import staging  # noqa: F401 - its batches are made small
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks import SinkBusyError, SinkError
from teamup_async.sinks.table import SINKS
from tests.s3_server import store
from tests.sinks.reading import FORMATS, READERS, STORED, contents, flat, in_order, rows_of

every_sink = pytest.mark.parametrize("kind", FORMATS)
in_files = pytest.mark.parametrize("kind", [kind for kind in SINKS if not SINKS[kind].schemes])
"""What can be refused by this machine's disk; a server has its own tests of that."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many commits, so that there is something to resume."""
    monkeypatch.setattr(sys.modules["teamup_async._bulk.staging"], "BATCH", 500)


def counts_unasked(body: bytes) -> bytes:
    """The answer of a server that counts each group, whatever `columns` says."""
    page = json.loads(body)
    page["column_headers"].append({"label": "Count", "key": "count"})
    for number, row in enumerate(page["rows"], 1):
        row["count"] = number
    return json.dumps(page).encode()


@every_sink
async def test_counts_of_groups(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """A count that the server sends is kept, although `columns` does not name it; so are pivoted counts."""
    sandbox.faults.add(faults.body(counts_unasked), path="attendance_strikes.grouped", times=None)
    query = {"columns": ["status"], "pivot": "month", "max_pivot_columns": 2}
    async with client() as teamup:
        await teamup.pull({"attendance_strikes.grouped": query}, into=FORMATS[kind].format(tmp_path))
        expected = await teamup.reports.attendance_strikes_grouped(**query).collect()
    rows = [flat(row) for row in rows_of(kind, tmp_path, "attendance_strikes_grouped")]

    assert in_order(kind, [str(row["count"]) for row in rows]) == in_order(
        kind, [str(row.count) for row in expected]
    )
    assert list(rows[0]) == ["status", "count", *expected[0].counts]
    assert in_order(kind, [str(row[key]) for row in rows for key in expected[0].counts]) == in_order(
        kind, [str(count) for row in expected for count in row.counts.values()]
    )


@every_sink
async def test_counts_of_groups_without_pivots(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """The same holds for a grouped report that can't be pivoted."""
    sandbox.faults.add(faults.body(counts_unasked), path="content_views.grouped", times=None)
    query = {"columns": ["content.name"]}
    async with client() as teamup:
        await teamup.pull({"content_views.grouped": query}, into=FORMATS[kind].format(tmp_path))
        expected = await teamup.reports.content_views_grouped(**query).collect()
    rows = [flat(row) for row in rows_of(kind, tmp_path, "content_views_grouped")]

    assert list(rows[0]) == ["content.name", "count"]
    assert in_order(kind, [str(row["count"]) for row in rows]) == in_order(
        kind, [str(row.count) for row in expected]
    )


def test_every_sink_can_be_read_here() -> None:
    """These tests read what each sink of the table writes, without this package."""
    assert set(SINKS) == set(READERS)


@every_sink
async def test_all_rows(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Each format holds the rows of the stream, in its order where it has one; nothing else is left behind."""
    async with client() as teamup:
        result = await teamup.pull({"attendances": {}}, into=FORMATS[kind].format(tmp_path))

        expected = await teamup.reports.attendances().collect()
    rows = rows_of(kind, tmp_path, "attendances")

    assert result.ok
    name = "customer.name"
    found = [(str(row["id"]), row["customer"]["name"] if name not in row else row[name]) for row in rows]
    assert in_order(kind, [(str(row.id), row.customer.name) for row in expected]) == in_order(kind, found)
    folder = store().copy(tmp_path) if kind in STORED else tmp_path
    assert [file for file in folder.rglob("*") if ".teamup" in str(file) or file.suffix == ".lock"] == []


@every_sink
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


@pytest.mark.parametrize(
    ("kind", "turns"),
    [(kind, turns) for kind in FORMATS for turns in ((200,) if kind in STORED else (1, 3, 10, 200))],
)
async def test_cancelled(client, tmp_path: Path, kind: str, turns: int) -> None:
    """A pull that is cancelled lets its place go at once, and the same pull goes on later."""
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


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
@in_files
async def test_read_only(client, tmp_path: Path, kind: str) -> None:
    """A folder without the right to write is refused in words."""
    tmp_path.chmod(0o500)
    try:
        async with client() as teamup:
            with pytest.raises(SinkError, match="cannot write"):
                await teamup.pull({"attendances": {}}, into=FORMATS[kind].format(tmp_path))
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on files")
@in_files
def test_full_disk(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """When there is no space left the part says so, nothing half-written shows, and with space the pull goes on."""
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
