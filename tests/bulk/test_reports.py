"""Reports of runs from Python: also of a run that goes on, was cancelled, or could not be remembered."""

import asyncio
import json
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from teamup_async.bulk import Account, BulkPull, RunProgress
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks import SinkError
from teamup_async.sinks.sqlite import SQLite

DOCS = Path(__file__).parents[2] / "docs"
valid = fastjsonschema.compile(json.loads((DOCS / "run-report.schema.json").read_text("utf-8")))


async def test_call_and_target(client: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    """The report says which method was called, when, and where rows went; `run` runs plans."""
    into = f"jsonl:{tmp_path}"
    async with client() as teamup:
        pulled = (await teamup.pull({"course_sessions": {}}, into=into)).to_json()
        ran = (await teamup.run(teamup.plan({"course_sessions": {}}), into=into)).to_json()
    account = Account(name="north", token=sandbox.token)
    async with BulkPull([account], base_url=sandbox.url, mode="provider", rate=None) as bulk:
        many = (await bulk.sync({"course_sessions": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")).to_json()

    for report in (pulled, ran, many):
        valid(report)
        assert report["began"] <= report["ended"]
    assert [each["call"] for each in (pulled, ran, many)] == ["TeamUp.pull", "TeamUp.run", "BulkPull.sync"]
    assert [each["kind"] for each in (pulled, ran, many)] == ["pull", "pull", "sync"]
    assert pulled["target"] == into
    assert [each["account"] for each in many["accounts"]] == ["north"]
    assert not list(tmp_path.glob(".teamup*"))


async def test_cancelled(client: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    """Whoever watches a run has its report also where the run was cancelled, and the next run goes on."""
    watched: list[RunProgress] = []
    came = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hangs(request: Any) -> bool:
        last = request.value("id_gt") is not None or request.value("offset") not in (None, "0")
        if last:
            loop.call_soon_threadsafe(came.set)
        return last

    sandbox.faults.add(faults.hang(), when=hangs, times=None)
    async with client() as teamup:
        call = teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path}", watch=watched.append, remember=True)
        task = asyncio.create_task(call)
        async with asyncio.timeout(30):
            await came.wait()
            while not watched[0][0].stats.rows:  # noqa: ASYNC110 - nothing else tells that rows have come
                await asyncio.sleep(0)
        going = watched[0].result().to_json()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stopped = watched[0].result().to_json()
        sandbox.faults.clear()
        again = await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path}", remember=True)

    valid(going)
    valid(stopped)
    assert going["parts"][0]["status"] == "running"
    assert (stopped["outcome"], stopped["exit_code"]) == ("interrupted", 130)
    assert 0 < stopped["rows"] < 3000
    assert [each["outcome"] for each in again.run.earlier] == ["interrupted"]
    assert again.parts[0].resumed == stopped["rows"]
    assert len(watched[0]) == len(watched[0][:1]) == 1


async def test_series(client: Any, tmp_path: Path) -> None:
    """Runs of other reports are no earlier runs of these; a folder keeps its memory in a file with a dot."""
    into = f"csv:{tmp_path}"
    async with client() as teamup:
        for name in ("course_sessions", "events", "course_sessions"):
            result = await teamup.pull({name: {}}, into=into, remember=True)
        single = await teamup.pull({"events": {}}, into=f"csv:{tmp_path / 'a.csv'}", remember=True)

    assert [run["series"] for run in result.run.earlier] == ["pull course_sessions"]
    assert "The latest 2 runs were complete." in result.to_html()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        ".teamup-runs.json",
        "a.csv",
        "course_sessions.csv",
        "events.csv",
    ]
    assert single.run.earlier == ()


class Forgetful(SQLite):
    """A place that can't remember."""

    def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Fail."""
        raise SinkError(f"no room for {run['series']}")


async def test_what_can_not_be_remembered(client: Any, tmp_path: Path) -> None:
    """A trend is no reason to fail: that a run could not be remembered is a note."""
    async with client() as teamup:
        result = await teamup.sync({"events": {}}, into=Forgetful(tmp_path / "gym.db"), remember=True)

    assert result.ok
    assert result.to_json()["notes"] == ["This run could not be remembered: no room for sync events"]
