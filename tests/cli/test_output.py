"""Files appear whole or not at all, and the trouble of writing is told in one line."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from teamup_async.cli.failures import OutputError
from teamup_async.cli.output import opened
from teamup_async.sandbox import faults

FULL = Path("/dev/full")
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and devices of POSIX")


def pull(teamup: Any, path: Path, *more: str) -> Any:
    return teamup("pull", "attendances", "--columns", "id", "-o", str(path), *more)


def test_a_dash_is_standard_output(teamup: Any, tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    """`-o -` writes to standard output, and an option is not taken for the file that was forgotten."""
    environment.chdir(tmp_path)
    dash = teamup("pull", "attendances", "--columns", "id", "--limit", "2", "-o", "-")
    forgotten = teamup("pull", "attendances", "-o", "--quiet")
    folder = teamup("pull", "attendances", "course-sessions", "--out", "--json")

    assert (dash.code, len(dash.lines), dash.err) == (0, 2, "")
    assert (forgotten.code, folder.code) == (2, 2)
    assert "not '--quiet'" in forgotten.err
    assert "not '--json'" in folder.err
    assert list(tmp_path.iterdir()) == []


def test_whole(teamup: Any, tmp_path: Path) -> None:
    """The file has all rows, nothing else lies beside it, and nothing is printed."""
    ran = pull(teamup, tmp_path / "a.csv")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (
        len((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines())
        == int(teamup("count", "attendances").out) + 1
    )


def test_failure_keeps_what_was_there(teamup: Any, sandbox: Any, tmp_path: Path) -> None:
    """A walk that fails in the middle leaves the old file, no part of a new one, and no place to go on from."""
    path = tmp_path / "a.jsonl"
    path.write_text("old\n", encoding="utf-8")
    sandbox.faults.add(
        faults.status(400), when=lambda request: request.value("offset") not in (None, "0"), times=None
    )
    ran = pull(teamup, path)
    assert ran.code == 1
    assert "--start" not in ran.err
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]


def test_failure_leaves_nothing(teamup: Any, tmp_path: Path) -> None:
    """Where there was no file, there is none after a failure."""
    assert pull(teamup, tmp_path / "a.csv", "--token", "unknown-token").code == 1
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_touches_nothing(teamup: Any, tmp_path: Path) -> None:
    """A query that can't be sent does not even begin a file."""
    assert pull(teamup, tmp_path / "a.csv", "--status", "atended").code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("folder.csv", "it is a directory"),
        ("none/a.csv", "there is no folder"),
        ("a" * 300 + ".csv", "name too long"),
    ],
)
def test_places_that_do_not_work(teamup: Any, tmp_path: Path, name: str, told: str) -> None:
    """A place that can't be written is one clear line and exit code 1, before anything is asked for."""
    (tmp_path / "folder.csv").mkdir()
    ran = pull(teamup, tmp_path / name)
    assert ran.code == 1
    assert ran.err.startswith(f"teamup: cannot write {tmp_path / name}: ")
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1


@posix
def test_read_only(teamup: Any, tmp_path: Path) -> None:
    """A read-only file is not replaced, and a read-only directory is told."""
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write anywhere")
    assert "it is read-only" in pull(teamup, path).err
    tmp_path.chmod(0o555)
    try:
        assert "Permission denied" in pull(teamup, tmp_path / "b.csv").err
    finally:
        tmp_path.chmod(0o755)
    assert path.read_text(encoding="utf-8") == "old"


@posix
def test_permissions(teamup: Any, tmp_path: Path) -> None:
    """A new file has the permissions any new file gets; a replaced one keeps its own."""
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    mask = os.umask(0o022)
    try:
        assert (pull(teamup, path).code, pull(teamup, other).code) == (0, 0)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(other.stat().st_mode) == 0o644


@posix
def test_link(teamup: Any, tmp_path: Path) -> None:
    """A link stays a link: what it points to is replaced."""
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert pull(teamup, tmp_path / "link.csv").code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8").startswith("id\n")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_full_disk(teamup: Any) -> None:
    """A full disk is one line and exit code 1; a device is written to, not replaced."""
    ran = pull(teamup, FULL)
    assert ran.code == 1
    assert ran.err == "teamup: cannot write /dev/full: No space left on device\n"
    assert stat.S_ISCHR(FULL.stat().st_mode)
    assert pull(teamup, Path(os.devnull)).code == 0


def test_sink_is_removed_on_any_exception(tmp_path: Path) -> None:
    """Whatever goes wrong while a file is written, nothing of it stays."""

    def interrupted() -> None:
        with opened(tmp_path / "a") as sink:
            sink.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(OutputError), opened(tmp_path / "a" / "b"):
        pass
    assert list(tmp_path.iterdir()) == []
