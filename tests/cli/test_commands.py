"""check, count, reports and demo."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from teamup_async.cli.commands.reports import _overview
from teamup_async.cli.values import option_name
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS
from tests.endpoints import TYPICAL


def test_check(teamup: Any, sandbox: Any) -> None:
    """`check` sends two small requests and says what the token is good for."""
    before = sandbox.requests
    ran = teamup("check")
    assert (ran.code, ran.err) == (0, "")
    assert sandbox.requests == before + 2
    assert sandbox.log[-2].value("limit") == "1"
    assert ran.lines[0] == "The token is good."
    for part in (sandbox.url, "Token", "the token's own", "450 rows ("):
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


def test_check_says_what_holds(
    teamup: Any, sandbox: Any, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each setting is shown with where it comes from: also the word before the token that a dialect says."""
    file = tmp_path / "own.toml"
    file.write_text('timezone = "Europe/London"\nrate = 100\nconcurrency = 3\ntimeout = 2.5\n')
    environment.setenv("TEAMUP_DIALECT", "auth_scheme=Bearer")
    ran = teamup("check", "--config", str(file))
    assert ran.code == 0
    assert sandbox.log[-1].headers["Authorization"].startswith("Bearer ")
    shown = [" ".join(line.split()) for line in ran.out.replace("\n" + " " * 15, "").splitlines()]
    assert "scheme Bearer (TEAMUP_DIALECT)" in shown
    for name, value in (
        ("timezone", "Europe/London"),
        ("rate", "100"),
        ("concurrency", "3"),
        ("timeout", "2.5"),
    ):
        assert any(line.startswith(f"{name} {value} (") for line in shown)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_check_of_a_report(teamup: Any, sandbox: Any, endpoint: Endpoint[..., Any]) -> None:
    """Any report can be asked for; its required columns are filled in."""
    ran = teamup("check", endpoint.command_name)
    assert ran.code == 0
    assert endpoint.path in sandbox.log[-2].path
    assert endpoint.command_name in ran.out


def test_count(teamup: Any, sandbox: Any) -> None:
    """`count` prints one number and sends one request."""
    before = sandbox.requests
    every, some = teamup("count", "attendances"), teamup("count", "attendances", "--status", "attended")
    assert sandbox.requests == before + 2
    assert 0 < int(some.out) < int(every.out)


def test_count_by_default(teamup: Any, sandbox: Any, environment: pytest.MonkeyPatch) -> None:
    """A client that was told no dialect looks once more, whether the rows end where the total says."""
    environment.delenv("TEAMUP_DIALECT")
    before = sandbox.requests
    told = teamup("count", "attendances")
    assert (told.out, told.err) == ("450\n", "")
    assert sandbox.requests == before + 2


def test_reports(teamup: Any) -> None:
    """`reports` lists every endpoint in its group, with how it is walked, and needs no token."""
    ran = teamup("reports")
    assert (ran.code, ran.err) == (0, "")
    groups = ["Reports", "Grouped reports, for counts", "Lists"]
    assert [line for line in ran.lines if line in groups] == groups
    for endpoint in ENDPOINTS:
        line = next(line for line in ran.lines if line.startswith(f"{endpoint.command_name} "))
        assert line.endswith(", ".join(endpoint.pagings))


@pytest.mark.parametrize("width", [40, 50, 80, 120])
def test_reports_at_any_width(width: int) -> None:
    """The overview fits its terminal: a name is never broken, facts are left out where there is no room."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width)
    _overview(ENDPOINTS, console)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    longest = max(len(endpoint.command_name) for endpoint in ENDPOINTS)
    assert max(map(len, lines)) <= max(width, longest)
    words = [line.split()[0] for line in lines if line]
    for endpoint in ENDPOINTS:
        assert words.count(endpoint.command_name) == 1
    assert (["name", "filters"] in [line.split()[:2] for line in lines]) == (width >= longest + 2 + 9)
    # Neither a heading nor a fact is broken: a line for each endpoint, and two above each group.
    heads = [line.split() for line in lines if line.startswith("name")]
    assert all({*head} <= {"name", "filters", "columns", "required", "walked", "by"} for head in heads)
    assert len([line for line in lines if line]) == len(ENDPOINTS) + 2 * len(heads)


def test_search(teamup: Any) -> None:
    """A word that is no name finds what has it in its name, its title or its columns."""
    ran = teamup("reports", "strike")
    assert (ran.code, ran.err) == (0, "")
    assert "attendance-strikes.grouped" in ran.out
    assert "instructed-sessions" not in ran.out
    columns = teamup("reports", "instructor_pay")
    assert columns.code == 0
    assert "With such columns" in columns.out
    assert "instructor_pay_rate.id" in columns.out
    nothing = teamup("reports", "zzzz")
    assert (nothing.code, nothing.out) == (2, "")
    assert "There is no report or list called 'zzzz'" in nothing.err


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_report(teamup: Any, endpoint: Endpoint[..., Any]) -> None:
    """With a name: every column with its other names, every filter with what it allows."""
    ran = teamup("reports", endpoint.command_name)
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
    """`demo` needs no token: it pulls one of each kind from a TeamUp of its own, shows some rows and where to go on."""
    environment.delenv("TEAMUP_TOKEN")
    environment.delenv("TEAMUP_BASE_URL")
    ran = teamup("demo", "--rows", "300", "--seed", "3")
    assert (ran.code, ran.err) == (0, "")
    for endpoint in TYPICAL:
        assert f"\n{endpoint.command_name}\n" in ran.out
    proved = ran.out.count("once, checked"), ran.out.count("read to the end; a row that moved may be missing")
    assert sum(proved) == len(TYPICAL)
    assert proved[0] > proved[1]
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


def test_check_of_accounts(
    teamup: Any, sandbox: Any, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    """`check --accounts` shows side by side which tokens are good and for which business; a bad one is exit code 1."""
    north, south = sandbox.accounts
    tokens = {
        "NORTH": north.token,
        "SOUTH": south.token,
        "GONE": "a-revoked-token",
        "SHUT": sandbox.refused_token,
    }
    text = ""
    for name, token in tokens.items():
        environment.setenv(f"TOKEN_{name}", token)
        text += f'[accounts.{name.lower()}]\ntoken_env = "TOKEN_{name}"\n'
    file = tmp_path / "accounts.toml"
    file.write_text(text, encoding="utf-8")
    ran = teamup("check", "--accounts", str(file))
    lines = {line.split()[0]: line for line in ran.lines if line.strip()}
    assert ran.code == 1
    assert " good " in lines["north"]
    assert north.name in lines["north"]
    assert south.name in lines["south"]
    assert lines["north"].rstrip().endswith("450")
    assert " refused" in lines["gone"]
    assert " may not" in lines["shut"]
    assert "2 of 4 tokens are good." in ran.out
    assert "check the variable TOKEN_GONE" in ran.out
    assert "TEAMUP_TOKEN" not in ran.out
    assert not any(token in ran.out + ran.err for token in tokens.values())
    environment.setenv("TOKEN_GONE", north.token)
    environment.setenv("TOKEN_SHUT", north.token)
    assert teamup("check", "--accounts", str(file)).code == 0


def test_check_asks_for_the_file(teamup: Any) -> None:
    """A file that is not there, or a token beside it, is wrong usage."""
    assert "cannot read missing.toml" in teamup("check", "--accounts", "missing.toml").err
    both = teamup("check", "--accounts", "a.toml", "--provider-id", "1")
    assert (both.code, "leave --token and --provider-id out" in both.err) == (2, True)
