"""Starting, stopping, serving from a thread, the pytest plugin, the log."""

import asyncio
import inspect
import json
import pydoc
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

from teamup_async.sandbox import Sandbox, faults

PATH = "/reports/attendances/data"


def fetch(sandbox: Sandbox, path: str = PATH) -> Any:
    request = urllib.request.Request(
        f"{sandbox.url}{path}?format=json", headers={"Authorization": f"Token {sandbox.token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_in_thread() -> None:
    """Code without asyncio uses a sandbox that runs in a thread of its own, and leaves none behind."""
    before = set(threading.enumerate())
    with Sandbox.in_thread(rows=100) as sandbox:
        assert fetch(sandbox)["total"] == 100
        assert [request.status for request in sandbox.log] == [200]
        url = sandbox.url

    assert set(threading.enumerate()) <= before
    with pytest.raises(OSError, match=r"[Rr]efused"):
        urllib.request.urlopen(url, timeout=1)
    with pytest.raises(RuntimeError, match="not running"):
        str(sandbox.url)


def test_in_thread_failing() -> None:
    """What goes wrong at the start is raised where the sandbox was asked for."""
    with (
        Sandbox.in_thread(rows=1) as sandbox,
        pytest.raises(OSError, match="address"),
        Sandbox.in_thread(rows=1, port=int(sandbox.url.split(":")[2].split("/")[0])),
    ):
        pass
    with pytest.raises(ValueError, match="rows"), Sandbox.in_thread(rows=-1):
        pass


async def test_started_twice() -> None:
    """A running sandbox cannot be started again; a stopped one can, with fresh data."""
    sandbox = Sandbox(rows=10)
    async with sandbox:
        sandbox.delete("attendances", n=5)
        with pytest.raises(RuntimeError, match="already"):
            await sandbox.start()
    async with sandbox:
        assert len(sandbox.ids("attendances")) == 10
    await sandbox.stop()


async def test_serve_forever() -> None:
    """`serve_forever` serves until it is cancelled, and then stops."""
    sandbox = Sandbox(rows=10)
    serving = asyncio.create_task(sandbox.serve_forever())
    await sandbox.listening.wait()
    headers = {"Authorization": f"Token {sandbox.token}"}
    async with aiohttp.ClientSession() as session, session.get(sandbox.url + PATH, headers=headers) as answer:
        assert answer.status == 200
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert not sandbox.listening.is_set()


@pytest.mark.parametrize("rows", [0, 1, 2, 41])
async def test_small_ones(call: Any, rows: int) -> None:
    """Any size works, also none at all."""
    async with Sandbox(rows=rows, rate=None) as sandbox:
        other = attrs.evolve(call, sandbox=sandbox)
        assert len(await other.rows("attendances")) == rows
        assert len(await other.sessions()) == min(rows, 1)
        assert len(await other.rows("attendance_strikes.grouped", columns="status")) <= rows
        assert len(await other.rows("instructed_sessions")) >= min(rows, 1)


async def test_log(call: Any, sandbox: Sandbox) -> None:
    """Each request is remembered with what it asked for and what it got."""
    await call(PATH, status=["attended", "no_show"], limit=1)
    request = sandbox.log[0]

    assert (request.number, request.method, request.path, request.status) == (1, "GET", PATH, 200)
    assert request.params == [("status", "attended"), ("status", "no_show"), ("limit", "1")]
    assert request.values("status") == ["attended", "no_show"]
    assert (request.value("limit"), request.value("offset")) == ("1", None)
    assert request.headers["authorization"] == f"Token {sandbox.token}"
    assert request.at <= request.answered_at
    assert sandbox.token not in repr(request)


async def test_log_is_bounded(session: Any) -> None:
    """The log keeps the last requests; the count goes on."""
    async with Sandbox(rows=10, log_size=3) as sandbox:
        for _ in range(5):
            await session.get(sandbox.url + PATH)
        assert [request.number for request in sandbox.log] == [3, 4, 5]
        assert sandbox.requests == 5


async def test_concurrency_and_latency(call: Any) -> None:
    """Latency holds requests back, so that the peak shows how many were in flight at once."""
    async with Sandbox(rows=10, latency=lambda request: 0.05 if request.value("limit") else 0.0) as sandbox:
        other = attrs.evolve(call, sandbox=sandbox)
        await asyncio.gather(*(other(PATH, limit=1) for _ in range(6)))
        assert sandbox.peak == 6
        assert all(request.answered_at - request.at >= 0.05 for request in sandbox.log)
        assert sandbox.connections == 6


@pytest.mark.parametrize("compressed", [True, False])
async def test_gzip(call: Any, compressed: bool) -> None:
    """Bodies are compressed for those who accept it, unless switched off."""
    async with Sandbox(rows=10, gzip=compressed) as sandbox:
        other = attrs.evolve(call, sandbox=sandbox)
        usual = await other(PATH, format="json")
        plain = await other(PATH, format="json", headers={"Accept-Encoding": "identity"})
    assert (usual.headers.get("Content-Encoding") == "gzip") is compressed
    assert "Content-Encoding" not in plain.headers
    assert usual.body == plain.body


async def test_a_failing_hook(call: Any, sandbox: Sandbox, caplog: Any) -> None:
    """A hook that raises answers 500 and is logged, so that a test notices."""

    def broken(_: object) -> None:
        raise LookupError("the test's own mistake")

    sandbox.before_request = broken
    answered = await call(PATH)

    assert (answered.status, answered.body["code"]) == (500, "sandbox_error")
    assert "the test's own mistake" in caplog.text


def test_plugin(tmp_path: Path) -> None:
    """The fixture serves tests without any asyncio plugin, with the options of its marker."""
    (tmp_path / "test_user.py").write_text(
        "import json, urllib.request, pytest\n"
        "def total(sandbox):\n"
        "    request = urllib.request.Request(sandbox.url + '/reports/attendances/data?format=json',\n"
        "        headers={'Authorization': 'Token ' + sandbox.token})\n"
        "    return json.load(urllib.request.urlopen(request))['total']\n"
        "def test_default(teamup_sandbox):\n"
        "    assert total(teamup_sandbox) == 1000\n"
        "@pytest.mark.teamup_sandbox(rows=77)\n"
        "def test_marked(teamup_sandbox):\n"
        "    assert total(teamup_sandbox) == 77\n"
    )
    program = (
        "import importlib.metadata as m, sys, pytest\n"
        "named = [p.value for p in m.entry_points(group='pytest11') if p.name == 'teamup_async']\n"
        "extra = [] if named else ['-p', 'teamup_async.sandbox.pytest_plugin']\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'no:asyncio', '--strict-markers', *extra, '.']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )

    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_lazy_names() -> None:
    """The package's names load on first use; others are unknown."""
    import teamup_async.sandbox as package

    assert all(getattr(package, name) is not None for name in package.__all__)
    assert package.faults is faults
    with pytest.raises(AttributeError, match="nothing"):
        str(package.nothing)


def test_help() -> None:
    """`help(Sandbox)` names every argument and shows no long default."""
    text = pydoc.render_doc(Sandbox, renderer=pydoc.plaintext)

    for name in inspect.signature(Sandbox).parameters:
        assert f"`{name}`" in text
    assert max(len(line) for line in text.splitlines() if "Sandbox(" in line) < 900
    assert len(text) < 20_000
