"""What the log is told, in all parts of the package: whose it is, which endpoint, and where its walk stands."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import teamup_async
from teamup_async import RetryPolicy, TeamUp, TeamUpError
from teamup_async.logs import JsonFormatter
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    clock = Simulated()
    settings: dict[str, Any] = {
        "account": "north",
        "rate": None,
        "clock": clock,
        "trace_configs": [clock.tracing()],
        **options,
    }
    return TeamUp(base_url=sandbox.url, token=sandbox.token, **settings)


async def everything(sandbox: Sandbox, tmp_path: Any) -> None:
    """Do whatever is logged."""

    def broken(*_: object) -> None:
        raise ValueError("of the caller's own")

    def move(request: Any) -> None:
        if request.value("offset") in {"59", "119"}:
            sandbox.delete("attendances", n=5)

    options: dict[str, Any] = {"refresh_token": sandbox.refresh_token, "retry": RetryPolicy(attempts=2)}
    async with client(sandbox, **options, on_retry=broken, on_token_refresh=broken) as teamup:
        await teamup.diagnose()
        sandbox.faults.add(faults.status(503), times=1)
        await teamup.reports.attendances().collect()
        sandbox.faults.add(faults.status(503), times=2)
        with pytest.raises(TeamUpError):
            await teamup.reports.attendances().collect()
        sandbox.before_request = move
        await teamup.reports.attendances().paged(size=60, window=1, thrifty=False).collect()
        sandbox.before_request = None
        sandbox.expire_tokens()
        with pytest.raises(ValueError, match="own"):
            await teamup.reports.attendances().collect()
        await teamup.sync({"attendances": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")
        sandbox.faults.add(faults.status(403), path="/reports/customers/data", times=None)
        await teamup.pull({"customers": {}}, into=f"jsonl:{tmp_path}")
        sandbox.faults.clear()
        job = await teamup.reports.attendances().export()
        await job.wait()


async def test_all_records_tell_whose(sandbox, tmp_path, caplog):
    """Each record tells the account, and what is about an endpoint tells which; all become JSON."""
    caplog.set_level(logging.DEBUG, "teamup_async")
    await everything(sandbox, tmp_path)

    records = [record for record in caplog.records if record.name.startswith("teamup_async")]
    assert {record.name.removeprefix("teamup_async.") for record in records} == {
        "http",
        "walk",
        "bulk",
        "export",
        "doctor",
    }
    of_all = [record for record in records if record.msg.startswith("the run is over")]
    assert {record.account for record in records if record not in of_all} == {"north"}
    assert {record.name for record in records if record not in of_all and record.endpoint is None} == {
        "teamup_async.doctor"
    }
    lines = [json.loads(JsonFormatter().format(record)) for record in records]
    assert all({"account", "endpoint", "position"} <= set(line) for line in lines)
    assert sandbox.token not in str(lines)


async def test_a_retry(sandbox, caplog):
    """A try that failed tells its number, its status, where the walk stands, and the wait; giving up says why."""
    caplog.set_level(logging.INFO, "teamup_async")
    sandbox.faults.add(faults.status(503), times=2)
    async with client(sandbox, retry=RetryPolicy(attempts=2)) as teamup:
        with pytest.raises(TeamUpError):
            await teamup.reports.attendances().paged(size=50, window=1).collect()

    again, gave_up = (json.loads(JsonFormatter().format(record)) for record in caplog.records)
    told = {
        "logger": "teamup_async.http",
        "account": "north",
        "endpoint": "attendances",
        "position": {"by": "offset", "size": 50},
        "method": "GET",
        "path": "/reports/attendances/data",
        "error": "ServerError",
        "status": 503,
    }
    assert {**again, **told, "attempt": 1} == again
    assert again["wait"] > 0
    assert {**gave_up, **told, "attempt": 2, "gave_up": "tries spent"} == gave_up


async def test_a_part(sandbox, tmp_path, caplog):
    """A part tells what it took; one that failed tells why, and where it stands."""
    caplog.set_level(logging.INFO, "teamup_async.bulk")
    async with client(sandbox, retry=RetryPolicy(attempts=1)) as teamup:
        result = await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'a'}")
        sandbox.faults.add(faults.status(500), times=None)
        broken = await teamup.pull({"customers": {}}, into=f"jsonl:{tmp_path / 'b'}")

    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    complete = next(line for line in lines if "is complete" in line["message"])
    failed = next(line for line in lines if "is incomplete" in line["message"])
    assert (complete["rows"], complete["requests"]) == (300, result.parts[0].stats.requests)
    assert (failed["level"], failed["error"], failed["status"]) == ("warning", "ServerError", 500)
    assert failed["position"] == broken.parts[0].error.position
    assert [line["incomplete"] for line in lines if "the run is over" in line["message"]] == [0, 1]


async def test_drift(sandbox, caplog):
    """A walk that goes back says where it stood and why."""
    caplog.set_level(logging.INFO, "teamup_async.walk")

    def move(request: Any) -> None:
        if request.value("offset") == "59":
            sandbox.delete("attendances", n=5)

    sandbox.before_request = move
    async with client(sandbox) as teamup:
        stream = teamup.reports.attendances().paged(size=60, window=1, thrifty=False)
        await stream.collect()

    assert len(caplog.records) == stream.stats.repairs > 0
    record = caplog.records[0]
    assert (record.account, record.endpoint, record.position["done"]) == ("north", "attendances", 60)
    assert "were deleted while it was read" in record.getMessage()


GUIDE = (Path(__file__).parents[2] / "docs" / "logging.md").read_text(encoding="utf-8")


async def test_the_guide(sandbox, tmp_path, caplog):
    """docs/logging.md names the loggers and all fields that were seen, and no logger that there is not."""
    caplog.set_level(logging.DEBUG, "teamup_async")
    await everything(sandbox, tmp_path)

    records = [record for record in caplog.records if record.name.startswith("teamup_async")]
    fields = GUIDE.partition("## Fields")[2]
    known = set(
        re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in fields.splitlines() if "|" in line))
    )
    seen = {name for record in records for name in json.loads(JsonFormatter().format(record))}
    assert seen - known == set()
    told = set(re.findall(r"^\| `(teamup_async\.\w+)`", GUIDE, re.MULTILINE))
    assert told >= {record.name for record in records}
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(teamup_async.__file__).parent.rglob("*.py")
    )
    assert told == set(re.findall(r'getLogger\("(teamup_async\.\w+)"\)', source))


BROKEN = """
import asyncio, os
from teamup_async import RetryPolicy, TeamUp

async def pull():
    async with TeamUp(base_url=os.environ["URL"], token="unknown", retry=RetryPolicy(attempts=1)) as teamup:
        print((await teamup.pull({"venues": {}}, into=f"jsonl:{os.environ['INTO']}")).ok)

asyncio.run(pull())
"""


def test_no_log_set_up(tmp_path):
    """Where no log is set up, a part that fails is in the result only, and Python writes nothing on stderr."""
    with Sandbox.in_thread(rows=50, seed=4, rate=None) as sandbox:
        done = subprocess.run(
            [sys.executable, "-c", BROKEN],
            env={"URL": sandbox.url, "INTO": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.stdout, done.stderr) == ("False\n", "")
