"""Who asks: schemes, headers, expired tokens."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import Any

import pytest

from teamup_async import AuthenticationError, ConfigurationError, RefreshedToken, TeamUp
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sandbox import Sandbox as LocalTeamUp


@pytest.fixture
async def sandbox():
    async with LocalTeamUp(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    settings: dict[str, Any] = {"token": sandbox.token, "rate": None, **options}
    return TeamUp(base_url=sandbox.url, **settings)


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "JWT", "bearer"])
async def test_schemes(sandbox, scheme):
    """The word before the token is the caller's choice; case does not matter."""
    async with client(sandbox, auth_scheme=scheme) as teamup:
        assert await teamup.reports.attendances().count() == 300
    said = sandbox.log[-1].headers["Authorization"]
    assert said.casefold() == f"{scheme} {sandbox.token}".casefold()
    assert said.split()[0] in ("Token", "Bearer", "JWT")


async def test_provider_and_mode(sandbox):
    """Provider and mode go into their headers; a token that reaches two businesses needs the first."""
    first, second = sandbox.accounts
    counts = []
    for account in (first, second):
        async with client(
            sandbox, token=sandbox.shared_token, provider_id=account.provider_id, mode="provider"
        ) as teamup:
            counts.append(await teamup.reports.attendances().count())
        assert sandbox.log[-1].headers["TeamUp-Provider-ID"] == str(account.provider_id)
        assert sandbox.log[-1].headers["TeamUp-Request-Mode"] == "provider"
    assert counts[0] != counts[1]


async def test_one_refresh_for_all(sandbox):
    """Many requests that find the token expired wait for one refresh, which asks for a provider's token; its
    new refresh token is used for the next, and the caller is told both.
    """
    told: list[RefreshedToken] = []
    async with client(sandbox, refresh_token=sandbox.refresh_token, on_token_refresh=told.append) as teamup:
        for round_ in (1, 2):
            sandbox.expire_tokens()
            results = await asyncio.gather(*(teamup.reports.attendances().count() for _ in range(10)))
            assert results == [300] * 10
            refreshes = [request for request in sandbox.log if request.method == "POST"]
            assert len(refreshes) == len(told) == round_
        assert b'"new_access_token_type":"provider"' in refreshes[0].body
        assert "Authorization" not in refreshes[0].headers
        assert told[0].refresh_token.encode() in refreshes[1].body
        assert teamup.stats.requests == len(sandbox.log)


async def test_refresh_in_a_walk(sandbox):
    """A token that expires in the middle of a walk, between failures, costs no row."""
    told: list[RefreshedToken] = []

    async def keep(new: RefreshedToken) -> None:
        await asyncio.sleep(0)
        told.append(new)

    async with client(sandbox, refresh_token=sandbox.refresh_token, on_token_refresh=keep) as teamup:
        stream = teamup.reports.attendances().paged(size=30, window=4)
        rows = []
        async for page in stream.pages():
            rows += page.rows
            if len(rows) == 90:
                sandbox.expire_tokens()
                sandbox.faults.add(faults.status(503), nth=2)
        assert len({row.id for row in rows}) == 300
        assert len(told) == 1


async def test_no_refresh(sandbox):
    """Without a refresh token, or with one that is refused, an expired token is an authentication error."""
    sandbox.expire_tokens()
    async with client(sandbox) as teamup:
        with pytest.raises(AuthenticationError, match="401"):
            await teamup.reports.attendances().count()
    assert sandbox.requests == 1
    async with client(sandbox, refresh_token="worn-out") as teamup:
        with pytest.raises(AuthenticationError) as caught:
            await teamup.reports.attendances().count()
        assert caught.value.path == "/reports/attendances/data"
        assert caught.value.__cause__ is not None


async def test_unreadable_refresh(sandbox):
    """A refresh that answers with something else is an error of this package."""
    sandbox.expire_tokens()
    sandbox.faults.add(faults.wrong_shape({"token": 1}), path="/auth/refresh_access_token", times=None)
    async with client(sandbox, refresh_token=sandbox.refresh_token) as teamup:
        with pytest.raises(Exception, match="new token can't be read"):
            await teamup.reports.attendances().count()


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"token": ""}, "No token"),
    ({"token": "two words"}, "token must not contain spaces"),
    ({"token": "Bearer abc"}, "auth_scheme='Bearer'"),
    ({"token": "line\r\nX-Evil: 1"}, "token must not contain spaces"),
    ({"token": "bell\x07"}, "token must not contain control"),
    ({"token": "tökén"}, "token must not contain control or non-ASCII"),
    ({"token": 5}, "token must be text"),
    ({"refresh_token": "a b"}, "refresh_token must not contain spaces"),
    ({"provider_id": "12\r\nX: y"}, "provider_id must be plain digits"),
    ({"provider_id": "١٢٣"}, "provider_id must be plain digits"),
    ({"provider_id": -3}, "provider_id must be plain digits"),
    ({"provider_id": True}, "provider_id must be plain digits"),
    ({"provider_id": "9" * 30}, "provider_id must be plain digits"),
    ({"mode": "provder"}, "did you mean 'provider'"),
    ({"auth_scheme": "Basic"}, "auth_scheme does not know 'Basic'"),
    ({"array_encoding": "pipes"}, "array_encoding does not know"),
    ({"base_url": "goteamup.com/api/v2"}, "base_url must begin with https://"),
    ({"base_url": "ftp://goteamup.com"}, "base_url must begin with https://"),
    ({"base_url": "https://"}, "names no host"),
    ({"base_url": "https://a b"}, "names no host"),
    ({"base_url": "https://[::1"}, "is no URL"),
    ({"base_url": "https://u:p@goteamup.com"}, "no user, password"),
    ({"base_url": "https://goteamup.com/?a=1"}, "no user, password, query"),
    ({"base_url": "http://goteamup.com/api/v2"}, "unencrypted"),
    ({"concurrency": 0}, "concurrency must be a whole number"),
    ({"rate": 0}, "rate must be"),
    ({"rate": 2.5}, "rate must be"),
    ({"rate_window": 0}, "rate_window must be more than 0 seconds"),
    ({"max_body": -1}, "max_body must be"),
    ({"timeout": -1}, "timeout request must be more than 0"),
]


@pytest.mark.parametrize(("settings", "message"), SETTINGS)
def test_settings_refused(settings, message, monkeypatch):
    """What can't work is refused when the client is made, with the name of the setting, never the token."""
    monkeypatch.delenv("TEAMUP_TOKEN", raising=False)
    with pytest.raises(ConfigurationError, match=message) as caught:
        TeamUp(**{"token": "good", **settings})
    for secret in ("two words", "abc", "Evil", "bell", "tökén"):
        assert secret not in str(caught.value)


def test_environment(monkeypatch):
    """Settings that are not given come from the environment."""
    for name, value in {
        "TOKEN": "t0ken",
        "PROVIDER_ID": "77",
        "REQUEST_MODE": "customer",
        "AUTH_SCHEME": "JWT",
        "BASE_URL": "https://example.com/api/v2/",
    }.items():
        monkeypatch.setenv(f"TEAMUP_{name}", value)
    client = TeamUp()
    assert repr(client) == "<TeamUp https://example.com/api/v2, provider 77>"
    headers = client._settings.credentials.headers()
    assert headers["Authorization"] == "JWT t0ken"
    assert headers["TeamUp-Request-Mode"] == "customer"


def test_secrets_stay():
    """No repr shows a token, and nothing that holds one can be pickled or copied unawares."""
    client = TeamUp(token="canary-1", refresh_token="canary-2")
    held = [client, client._settings, client._settings.credentials]
    shown = "".join(
        map(repr, [*held, client._requester, client.throttle, RefreshedToken(access_token="canary-3")])
    )
    assert "canary" not in shown
    for thing in held:
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)
        with pytest.raises(TypeError, match="not pickled"):
            copy.deepcopy(thing)
