"""A sandbox, and something that collects."""

import pytest

from teamup_async.sandbox import Sandbox
from tests.telemetry.collected import Collected


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def collected():
    collected = Collected()
    yield collected
    collected.tracers.shutdown()
    collected.meters.shutdown()
