"""Settings and credentials: what is taken from where, and what is refused before anything is sent."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from teamup_async import ConfigurationError, RefreshedToken, Timeouts
from teamup_async.auth import Credentials, check_token
from teamup_async.config import DEFAULT_BASE_URL, Settings, is_loopback
from teamup_async.dialect import Dialect

TOKEN = "s3cret-t0ken"
UNSET: dict[str, Any] = dict.fromkeys(
    (
        "token",
        "provider_id",
        "mode",
        "auth_scheme",
        "base_url",
        "refresh_token",
        "on_token_refresh",
        "timeout",
    )
)


def resolved(environment: dict[str, str] | None = None, **given: Any) -> Settings:
    """Settings from arguments and variables, as a client makes them."""
    defaults = {
        "concurrency": 8,
        "rate": 250,
        "rate_window": 60,
        "max_body": 1_000,
    }
    return Settings.resolve(**{**UNSET, **defaults, **given}, environment=environment or {})


def test_the_dialect():
    """Single arguments say most, then `dialect`, then the variables; text is parsed."""
    assert resolved(token=TOKEN).dialect == Dialect()
    variables = {"TEAMUP_DIALECT": "total=absent auth_scheme=jwt", "TEAMUP_AUTH_SCHEME": "Bearer"}
    assert resolved(variables, token=TOKEN).dialect == Dialect(total="absent", auth_scheme="JWT")
    settings = resolved(variables, token=TOKEN, dialect="ties=changing", array_encoding="comma")
    assert settings.dialect == Dialect(
        ties="changing", arrays="comma", list_arrays="comma", auth_scheme="Bearer"
    )
    assert settings.credentials.scheme == "Bearer"
    given = resolved(variables, token=TOKEN, dialect=Dialect(auth_scheme="JWT"), auth_scheme="Token")
    assert given.dialect == Dialect()
    with pytest.raises(ConfigurationError, match="did you mean 'sort_by_id'"):
        resolved(token=TOKEN, dialect="sort_by_ids=ignored")
    with pytest.raises(ConfigurationError, match="TEAMUP_DIALECT: a dialect has no field 'tie'"):
        resolved({"TEAMUP_DIALECT": "tie=changing"}, token=TOKEN)


def test_defaults():
    """A token is all it takes."""
    settings = resolved(token=TOKEN)
    assert settings.base_url == DEFAULT_BASE_URL
    assert settings.timeout == Timeouts()
    assert settings.credentials.headers() == {
        "Authorization": f"Token {TOKEN}",
        "Accept": "application/json",
    }


def test_variables():
    """Variables are used where no argument was given; empty ones are as if not set."""
    environment = {
        "TEAMUP_TOKEN": TOKEN,
        "TEAMUP_PROVIDER_ID": "12",
        "TEAMUP_REQUEST_MODE": "provider",
        "TEAMUP_AUTH_SCHEME": "bearer",
        "TEAMUP_BASE_URL": "https://example.test/api/",
    }
    settings = resolved(environment)
    assert settings.base_url == "https://example.test/api"
    assert settings.credentials.headers() == {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json",
        "TeamUp-Provider-ID": "12",
        "TeamUp-Request-Mode": "provider",
    }
    given = resolved(
        environment, token="other", provider_id=7, mode="customer", auth_scheme="JWT", timeout=5.0
    )
    assert given.timeout.request == 5.0
    assert given.credentials.headers()["Authorization"] == "JWT other"
    assert given.credentials.headers()["TeamUp-Provider-ID"] == "7"
    empty = resolved(dict.fromkeys(environment, "") | {"TEAMUP_TOKEN": TOKEN}, timeout=Timeouts(walk=1))
    assert empty.base_url == DEFAULT_BASE_URL
    assert empty.timeout.walk == 1
    assert empty.credentials.mode is empty.credentials.provider_id is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"token": None}, "pass token=..., or set the variable TEAMUP_TOKEN"),
        ({"token": ""}, "No token"),
        ({"token": 5}, "token must be text that is not empty"),
        ({"token": "a b"}, r"token must not contain spaces or line breaks$"),
        ({"token": " "}, r"token must not contain spaces or line breaks$"),
        ({"token": f"Bearer {TOKEN}"}, "use auth_scheme='Bearer'"),
        ({"token": "a\r\nX-Other: b"}, "spaces or line breaks"),
        ({"token": "a\x00b"}, "control or non-ASCII"),
        ({"token": "tökens"}, "control or non-ASCII"),
        ({"refresh_token": "a b"}, "refresh_token must not contain spaces"),
        ({"provider_id": "\uff11\uff12"}, "plain digits"),
        ({"provider_id": "1\r\nX: y"}, "plain digits"),
        ({"provider_id": -1}, "plain digits"),
        ({"provider_id": True}, "plain digits"),
        ({"provider_id": "1" * 21}, "plain digits"),
        ({"mode": "provide"}, r"did you mean 'provider'\? Allowed: customer, provider"),
        ({"auth_scheme": "xyzzy"}, r"does not know 'xyzzy'\. Allowed: Token, Bearer, JWT"),
        ({"base_url": "goteamup.com/api"}, "must begin with https://"),
        ({"base_url": "https://"}, "names no host"),
        ({"base_url": "https://a b"}, "names no host"),
        ({"base_url": "https://[x"}, "is no URL"),
        ({"base_url": "https://host:port"}, "is no URL"),
        ({"base_url": "https://me:pw@host"}, "no user, password, query or fragment"),
        ({"base_url": "https://host?x=1"}, "no user, password, query or fragment"),
        ({"base_url": "http://goteamup.com"}, "would send the token unencrypted"),
        ({"array_encoding": "semicolon"}, "array_encoding does not know"),
        ({"concurrency": 0}, "concurrency must be a whole number of 1 or more"),
        ({"concurrency": True}, "concurrency must be"),
        ({"rate": 2.5}, "rate must be"),
        ({"rate_window": 0}, "rate_window must be more than 0 seconds"),
        ({"rate_window": float("nan")}, "rate_window must be more than 0 seconds"),
        ({"timeout": 0.0}, "timeout request must be more than 0 seconds"),
        ({"max_body": -1}, "max_body must be"),
    ],
    ids=str,
)
def test_refused(given, says):
    """What can't work is refused, with the name of the setting; a token is never quoted."""
    with pytest.raises(ConfigurationError, match=says) as caught:
        resolved(**{"token": TOKEN, **given})
    assert TOKEN not in str(caught.value)


def test_without_limits():
    """No rate means no limit; timeouts of None have no end; loopback may be http."""
    settings = resolved(
        token=TOKEN, rate=None, timeout=Timeouts(connect=None), base_url="http://127.0.0.1:80/"
    )
    assert settings.rate is settings.timeout.connect is None
    assert settings.base_url == "http://127.0.0.1:80"


def test_not_pickled():
    """What holds a token shows it nowhere and refuses to be pickled."""
    settings = resolved(token=TOKEN, refresh_token="r3fresh")
    for held in (settings, settings.credentials):
        assert TOKEN not in repr(held)
        assert "r3fresh" not in repr(held)
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(held)


def test_refreshing():
    """A refresh asks for a provider's token unless told otherwise; its new refresh token counts from then on."""
    old = Credentials(token="a", refresh_token="r1", mode=None)
    assert old.refresh_body() == {"refresh_token": "r1", "new_access_token_type": "provider"}
    assert Credentials(token="a", mode="customer").refresh_body()["new_access_token_type"] == "customer"
    new = old.refreshed(RefreshedToken(access_token="b", refresh_token="r2"))
    assert (new.token, new.refresh_token) == ("b", "r2")
    assert new.refreshed(RefreshedToken(access_token="c")).refresh_token == "r2"
    assert "b" not in repr(RefreshedToken(access_token="b")).removeprefix("RefreshedToken")
    with pytest.raises(ConfigurationError, match="access_token must not"):
        old.refreshed(RefreshedToken(access_token="b\n"))
    assert check_token("plain", "token") == "plain"


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("localhost.example.org", False),
        ("128.0.0.1", False),
        ("", False),
    ],
)
def test_loopback(host, is_one):
    """Loopback is 127.0.0.0/8, ::1 and localhost."""
    assert is_loopback(host) is is_one


@pytest.mark.parametrize("rate", [0, -1, 2.5, True, "250"])
def test_rates_refused(rate):
    """A rate is a whole number of requests, one or more."""
    with pytest.raises(ConfigurationError, match="rate must be a whole number of 1 or more"):
        resolved(token=TOKEN, rate=rate)


def test_what_a_client_is_called():
    """The log calls a client by the name it was given, by its provider, or by a digest of its token."""
    assert resolved(token=TOKEN, account="north", provider_id=7).account == "north"
    assert resolved(token=TOKEN, provider_id=7).account == "provider 7"
    assert TOKEN not in resolved(token=TOKEN).account
