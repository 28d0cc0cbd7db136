"""The pytest plugin: a ``teamup_sandbox`` fixture for synchronous and asynchronous tests alike.

    @pytest.mark.teamup_sandbox(rows=500, rate=None)
    async def test_pull(teamup_sandbox):
        async with TeamUp(base_url=teamup_sandbox.url, token=teamup_sandbox.token) as teamup: ...

The sandbox runs in a thread of its own, so that no asyncio plugin is needed. The marker takes the options
of `Sandbox`.

``pytest --teamup-recorded DIR`` runs other tests than yours: those of this package on answers that ``teamup doctor
--record DIR`` has written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .server import Sandbox

_ROWS = 1000
_RECORDED = Path(__file__).parents[1] / "conformance" / "test_recorded.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--teamup-recorded``."""
    parser.getgroup("teamup_async").addoption(
        "--teamup-recorded",
        metavar="DIR",
        help="test teamup_async on the answers in DIR that `teamup doctor --record DIR` wrote, and nothing else",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known; with ``--teamup-recorded`` run the tests of recorded answers."""
    recorded = config.getoption("--teamup-recorded")
    if recorded:
        from ..doctor.recordings import read_recordings
        from ..errors import ConfigurationError

        try:
            read_recordings(recorded)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None
        config.args[:] = [str(_RECORDED)]
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
