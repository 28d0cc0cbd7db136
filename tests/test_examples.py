"""The programs in examples/ run as they stand, against a sandbox."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from teamup_async import RateLimitError, RequestTimeoutError, ServerError, TeamUpError
from teamup_async.sandbox import faults

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = ["errors.py", "first_script.py", "nightly_sync.py", "resume.py", "side_by_side.py"]


@pytest.fixture
def environment(teamup_sandbox) -> dict[str, str]:
    """What a user would set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEAMUP_")}
    return {**kept, "TEAMUP_BASE_URL": teamup_sandbox.url, "TEAMUP_TOKEN": teamup_sandbox.token}


def run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=400, rate=None)
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(environment, tmp_path, name):
    """Each script ends well, without a warning, and prints something."""
    assert run(["-W", "error", str(EXAMPLES / name)], environment, tmp_path).strip()


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=400, rate=None)
def test_resume_reads_each_row_once(environment, tmp_path):
    """The script that keeps a bookmark leaves each row in its file, and no bookmark at the end."""
    run([str(EXAMPLES / "resume.py")], environment, tmp_path)
    lines = (tmp_path / "attendances.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines)) == 400
    assert not (tmp_path / "attendances.next.json").exists()


@pytest.mark.slow
def test_the_tests_of_a_user(environment, tmp_path):
    """The example of tests passes in a project of its own."""
    copy = tmp_path / "test_with_sandbox.py"
    copy.write_text((EXAMPLES / copy.name).read_text(encoding="utf-8"), encoding="utf-8")
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=strict", copy.name]
    assert "2 passed" in run(command, environment, tmp_path)


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=400, rate=None)
async def test_web_service(environment, tmp_path):
    """The service streams the whole report, and ends when it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = subprocess.Popen(  # noqa: ASYNC220 - it is started once
        [sys.executable, str(EXAMPLES / "web_service.py")],
        cwd=tmp_path,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(port, service)
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{port}/attendances.csv") as answer,
        ):
            assert answer.status == 200
            assert len((await answer.text()).splitlines()) == 401
    finally:
        service.send_signal(signal.SIGTERM)  # Ctrl-C is ignored by what a shell runs in the background
        try:
            _, said = service.communicate(timeout=30)
        finally:
            service.kill()
    assert b"Traceback" not in said


@asynccontextmanager
async def fastapi_service(environment: dict[str, str], folder: Path) -> AsyncIterator[str]:
    """The address of the running FastAPI example. It must end when it is told to, whatever is in flight."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = subprocess.Popen(  # noqa: ASYNC220 - it is started once
        [sys.executable, str(EXAMPLES / "service_fastapi.py")],
        cwd=folder,
        env={**environment, "PORT": str(port), "GRACE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, service)
        yield f"http://127.0.0.1:{port}"
        service.send_signal(signal.SIGTERM)
        service.wait(timeout=30)
    finally:
        service.kill()
        service.wait()


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=400, rate=None)
async def test_fastapi_service(environment, tmp_path, teamup_sandbox):
    """The service counts, streams the whole report, is healthy without a request, and passes an error on."""
    async with (
        fastapi_service(environment, tmp_path) as url,
        aiohttp.ClientSession() as http,
    ):
        async with http.get(f"{url}/health") as answer:
            assert await answer.json() == {"requests": 0, "in_flight": 0, "waited": 0.0}
        assert teamup_sandbox.requests == 0
        async with http.get(f"{url}/no-shows") as answer:
            assert 0 < (await answer.json())["no_shows"] < 400
        async with http.get(f"{url}/attendances.csv") as answer:
            assert answer.headers["Content-Type"].startswith("text/csv")
            names, *rows = (await answer.text()).splitlines()
            assert names == "id,event.starts_at,customer.name,status"
            assert len(rows) == 400
        async with http.get(f"{url}/ready") as answer:
            assert await answer.json() == {"attendances": 400}
        teamup_sandbox.expire_tokens()
        for path in ("attendances.csv", "ready"):
            async with http.get(f"{url}/{path}") as answer:
                assert answer.status == 502
                assert (await answer.json())["error"] == "AuthenticationError"


async def test_fastapi_service_tells_callers_what_to_do():
    """An error becomes the status that says whether to try again, and when."""
    spec = importlib.util.spec_from_file_location("examples_fastapi", EXAMPLES / "service_fastapi.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(service := importlib.util.module_from_spec(spec))

    async def answered(error: TeamUpError) -> tuple[int, str | None]:
        answer = await service.failed(None, error)
        return answer.status_code, answer.headers.get("Retry-After")

    assert await answered(RateLimitError("too many requests")) == (503, "60")
    assert await answered(RequestTimeoutError("too slow")) == (504, None)
    assert await answered(ServerError("failed")) == (502, None)


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=400, rate=None)
async def test_fastapi_service_ends_a_walk(environment, tmp_path, teamup_sandbox):
    """A report in flight neither holds up the end of the service, nor looks whole to who reads it."""
    teamup_sandbox.faults.add(faults.hang(), path="attendances", nth=3, times=None)
    async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
        async with fastapi_service(environment, tmp_path) as url:
            answer = await stack.enter_async_context(http.get(f"{url}/attendances.csv"))
            assert answer.status == 200
            assert await answer.content.readline()
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=400, rate=None)
async def test_fastapi_service_reads_for_nobody(environment, tmp_path, teamup_sandbox):
    """When a reader goes away, the walk ends what it had in flight."""
    teamup_sandbox.faults.add(faults.hang(), path="attendances", nth=3, times=None)
    async with fastapi_service(environment, tmp_path) as url, aiohttp.ClientSession() as http:

        async def in_flight() -> int:
            async with http.get(f"{url}/health") as health:
                return (await health.json())["in_flight"]

        async with http.get(f"{url}/attendances.csv") as answer:
            await answer.content.readline()
            assert await in_flight() > 0
            answer.close()
        async with asyncio.timeout(10):  # a request would be in flight for 20 seconds
            while await in_flight():
                pass


def wait_for(port: int, service: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and service.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the service did not start")


def test_every_example_is_listed_and_tested():
    """The folder's page names each program, and each is run by a test."""
    names = {path.name for path in EXAMPLES.glob("*.py")}
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert {name for name in names if f"]({name})" in page} == names
    alerts = {"alert.py", "prometheus_textfile.py"}  # tests/test_alerts.py
    assert names == {*SCRIPTS, *alerts, "service_fastapi.py", "test_with_sandbox.py", "web_service.py"}


def test_examples_can_be_imported_without_running():
    """Programs with a main block do nothing when they are imported."""
    for name in ("errors", "service_fastapi", "web_service"):
        spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
