"""The PostgreSQL server goes down in the middle of a run, as with ``pg_ctl stop -m immediate``."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from teamup_async._bulk import staging  # noqa: F401 - its batches are made small
from teamup_async.sandbox import Sandbox
from tests.postgres_server import PostgresServer


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many commits, so that there is something to go on from."""
    monkeypatch.setattr(sys.modules["teamup_async._bulk.staging"], "BATCH", 300)


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A server that may crash."""
    with PostgresServer() as made:
        yield made


async def test_lost_and_found(client, sandbox: Sandbox, postgres: PostgresServer) -> None:
    """A run ends with what to do; when the server is back the same run goes on, and no row is missing or twice.

    The stages are there after the crash: what was read into them is not asked for again.
    """
    into = postgres.url("gym")
    query: Any = {"attendances": {}, "venues": {}}
    before = sandbox.requests
    saved = "SELECT 1 FROM _teamup_gym.meta WHERE key = 'state parts/attendances' AND value LIKE '%\"next\"%'"

    def crash(_: object) -> None:
        if sandbox.requests - before >= 15 and postgres.run(saved):
            sandbox.before_request = None
            postgres.stop()

    sandbox.before_request = crash
    async with client() as teamup:
        lost = await teamup.pull(query, into=into)
        postgres.start()
        found = await teamup.pull(query, into=into)

    [failed] = [part for part in lost.parts if part.part.name == "attendances"]
    assert not lost.ok
    assert "the connection to the server was lost" in failed.reason
    assert "run the same again" in failed.reason
    assert found.ok
    assert found.parts[0].resumed > 0
    rows = postgres.run("SELECT id FROM gym.attendances ORDER BY id")
    assert [row["id"] for row in rows] == sandbox.ids("attendances")


async def test_a_server_that_is_not_there(client, postgres: PostgresServer) -> None:
    """Nothing is asked of TeamUp while the server can't be reached, and the error says what to look at."""
    from teamup_async.sinks import SinkError

    into = postgres.url("gym")
    postgres.stop()
    async with client() as teamup:
        with pytest.raises(
            SinkError, match=r"cannot write postgresql://teamup@/postgres.* Check that the server runs"
        ):
            await teamup.sync({"attendances": {}}, into=into)
    postgres.start()
    async with client() as teamup:
        assert (await teamup.sync({"venues": {}}, into=into)).ok
