"""Test your own code against a local TeamUp: `pip install pytest pytest-asyncio`, then `pytest test_with_sandbox.py`.

The fixture comes with the package; the marks say how much data it has and how it behaves.
"""

import pytest

from teamup_async import ServerError, TeamUp
from teamup_async.sandbox import Sandbox, faults


async def no_shows(teamup: TeamUp) -> int:
    """Count the customers who booked and did not come. This is the code under test."""
    return await teamup.reports.attendances(status=["no_show"]).count()


@pytest.mark.asyncio
@pytest.mark.teamup_sandbox(rows=500, rate=None)
async def test_no_shows_are_counted(teamup_sandbox: Sandbox) -> None:
    """Some of the 500 attendances are no-shows, not all."""
    async with TeamUp(base_url=teamup_sandbox.url, token=teamup_sandbox.token) as teamup:
        assert 0 < await no_shows(teamup) < 500


@pytest.mark.asyncio
async def test_an_outage_is_an_error(teamup_sandbox: Sandbox) -> None:
    """When TeamUp fails for good, the caller hears of it."""
    teamup_sandbox.faults.add(faults.status(501))
    async with TeamUp(base_url=teamup_sandbox.url, token=teamup_sandbox.token) as teamup:
        with pytest.raises(ServerError):
            await no_shows(teamup)
