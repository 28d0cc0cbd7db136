"""Many accounts in one process, for many windows of their quotas, on a simulated clock."""

from __future__ import annotations

import os

import pytest

from tests.load.work import run

SIZES = os.environ.get("TEAMUP_ASYNC_LOAD", "6 3 80, 20 3 80").split(",")


@pytest.mark.slow
@pytest.mark.parametrize(("accounts", "windows", "rate"), [tuple(map(int, size.split())) for size in SIZES])
async def test_many_accounts(accounts, windows, rate):
    """Every account stays within its quota and uses it; no stream starves; memory is flat; nothing is left."""
    figures = await run(accounts, windows, rate=rate)
    assert figures.refused == 0
    assert figures.busiest <= rate
    assert figures.used >= 0.95
    assert min(figures.shares.values()) >= 0.8
    assert figures.complete
    assert figures.tasks == figures.connections == 0
    # After a third of the time everything is warm: connections, windows of pages, the allocator's arenas.
    for sizes in (figures.blocks, figures.resident):
        warm = sizes[windows // 3]
        assert max(sizes[windows // 3 :]) <= 1.1 * warm
