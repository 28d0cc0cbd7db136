"""What all tests share: that they test the package they are meant to, and how hypothesis searches."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

import teamup_async

# No deadline: a busy machine is no failure. With CI=true hypothesis itself takes its profile "ci", which is
# the same on every run; otherwise each run looks elsewhere.
settings.register_profile("teamup_async", deadline=None, print_blob=True)
settings.register_profile("few", deadline=None, derandomize=True, max_examples=10)
if "CI" not in os.environ:
    settings.load_profile("teamup_async")

ORIGIN = Path(teamup_async.__file__).resolve().parent
TESTED = os.environ.get("TEAMUP_ASYNC_TESTED")
"""Where nox installed the wheel that is to be tested; not set in a developer's own environment."""


def pytest_report_header() -> str:
    """Say which package is tested."""
    return f"teamup_async: {ORIGIN}"


def pytest_configure() -> None:
    """Stop when the wheel is to be tested and another copy was imported."""
    if TESTED and not ORIGIN.is_relative_to(Path(TESTED).resolve()):
        pytest.exit(f"teamup_async was imported from {ORIGIN}, not from {TESTED}", returncode=4)


@pytest.fixture(autouse=True)
def told_the_dialect(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell the clients of all tests but those of dialects that the sandbox speaks the default.

    A client that was not told asks a small question of its own before it trusts some answers, and tests count requests.
    """
    if "dialects" not in request.node.nodeid:
        monkeypatch.setenv("TEAMUP_DIALECT", "default")
