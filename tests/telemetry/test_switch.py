"""Telemetry is off, and OpenTelemetry not even imported, unless it is asked for."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from teamup_async import ConfigurationError, TeamUp
from teamup_async.bulk import Account, BulkPull

READ = """
import asyncio, os, sys
from teamup_async import TeamUp

async def read():
    async with TeamUp(base_url=os.environ["URL"], token=os.environ["TOKEN"]) as teamup:
        await teamup.reports.attendances().collect()
        await teamup.pull({"venues": {}}, into=f"jsonl:{os.environ['INTO']}")

asyncio.run(read())
print([name for name in sys.modules if name.split(".")[0] == "opentelemetry"][:3])
"""

PRINT = """
import asyncio, os
from opentelemetry import metrics, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from teamup_async import TeamUp

async def read():
    async with TeamUp(base_url=os.environ["URL"], token=os.environ["TOKEN"]) as teamup:
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=lambda s: f"span: {s.name}\\n")))
        trace.set_tracer_provider(provider)  # later than the client was made
        await teamup.lists.venues().collect()

asyncio.run(read())
"""

MISSING = """
import sys
sys.modules["opentelemetry"] = None
from teamup_async import ConfigurationError, TeamUp
try:
    TeamUp(token="x", telemetry=True)
except ConfigurationError as error:
    print(error)
try:
    from teamup_async.telemetry import OpenTelemetry
except ConfigurationError as error:
    print(error)
TeamUp(token="x")
"""


def run(program: str, sandbox: Any = None, **variables: str) -> str:
    where = {} if sandbox is None else {"URL": sandbox.url, "TOKEN": sandbox.token}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**where, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def served():
    from teamup_async.sandbox import Sandbox

    with Sandbox.in_thread(rows=100, seed=4, rate=None) as sandbox:
        yield sandbox


def test_off(served, tmp_path):
    """Without telemetry nothing of OpenTelemetry is imported, whether it is installed or not."""
    assert run(READ, served, INTO=str(tmp_path)) == "[]\n"


def test_the_providers_of_the_process(served):
    """With the variable alone, spans go to the provider of the process, also to one that is set later."""
    assert run(PRINT, served, TEAMUP_TELEMETRY="1").splitlines() == [
        "span: GET /venues",
        "span: request venues",
        "span: walk venues",
    ]


def test_missing():
    """Where OpenTelemetry is not installed, asking for it is an error that says how to get it; else nobody minds."""
    line = "telemetry needs OpenTelemetry: pip install 'teamup-async[otel]', and an SDK to collect with\n"
    assert run(MISSING) == 2 * line


def test_bad_variable(monkeypatch):
    """A variable that says neither yes nor no is refused by one client and by many."""
    monkeypatch.setenv("TEAMUP_TELEMETRY", "perhaps")
    with pytest.raises(ConfigurationError, match="TEAMUP_TELEMETRY"):
        TeamUp(token="x")
    with pytest.raises(ConfigurationError, match="TEAMUP_TELEMETRY"):
        BulkPull([Account(name="north", token="x")])
