"""The programs in examples/ run as they stand, against a sandbox."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

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
            assert len((await answer.text()).splitlines()) == 400
    finally:
        service.send_signal(signal.SIGTERM)  # Ctrl-C is ignored by what a shell runs in the background
        try:
            _, said = service.communicate(timeout=30)
        finally:
            service.kill()
    assert b"Traceback" not in said


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
    assert names == {*SCRIPTS, *alerts, "test_with_sandbox.py", "web_service.py"}


def test_examples_can_be_imported_without_running():
    """Programs with a main block do nothing when they are imported."""
    for name in ("errors", "web_service"):
        spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
