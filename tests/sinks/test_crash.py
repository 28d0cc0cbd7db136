"""Kill -9 anywhere, and start again: the result is that of an undisturbed run."""

import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox
from tests.sinks.reading import FILES, FORMATS, contents, rows_of

NAMES = ("attendances", "instructed_sessions", "attendance_strikes_grouped")


def run(sandbox: Sandbox, folder: Path, kind: str, *arguments: str) -> int:
    """A pull in other processes; how many of them were killed."""
    folder.mkdir()
    script = Path(__file__).with_name("crashing.py")
    done = subprocess.run(
        [sys.executable, script, sandbox.url, sandbox.token, FORMATS[kind].format(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", FORMATS)
def test_killed_and_started_again(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """However often a pull is killed, each row is there once, in order; files are the same, byte for byte."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"

    assert run(sandbox, whole, kind, "none") == 0
    assert run(sandbox, broken, kind, "1") > 0
    if kind in FILES:
        assert contents(whole) == contents(broken)
    for name in NAMES:
        assert rows_of(kind, whole, name) == rows_of(kind, broken, name)
    assert len(rows_of(kind, broken, "attendances")) == len(sandbox.ids("attendances"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_with_windows(sandbox: Sandbox, tmp_path: Path) -> None:
    """The same with windows side by side: the plan of the first run counts, and its windows join in order."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"

    assert run(sandbox, whole, "csv", "none", "90") == 0
    assert run(sandbox, broken, "csv", "2", "90") > 0
    assert contents(whole) == contents(broken)
