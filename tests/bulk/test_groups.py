"""Grouped reports in bulk: every one of them, twice."""

from __future__ import annotations

import pytest

from teamup_async import ENDPOINTS, TeamUp
from teamup_async.sandbox import Sandbox

GROUPED = [endpoint for endpoint in ENDPOINTS if endpoint.grouped]


@pytest.mark.slow
async def test_every_grouped_report(tmp_path):
    """Each grouped report becomes a table, and a second sync leaves the same groups there."""
    requests = {
        endpoint.python_name: {"columns": list(dict.fromkeys([endpoint.columns[0], *endpoint.measures]))}
        for endpoint in GROUPED
    }
    async with (
        Sandbox(rows=100, rate=None) as sandbox,
        TeamUp(base_url=sandbox.url, token=sandbox.token) as teamup,
    ):
        tables = []
        for _ in range(2):
            result = await teamup.sync(requests, into=f"sqlite:{tmp_path / 'groups.db'}", verify=True)
            assert result.ok, result.incomplete
            tables.append({part.part.name: part.counts.table for part in result.parts})
            assert all(part.counts.table == part.counts.total for part in result.parts)
        assert tables[0] == tables[1]
        assert sum(tables[0].values()) > len(GROUPED)
