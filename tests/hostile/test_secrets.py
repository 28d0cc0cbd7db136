"""Canary tokens, looked for wherever something is shown, kept or sent."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from teamup_async import ConfigurationError, RefreshedToken, RetryPolicy, TeamUp, TeamUpError, Timeouts
from teamup_async.bulk import Account, BulkPull
from teamup_async.sandbox import Sandbox, faults
from tests.hostile.serving import Asked, client, response, serving

TOKEN, REFRESH = "canary-4f1d8c2e9b7a", "canary-renews-63b0"
NEW_TOKEN, NEW_REFRESH = "canary-new-77aa", "canary-new-renews-91cc"
MARK = "canary-"


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that led to it, as far as Python tells."""
    while True:
        yield error
        hidden = error.__suppress_context__
        following = error.__cause__ or (None if hidden else error.__context__)
        if following is None:
            return
        error = following


def pickled(thing: Any) -> str:
    """The pickle of `thing`, or nothing where it refuses."""
    try:
        return repr(pickle.dumps(thing))
    except (TypeError, AttributeError, pickle.PicklingError):
        return ""


def everything(error: BaseException, *, with_locals: bool) -> str:
    """All that can be seen of an exception; locals of frames only those of this package and what it uses."""
    seen = [repr(error.args)]
    for each in chain(error):
        seen += [repr(each), str(each), repr(each.args), repr(vars(each)), pickled(each)]
    told = traceback.TracebackException.from_exception(error, capture_locals=with_locals)
    for part in parts(told):
        part.stack[:] = [frame for frame in part.stack if "/hostile/" not in frame.filename]
    return "\n".join([*seen, *told.format(), *getattr(error, "__notes__", ())])


def parts(told: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    part: traceback.TracebackException | None = told
    while part is not None:
        yield part
        part = part.__cause__ or part.__context__


@pytest.fixture
async def log(caplog):
    """Every logger at DEBUG, and the event loop telling each callback that it runs."""
    caplog.set_level(logging.DEBUG)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    return caplog


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=250, seed=4, rate=None) as sandbox:
        yield sandbox


# --- objects ----------------------------------------------------------------------------------------------


async def test_objects(sandbox, tmp_path, log):
    """No object of a walk or a bulk pull shows the token or lets it into a pickle, and no file holds it."""
    token, options = sandbox.token, {"base_url": sandbox.url, "rate": None}
    things: list[Any] = []
    async with TeamUp(token=token, refresh_token=sandbox.refresh_token, **options) as teamup:
        stream = teamup.reports.attendances(columns=["id", "status"])
        async with stream.pages() as pages:
            things += [page async for page in pages]
        async with stream as rows:
            things += [rows, await anext(rows)]
        pulled = await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'one'}")
        things += [
            teamup,
            teamup.reports,
            teamup.stats,
            teamup.throttle,
            stream,
            stream.stats,
            stream.integrity,
        ]
        things += [
            pages,
            stream.query,
            stream.endpoint,
            pulled,
            *pulled.parts,
            teamup.identity,
            teamup._requester,
        ]
        things += [
            teamup._settings,
            teamup._settings.credentials,
            pages._walk,
            pages._plan,
            pages._walk._pages,
            pages._walk._pages._prefetcher,
        ]
    account = Account(name="north", token=token, base_url=sandbox.url)
    async with BulkPull([account], rate=None) as bulk:
        result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'many'}")
        things += [account, bulk, result, *result.parts, bulk.accounts]
    async with client(sandbox.url, token=token) as teamup:
        sandbox.faults.add(faults.status(500), nth=3, times=None)
        broken = await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'broken'}")
        assert not broken.ok
        things += [broken, *broken.parts, *(part.error for part in broken.parts)]
    things = [thing for thing in things if thing is not None]
    shown = [f"{thing!r} {thing!s} {pickled(thing)}" for thing in things]
    for secret in (token, sandbox.refresh_token):
        assert [text for text in shown if secret in text] == []
        assert secret not in log.text
        assert secret.encode() not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert pickle.loads(pickle.dumps(stream.stats)) == stream.stats
    for holder in (teamup, account, RefreshedToken(access_token=TOKEN), stream):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(holder)


# --- exceptions -------------------------------------------------------------------------------------------


def echo(asked: Asked) -> str:
    """What a careless server says about a request: all of it."""
    return asked.head.decode() + asked.body.decode()


ECHOES: dict[str, Any] = {
    "an error in JSON": lambda a: response(json.dumps({"code": echo(a), "message": echo(a)}), status="400 X"),
    "an error with fields": lambda a: response(
        json.dumps({"field_errors": {echo(a)[-90:]: [echo(a)]}, "message": TOKEN}), status="403 X"
    ),
    "an error page": lambda a: response(f"<pre>{echo(a)}</pre>", status="500 X", kind="text/html"),
    "401": lambda a: response(json.dumps({"message": f"Unknown token {TOKEN}."}), status="401 X"),
    "a page instead of JSON": lambda a: response(f"<pre>{TOKEN}{echo(a)}</pre>", kind="text/html"),
    "a type": lambda _: response("x", kind=f"text/{TOKEN}"),
    "a quotation cut off": lambda _: response("x" * 189 + TOKEN, kind="text/html"),
    "no JSON": lambda a: response(f"{TOKEN} {echo(a)}"),
    "JSON of another shape": lambda _: response(f'{{"rows":"{TOKEN}"}}'),
    "a row of another shape": lambda _: response(f'{{"total":1,"rows":[{{"id":"{TOKEN}"}}]}}'),
    "a status line": lambda _: f"{TOKEN} 200 OK\r\n\r\n".encode(),
    "a reason": lambda _: response("{}", status=f"418 {TOKEN}"),
    "a broken header": lambda _: f"HTTP/1.1 200 OK\r\n{TOKEN}\x00: x\r\n\r\n".encode(),
    "a broken length": lambda _: f"HTTP/1.1 200 OK\r\nContent-Length: {TOKEN}\r\n\r\n".encode(),
    "an unknown encoding": lambda _: response("{}", "Content-Encoding: br"),
    "broken gzip": lambda _: response(TOKEN, "Content-Encoding: gzip"),
    "a body cut off": lambda _: response("{}").replace(b"Length: 2", b"Length: 9") + b"{" * 3,
    "no answer": lambda _: b"",
    "a flood": lambda _: response(TOKEN + " " * 5_000_000),
    "a redirect": lambda _: response("", f"Location: https://x/?t={TOKEN}", status="302 X"),
}
IN_THE_BODY = {"no JSON", "JSON of another shape", "a row of another shape"}
"""Here the page itself holds the token: a local of the decoder's frames, and the result of a task, whose beginning
asyncio's debug mode shows.
"""


@pytest.mark.parametrize("name", ECHOES)
async def test_errors(name, log):
    """A server that sends back what it was sent, in any place, brings no token into an error or a log."""
    async with (
        serving(ECHOES[name]) as server,
        client(
            server.url,
            token=TOKEN,
            max_body=1_000_000,
            retry=RetryPolicy(attempts=2),
            timeout=Timeouts(attempt=0.15),
        ) as teamup,
    ):
        errors = []
        for work in (teamup.reports.attendances().collect, teamup.course_sessions().count):
            with pytest.raises(TeamUpError) as caught:
                await work()
            errors.append(caught.value)
    assert len(server.asked) >= 2
    assert all(f"Authorization: Token {TOKEN}".encode() in asked.head for asked in server.asked)
    assert not [asked.line for asked in server.asked if MARK in asked.line]
    for error in errors:
        assert MARK not in everything(error, with_locals=name not in IN_THE_BODY)
    said = [each.getMessage() for each in log.records if name not in IN_THE_BODY or each.name != "asyncio"]
    assert not [text for text in said if MARK in text]


def tokens(**more: Any) -> str:
    return json.dumps({"access_token": NEW_TOKEN, "refresh_token": NEW_REFRESH, **more})


REFRESHES: dict[str, Any] = {
    "text": lambda _: response(tokens(), kind="text/plain"),
    "a wrong type": lambda _: response(tokens(expires_in="soon")),
    "cut off": lambda _: response(tokens()[:-3]),
    "two lines": lambda _: response(tokens(access_token=f"{NEW_TOKEN}\r\nX: y")),
    "half a surrogate": lambda _: response(tokens().replace("canary-new-77aa", "\\ud800canary-new-77aa")),
    "no UTF-8": lambda _: response(tokens().encode() + b"\xff"),
    "deep": lambda _: response(tokens()[:-1] + ',"x":' + "[" * 100_000),
    "refused": lambda a: response(json.dumps({"message": echo(a), "code": REFRESH}), status="400 X"),
    "failing": lambda a: response(echo(a), status="500 X", kind="text/html"),
    "no HTTP": lambda a: a.body,
    "good, and then refused": lambda _: response(tokens(expires_in=60)),
}


@pytest.mark.parametrize("name", REFRESHES)
async def test_refreshes(name, log):
    """Whatever comes of renewing a token: an error of this package that holds neither old nor new tokens."""

    def answer(asked: Asked) -> bytes:
        if asked.line.startswith("POST"):
            return REFRESHES[name](asked)
        said = asked.head.decode().partition("Authorization: ")[2][:60]
        return response(json.dumps({"message": f"expired: {said}"}), status="401 X")

    async with serving(answer) as server, client(server.url, token=TOKEN, refresh_token=REFRESH) as teamup:
        with pytest.raises(TeamUpError) as caught:
            await teamup.reports.attendances().collect()
    assert any(asked.line.startswith("POST /auth/refresh_access_token HTTP") for asked in server.asked)
    assert not [asked.line for asked in server.asked if MARK in asked.line]
    assert MARK not in everything(caught.value, with_locals=True)
    assert MARK not in log.text


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "ftp://x"},
        {"mode": "x"},
        {"rate": 0},
        {"timeout": -1},
        {"token": f"{TOKEN}\n"},
        {"auth_scheme": "x"},
    ],
)
def test_settings(settings, monkeypatch):
    """A setting that can't work: the error shows no token, neither an argument nor one of the environment."""
    monkeypatch.setenv("TEAMUP_TOKEN", TOKEN)
    for given in ({"token": TOKEN, "refresh_token": REFRESH, **settings}, settings):
        with pytest.raises(ConfigurationError) as caught:
            TeamUp(**given)
        assert MARK not in everything(caught.value, with_locals=True)


async def test_unreachable(log):
    """Where nobody listens, or nothing is resolved, the error and what led to it hold no token."""
    for url in ("http://127.0.0.1:9", "https://nowhere.invalid/api/v2", "https://127.0.0.1:9"):
        async with client(url, token=TOKEN, refresh_token=REFRESH) as teamup:
            with pytest.raises(TeamUpError) as caught:
                await teamup.reports.attendances().first()
        assert MARK not in everything(caught.value, with_locals=True)
    assert MARK not in log.text


# --- the command line -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox.in_thread(rows=250, seed=4, rate=None) as sandbox:
        yield sandbox


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {**os.environ, "TEAMUP_BASE_URL": sandbox.url, "TEAMUP_TOKEN": sandbox.token}


COMMANDS: list[tuple[list[str], int, int]] = [
    (["check"], 200, 0),
    (["count", "attendances", "--verbose"], 200, 0),
    (["pull", "attendances", "--format", "jsonl", "--limit", "3", "--verbose"], 200, 0),
    (["pull", "attendances", "--limit", "3", "--verbose"], 403, 1),
    (["pull", "attendances", "--status", "x"], 200, 2),
    (["check"], 401, 1),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "status", "code"), COMMANDS)
def test_commands(served, arguments, status, code, capfd, monkeypatch):
    """What a command prints, when it works and when it fails on a server that repeats the token, has no token."""
    from teamup_async.cli.running import run

    for name, value in environment(served).items():
        monkeypatch.setenv(name, value)
    if status != 200:
        served.faults.add(faults.status(status, {"message": f"Bad token {served.token}"}), times=None)
    try:
        assert run(arguments) == code
    finally:
        served.faults.clear()
    out, err = capfd.readouterr()
    assert out + err
    assert served.token not in out + err


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no list of processes as files here")
def test_process_list(served):
    """A command that takes its token from the environment shows it in no list of processes."""
    came = threading.Event()

    def hangs(_: object) -> bool:
        came.set()
        return True

    served.faults.add(faults.hang(), when=hangs, times=None)
    process = subprocess.Popen(
        [sys.executable, "-m", "teamup_async", "pull", "attendances"],
        env=environment(served),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert came.wait(30)
        group = [
            *Path("/proc").glob(f"{process.pid}/task/*/cmdline"), *Path("/proc").glob(f"{process.pid}/task/*/comm"),
        ]  # fmt: skip
        lines = b"".join(path.read_bytes() for path in group)
    finally:
        process.terminate()
        out, err = process.communicate()
        served.faults.clear()
    assert b"attendances" in lines
    assert served.token.encode() not in lines + out + err
