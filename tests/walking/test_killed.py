"""A process that is killed while it pulls, and started again, ends with each row once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

PULLER = Path(__file__).parent / "puller.py"


def start(sandbox, name, by, path):
    return subprocess.Popen(
        [sys.executable, str(PULLER), sandbox.url, sandbox.token, name, by, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(sandbox, name, by, path):
    with start(sandbox, name, by, path) as process:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    return json.loads(path.read_text())["rows"]


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=300, seed=5, rate=None, latency=0.002, course_sessions=150)
@pytest.mark.parametrize(
    ("name", "by"),
    [("attendances", "offset"), ("attendances", "page"), ("attendances", "id"), ("course_sessions", "page")],
)
def test_killed_at_every_page(teamup_sandbox, tmp_path, name, by):
    """Killed after each page, for as long as there are pages, the runs together bring every row once."""
    expected = run(teamup_sandbox, name, by, tmp_path / "undisturbed.json")
    path = tmp_path / "killed.json"
    kills = 0
    while True:
        with start(teamup_sandbox, name, by, path) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            process.kill()
            process.communicate()
        if not said:
            break
        kills += 1
    assert kills >= 2
    assert json.loads(path.read_text())["rows"] == expected


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=300, seed=5, rate=None, latency=0.01)
def test_killed_at_any_moment(teamup_sandbox, tmp_path):
    """Killed at random moments, at work on any step, the last run completes what is missing and no more."""
    expected = run(teamup_sandbox, "attendances", "offset", tmp_path / "undisturbed.json")
    chance = random.Random(1)
    path = tmp_path / "killed.json"
    for _ in range(6):
        with start(teamup_sandbox, "attendances", "offset", path) as process:
            time.sleep(chance.uniform(0.25, 0.6))  # the moment of a kill can't be simulated
            process.kill()
            process.communicate()
    assert run(teamup_sandbox, "attendances", "offset", path) == expected
