"""`teamup.toml` on the command line: every command reads it, and says what counts."""

import re
from pathlib import Path

import attrs
import pytest

from teamup_async.config_file import KEYS, read_config
from teamup_async.sandbox import Sandbox


@pytest.fixture(autouse=True)
def file(tmp_path: Path, environment: pytest.MonkeyPatch, sandbox: Sandbox) -> Path:
    """A configuration file with both accounts of the sandbox, in the working directory; no other settings."""
    environment.chdir(tmp_path)
    for name in ("TEAMUP_TOKEN", "TEAMUP_BASE_URL"):
        environment.delenv(name)
    text = f'base_url = "{sandbox.url}"\ntimezone = "Europe/London"\nmode = "provider"\n'
    for name, account in zip(("north", "south"), sandbox.accounts, strict=True):
        environment.setenv(f"{name.upper()}_TOKEN", account.token)
        text += (
            f'[accounts.{name}]\nprovider_id = {account.provider_id}\ntoken_env = "{name.upper()}_TOKEN"\n'
        )
    written = tmp_path / "teamup.toml"
    written.write_text(text)
    return written


def test_an_account(teamup, sandbox: Sandbox, environment: pytest.MonkeyPatch) -> None:
    """``--account`` and ``TEAMUP_ACCOUNT`` name an account of the file."""
    assert (
        teamup("count", "attendances", "--account", "south").out
        == f"{len(sandbox.ids('attendances', account=1))}\n"
    )
    environment.setenv("TEAMUP_ACCOUNT", "north")
    assert teamup("count", "attendances").out == f"{len(sandbox.ids('attendances'))}\n"
    assert {
        pair for received in sandbox.log for pair in received.headers.items() if "mode" in pair[0].lower()
    } >= {("TeamUp-Request-Mode", "provider")}


def test_check_says_where_settings_come_from(teamup, sandbox: Sandbox) -> None:
    """``teamup check`` names the account, and the origin of each setting that nobody gave."""
    code, out, _ = attrs.astuple(teamup("check", "--account", "north", "--auth-scheme", "Bearer"))

    assert code == 0
    shown = [line.split(maxsplit=1) for line in out.splitlines()]
    assert ["account", "north"] in shown
    assert ["scheme", "Bearer"] in shown
    assert ["provider", f"{sandbox.accounts[0].provider_id} (teamup.toml)"] in shown
    assert sandbox.token not in out


def test_no_account_is_guessed(teamup) -> None:
    """Where a file has several accounts and no default, the one to read must be named."""
    code, _, err = attrs.astuple(teamup("count", "attendances"))
    assert code == 2
    assert "--account (TEAMUP_ACCOUNT) is missing: teamup.toml has several, name one of north, south" in err
    code, _, err = attrs.astuple(teamup("count", "attendances", "--account", "nort"))
    assert code == 2
    assert "has no account 'nort'; did you mean 'north'?" in err


def test_a_mistake_in_the_file(teamup, file: Path) -> None:
    """A file that is not understood is told once, with its line, and nothing is sent."""
    file.write_text("[accounts.a]\ntokn_env = 'A'\n")
    code, out, err = attrs.astuple(teamup("check"))
    assert (code, out) == (2, "")
    assert err == (
        "teamup: teamup.toml, line 2: account 'a': there is no setting 'tokn_env'; did you mean 'token_env'?\n"
    )


def test_time_zone(teamup, file: Path, sandbox: Sandbox) -> None:
    """Days begin in the time zone of the file; ``--timezone`` counts before it."""

    def since(*more: str) -> str:
        assert teamup("count", "attendances", "--account", "north", "--since", "2025-07-01", *more).code == 0
        return dict(sandbox.log[-1].params)["event_start_gte"]

    assert since() == "2025-07-01T00:00:00+01:00"
    assert since("--timezone", "UTC") == "2025-07-01T00:00:00+00:00"
    file.write_text(file.read_text().replace("Europe/London", "Europe/Lodon"))
    code, _, err = attrs.astuple(
        teamup("count", "attendances", "--account", "north", "--since", "2025-07-01")
    )
    assert code == 2
    assert err.startswith("teamup: teamup.toml: timezone must be UTC, an offset")
    assert "did you mean 'Europe/London'?" in err


def test_all_accounts(teamup, file: Path, sandbox: Sandbox) -> None:
    """The same file serves ``--accounts``; what concerns one account is refused beside it."""
    code, out, _ = attrs.astuple(teamup("check", "--accounts", "teamup.toml"))
    assert code == 0
    assert "2 of 2 tokens are good." in out
    code, _, err = attrs.astuple(teamup("check", "--accounts", "teamup.toml", "--account", "north"))
    assert code == 2
    assert "leave --account and --config out" in err
    file.write_text(file.read_text() + 'timezone = "Europe/Paris"\n')
    code, _, err = attrs.astuple(
        teamup("pull", "attendances", "--accounts", "teamup.toml", "-o", "x/", "--since", "2025-07-01")
    )
    assert code == 2
    assert (
        "--timezone: the accounts of teamup.toml have several (Europe/London, Europe/Paris): name one" in err
    )


def test_a_token_of_the_file_is_never_shown(teamup, file: Path, sandbox: Sandbox) -> None:
    """A token that only the file knows is as secret as one of the environment, also where a server echoes it."""
    file.write_text(f'base_url = "{sandbox.url}"\ntoken = "only-in-the-file"\n')
    file.chmod(0o600)
    code, out, err = attrs.astuple(teamup("count", "attendances", "--verbose"))
    assert code == 1
    assert "401" in err
    assert "only-in-the-file" not in out + err


def test_the_page(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    """The file in docs/configuration.md is one that is understood, and its table names every key."""
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "example.toml").write_text(example)
    environment.setenv("NORTH_TOKEN", "x")
    read = read_config(tmp_path / "example.toml")

    assert list(read.accounts) == ["north", "south"]
    named = set(
        re.findall(
            r"`(\w+)`", "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
        )
    )
    assert named == {*KEYS, "default"}
