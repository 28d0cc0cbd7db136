"""`teamup.toml`: where it is looked for, what it may say, and which setting counts."""

import os
import pickle
from pathlib import Path

import pytest

from teamup_async import ConfigurationError, TeamUp
from teamup_async.config_file import ConfigFile, read_config
from teamup_async.dialect import Dialect
from teamup_async.precedence import settle

TWO = """
timezone = "Europe/London"
rate = 100
dialect = { arrays = "comma", sort_by_id = "ignored" }

[accounts.north]
provider_id = 714001
token_env = "NORTH"

[accounts.south]
provider_id = 714002
token_env = "SOUTH"
rate = 50
dialect = { sort_by_id = "refused" }
"""
TOKENS = {"NORTH": "n0rth-token", "SOUTH": "s0uth-token"}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An empty working directory, and an environment without settings."""
    for name in list(os.environ):
        if name.startswith("TEAMUP_") and name != "TEAMUP_ASYNC_TESTED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "own"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return monkeypatch


def write(text: str, name: str = "teamup.toml") -> Path:
    """A configuration file in the working directory."""
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_places(tmp_path: Path, alone: pytest.MonkeyPatch) -> None:
    """The file is looked for in the user's folder, before that in the working directory, before that where told."""
    assert read_config() == ConfigFile()
    own = write("rate = 1", str(tmp_path / "own" / "teamup" / "teamup.toml"))
    assert read_config().path == own
    write("rate = 2")
    assert read_config().shared == {"rate": 2}
    alone.setenv("TEAMUP_CONFIG", str(write("rate = 3", "other.toml")))
    assert read_config().shared == {"rate": 3}
    assert read_config(write("rate = 4", "given.toml")).shared == {"rate": 4}
    alone.setenv("TEAMUP_CONFIG", "missing.toml")
    with pytest.raises(ConfigurationError, match=r"cannot read missing.toml"):
        read_config()


@pytest.mark.parametrize(("kept", "why"), [("", "is empty"), ("a-token\nanother\n", "has more")])
def test_a_token_file_holds_a_token(alone: pytest.MonkeyPatch, kept: str, why: str) -> None:
    """A token file that is empty, or holds more than a token, is named; what it holds is not shown."""
    write(kept, "north.token").chmod(0o600)
    write('[accounts.north]\ntoken_file = "north.token"')
    with pytest.raises(
        ConfigurationError, match=rf"north.token must hold a token and nothing else, and {why}$"
    ):
        read_config().token("north", {})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("token_env = 'A'", "the variable A"),
        ("token_file = 'b.token'", "the file b.token"),
        ("token_keyring = 'teamup'", "the keyring (keyring set teamup north)"),
        ("token = 'abc'", "the file teamup.toml"),
        ("rate = 5", None),
    ],
)
def test_where_a_token_is_kept(alone: pytest.MonkeyPatch, text: str, place: str | None) -> None:
    """The place of a token is known in words, without reading the token."""
    write(f"[accounts.north]\n{text}")
    assert read_config().token_place("north") == place


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "rate = 1\ntokn_env = 'A'",
            r"teamup.toml, line 2: there is no setting 'tokn_env'; did you mean 'token_env'",
        ),
        (
            "[accounts.a]\n\nmode = 'providr'",
            "line 3: account 'a': mode does not know 'providr'; did you mean 'provid",
        ),
        ("[accounts.a]\nrate = 0", "line 2: account 'a': rate must be"),
        ("[accounts.a]\nrate = true", "line 2: account 'a': rate must be"),
        ("[accounts.a]\nrate = 1\n[accounts.b]\nrate = 'x'", "line 4: account 'b': rate must be"),
        ("[accounts.a]\ntimeout = 3", "timeout holds for all accounts: write it at the top"),
        ("concurrency = 0.5", "concurrency must be a whole number"),
        ("timeout = -1", "timeout must be more than 0"),
        ("dialect = 'comma'", "dialect must be a table"),
        (
            "dialect = { arrays = 'coma' }",
            "line 1: dialect: arrays does not know 'coma'; did you mean 'comma'",
        ),
        (
            "[accounts.a.dialect]\narray = 'comma'",
            "line 1: account 'a': dialect: a dialect has no field 'array'; did",
        ),
        ("base_url = 'http://elsewhere.example'", "line 1: base_url .*unencrypted"),
        ("token_env = 'A'\ntoken_file = 'b'", "line 2: say once where the token is: token_env or token_file"),
        ("provider_id = 'x'", "provider_id must be plain digits"),
        ("[accounts.'a b']", "the name of an account"),
    ],
)
def test_mistakes(text: str, problem: str) -> None:
    """What is not understood is named with its file and line, and with what was probably meant."""
    with pytest.raises(ConfigurationError, match=problem):
        read_config(write(text))


def test_a_found_file_sends_no_token_elsewhere(tmp_path: Path) -> None:
    """A file that was merely found, perhaps in a foreign repository, names no other server; one that is named may."""
    file = write('base_url = "https://evil.example/api"\ntoken_env = "HOME"')
    with pytest.raises(
        ConfigurationError, match=r"line 1: base_url leads to evil.example; .*--config teamup.toml"
    ):
        read_config()
    assert read_config(file).shared["base_url"] == "https://evil.example/api"
    write('base_url = "https://eu.goteamup.com/api/v2"')
    assert read_config().shared["base_url"] == "https://eu.goteamup.com/api/v2"
    write('base_url = "http://127.0.0.1:8000/api/v2"')
    assert "base_url" in read_config().shared
    write('base_url = "https://notgoteamup.com/api/v2"')
    with pytest.raises(ConfigurationError, match=r"leads to notgoteamup"):
        read_config()


@pytest.mark.skipif(os.name != "posix", reason="files have no such permissions")
def test_an_open_file_with_a_token() -> None:
    """A token in the file counts only if nobody else may read it."""
    file = write('token = "in-the-file"')
    assert TeamUp.from_config().identity["caller"] == TeamUp(token="in-the-file").identity["caller"]
    file.chmod(0o640)
    with pytest.raises(
        ConfigurationError, match=r"holds a token and can be read by others: chmod 600"
    ) as caught:
        TeamUp.from_config()
    assert "in-the-file" not in str(caught.value)
    assert str(caught.value).count("teamup.toml") == 2  # which file, and what to type


def test_top_and_accounts() -> None:
    """What is said at the top holds for all accounts; an account's own settings and dialect count more."""
    write(TWO)
    north = settle({}, account="north", environment=TOKENS)
    south = settle({}, account="south", environment=TOKENS)

    assert north.values["dialect"] == Dialect(arrays="comma", sort_by_id="ignored")
    assert south.values["dialect"] == Dialect(arrays="comma", sort_by_id="refused")
    assert (north.values["rate"], south.values["rate"]) == (100, 50)
    assert {north.values["timezone"], south.values["timezone"]} == {"Europe/London"}
    assert (north.token(TOKENS), south.token(TOKENS)) == ("n0rth-token", "s0uth-token")
    assert "n0rth" not in repr(north)
    with pytest.raises(TypeError, match=r"not pickled"):
        pickle.dumps(north.config)


def test_which_account() -> None:
    """The named account counts, else the default, else the only one; with several none is guessed."""
    write(TWO)
    assert settle({}, environment={}).account is None
    assert settle({}, environment={"TEAMUP_ACCOUNT": "south"}).account == "south"
    assert settle({}, account="north", environment={"TEAMUP_ACCOUNT": "south"}).account == "north"
    with pytest.raises(ConfigurationError, match=r"has no account 'nort'; did you mean 'north'"):
        settle({}, account="nort", environment={})
    write('default = "south"\n' + TWO)
    assert settle({}, environment={}).account == "south"
    write('[accounts.only]\ntoken_env = "NORTH"')
    assert settle({}, environment=TOKENS).token(TOKENS) == "n0rth-token"


def test_precedence() -> None:
    """Arguments count before the environment, and that before the file."""
    write(
        'default = "a"\n[accounts.a]\nprovider_id = 1\nmode = "customer"\nauth_scheme = "jwt"\ntoken_env = "NORTH"'
    )
    env = {
        **TOKENS,
        "TEAMUP_REQUEST_MODE": "provider",
        "TEAMUP_PROVIDER_ID": "2",
        "TEAMUP_TOKEN": "env-token",
    }
    settled = settle({"provider_id": 3}, environment=env)

    assert settled.values == {"provider_id": 3, "mode": "provider", "auth_scheme": "jwt"}
    assert settled.origins == {
        "provider_id": "given",
        "mode": "TEAMUP_REQUEST_MODE",
        "auth_scheme": "teamup.toml",
    }
    assert settled.token(env) == "env-token"


def test_precedence_of_dialects() -> None:
    """Field by field, what is given counts before ``TEAMUP_DIALECT``, and that before the file."""
    write('dialect = { arrays = "comma", ties = "changing", id_gt = "ignored" }')
    env = {"TEAMUP_DIALECT": "ties=steady id_gt=inclusive arrays=brackets"}

    assert settle({"dialect": {"arrays": "repeat"}}, environment=env).values["dialect"] == Dialect(
        id_gt="inclusive"
    )
    assert settle({"dialect": Dialect()}, environment=env).values["dialect"] == Dialect()
    assert settle({"dialect": "ties=changing"}, environment={}).values["dialect"] == Dialect(ties="changing")
    assert settle({}, environment={}).origins == {"dialect": "teamup.toml"}


def test_a_named_account_brings_its_own() -> None:
    """An account that is named is read with its own token and provider, whatever the environment holds for another."""
    write(
        '[accounts.a]\nprovider_id = 1\nmode = "customer"\ntoken_env = "NORTH"\n[accounts.b]\ntoken_env = "SOUTH"'
    )
    env = {
        **TOKENS,
        "TEAMUP_REQUEST_MODE": "provider",
        "TEAMUP_PROVIDER_ID": "2",
        "TEAMUP_TOKEN": "env-token",
    }
    settled = settle({}, account="a", environment=env)

    assert settled.values == {"provider_id": 1, "mode": "customer"}
    assert settled.token(env) == "n0rth-token"
    with pytest.raises(
        ConfigurationError, match=r"'b' has no provider_id, and the variable TEAMUP_PROVIDER_ID is set"
    ):
        settle({}, account="b", environment=env)


def test_a_client_reads_no_file_by_itself(alone: pytest.MonkeyPatch) -> None:
    """``TeamUp()`` knows arguments and variables only; ``TeamUp.from_config()`` reads the file."""
    write('base_url = "http://127.0.0.1:9/api/v2"\nprovider_id = 5\ntoken_env = "NORTH"')
    alone.setenv("NORTH", "n0rth-token")
    with pytest.raises(ConfigurationError, match=r"No token"):
        TeamUp()
    assert TeamUp(token="x").identity["provider"] is None

    client = TeamUp.from_config(mode="provider")
    assert client.identity == {**TeamUp(token="n0rth-token").identity, "base_url": "http://127.0.0.1:9/api/v2",
                               "provider": "5", "mode": "provider"}  # fmt: skip
    with pytest.raises(TypeError, match=r"conurrency"):
        TeamUp.from_config(conurrency=3)
