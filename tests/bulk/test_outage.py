"""A night with an outage: bulk pulls and syncs outlast it unless they are told otherwise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from teamup_async import RetryPolicy, TeamUp
from teamup_async.bulk import Account, BulkPull
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated
from tests.sinks.reading import rows_of

WANTED = {"attendances": {}, "instructed_sessions": {}, "course_sessions": {}}


@pytest.fixture
def clock() -> Simulated:
    """A clock that waits for the sink's thread, too."""
    return Simulated(quiet=0.05)


def outage(clock: Simulated, seconds: float) -> Callable[[object], bool]:
    """Whether the server is still down."""
    ends = clock.now() + seconds
    return lambda _: clock.now() < ends


@pytest.mark.parametrize(
    "fault", [lambda: faults.status(503), faults.reset], ids=["503", "connections that break"]
)
async def test_a_sync(clock: Simulated, tmp_path: Path, fault: Any) -> None:
    """A sync loses nothing to an outage of more than five minutes that begins before it or in the middle of it."""
    async with Sandbox(rows=1500, rate=None) as sandbox:
        settings: dict[str, Any] = {"clock": clock, "trace_configs": [clock.tracing()], "rate": None}
        async with TeamUp(token=sandbox.token, base_url=sandbox.url, mode="provider", **settings) as teamup:
            for number in (1, 12):
                sandbox.faults.add(fault(), nth=number, times=None, when=outage(clock, 330))
                begun = clock.now()
                result = await teamup.sync(WANTED, into=f"sqlite:{tmp_path / f'{number}.db'}")
                sandbox.faults.clear()

                assert result.ok, [part.reason for part in result.incomplete]
                assert clock.now() - begun >= 330
                assert {part.counts.difference for part in result.parts if part.counts} == {0}


async def test_several_accounts(clock: Simulated, tmp_path: Path) -> None:
    """So do several accounts in one pull; a policy that is given counts instead."""
    async with Sandbox(rows=1000, rate=None) as sandbox:
        accounts = [
            Account(name=name, token=account.token, provider_id=account.provider_id, mode="provider")
            for name, account in zip(("north", "south"), sandbox.accounts, strict=True)
        ]
        for retry, complete in ((None, True), (RetryPolicy(attempts=2), False)):
            sandbox.faults.add(faults.status(502), times=None, when=outage(clock, 330))
            options: dict[str, Any] = {} if retry is None else {"retry": retry}
            async with BulkPull(
                accounts,
                base_url=sandbox.url,
                rate=None,
                clock=clock,
                trace_configs=[clock.tracing()],
                **options,
            ) as bulk:
                result = await bulk.pull({"attendances": {}}, into=f"jsonl:{tmp_path / str(complete)}")
            sandbox.faults.clear()
            assert result.ok is complete
        rows = rows_of("jsonl", tmp_path / "True" / "south", "attendances")
        assert [row["id"] for row in rows] == sandbox.ids("attendances", account=1)
