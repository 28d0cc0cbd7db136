"""Ctrl-C and kill while a pull waits for its quota: what has been read is kept."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox
from tests.sinks.reading import FORMATS, rows_of

KINDS = ("jsonl", "sqlite", "parquet")


def stopped(sandbox: Sandbox, into: str, *, save_every: str, by: signal.Signals, when) -> tuple[int, int]:
    """Start a pull, and send it `by` as soon as `when(read, saved)` is true; what it read and had saved then."""
    script = Path(__file__).with_name("waiting.py")
    command = [sys.executable, script, sandbox.url, sandbox.token, into, save_every]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            read, saved = map(int, line.split())
            if when(read, saved):
                process.send_signal(by)
                try:
                    process.communicate(timeout=60)
                finally:
                    process.kill()  # in vain where it has ended, as it should
                assert process.returncode != 0
                return read, saved
        raise AssertionError(process.stderr and process.stderr.read())


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
@pytest.mark.parametrize("kind", KINDS)
async def test_ctrl_c(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """Ctrl-C saves on the way out what has been read, although nothing was saved before."""
    into = FORMATS[kind].format(tmp_path)
    read, saved = stopped(
        sandbox, into, save_every="3600", by=signal.SIGINT, when=lambda read, _: read >= 800
    )
    async with client() as teamup:
        result = await teamup.pull({"attendances": {}}, into=into)

    assert saved < read
    assert result.parts[0].resumed >= 800
    assert [row["id"] for row in rows_of(kind, tmp_path, "attendances")] == sandbox.ids("attendances")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", KINDS)
async def test_killed_while_it_waits(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """While nothing comes because the quota is spent, what has been read is saved all the same."""
    into = FORMATS[kind].format(tmp_path)
    _, saved = stopped(
        sandbox,
        into,
        save_every="0.2",
        by=signal.SIGKILL,
        when=lambda read, saved: saved >= 800 and read == saved,
    )
    async with client() as teamup:
        result = await teamup.pull({"attendances": {}}, into=into)

    assert result.parts[0].resumed >= saved - 20
    assert [row["id"] for row in rows_of(kind, tmp_path, "attendances")] == sandbox.ids("attendances")
