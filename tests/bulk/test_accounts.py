"""Several accounts: whose rows are whose, whose quota is whose, and where tokens come from."""

import asyncio
import inspect
import json
import os
import pickle
import ssl
import time
from pathlib import Path

import aiohttp
import pytest
import trustme

from teamup_async import ConfigurationError, TeamUp
from teamup_async.bulk import Account, BulkPull, QuotaFile, load_accounts
from teamup_async.bulk.many import ClientOptions
from teamup_async.sandbox import Sandbox, faults
from tests.sinks.reading import FORMATS, rows_of


@pytest.fixture
def accounts(sandbox: Sandbox) -> list[Account]:
    """Both accounts of the sandbox, with tokens of their own."""
    return [
        Account(name=name, token=account.token, provider_id=account.provider_id, mode="provider")
        for name, account in zip(("north", "south"), sandbox.accounts, strict=True)
    ]


def many(sandbox: Sandbox, accounts: list[Account], **options) -> BulkPull:
    """A pull without a quota, unless asked for."""
    return BulkPull(accounts, base_url=sandbox.url, **{"rate": None, **options})


async def test_a_folder_each(sandbox: Sandbox, accounts: list[Account], tmp_path: Path) -> None:
    """Files go into a folder for each account."""
    async with many(sandbox, accounts) as bulk:
        result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")

    assert result.ok
    for index, name in enumerate(("north", "south")):
        ids = [row["id"] for row in rows_of("jsonl", tmp_path / name, "attendances")]
        assert ids == sandbox.ids("attendances", account=index)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "postgresql"])
async def test_one_table(sandbox: Sandbox, accounts: list[Account], tmp_path: Path, kind: str) -> None:
    """In a database the accounts share a table; pulling one again replaces its rows, with the columns asked for."""
    into = FORMATS[kind].format(tmp_path)
    async with many(sandbox, accounts) as bulk:
        await bulk.pull({"instructed_sessions": {}}, into=into)
    async with many(sandbox, accounts[1:]) as bulk:
        await bulk.sync({"instructed_sessions": {}}, into=into)
        await bulk.pull({"instructed_sessions": {"columns": ["id"]}}, into=into)
    rows = rows_of(kind, tmp_path, "instructed_sessions")
    assert {row["account"] for row in rows if row["name"]} == {"north"}

    for index, name in enumerate(("north", "south")):
        found = sorted(row["id"] for row in rows if row["account"] == name)
        assert found == sandbox.ids("instructed_sessions", account=index)


async def test_one_account_fails(sandbox: Sandbox, accounts: list[Account], tmp_path: Path) -> None:
    """An account whose token is refused does not stop the others."""
    broken = Account(name="broken", token=sandbox.refused_token, provider_id=1, mode="provider")
    async with many(sandbox, [broken, *accounts]) as bulk:
        result = await bulk.pull({"course_sessions": {}}, into=f"csv:{tmp_path}")

    assert [part.part.account for part in result.incomplete] == ["broken"]
    assert "403" in result.incomplete[0].reason or "Permission" in result.incomplete[0].reason
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [".teamup", "north", "south"]
    saved = (tmp_path / ".teamup" / "state.jsonl").read_text()
    assert all(account.token not in saved for account in [broken, *accounts])


async def test_plan_run_in_pieces(sandbox: Sandbox, accounts: list[Account], tmp_path: Path) -> None:
    """Pieces of a plan run elsewhere, from JSON, and put together what the whole would."""
    from teamup_async.bulk import Plan

    async with many(sandbox, accounts) as bulk:
        plan = bulk.plan({"attendances": {}, "course_sessions": {}})
        estimate = await bulk.estimate(plan)
    for piece in plan.split(2):
        travelled = Plan.from_json(json.loads(json.dumps(piece.to_json())))
        async with many(sandbox, accounts) as bulk:
            result = await bulk.run(travelled, into=f"jsonl:{tmp_path}")
            assert result.ok

    assert len(list(tmp_path.rglob("*.jsonl"))) == 4
    assert estimate.rows["north/attendances"] == len(sandbox.ids("attendances"))
    async with many(sandbox, accounts[:1]) as bulk:
        with pytest.raises(ConfigurationError, match="'south', which is not here"):
            await bulk.run(plan, into=f"jsonl:{tmp_path}")


async def test_quotas_and_cap(tmp_path: Path) -> None:
    """Each caller keeps within its own quota, accounts of one token within one, and all together under the cap."""
    async with Sandbox(rows=1500, seed=2, rate=20, window=1.0) as sandbox:
        accounts = [
            Account(name=name, token=token, provider_id=account.provider_id, mode="provider")
            for name, token, account in (
                ("a", sandbox.accounts[0].token, sandbox.accounts[0]),
                ("b", sandbox.shared_token, sandbox.accounts[0]),
                ("c", sandbox.shared_token, sandbox.accounts[1]),
            )
        ]
        async with many(sandbox, accounts, rate=20, rate_window=1.2, cap=3) as bulk:
            result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")
        statuses = {received.status for received in sandbox.log}

        assert result.ok
        assert statuses == {200}
        assert sandbox.peak <= 3


async def test_waiting_for_quota_keeps_nobody_waiting(tmp_path: Path) -> None:
    """An account that has used up its quota does not hold places under the cap."""
    async with Sandbox(rows=2000, seed=2, rate=None) as sandbox:
        slow = Account(
            name="slow", token=sandbox.accounts[0].token, provider_id=sandbox.accounts[0].provider_id
        )
        fast = Account(name="fast", token=sandbox.shared_token, provider_id=sandbox.accounts[1].provider_id)
        order: list[str] = []
        sandbox.before_request = lambda received: order.append(received.headers["TeamUp-Provider-ID"])
        async with many(sandbox, [slow, fast], rate=12, rate_window=0.6, cap=2, mode="provider") as bulk:
            result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")

    assert result.ok
    assert len(order) - order[::-1].index(str(fast.provider_id)) < len(order)


async def test_own_tls_and_tracing(tmp_path: Path) -> None:
    """Whom to trust, and who is told of each request, can be said for all accounts together."""
    authority, asked = trustme.CA(), []
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.configure_trust(trusting)
    trace = aiohttp.TraceConfig()

    async def starts(*_: object) -> None:
        asked.append(1)

    trace.on_request_start.append(starts)
    async with Sandbox(rows=50, rate=None, ssl=served) as sandbox:
        accounts = [Account(name="studio", token=sandbox.token)]
        async with many(sandbox, accounts, ssl=trusting, trace_configs=[trace]) as bulk:
            result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")
    assert result.ok
    assert len(asked) == sandbox.requests > 0


async def test_quota_file(tmp_path: Path) -> None:
    """Clients that know nothing of each other share a quota through a file: together they take as long as one."""
    begun = time.monotonic()
    async with Sandbox(rows=1500, seed=2, rate=None) as sandbox:

        async def walk() -> int:
            with QuotaFile(tmp_path / "quota.sqlite", rate=15, window=1.2) as quota:
                settings = {"token": sandbox.token, "base_url": sandbox.url, "mode": "provider"}
                async with TeamUp(**settings, throttle=quota.throttle(sandbox.token)) as teamup:
                    return len(await teamup.reports.attendances().collect())

        assert await asyncio.gather(walk(), walk()) == [1500, 1500]
    assert time.monotonic() - begun >= (sandbox.requests - 1) // 15 * 1.2
    assert sandbox.requests > 30
    assert sandbox.token not in (tmp_path / "quota.sqlite").read_bytes().decode("latin-1")


def test_accounts_file(tmp_path: Path, monkeypatch) -> None:
    """Tokens come from variables, private files or the keyring; each mistake is named without showing a token."""
    file = tmp_path / "accounts.toml"
    secret = tmp_path / "south.token"
    secret.write_text("s0uth-token\n")
    secret.chmod(0o600)
    file.write_text(
        '[accounts.north]\nprovider_id = 12\ntoken_env = "NORTH"\n'
        '[accounts.south]\nmode = "provider"\ntoken_file = "south.token"\n'
    )
    north, south = load_accounts(file, environment={"NORTH": "n0rth-token"})

    assert (north.token, north.provider_id, south.token, south.mode) == (
        "n0rth-token",
        12,
        "s0uth-token",
        "provider",
    )
    assert "token" not in repr(north).replace("Token", "")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(north)
    with pytest.raises(ConfigurationError, match="variable NORTH is not set"):
        load_accounts(file, environment={})
    secret.chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others: chmod 600"):
        load_accounts(file, environment={"NORTH": "n0rth-token"})


async def test_settings_of_accounts(sandbox: Sandbox, tmp_path: Path) -> None:
    """An account has its own rate and dialect, or those at the top; accounts of one token keep to the least rate."""
    file = tmp_path / "teamup.toml"
    file.write_text(
        'rate = 100\ndialect = { arrays = "comma" }\n[accounts.a]\ntoken_env = "A"\n'
        '[accounts.b]\ntoken_env = "A"\nrate = 50\ndialect = { ties = "changing" }\n[accounts.c]\ntoken_env = "C"\n'
    )
    accounts = load_accounts(file, environment={"A": "shared-token", "C": "own-token"})

    assert [account.rate for account in accounts] == [100, 50, 100]
    assert [str(account.dialect) for account in accounts] == [
        "arrays=comma",
        "arrays=comma ties=changing",
        "arrays=comma",
    ]
    async with BulkPull(accounts, base_url=sandbox.url) as bulk:
        assert [client.throttle.quota[0] for client in bulk.clients.values()] == [50, 50, 100]
    with QuotaFile(tmp_path / "quota", rate=80) as quota:
        many = BulkPull(accounts, base_url=sandbox.url, quota=quota)
        with pytest.raises(ConfigurationError, match="one rate for all accounts"):
            await many.__aenter__()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must hold"),
        ("[[account]]", r"write \[accounts.NAME\]"),
        ("[accounts.a]", "needs one of token"),
        ('[accounts.a]\ntoken_evn = "X"', "did you mean 'token_env'"),
        ('[accounts.a]\ntoken = "x y"', "spaces"),
        ("[accounts.a]\ntoken = 7", "account 'a': token must be text"),
        ('[accounts.a]\ntoken = "x"\nmode = 3', "account 'a': mode must be text"),
        ('[accounts."../a"]\ntoken = "x"', "the name of an account"),
        ('[accounts.a]\ntoken = "x"\nprovider_id = "1x"', "digits"),
        ('[accounts.a]\ntoken = "x"\n[accounts.A]\ntoken = "y"', "two accounts"),
        ("accounts = [", "not TOML"),
        ("accounts = 3", "accounts must be tables"),
        ('default = "b"\n[accounts.a]\ntoken = "x"', "default must name an account, not 'b'"),
    ],
)
def test_bad_accounts_file(tmp_path: Path, text: str, problem: str) -> None:
    """What is wrong with the file is said in words."""
    file = tmp_path / "accounts.toml"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match=problem):
        load_accounts(file)


@pytest.mark.skipif(os.name != "posix", reason="files have no such permissions")
def test_open_accounts_file(tmp_path: Path) -> None:
    """A file with a token in it must be closed to others."""
    file = tmp_path / "accounts.toml"
    file.write_text('[accounts.a]\ntoken = "secret"\n')
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others") as caught:
        load_accounts(file)
    assert "secret" not in str(caught.value)


async def test_settings_of_an_account() -> None:
    """What can't work in an account is said with its name."""
    broken = Account(name="north", token="n0rth-token", provider_id=1, base_url="nowhere")
    with pytest.raises(ConfigurationError, match="account 'north': base_url must begin with"):
        async with BulkPull([broken]):
            pass


async def test_provider_of_an_account(sandbox: Sandbox, accounts: list[Account], monkeypatch) -> None:
    """One provider in the environment is not taken for all accounts: rows of another business might come."""
    monkeypatch.setenv("TEAMUP_PROVIDER_ID", str(sandbox.accounts[1].provider_id))
    alone = Account(name="alone", token=sandbox.token, mode="provider")
    with pytest.raises(
        ConfigurationError, match=r"'alone' has no provider_id, and .* TEAMUP_PROVIDER_ID is set"
    ):
        async with many(sandbox, [*accounts, alone]):
            pass
    async with many(sandbox, accounts) as bulk:
        assert bulk.accounts == tuple(accounts)


def test_broken_keyring(tmp_path: Path) -> None:
    """A keyring that is locked or not there at all is told like any other wrong setting."""
    keyring = pytest.importorskip("keyring")
    from keyring.backends import fail

    file = tmp_path / "accounts.toml"
    file.write_text('[accounts.a]\ntoken_keyring = "teamup"\n')
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        with pytest.raises(
            ConfigurationError, match="account 'a': the keyring can't be read: No recommended"
        ):
            load_accounts(file)
    finally:
        keyring.set_keyring(before)


def test_keyring(tmp_path: Path) -> None:
    """The system's keyring is asked for the service, with the account's name as user."""
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    class Kept(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return {("teamup", "a"): "kept-token"}.get((service, username))

        def set_password(self, service, username, password):
            raise NotImplementedError

    file = tmp_path / "accounts.toml"
    file.write_text('[accounts.a]\ntoken_keyring = "teamup"\n')
    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        assert load_accounts(file)[0].token == "kept-token"
        file.write_text('[accounts.b]\ntoken_keyring = "teamup"\n')
        with pytest.raises(ConfigurationError, match="keyring set teamup b"):
            load_accounts(file)
    finally:
        keyring.set_keyring(before)


async def test_reports_of_one_account_fail(sandbox: Sandbox, accounts: list[Account], tmp_path: Path) -> None:
    """Reports that fail for one account are complete for the other."""
    provider = str(accounts[0].provider_id)
    sandbox.faults.add(
        faults.status(400), times=None, when=lambda r: r.headers.get("TeamUp-Provider-ID") == provider
    )
    async with many(sandbox, accounts) as bulk:
        result = await bulk.pull({"course_sessions": {}, "instructed_sessions": {}}, into=f"csv:{tmp_path}")

    assert {part.part.account for part in result.incomplete} == {"north"}
    assert {part.part.account for part in result.complete} == {"south"}


def test_options(accounts: list[Account]) -> None:
    """An option that there is not is refused at once, with the one that was meant; all others are those of a client."""
    with pytest.raises(ConfigurationError, match="no option 'conurrency'; did you mean 'concurrency'"):
        BulkPull(accounts, conurrency=4)
    known = set(inspect.signature(TeamUp).parameters)
    own = {"token", "account", "provider_id", "refresh_token", "on_token_refresh", "session", "throttle"}
    shared = {"rate", "rate_window", "concurrency"}

    assert set(ClientOptions.__annotations__) == known - own - shared
