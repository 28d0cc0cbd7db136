"""Endpoints whose rows never change: a sync reads what is new, behind the greatest id that it has."""

from pathlib import Path

import attrs
import pytest

from teamup_async.bulk import Account, BulkPull
from teamup_async.endpoint import Growing
from teamup_async.reports.gift_cards import GIFT_CARDS
from teamup_async.sandbox import Sandbox, faults
from tests.sinks.reading import DATABASES, FORMATS, MERGING, rows_of

NAME = GIFT_CARDS.name
DECLARED = attrs.evolve(GIFT_CARDS, sync=Growing())
"""A report as users may declare theirs: rows are added, and nothing else happens to them."""


def ids_in(kind: str, folder: Path, account: str = "studio") -> list[int]:
    """The ids of an account: files have a folder for each, tables a column."""
    rows = rows_of(kind, folder if kind in DATABASES else folder / account, NAME)
    return sorted(row["id"] for row in rows if kind not in DATABASES or row["account"] == account)


def opened(sandbox: Sandbox, *accounts: Account) -> BulkPull:
    found = accounts or (Account(name="studio", token=sandbox.token, mode="provider"),)
    return BulkPull(found, base_url=sandbox.url, rate=None, endpoints=[DECLARED])


@pytest.mark.parametrize("kind", MERGING)
async def test_only_what_is_new(tmp_path: Path, kind: str) -> None:
    """Later runs read what lies behind the greatest id, each row once; where nothing is new, nothing is changed."""
    into = FORMATS[kind].format(tmp_path)
    async with Sandbox(rows=3000, rate=None) as sandbox, opened(sandbox) as bulk:
        first = await bulk.sync({NAME: {}}, into=into)
        before = sandbox.ids(NAME)
        added = sandbox.insert(NAME, n=7)
        second = await bulk.sync({NAME: {}}, into=into, verify=True)
        third = await bulk.sync({NAME: {}}, into=into, verify=True)
        seen = sandbox.ids(NAME)

    assert (first.ok, second.ok, third.ok) == (True, True, True)
    assert [part.part.query for part in second.parts] == [{"id_gt": max(before)}]
    assert (second.rows, second.parts[0].counts.new, third.rows) == (len(added), len(added), 0)
    assert ids_in(kind, tmp_path) == seen == sorted([*before, *added])


async def test_no_row_yet(tmp_path: Path) -> None:
    """Where there is no row, there is no greatest id: everything is read until there is one."""
    into = f"sqlite:{tmp_path / 'gym.sqlite'}"
    async with Sandbox(rows=500, rate=None) as sandbox, opened(sandbox) as bulk:
        own = max(sandbox.ids(NAME))
        added: list[int] = []
        for _ in range(3):
            result = await bulk.sync({NAME: {"id_gt": own}}, into=into, verify=True)
            assert result.ok
            assert ids_in("sqlite", tmp_path) == added
            added += sandbox.insert(NAME, n=3)


@pytest.mark.parametrize("dialect", ["sort_by_id=ignored", "id_gt=inclusive", "total=absent"])
@pytest.mark.filterwarnings("ignore::teamup_async.TeamUpDialectWarning")
async def test_another_dialect(tmp_path: Path, dialect: str) -> None:
    """An API that does not sort, takes bounds inclusively, or counts nothing, makes no difference to the table."""
    into = f"sqlite:{tmp_path / 'gym.sqlite'}"
    async with Sandbox(rows=500, rate=None, dialect=dialect) as sandbox, opened(sandbox) as bulk:
        for _ in range(3):
            assert (await bulk.sync({NAME: {}}, into=into)).ok
            assert ids_in("sqlite", tmp_path) == sandbox.ids(NAME)
            sandbox.insert(NAME, n=3)


async def test_what_came_while_it_ran(tmp_path: Path) -> None:
    """Rows that are added during a sync come with it or with the next one, once."""
    into = f"sqlite:{tmp_path / 'gym.sqlite'}"
    async with Sandbox(rows=500, rate=None) as sandbox, opened(sandbox) as bulk:
        sandbox.before_request = lambda _: sandbox.insert(NAME, n=2)
        for _ in range(3):
            assert (await bulk.sync({NAME: {}}, into=into)).ok
        sandbox.before_request = None
        last = await bulk.sync({NAME: {}}, into=into, verify=True)

        assert last.ok
        assert ids_in("sqlite", tmp_path) == sandbox.ids(NAME)


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
async def test_a_run_that_fails(tmp_path: Path, kind: str) -> None:
    """A run that fails moves no mark: the next one brings all that is new."""
    into = FORMATS[kind].format(tmp_path)
    async with Sandbox(rows=500, rate=None) as sandbox, opened(sandbox) as bulk:
        await bulk.sync({NAME: {}}, into=into)
        before = ids_in(kind, tmp_path)
        sandbox.insert(NAME, n=250)
        sandbox.faults.add(faults.status(403), path=NAME, nth=3, times=None)
        failed = await bulk.sync({NAME: {}}, into=into)
        sandbox.faults.clear()
        assert (failed.ok, ids_in(kind, tmp_path)) == (False, before)

        sandbox.insert(NAME, n=2)
        assert (await bulk.sync({NAME: {}}, into=into, verify=True)).ok
        assert ids_in(kind, tmp_path) == sandbox.ids(NAME)


async def test_an_id_of_your_own(tmp_path: Path) -> None:
    """A query that begins behind an id keeps doing so, and goes on behind the greatest id that is there."""
    into = f"sqlite:{tmp_path / 'gym.sqlite'}"
    async with Sandbox(rows=3000, rate=None) as sandbox, opened(sandbox) as bulk:
        own = sandbox.ids(NAME)[2]
        first = await bulk.sync({NAME: {"id_gt": own}}, into=into)
        sandbox.insert(NAME, n=2)
        second = await bulk.sync({NAME: {"id_gt": own}}, into=into, verify=True)

        assert first.rows == len(sandbox.ids(NAME)) - 3 - 2
        assert second.ok
        assert second.rows == 2
        assert ids_in("sqlite", tmp_path) == sandbox.ids(NAME)[3:]


async def test_each_account_has_its_own(tmp_path: Path) -> None:
    """Accounts that share a table each go on behind their own greatest id."""
    into = f"sqlite:{tmp_path / 'gym.sqlite'}"
    async with Sandbox(rows=1000, rate=None) as sandbox:
        accounts = [
            Account(name=name, token=one.token, mode="provider")
            for name, one in zip(("north", "south"), sandbox.accounts[:2], strict=True)
        ]
        async with opened(sandbox, *accounts) as bulk:
            await bulk.sync({NAME: {}}, into=into)
            north = ids_in("sqlite", tmp_path, "north")
            south = ids_in("sqlite", tmp_path, "south")
            added = sandbox.insert(NAME, n=3)
            result = await bulk.sync({NAME: {}}, into=into, verify=True)

    assert result.ok
    assert result.rows == len(added)
    assert ids_in("sqlite", tmp_path, "north") == sorted([*north, *added])
    assert ids_in("sqlite", tmp_path, "south") == south
