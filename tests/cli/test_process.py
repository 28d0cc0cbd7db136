"""The command line as a process: signals, pipes, terminals, and what is loaded."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from teamup_async.sandbox import faults

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of POSIX")
WAIT = 30.0
"""Seconds after which something is stuck."""


def hang_on(sandbox: Any, offset: str) -> threading.Event:
    """Never answer requests at `offset`; the event tells that one has come."""
    came = threading.Event()

    def hangs(request: Any) -> bool:
        if request.value("offset") == offset:
            came.set()
            return True
        return False

    sandbox.faults.add(faults.hang(), when=hangs, times=None)
    return came


def test_module(start: Any, sandbox: Any) -> None:
    """`python -m teamup_async` is the command, as a process of its own too."""
    out, err = start("count", "attendances").communicate(timeout=WAIT)
    assert (out, err) == (f"{len(sandbox.ids('attendances'))}\n", "")


def test_a_system_without_time_zones(start: Any, environment: pytest.MonkeyPatch) -> None:
    """Where the system has no database of time zones, `--timezone` takes names all the same."""
    environment.setenv("PYTHONTZPATH", "")
    summer = ("--since", "2025-06", "--timezone", "Europe/London")
    out, err = start("count", "attendances", *summer).communicate(timeout=WAIT)
    assert (out.strip().isdigit(), err) == (True, "")


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped(start: Any, sandbox: Any, tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Ctrl-C and SIGTERM end a pull at once: no traceback, no half-written file, the old one untouched."""
    path = tmp_path / "a.jsonl"
    path.write_text("old\n", encoding="utf-8")
    came = hang_on(sandbox, "99")
    process = start("pull", "attendances", "-o", str(path))
    assert came.wait(WAIT)
    process.send_signal(number)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out, err) == (code, "", "teamup: stopped\n")
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]


@posix
def test_stopped_with_json(start: Any, sandbox: Any, tmp_path: Path) -> None:
    """With --json, standard output has a JSON object also where Ctrl-C ends a sync."""
    came = hang_on(sandbox, "0")
    process = start("sync", "attendances", "--to", str(tmp_path / "gym.db"), "--json")
    assert came.wait(WAIT)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, json.loads(out)["error"]["type"]) == (130, "Interrupted")
    assert "teamup: stopped" in err


@posix
def test_reader_goes_away(start: Any, sandbox: Any) -> None:
    """When the reader of a pipe has seen enough, as `head` has, the command ends quietly and well."""
    process = start("pull", "attendances", "--size", "1", "--rate", "100000")
    assert json.loads(process.stdout.readline())["id"] == sandbox.ids("attendances")[0]
    process.stdout.close()
    assert process.wait(WAIT) == 0
    assert process.stderr.read() == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("pull", "attendances"),
        ("reports",),
        ("pull", "attendances", "--out", "data", "--json"),
        ("chart", "attendance-strikes.grouped", "--by", "status"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_stdout_is_full(
    start: Any, tmp_path: Path, environment: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Standard output that can't be written is an error, not a success."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("wb") as out:
        environment.chdir(tmp_path)
        process = start(*arguments, stdout=out)
        _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 1
    assert "teamup: cannot write standard output: No space left on device" in err
    assert "Traceback" not in err


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0)])
def test_sandbox(start: Any, teamup: Any, environment: Any, number: signal.Signals, code: int) -> None:
    """`sandbox` prints lines that can be pasted, serves until it is stopped, and ends well."""
    process = start("sandbox", "--rows", "60", "--rate", "0")
    printed = ""
    while "teamup check" not in printed:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        printed += line
    pasted = dict(
        line.strip().removeprefix("export ").split("=") for line in printed.splitlines() if "export " in line
    )
    for name, value in pasted.items():
        environment.setenv(name, value)
    assert set(pasted) == {"TEAMUP_BASE_URL", "TEAMUP_TOKEN"}
    assert pasted["TEAMUP_BASE_URL"].startswith("http://127.0.0.1:")
    assert teamup("count", "attendances").out == "60\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (code, "")


@posix
def test_sandbox_port_taken(start: Any, sandbox: Any) -> None:
    """A port that is in use is told in words."""
    port = sandbox.url.split(":")[2].split("/")[0]
    process = start("sandbox", "--rows", "1", "--port", port)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out) == (1, "")
    assert err.startswith(f"teamup: cannot listen on port {port}: ")
    assert "Traceback" not in err


@posix
def test_progress_on_a_terminal(start: Any, tmp_path: Path) -> None:
    """On a terminal stderr shows rows, requests and a closing line; standard output has rows only."""
    path = tmp_path / "a.csv"
    plain, shown = read_terminal(start, "pull", "attendances", "-o", str(path))
    shown = " ".join(shown.split())
    assert plain == ""
    assert "attendances" in shown
    assert "450 rows into" in shown
    assert "each row once, checked" in shown
    _, quiet = read_terminal(start, "pull", "attendances", "-o", str(path), "-q")
    assert quiet == ""


def read_terminal(start: Any, *arguments: str) -> tuple[str, str]:
    """What the command writes to its standard output, and to the terminal that its stderr is."""
    import pty

    ours, theirs = pty.openpty()
    process = start(*arguments, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # how Linux tells that the other end was closed
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    out, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 0
    return out, seen.decode()


def test_help_loads_little() -> None:
    """`teamup --help` loads the names of the commands, not the commands: no client, no sandbox, no progress."""
    program = (
        "import sys; before = {*sys.modules}; from teamup_async.cli import main; code = main(['--help']);"
        "print(*{*sys.modules} - before, sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=WAIT
    )
    loaded = done.stderr.split()
    assert "cyclopts" in loaded
    for name in (
        "aiohttp",
        "teamup_async.sandbox.server",
        "teamup_async.cli.commands.pull",
        "rich.progress",
        "sqlite3",
    ):
        assert name not in loaded


def test_commands_load_what_they_need() -> None:
    """Pulling does not load the sandbox, and listing reports loads no HTTP."""
    program = (
        "import sys; from teamup_async.cli import main; main(['reports']);"
        "print(*sorted(sys.modules), sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=WAIT
    )
    assert not {"teamup_async.sandbox.server", "teamup_async.cli.commands.pull", "aiohttp"} & set(
        done.stderr.split()
    )


@posix
@pytest.mark.parametrize(
    "arguments", [("pull", "attendances"), ("count", "attendances"), ("reports",)], ids=" ".join
)
def test_closed_output(environment: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """Standard output that is closed (`>&-`) is an error, told on stderr and never in a file; not a success."""
    quoted = " ".join(arguments)
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m teamup_async {quoted} >&-', sys.executable],
        capture_output=True, text=True, check=False, timeout=WAIT,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "teamup: cannot write standard output: it is closed\n"


@posix
def test_closed_errors(environment: pytest.MonkeyPatch) -> None:
    """Where stderr is closed too, messages go nowhere: not into standard output."""
    done = subprocess.run(
        ["sh", "-c", '"$0" -m teamup_async count nothing 2>&-', sys.executable],
        capture_output=True, text=True, check=False, timeout=WAIT,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_help_of_a_command_loads_little() -> None:
    """`teamup pull REPORT --help` loads the declaration of that report and nothing that sends or writes rows."""
    program = (
        "import sys; from teamup_async.cli import main; code = main(['pull', 'attendances', '--help']);"
        "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=WAIT
    )
    loaded = set(done.stderr.split())
    assert "teamup_async.reports.attendances" in loaded
    assert not {"aiohttp", "msgspec", "cattrs", "rich.progress", "matplotlib", "pyarrow"} & loaded
    assert not {"teamup_async.reports.instructed_sessions", "teamup_async.lists.course_sessions"} & loaded
