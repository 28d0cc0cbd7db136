"""Night after night: what is broken does not hold up the rest, and accounts stay what they are."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from teamup_async.bulk import Account, BulkPull, CheckpointError, PartProgress
from teamup_async.sandbox import Sandbox, faults
from tests.sinks.reading import READERS, rows_of

BOTH = {"attendances": {}, "instructed_sessions": {}}


@pytest.fixture
def accounts(sandbox: Sandbox) -> list[Account]:
    """Both accounts of the sandbox, with tokens of their own."""
    return [
        Account(name=name, token=account.token, provider_id=account.provider_id, mode="provider")
        for name, account in zip(("north", "south"), sandbox.accounts, strict=True)
    ]


def ids_in(folder: Path, name: str, account: str | None = None) -> list[int]:
    rows = READERS["sqlite"](folder / "gym.db", name)
    return sorted(row["id"] for row in rows if account is None or row["account"] == account)


def has_table(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "gym.db")) as db:
        return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'attendances'").fetchall())


async def test_a_report_that_stays_broken(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """Rows of other reports come night after night; the broken one goes on when it can, and nobody must restart."""
    into = f"sqlite:{tmp_path / 'gym.db'}"
    rule = sandbox.faults.add(faults.status(500), path="attendances", nth=4, times=None)
    nights = [
        {},
        {},
        {"lag": timedelta(hours=1)},
        {"recent": timedelta(days=5000)},
        {"full": True},
        {"restart": False},
    ]
    async with client() as teamup:
        for options in nights:
            sandbox.insert("instructed_sessions", n=1, starts_at=sandbox.now)
            result = await teamup.sync(BOTH, into=into, **options)

            assert [part.part.name for part in result.incomplete] == ["attendances"]
            assert ids_in(tmp_path, "instructed_sessions") == sandbox.ids("instructed_sessions")
        alone = await teamup.sync({"instructed_sessions": {}}, into=into)
        sandbox.faults.rules.remove(rule)
        mended = await teamup.sync(BOTH, into=into)

    assert alone.ok
    assert mended.ok
    assert mended.parts[0].resumed > 0
    assert ids_in(tmp_path, "attendances") == sandbox.ids("attendances")


async def test_ended_behind_a_finished_report(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A run that is ended after one of its reports was finished: the next run reads that one anew, too."""
    into = f"sqlite:{tmp_path / 'gym.db'}"
    watched: list[PartProgress] = []
    sandbox.faults.add(faults.hang(), path="instructed_sessions", times=None)
    async with client() as teamup:
        run = asyncio.create_task(teamup.sync(BOTH, into=into, watch=watched.extend))
        async with asyncio.timeout(30):
            while not watched or watched[0].status != "complete" or not has_table(tmp_path):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        run.cancel()
        await asyncio.wait([run])
        sandbox.faults.clear()
        sandbox.insert("attendances", n=3)
        assert (await teamup.sync(BOTH, into=into)).ok

    for name in BOTH:
        assert ids_in(tmp_path, name) == sandbox.ids(name)


async def test_everything_again_after_a_broken_run(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """`full` reads everything, also where a run that read only changes is unfinished: deleted rows are noticed."""
    into = f"sqlite:{tmp_path / 'gym.db'}"
    async with client() as teamup:
        await teamup.sync({"attendances": {}}, into=into)
        sandbox.insert("attendances", n=250)
        sandbox.faults.add(
            faults.status(400),
            path="attendances",
            nth=2,
            times=None,
            when=lambda r: r.value("updated_at_gte"),
        )
        broken = await teamup.sync({"attendances": {}}, into=into)
        sandbox.faults.clear()
        sandbox.delete("attendances", n=3)
        whole = await teamup.sync({"attendances": {}}, into=into, full=True)

    assert not broken.ok
    assert broken.parts[0].rows > 0
    assert whole.parts[0].counts.removed == 3
    assert ids_in(tmp_path, "attendances") == sandbox.ids("attendances")


async def test_an_account_that_stays_broken(
    sandbox: Sandbox, accounts: list[Account], tmp_path: Path
) -> None:
    """A report of one account that fails for ever keeps no other account from its new rows."""
    into = f"sqlite:{tmp_path / 'gym.db'}"
    provider = str(accounts[0].provider_id)
    sandbox.faults.add(
        faults.status(400), times=None, when=lambda r: r.headers.get("TeamUp-Provider-ID") == provider
    )
    async with BulkPull(accounts, base_url=sandbox.url, rate=None) as bulk:
        for _ in range(3):
            sandbox.insert("attendances", n=2, account=1)
            result = await bulk.sync({"attendances": {}}, into=into)

            assert [part.part.account for part in result.incomplete] == ["north"]
            assert ids_in(tmp_path, "attendances", "south") == sandbox.ids("attendances", account=1)


async def test_a_revoked_token(sandbox: Sandbox, accounts: list[Account], tmp_path: Path) -> None:
    """A token that TeamUp refuses stops its own account only; the result names it and says what to do."""
    revoked = Account(name="west", token="revoked-long-ago", provider_id=7, mode="provider")
    nobody = Account(name="east", token="revoked-as-well", mode="provider")
    async with BulkPull([revoked, *accounts, nobody], base_url=sandbox.url, rate=None) as bulk:
        result = await bulk.sync({"course_sessions": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")

    assert [part.part.account for part in result.complete] == ["north", "south"]
    assert [part.part.account for part in result.incomplete] == ["west", "east"]
    for part in result.incomplete:
        told = part.to_json()
        assert f"the token of account '{part.part.account}'" in told["advice"]
        assert "TEAMUP_TOKEN" not in told["advice"]
        assert "401" in told["reason"]


async def test_a_revoked_token_beforehand(sandbox: Sandbox, accounts: list[Account], tmp_path: Path) -> None:
    """What a sync would take is told for the others, and for the refused account why it is not."""
    revoked = Account(name="west", token="revoked-long-ago", provider_id=7, mode="provider")
    async with BulkPull([revoked, *accounts], base_url=sandbox.url, rate=None) as bulk:
        plan = await bulk.plan_sync({"course_sessions": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")
        found = await bulk.estimate(plan)

    assert list(found.problems) == ["west/course_sessions"]
    assert "401" in str(found.problems["west/course_sessions"])
    assert found.rows["north/course_sessions"] == len(sandbox.ids("course_sessions"))


async def test_many_accounts(tmp_path: Path) -> None:
    """Accounts are prepared side by side, as many at once as connections are allowed."""
    async with Sandbox(rows=100, rate=None, latency=0.02) as sandbox:
        accounts = [
            Account(name=f"studio{number}", token=sandbox.new_token(0), mode="provider")
            for number in range(40)
        ]
        async with BulkPull(accounts, base_url=sandbox.url, rate=None, cap=16) as bulk:
            result = await bulk.sync({"attendances": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")

        assert result.ok
        assert len(result.parts) == 40
        assert sandbox.peak == 16


async def test_a_rotated_token(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A new token, or a provider id given later, is the same account; TeamUp is asked whose token it is, once."""
    into = f"parquet:{tmp_path}"
    rotated, provider = sandbox.new_token(0), sandbox.accounts[0].provider_id

    async def sync(**settings) -> tuple[bool, int]:
        before = len(sandbox.log)
        async with client(**settings) as teamup:
            result = await teamup.sync({"attendances": {}}, into=into)
        return result.ok, [r.path for r in list(sandbox.log)[before:]].count("/providers")

    assert await sync() == (True, 1)
    assert await sync() == (True, 0)
    assert await sync(token=rotated) == (True, 1)
    assert await sync(provider_id=provider) == (True, 0)
    assert await sync(token=rotated) == (True, 1)


async def test_another_account(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """Rows of another business never go into a table, whether its provider is given or its token tells."""
    into = f"parquet:{tmp_path}"
    other = sandbox.accounts[1]
    async with client() as teamup:
        await teamup.sync({"attendances": {}}, into=into)
    before = (tmp_path / "attendances.parquet").read_bytes()
    for settings in ({"token": other.token}, {"token": other.token, "provider_id": other.provider_id}):
        async with client(**settings) as teamup:
            result = await teamup.sync({"attendances": {}}, into=into)

        assert isinstance(result.parts[0].error, CheckpointError)
        assert "rows of another account" in str(result.parts[0].error)
        assert str(other.provider_id) in str(result.parts[0].error)
    assert (tmp_path / "attendances.parquet").read_bytes() == before


async def test_nobody_tells(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """Where TeamUp does not tell whose token it is, a new token is taken for the same account."""
    sandbox.faults.add(faults.status(403), path="/providers", times=None)
    for token in (sandbox.token, sandbox.new_token(0)):
        async with client(token=token) as teamup:
            assert (await teamup.sync({"attendances": {}}, into=f"parquet:{tmp_path}")).ok


async def test_a_pull_goes_on_with_a_new_token(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """An unfinished pull goes on with another token of the same account, and with no other account."""
    rule = sandbox.faults.add(faults.status(500), path="attendances", nth=20, times=None)
    requests, into = {"attendances": {"sort": ["id"]}}, f"jsonl:{tmp_path}"
    async with client() as teamup:
        stopped = await teamup.pull(requests, into=into)
    sandbox.faults.rules.remove(rule)
    async with client(token=sandbox.accounts[1].token) as teamup:
        refused = await teamup.pull(requests, into=into)
    async with client(token=sandbox.new_token(0)) as teamup:
        done = await teamup.pull(requests, into=into)

    assert not stopped.ok
    assert "rows of another account" in str(refused.parts[0].error)
    assert done.parts[0].resumed == stopped.parts[0].rows > 0
    assert [row["id"] for row in rows_of("jsonl", tmp_path, "attendances")] == sandbox.ids("attendances")


async def test_counts(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """The result of a sync says how many rows are new, changed, removed, and in the table; as JSON, too."""
    into = f"sqlite:{tmp_path / 'gym.db'}"
    async with client() as teamup:
        first = await teamup.sync({"attendances": {}}, into=into)
        sandbox.insert("attendances", n=4)
        sandbox.update("attendances", n=5, booking_method="never before")
        second = await teamup.sync({"attendances": {}}, into=into)
        table = len(sandbox.ids("attendances"))

    assert first.to_json()["parts"][0]["counts"] == {
        "new": table - 4,
        "changed": 0,
        "removed": 0,
        "table": table - 4,
        "total": table - 4,
    }
    assert second.to_json()["parts"][0]["counts"] == {
        "new": 4,
        "changed": 5,
        "removed": 0,
        "table": table,
        "total": table,
    }
