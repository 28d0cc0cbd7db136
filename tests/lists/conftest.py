"""A running sandbox with few rows, for all tests of lists, and a client of it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from teamup_async import TeamUp
from teamup_async.sandbox import Sandbox


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox in a thread of its own."""
    with Sandbox.in_thread(rows=300, rate=None) as running:
        yield running


@pytest.fixture
async def teamup(sandbox: Sandbox) -> AsyncIterator[TeamUp]:
    """A client of it."""
    async with TeamUp(token=sandbox.token, base_url=sandbox.url, rate=None) as client:
        yield client
