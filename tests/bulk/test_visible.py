"""Rows that become visible by time alone: a sync reads them as well as what changed."""

from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from teamup_async import TeamUp
from teamup_async.bulk import Account, BulkPull, VerificationError
from teamup_async.endpoint import Changed, Growing, Sync, TimeSpan, Whole
from teamup_async.reports.attendances import ATTENDANCES
from teamup_async.sandbox import Sandbox
from tests.sinks.reading import FORMATS, rows_of

KINDS = ("sqlite", "duckdb", "parquet", "postgresql")


def ids_in(kind: str, folder: Path, name: str) -> list[int]:
    return sorted(row["id"] for row in rows_of(kind, folder, name))


def opened(sandbox: Sandbox) -> TeamUp:
    return TeamUp(token=sandbox.token, base_url=sandbox.url, mode="provider", rate=None)


@pytest.mark.parametrize("kind", KINDS)
async def test_bookings_made_ahead(tmp_path: Path, kind: str) -> None:
    """A booking is seen when its class starts, long after its last change: the next sync brings it."""
    into = FORMATS[kind].format(tmp_path)
    async with Sandbox(rows=2000, rate=None) as sandbox, opened(sandbox) as teamup:
        await teamup.sync({"attendances": {}}, into=into)
        for _ in range(3):
            before = sandbox.ids("attendances")
            sandbox.advance(timedelta(days=4))
            seen = sandbox.ids("attendances")
            requests = sandbox.requests
            result = await teamup.sync({"attendances": {}}, into=into)
            asked = sandbox.requests - requests

            assert len(seen) > len(before)
            assert ids_in(kind, tmp_path, "attendances") == seen
            assert result.parts[0].counts.new == len(seen) - len(before)
            assert result.parts[0].counts.table == result.parts[0].counts.total == len(seen)
            assert result.notes == ()
            # Two marks, two walks of a few pages, one total: not the whole report.
            assert asked < len(seen) // 100


async def test_future_asked_for(tmp_path: Path) -> None:
    """With the future included from the first run on, nothing becomes visible later: only changes are read."""
    async with Sandbox(rows=2000, rate=None) as sandbox, opened(sandbox) as teamup:
        wanted = {"attendances": {"include_future": True}}
        await teamup.sync(wanted, into=f"parquet:{tmp_path}")
        sandbox.advance(timedelta(days=4))
        result = await teamup.sync(wanted, into=f"parquet:{tmp_path}")
        total = await teamup.reports.attendances(include_future=True).count()
        seen = sandbox.ids("attendances")

    assert [list(part.part.query) for part in result.parts] == [["include_future", "updated_at_gte"]]
    assert len(ids_in("parquet", tmp_path, "attendances")) == total > len(seen)


@pytest.mark.parametrize("name", ["instructed_sessions", "course_sessions"])
async def test_sessions_that_start(tmp_path: Path, name: str) -> None:
    """Reports that are read by a recent stretch go by the times of their rows, not by this machine's clock."""
    async with Sandbox(rows=2000, rate=None) as sandbox, opened(sandbox) as teamup:
        await teamup.sync({name: {}}, into=f"sqlite:{tmp_path / 'gym.sqlite'}")
        [added] = sandbox.insert(name, n=1, starts_at=sandbox.now)
        sandbox.advance(timedelta(days=1))
        result = await teamup.sync({name: {}}, into=f"sqlite:{tmp_path / 'gym.sqlite'}")

        assert added in ids_in("sqlite", tmp_path, name)
        assert ids_in("sqlite", tmp_path, name) == sandbox.ids(name)
        assert result.notes == ()


async def test_what_came_while_it_ran(tmp_path: Path) -> None:
    """A class that starts while a sync runs, behind the walk, comes with the next sync."""
    async with Sandbox(rows=2000, rate=None) as sandbox, opened(sandbox) as teamup:
        await teamup.sync({"attendances": {}}, into=f"parquet:{tmp_path}")
        sandbox.advance(timedelta(days=2))
        number = 0

        def time_passes(_: object) -> None:
            nonlocal number
            number += 1
            sandbox.advance(timedelta(hours=7))

        sandbox.before_request = time_passes
        await teamup.sync({"attendances": {}}, into=f"parquet:{tmp_path}")
        sandbox.before_request = None
        await teamup.sync({"attendances": {}}, into=f"parquet:{tmp_path}")

        assert number > 3
        assert ids_in("parquet", tmp_path, "attendances") == sandbox.ids("attendances")


async def test_difference(tmp_path: Path) -> None:
    """A table that does not have as many rows as TeamUp says is noted, with what to do; `verify` makes it an error."""
    async with Sandbox(rows=1000, rate=None) as sandbox, opened(sandbox) as teamup:
        into = f"duckdb:{tmp_path / 'gym.duckdb'}"
        await teamup.sync({"attendances": {}}, into=into)
        sandbox.delete("attendances", n=3)
        noted = await teamup.sync({"attendances": {}}, into=into)
        refused = await teamup.sync({"attendances": {}}, into=into, verify=True)
        whole = await teamup.sync({"attendances": {}}, into=into, full=True, verify=True)

        assert noted.ok
        assert "3 too many" in noted.notes[0]
        assert "full" in noted.notes[0]
        assert noted.parts[0].counts.difference == -3
        assert isinstance(refused.incomplete[0].error, VerificationError)
        assert "3 too many" in refused.to_json()["parts"][0]["reason"]
        assert whole.ok
        assert whole.parts[0].counts.removed == 3
        assert ids_in("duckdb", tmp_path, "attendances") == sandbox.ids("attendances")


@pytest.mark.parametrize(
    ("sync", "span", "read"),
    [
        (Growing(), ATTENDANCES.span, [["id_gt"], ["event_start_gte"]]),
        (Changed(field="updated_at", gte="updated_at_gte"), None, [[]]),
        (Whole(), ATTENDANCES.span, [[]]),
    ],
    ids=["growing", "changed, without a span", "whole"],
)
async def test_every_way(tmp_path: Path, sync: Sync, span: TimeSpan | None, read: list[list[str]]) -> None:
    """However an endpoint says it is kept up to date, what became visible by time is there after the next sync."""
    declared = attrs.evolve(ATTENDANCES, sync=sync, span=span)
    async with Sandbox(rows=1000, rate=None) as sandbox:
        account = Account(name="studio", token=sandbox.token, mode="provider")
        async with BulkPull([account], base_url=sandbox.url, rate=None, endpoints=[declared]) as bulk:
            await bulk.sync({"attendances": {}}, into=f"sqlite:{tmp_path / 'gym.sqlite'}")
            sandbox.insert("attendances", n=2)
            before = len(sandbox.ids("attendances"))
            sandbox.advance(timedelta(days=5))
            result = await bulk.sync(
                {"attendances": {}}, into=f"sqlite:{tmp_path / 'gym.sqlite'}", verify=True
            )
            seen = sandbox.ids("attendances")

    assert result.ok
    assert [list(part.part.query) for part in result.parts] == read
    assert ids_in("sqlite", tmp_path, "attendances") == seen
    assert len(seen) > before
