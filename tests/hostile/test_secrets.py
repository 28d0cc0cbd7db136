"""Objects, files and settings' errors show no token."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from teamup_async import (
    ConfigurationError,
    RefreshedToken,
    RetryEvent,
    RetryPolicy,
    TeamUp,
    TeamUpError,
    Timeouts,
)
from teamup_async.bulk import Account, BulkPull
from teamup_async.sandbox import Sandbox, faults
from tests.hostile.canaries import MARK, REFRESH, TOKEN, everything, pickled
from tests.hostile.serving import client


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=250, seed=4, rate=None) as sandbox:
        yield sandbox


def reader(sandbox: Sandbox, **options: Any) -> TeamUp:
    """A client with time enough for a busy machine."""
    return client(sandbox.url, token=sandbox.token, timeout=Timeouts(), **options)


def shown(things: Iterable[Any], secret: str) -> list[Any]:
    """Those of `things` that show the secret, or let it into a pickle."""
    return [thing for thing in things if secret in f"{thing!r} {thing!s} {pickled(thing)}"]


def held_by(folder: Path, secret: str) -> list[Path]:
    """The files that hold the secret."""
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


async def test_a_client(sandbox, log):
    """A client, its parts and its settings show neither token."""
    async with reader(sandbox, refresh_token=sandbox.refresh_token) as teamup:
        sandbox.expire_tokens()
        await teamup.reports.attendances().count()
        settings = teamup._settings
        parts = [teamup, teamup.patient(), teamup.reports, teamup.stats, teamup.throttle, teamup.identity]
        inner = [teamup._requester, teamup._requester._token, settings, settings.credentials]
        tokens = [sandbox.token, sandbox.refresh_token, teamup._requester._token.credentials.token]
    assert len(set(tokens)) == 3
    for token in tokens:
        assert shown([*parts, *inner], token) == []
        assert token not in log.text


async def test_a_walk(sandbox, log):
    """A stream, its iterators, pages and rows show no token."""
    async with reader(sandbox) as teamup:
        stream = teamup.reports.attendances(columns=["id", "status"])
        async with stream.pages() as pages:
            taken = [page async for page in pages]
        async with stream as rows:
            row = await anext(rows)
        things = [stream, stream.query, stream.endpoint, stream.stats, stream.integrity, pages, rows, row]
        inner = [value for value in vars(pages).values() if value is not None]
        course = pages._walk._walk._course
        walk = [pages._walk, pages._walk._walk, course, course.pages, course.pages._prefetcher, pages._plan]
    assert shown([*things, *taken, *inner, *walk], sandbox.token) == []
    assert sandbox.token not in log.text
    assert pickle.loads(pickle.dumps(stream.stats)) == stream.stats


async def test_a_retry(sandbox, log):
    """What the hook for retries is given shows no token, and can be kept in a pickle."""
    told: list[RetryEvent] = []
    policy = RetryPolicy(attempts=2)
    async with reader(sandbox, retry=policy, on_retry=told.append) as teamup:
        sandbox.faults.add(faults.status(500, {"message": f"Bad token {sandbox.token}"}))
        await teamup.reports.attendances().collect()
    assert len(told) == 1
    assert shown(told, sandbox.token) == []
    assert sandbox.token not in log.text


async def test_a_pull(sandbox, tmp_path, log):
    """The result of a pull, also of one that failed, shows no token, and no file holds it."""
    async with reader(sandbox) as teamup:
        pulled = await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'good'}")
        sandbox.faults.add(faults.status(403), times=None)
        broken = await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'broken'}")
    assert (pulled.ok, broken.ok) == (True, False)
    errors = [part.error for part in broken.parts]
    assert shown([pulled, *pulled.parts, broken, *broken.parts, *errors], sandbox.token) == []
    assert held_by(tmp_path, sandbox.token) == []
    assert sandbox.token not in log.text


async def test_accounts(sandbox, tmp_path, log):
    """Accounts, and a bulk pull of them, show no token, and no file holds it."""
    account = Account(name="north", token=sandbox.token, base_url=sandbox.url)
    async with BulkPull([account], rate=None) as bulk:
        result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")
        assert shown([account, bulk, bulk.accounts, result, *result.parts], sandbox.token) == []
    assert held_by(tmp_path, sandbox.token) == []
    assert sandbox.token not in log.text


def test_what_is_not_pickled():
    """What holds a token refuses to be pickled."""
    teamup = TeamUp(token=TOKEN)
    stream = teamup.reports.attendances()
    account = Account(name="north", token=TOKEN)
    for holder in (teamup, stream, account, RefreshedToken(access_token=TOKEN)):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(holder)


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
