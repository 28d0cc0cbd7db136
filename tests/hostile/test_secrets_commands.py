"""Commands show their token neither in what they print nor in the list of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox, faults


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox.in_thread(rows=250, seed=4, rate=None) as sandbox:
        yield sandbox


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {**os.environ, "TEAMUP_BASE_URL": sandbox.url, "TEAMUP_TOKEN": sandbox.token}


COMMANDS: list[tuple[list[str], int, int]] = [
    (["check"], 200, 0),
    (["count", "attendances", "--verbose"], 200, 0),
    (["pull", "attendances", "--format", "jsonl", "--limit", "3", "--verbose"], 200, 0),
    (["pull", "attendances", "--limit", "3", "--verbose"], 403, 1),
    (["pull", "attendances", "--status", "x"], 200, 2),
    (["check"], 401, 1),
    (["count", "attendances", "--verbose", "--log", "json"], 200, 0),
    (["pull", "attendances", "--limit", "3", "--log", "json", "--verbose"], 403, 1),
    (["doctor", "--log", "json", "--verbose"], 500, 1),
    (["check", "--log", "text", "--verbose"], 401, 1),
    (["sync", "events", "--to", "gym.db", "--report", "r.json", "--report", "r.html", "--verbose"], 200, 0),
    (["sync", "events", "--to", "gym.db", "--report", "r.json", "--report", "r.html"], 403, 1),
    (["pull", "events", "-o", "a.csv", "--report", "r.json", "--report", "r.html"], 401, 1),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "status", "code"), COMMANDS)
def test_commands(served, arguments, status, code, capfd, monkeypatch, tmp_path):
    """What a command prints or writes, when it works and when a server refuses and repeats the token, has no token."""
    from teamup_async.cli.running import run

    for name, value in environment(served).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    if status != 200:
        served.faults.add(faults.status(status, {"message": f"Bad token {served.token}"}), times=None)
    try:
        assert run(arguments) == code
    finally:
        served.faults.clear()
    out, err = capfd.readouterr()
    assert out + err
    assert served.token not in out + err
    assert [file for file in tmp_path.iterdir() if served.token.encode() in file.read_bytes()] == []
    assert len(list(tmp_path.glob("r.*"))) == arguments.count("--report")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no list of processes as files here")
def test_process_list(served):
    """A command that takes its token from the environment shows it in no list of processes."""
    came = threading.Event()

    def hangs(_: object) -> bool:
        came.set()
        return True

    served.faults.add(faults.hang(), when=hangs, times=None)
    process = subprocess.Popen(
        [sys.executable, "-m", "teamup_async", "pull", "attendances"],
        env=environment(served),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert came.wait(30)
        group = [
            *Path("/proc").glob(f"{process.pid}/task/*/cmdline"), *Path("/proc").glob(f"{process.pid}/task/*/comm"),
        ]  # fmt: skip
        lines = b"".join(path.read_bytes() for path in group)
    finally:
        process.terminate()
        out, err = process.communicate()
        served.faults.clear()
    assert b"attendances" in lines
    assert served.token.encode() not in lines + out + err
