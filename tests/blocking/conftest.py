"""Clients that wait, against a sandbox in a thread."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from teamup_async import RetryPolicy
from teamup_async.blocking import TeamUp
from teamup_async.sandbox import Sandbox


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    with Sandbox.in_thread(rows=1000, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The sandbox, without faults before and after."""
    yield served
    served.faults.clear()
    served.before_request = None


@pytest.fixture
def client(sandbox: Sandbox) -> Callable[..., TeamUp]:
    """Makes clients of the sandbox that give up after the first try."""

    def make(**options: Any) -> TeamUp:
        settings = {"token": sandbox.token, "base_url": sandbox.url, "rate": None, "dialect": "default"}
        return TeamUp(**{**settings, "retry": RetryPolicy(attempts=1), **options})

    return make
