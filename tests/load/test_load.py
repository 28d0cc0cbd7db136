"""Many accounts in one process, for many windows of their quotas, on a simulated clock."""

from __future__ import annotations

import os

import pytest

from tests.load.work import run

ACCOUNTS, WINDOWS, RATE = map(int, os.environ.get("TEAMUP_ASYNC_LOAD", "20 3 80").split())


@pytest.mark.slow
async def test_many_accounts():
    """Every account stays within its quota and uses it; no stream starves; memory is flat; nothing is left."""
    figures = await run(ACCOUNTS, WINDOWS, rate=RATE)
    assert figures.refused == 0
    assert figures.busiest <= RATE
    assert figures.used >= 0.95
    assert min(figures.shares.values()) >= 0.5
    assert figures.complete
    assert figures.tasks == figures.connections == 0
    # After a third of the time everything is warm: connections, windows of pages, the allocator's arenas.
    for sizes in (figures.blocks, figures.resident):
        warm = sizes[WINDOWS // 3]
        assert max(sizes[WINDOWS // 3 :]) <= 1.1 * warm
