"""Kill -9 anywhere, and start again: the result is that of an undisturbed run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox
from tests.s3_server import store
from tests.sinks.reading import FILES, FORMATS, STORED, contents, in_order, rows_of

KINDS = [kind for kind in FORMATS if kind != "delta@s3"]
"""What could be left half done: a table in an object store is the stages and state of files there, and one commit."""
NAMES = ("attendances", "instructed_sessions", "attendance_strikes_grouped")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for these tests, with rows for several batches and no more: each row is read again and again."""
    with Sandbox.in_thread(rows=1500, seed=5, rate=None) as served:
        yield served


def run(sandbox: Sandbox, whole: Path, broken: Path, kind: str, seed: str, mode: str = "pull") -> None:
    """Two pulls in other processes: one whole, one killed again and again."""
    whole.mkdir()
    broken.mkdir()
    script = Path(__file__).with_name("crashing.py")
    sinks = ("none", FORMATS[kind].format(whole), seed, FORMATS[kind].format(broken))
    done = subprocess.run(
        [sys.executable, script, sandbox.url, sandbox.token, mode, *sinks],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    undisturbed, killed = map(int, done.stdout.split())
    assert undisturbed == 0
    assert killed > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", KINDS)
def test_killed_and_started_again(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """However often a pull is killed, each row is there once, in its order; files are the same, byte for byte."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"

    run(sandbox, whole, broken, kind, "1")
    for folder in (whole, broken) if kind in STORED else ():
        store().copy(folder)
    if kind.partition("@")[0] in FILES and "delta" not in kind:  # whose files have random names
        assert contents(whole) == contents(broken)
    for name in NAMES:
        assert in_order(kind, rows_of(kind, whole, name)) == in_order(kind, rows_of(kind, broken, name))
    assert len(rows_of(kind, broken, "attendances")) == len(sandbox.ids("attendances"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_with_windows(sandbox: Sandbox, tmp_path: Path) -> None:
    """The same with windows side by side: the plan of the first run counts, and its windows join in order."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"

    run(sandbox, whole, broken, "csv", "2", "90")
    assert contents(whole) == contents(broken)
