"""The command line against a sandbox: in this process for most tests, as a process of its own for the rest."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs
import pytest

from teamup_async.cli.running import run
from teamup_async.endpoint import Endpoint
from teamup_async.sandbox import Sandbox


@attrs.frozen
class Ran:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    """A sandbox for tests that only read."""
    with Sandbox.in_thread(rows=450, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    """The shared sandbox, without faults or hooks before and after."""
    yield shared
    shared.faults.clear()
    shared.before_request = None


@pytest.fixture
def environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of someone who uses the sandbox; no terminal, 120 columns."""
    for name in list(os.environ):
        if name.startswith("TEAMUP_") and name != "TEAMUP_ASYNC_TESTED":
            monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", os.devnull)  # no configuration file of whoever runs the tests
    monkeypatch.setenv("TEAMUP_BASE_URL", sandbox.url)
    monkeypatch.setenv("TEAMUP_TOKEN", sandbox.token)
    monkeypatch.setenv("TEAMUP_DIALECT", "default")  # tests count requests: nothing is asked to find it out
    monkeypatch.setenv("COLUMNS", "120")
    return monkeypatch


Teamup = Callable[..., Ran]


@pytest.fixture
def teamup(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Teamup:
    """Run the command line in this process."""

    def ran(*arguments: str, endpoints: Iterable[Endpoint[..., Any]] | None = None) -> Ran:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments], endpoints=endpoints)
        return Ran(code, *capsys.readouterr())

    return ran


BOOT = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("teamup_async", run_name="__main__", alter_sys=True)
"""
"""``python -m teamup_async``, and Ctrl-C works even where the test run, in the background of a shell, ignores it."""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(environment: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start ``python -m teamup_async`` as a process of its own, which ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", BOOT, *arguments],
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
