"""A sandbox in a thread, for pulls in this process and in others."""

from collections.abc import Iterator

import pytest

from teamup_async import RetryPolicy, TeamUp
from teamup_async.sandbox import Sandbox


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox for the tests of a module."""
    with Sandbox.in_thread(rows=3000, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The sandbox without faults."""
    yield served
    served.faults.clear()
    served.before_request = None


@pytest.fixture
def client(sandbox: Sandbox):
    """Makes clients of the sandbox that give up after the first try."""

    def make(**options) -> TeamUp:
        settings = {"token": sandbox.token, "base_url": sandbox.url, "rate": None, "mode": "provider"}
        return TeamUp(**{**settings, "retry": RetryPolicy(attempts=1), **options})

    return make
