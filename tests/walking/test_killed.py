"""A process that is killed while it pulls, and started again, ends with each row once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PULLER = Path(__file__).parent / "puller.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]


def pulled(sandbox, name, by, path, mode):
    """The rows that the runs together stored, and how many of them were killed."""
    done = subprocess.run(
        [sys.executable, PULLER, sandbox.url, sandbox.token, name, by, path, mode],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())["rows"], int(done.stdout)


@pytest.mark.teamup_sandbox(rows=300, seed=5, rate=None, latency=0.002, course_sessions=150)
@pytest.mark.parametrize(
    ("name", "by"),
    [("attendances", "offset"), ("attendances", "page"), ("attendances", "id"), ("course_sessions", "page")],
)
def test_killed_at_every_page(teamup_sandbox, tmp_path, name, by):
    """Killed after each page, for as long as there are pages, the runs together bring every row once."""
    expected, _ = pulled(teamup_sandbox, name, by, tmp_path / "undisturbed.json", "never")
    rows, killed = pulled(teamup_sandbox, name, by, tmp_path / "killed.json", "pages")
    assert killed >= 3
    assert rows == expected


@pytest.mark.teamup_sandbox(rows=300, seed=5, rate=None, latency=0.02)
def test_killed_at_any_moment(teamup_sandbox, tmp_path):
    """Killed at random moments, at work on any step, the last run completes what is missing and no more."""
    expected, _ = pulled(teamup_sandbox, "attendances", "offset", tmp_path / "undisturbed.json", "never")
    rows, killed = pulled(teamup_sandbox, "attendances", "offset", tmp_path / "killed.json", "moments")
    assert killed >= 3
    assert rows == expected
