"""check, count, reports and demo."""

from typing import Any

import pytest

from teamup_async.cli.values import option_name
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS


def test_check(teamup: Any, sandbox: Any) -> None:
    """`check` sends one small request and says what the token is good for."""
    before = sandbox.requests
    ran = teamup("check")
    assert (ran.code, ran.err) == (0, "")
    assert sandbox.requests == before + 1
    assert sandbox.log[-1].value("limit") == "1"
    assert ran.lines[0] == "The token is good."
    for part in (sandbox.url, "Token", "the token's own", "450 rows (one request, "):
        assert part in ran.out


def test_check_of_an_account(teamup: Any, sandbox: Any) -> None:
    """Provider, mode and scheme are those that were sent."""
    second = sandbox.accounts[1]
    options = ("--provider-id", str(second.provider_id), "--mode", "provider", "--auth-scheme", "bearer")
    ran = teamup("check", "--token", sandbox.shared_token, *options)
    assert ran.code == 0
    assert sandbox.log[-1].headers["Authorization"].startswith("Bearer ")
    assert str(second.provider_id) in ran.out
    assert "mode         provider" in ran.out
    assert teamup("check", "--token", sandbox.shared_token).code == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_check_of_a_report(teamup: Any, sandbox: Any, endpoint: Endpoint[..., Any]) -> None:
    """Any report can be asked for; its required columns are filled in."""
    ran = teamup("check", endpoint.command_name)
    assert ran.code == 0
    assert endpoint.path in sandbox.log[-1].path
    assert endpoint.command_name in ran.out


def test_count(teamup: Any, sandbox: Any) -> None:
    """`count` prints one number and sends one request."""
    before = sandbox.requests
    every, some = teamup("count", "attendances"), teamup("count", "attendances", "--status", "attended")
    assert sandbox.requests == before + 2
    assert 0 < int(some.out) < int(every.out)


def test_reports(teamup: Any) -> None:
    """`reports` lists every endpoint with how it is walked, and needs no token."""
    ran = teamup("reports")
    assert (ran.code, ran.err) == (0, "")
    for endpoint in ENDPOINTS:
        line = next(line for line in ran.lines if line.startswith(f"{endpoint.command_name} "))
        assert line.endswith(", ".join(endpoint.pagings))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_report(teamup: Any, endpoint: Endpoint[..., Any]) -> None:
    """With a name: every column with its other names, every filter with what it allows."""
    ran = teamup("reports", endpoint.name)
    assert ran.code == 0
    words = ran.out.replace(",", " ").split()
    assert set(endpoint.paths) <= set(words)
    assert set(endpoint.aliases) <= set(words)
    for parameter in endpoint.filters:
        assert option_name(parameter.name) in words
        if parameter.name != "columns":
            assert {value.rstrip(".") for value in parameter.enum} <= {word.rstrip(".") for word in words}
    assert f"{endpoint.default_by} (default)" in ran.out


def test_demo(teamup: Any, environment: pytest.MonkeyPatch) -> None:
    """`demo` needs no token: it pulls all reports of a TeamUp of its own, shows some of each and where to go on."""
    environment.delenv("TEAMUP_TOKEN")
    environment.delenv("TEAMUP_BASE_URL")
    ran = teamup("demo", "--rows", "300", "--seed", "3")
    assert (ran.code, ran.err) == (0, "")
    for endpoint in ENDPOINTS:
        assert f"\n{endpoint.command_name}\n" in ran.out
    assert ran.out.count("each row once, checked") == len(ENDPOINTS)
    assert "300 rows · 3 pages" in ran.out or "300 rows · 4 pages" in ran.out
    for part in ("no quota here; TeamUp's is 250 requests a minute", "Where to go next", "teamup check"):
        assert part in ran.out


def test_demo_ignores_the_environment(teamup: Any, environment: pytest.MonkeyPatch) -> None:
    """Settings for the real API do not get into the demo, nor does it touch the real API."""
    environment.setenv("TEAMUP_BASE_URL", "https://unused.invalid/api/v2")
    environment.setenv("TEAMUP_PROVIDER_ID", "99")
    environment.setenv("TEAMUP_REQUEST_MODE", "customer")
    environment.setenv("TEAMUP_AUTH_SCHEME", "JWT")
    assert teamup("demo", "--rows", "50").code == 0


def test_demo_with_a_quota(teamup: Any) -> None:
    """With --rate both sides keep it, and the demo says so."""
    ran = teamup("demo", "--rows", "50", "--rate", "200")
    assert ran.code == 0
    assert "a quota of 200 requests a minute" in ran.out
