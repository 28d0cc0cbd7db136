"""The client that waits, in processes: left open at the end, interrupted, forked."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox

HEAD = """
import os, sys, gc
from teamup_async.blocking import TeamUp
teamup = TeamUp(token=sys.argv[2], base_url=sys.argv[1], rate=None, dialect="default")
"""


def ran(sandbox: Sandbox, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            "-c",
            HEAD + code,
            sandbox.url,
            sandbox.token,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "code",
    [
        "print(teamup.venues().count() > 0)",
        "rows = iter(teamup.reports.attendances()); next(rows); print(True)",
        "pages = teamup.reports.attendances().pages(); next(pages); print(True)",
        "print(True)",
        "import threading\nthreading.Thread(target=lambda: print(teamup.venues().count() > 0)).start()",
        "import atexit\natexit.register(lambda: print(teamup.venues().count() > 0))",
        "teamup.venues().count(); print(True); raise SystemExit",
    ],
)
def test_left_open(sandbox: Sandbox, code: str) -> None:
    """A program that closes nothing ends at once, without a word and without an error."""
    done = ran(sandbox, code)

    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize(
    "call", ["teamup.reports.attendances().collect()", "list(teamup.reports.attendances())"]
)
def test_ctrl_c(sandbox: Sandbox, call: str) -> None:
    """Ctrl-C ends a call that waits; the client can be used afterwards, and nothing goes on behind it."""
    from teamup_async.sandbox import faults

    sandbox.faults.add(faults.hang(), path="attendances", times=None)
    code = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", teamup.venues().count() > 0, flush=True)
try:
    {call}
except KeyboardInterrupt:
    from teamup_async._background import background
    print(teamup.venues().count() > 0, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + code, sandbox.url, sandbox.token],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready True\n"
    before = sandbox.requests
    while sandbox.requests == before:
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (0, "True\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_in_a_pull(sandbox: Sandbox, tmp_path: Path) -> None:
    """A pull that is interrupted saves what it has read, and the same call goes on behind it."""
    from teamup_async.sandbox import faults

    sandbox.faults.add(faults.hang(), path="attendances", nth=6, times=None)
    stopped = ran(
        sandbox,
        f"""
import signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)

def stop(parts):
    def wait():
        while parts[0].stats.rows < 100:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=wait).start()

try:
    teamup.pull({{"attendances": {{}}}}, into="csv:{tmp_path}", watch=stop)
except KeyboardInterrupt:
    print("stopped")
""",
    )
    sandbox.faults.clear()
    done = ran(
        sandbox,
        f"""
part = teamup.pull({{"attendances": {{}}}}, into="csv:{tmp_path}").parts[0]
print(part.complete, part.rows, part.resumed > 0)
""",
    )

    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "stopped\n", "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "True 1000 True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_fork(sandbox: Sandbox) -> None:
    """After a fork the old client says that it can't work there; a new one works, in both processes."""
    done = ran(
        sandbox,
        """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
rows = iter(teamup.reports.attendances())
next(rows)
if (child := os.fork()) == 0:
    try:
        teamup.venues().count()
    except Exception as error:
        print(type(error).__name__, "forked" in str(error), flush=True)
    del rows
    gc.collect()
    new = TeamUp(token=sys.argv[2], base_url=sys.argv[1], rate=None, dialect="default")
    print(new.venues().count() > 0, flush=True)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(len(list(rows)))
""",
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "ClientClosedError True\nTrue\n999\n", "")
