"""The pytest plugin: a ``teamup_sandbox`` fixture for synchronous and asynchronous tests alike.

    @pytest.mark.teamup_sandbox(rows=500, rate=None)
    async def test_pull(teamup_sandbox):
        async with TeamUp(base_url=teamup_sandbox.url, token=teamup_sandbox.token) as teamup: ...

The sandbox runs in a thread of its own, so that no asyncio plugin is needed. The marker takes the options
of `Sandbox`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .server import Sandbox

_ROWS = 1000


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "teamup_sandbox(**options): options of the teamup_sandbox fixture, those of Sandbox(...)"
    )


@pytest.fixture
def teamup_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A running local TeamUp with 1000 attendances (see the ``teamup_sandbox`` marker for more)."""
    from .server import Sandbox

    marker = request.node.get_closest_marker("teamup_sandbox")
    options: dict[str, Any] = {"rows": _ROWS}
    if marker is not None:
        options.update(marker.kwargs)
    with Sandbox.in_thread(**options) as sandbox:
        yield sandbox
