"""Tables kept up to date: what is read, what is merged, and that running twice changes nothing."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from teamup_async import ConfigurationError, QueryError
from teamup_async.bulk import CheckpointError
from teamup_async.sandbox import Sandbox, faults
from tests.sinks.reading import FORMATS, MERGING, rows_of

KINDS = MERGING
ALWAYS = timedelta(days=5000)
"""The sandbox lives in a fixed year."""


def rows_by_id(kind: str, folder: Path, name: str) -> dict[Any, dict[str, Any]]:
    """Rows by id; ids must not repeat."""
    rows = rows_of(kind, folder, name)
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("kind", KINDS)
async def test_changes(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Later runs ask only for what changed, and bring in what was inserted and updated."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        await teamup.sync({"attendances": {}}, into=into)
        before = rows_by_id(kind, tmp_path, "attendances")
        changed = sandbox.update("attendances", n=5, status="no_show")
        added = sandbox.insert("attendances", n=4)
        result = await teamup.sync({"attendances": {}}, into=into)
        after = rows_by_id(kind, tmp_path, "attendances")
        again = await teamup.sync({"attendances": {}}, into=into)

    assert result.rows < 100
    assert sorted(after) == sandbox.ids("attendances")
    assert {after[i]["status"] for i in changed} == {"no_show"}
    assert set(after) - set(before) == set(added)
    assert again.ok
    assert rows_by_id(kind, tmp_path, "attendances") == after


@pytest.mark.parametrize("kind", KINDS)
async def test_deletions_need_a_full_run(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """A row that was deleted leaves no trace in updated_at: it goes with `full`."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        await teamup.sync({"attendances": {}}, into=into)
        [gone] = sandbox.delete("attendances", n=1)
        await teamup.sync({"attendances": {}}, into=into)
        assert gone in rows_by_id(kind, tmp_path, "attendances")

        await teamup.sync({"attendances": {}}, into=into, full=True)
    assert sorted(rows_by_id(kind, tmp_path, "attendances")) == sandbox.ids("attendances")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["course_sessions", "instructed_sessions"])
async def test_recent(client, sandbox: Sandbox, tmp_path: Path, kind: str, name: str) -> None:
    """Where nothing tells what changed, a recent stretch is read again: what is gone there goes."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        await teamup.sync({name: {}}, into=into, recent=ALWAYS)
        kept = rows_by_id(kind, tmp_path, name)
        oldest = sorted(kept, key=lambda i: str(kept[i]["starts_at"]))[:2]
        [gone] = sandbox.delete(name, oldest[:1])
        [changed] = sandbox.update(name, oldest[1:], name="Renamed")
        [added] = sandbox.insert(name, n=1, starts_at=sandbox.now - timedelta(days=500))
        await teamup.sync({name: {}}, into=into, recent=timedelta(days=1))
        assert rows_by_id(kind, tmp_path, name) == kept

        result = await teamup.sync({name: {}}, into=into, recent=ALWAYS)
    rows = rows_by_id(kind, tmp_path, name)

    assert result.ok
    assert gone not in rows
    assert added in rows
    assert rows[changed]["name"] == "Renamed"
    assert sorted(rows) == sandbox.ids(name)


@pytest.mark.parametrize("kind", KINDS)
async def test_grouped(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Grouped reports are replaced, columns that appear with time included."""
    into = FORMATS[kind].format(tmp_path)
    query = {"columns": ["status", "count"], "pivot": "month", "max_pivot_columns": 2}
    async with client() as teamup:
        for _ in range(2):
            result = await teamup.sync({"attendance_strikes.grouped": query}, into=into)
            assert result.ok
        expected = await teamup.reports.attendance_strikes_grouped(**query).collect()
    rows = rows_of(kind, tmp_path, "attendance_strikes_grouped")

    assert [row.count for row in expected] == [row["count"] for row in rows]
    assert [dict(row.counts) for row in expected] == [
        {key: row[key] for key in expected[0].counts} for row in rows
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_mark_goes_with_rows(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """A run that fails changes neither rows nor the watermark; the next goes on with it."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        await teamup.sync({"attendances": {}}, into=into)
        before = rows_by_id(kind, tmp_path, "attendances")
        sandbox.update("attendances", n=250, booking_method="free")
        sandbox.faults.add(faults.status(503), path="attendances", nth=3, times=None)
        failed = await teamup.sync({"attendances": {}}, into=into)
        assert not failed.ok
        assert rows_by_id(kind, tmp_path, "attendances") == before

        sandbox.faults.clear()
        done = await teamup.sync({"attendances": {}}, into=into)
        rows = rows_by_id(kind, tmp_path, "attendances")
        expected = await teamup.reports.attendances().collect()

    assert done.ok
    assert {row.id: row.booking_method for row in expected} == {
        i: row["booking_method"] for i, row in rows.items()
    }


async def test_refused(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """What can't be kept up to date, or is of something else, is refused in words."""
    async with client() as teamup:
        with pytest.raises(ConfigurationError, match="use delta, duckdb, parquet, postgresql or sqlite"):
            await teamup.sync({"attendances": {}}, into=f"csv:{tmp_path}")
        with pytest.raises(QueryError, match="'id' among its columns"):
            await teamup.sync({"attendances": {"columns": ["status"]}}, into=f"parquet:{tmp_path}")
        with pytest.raises(QueryError, match="what a sync goes by"):
            query = {"updated_at_gte": datetime(2025, 1, 1, tzinfo=UTC)}
            await teamup.sync({"attendances": query}, into=f"parquet:{tmp_path}")
        await teamup.sync({"attendances": {"status": ["no_show"]}}, into=f"parquet:{tmp_path}")
        other = await teamup.sync({"attendances": {}}, into=f"parquet:{tmp_path}")
    assert isinstance(other.parts[0].error, CheckpointError)
    assert "query.status was ['no_show'], and is None now" in str(other.parts[0].error)


async def test_all_of_time(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A lag or a recent time longer than the calendar reads everything again."""
    async with client() as teamup:
        for _ in range(2):
            ages = {"lag": timedelta.max, "recent": timedelta.max}
            result = await teamup.sync(
                {"attendances": {}, "instructed_sessions": {}}, into=f"sqlite:{tmp_path / 'gym.db'}", **ages
            )
            assert result.ok
            assert result.parts[0].rows == len(sandbox.ids("attendances"))


@pytest.mark.parametrize("kind", KINDS)
async def test_plan(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """What the next sync would read is told beforehand; nothing is made or changed by asking."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        wanted = {"attendances": {}, "instructed_sessions": {}}
        first = await teamup.plan_sync(wanted, into=into)
        untouched = list(tmp_path.iterdir())
        await teamup.sync(wanted, into=into)
        there = sorted(file.name for file in tmp_path.rglob("*"))
        second = await teamup.plan_sync(wanted, into=into)
        sandbox.faults.add(faults.status(400), path="attendances", nth=2, times=None)
        await teamup.sync(wanted, into=into)
        sandbox.faults.clear()
        result = await teamup.sync(wanted, into=into)

    assert untouched == []
    assert sorted(file.name for file in tmp_path.rglob("*")) == there
    assert [part.query for part in first] == [{}, {}]
    assert [list(part.query) for part in second] == [
        ["updated_at_gte"],
        ["event_start_gte"],
        ["starts_at_gte"],
    ]
    assert [part.part.query["updated_at_gte"] for part in result.parts[:1]] == [
        part.query["updated_at_gte"] for part in list(second)[:1]
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_killed(tmp_path: Path, kind: str) -> None:
    """However often a sync is killed, the table ends up as the report is."""
    into = FORMATS[kind].format(tmp_path)
    script = Path(__file__).parents[1] / "sinks" / "crashing.py"
    with Sandbox.in_thread(rows=1500, seed=5, rate=None) as sandbox:
        for seed in ("none", "3"):
            done = subprocess.run(
                [sys.executable, script, sandbox.url, sandbox.token, "sync", seed, into],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert done.returncode == 0, done.stderr
            assert (int(done.stdout) > 0) == (seed != "none")
            assert sorted(rows_by_id(kind, tmp_path, "attendances")) == sandbox.ids("attendances")
            sandbox.update("attendances", n=900, booking_method="free")
            sandbox.insert("attendances", n=50)
