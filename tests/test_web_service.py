"""What examples/web_service.py does where a browser goes away, TeamUp fails, or the service is told to end."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from teamup_async import TeamUp
from teamup_async.reports import Attendance
from teamup_async.sandbox import Sandbox, faults

SCRIPT = Path(__file__).parents[1] / "examples" / "web_service.py"


@asynccontextmanager
async def service(sandbox: Sandbox) -> AsyncGenerator[aiohttp.ClientSession]:
    """The program as a process of its own, and a browser; it must end well when it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEAMUP_")}
    own = {"TEAMUP_BASE_URL": sandbox.url, "TEAMUP_TOKEN": sandbox.token, "PORT": str(port), "GRACE": "0.2"}
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SCRIPT),
        env={**kept, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as browser:
            await until(lambda: running.returncode is not None or answers(port))
            yield browser
    finally:
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            _, said = await running.communicate()
    assert (running.returncode, b"Traceback" in said) == (0, False), said.decode()


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not true():  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.02)


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=200, rate=None)
async def test_what_the_service_answers(teamup_sandbox: Sandbox) -> None:
    """Numbers come as JSON. What fails before the first row is a 503 that says why, and health needs no TeamUp."""
    async with service(teamup_sandbox) as browser:
        async with browser.get("/no-shows") as answer:
            assert (await answer.json())["no_shows"] > 0

        teamup_sandbox.faults.add(faults.status(501), times=None)
        async with browser.get("/attendances.csv") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
            assert "Status 501 on demand" in (await answer.json())["detail"]
        async with browser.get("/health") as answer:
            assert answer.status == 200
            assert (await answer.json())["requests"] == teamup_sandbox.requests


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=200, rate=None)
async def test_csv(teamup_sandbox: Sandbox) -> None:
    """The report begins with the names of its columns, once, and a name that is a formula stays text."""
    [row] = await _rows(teamup_sandbox, limit=1)
    name = row.customer.name.encode()
    teamup_sandbox.faults.add(
        faults.body(lambda body: body.replace(name, b"=1+1", 1)), path="attendances", times=1
    )
    async with service(teamup_sandbox) as browser, browser.get("/attendances.csv") as answer:
        head, first, *rest = csv.reader((await answer.text()).splitlines())

    assert head == ["id", "event.starts_at", "customer.name", "status"]
    assert (first[0], first[2]) == (str(row.id), "'=1+1")
    assert head not in rest
    assert len(rest) == 199


async def _rows(sandbox: Sandbox, *, limit: int) -> list[Attendance]:
    async with TeamUp(base_url=sandbox.url, token=sandbox.token) as teamup:
        return await teamup.reports.attendances().collect(limit=limit)


@asynccontextmanager
async def asked_in_vain(sandbox: Sandbox) -> AsyncGenerator[asyncio.Task[Any]]:
    """A browser's question to a service whose TeamUp never answers."""
    sandbox.faults.add(faults.hang(), times=None)
    async with service(sandbox) as browser:
        asked = asyncio.create_task(browser.get("/attendances.csv"))
        await until(lambda: sandbox.requests)
        yield asked


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=200, rate=None)
async def test_nobody_waits_any_more(teamup_sandbox: Sandbox) -> None:
    """When a browser goes away, the walk for it ends at once: its request is cancelled, and TeamUp sees it close."""
    async with asked_in_vain(teamup_sandbox) as asked:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await until(lambda: teamup_sandbox.log[-1].answered_at is not None)


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=200, rate=None)
async def test_the_service_ends_while_it_answers(teamup_sandbox: Sandbox) -> None:
    """A service that is told to end cancels what still runs after its grace, and closes its client."""
    async with asked_in_vain(teamup_sandbox) as asked:
        pass
    assert asked.done()
    assert isinstance(asked.exception(), aiohttp.ClientError)
