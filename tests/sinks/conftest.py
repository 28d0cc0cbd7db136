"""Sinks against a sandbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from teamup_async import RetryPolicy, TeamUp
from teamup_async.sandbox import Sandbox
from tests.sinks.reading import READERS, flat


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """A sandbox for these tests."""
    with Sandbox.in_thread(rows=3000, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The sandbox without faults."""
    yield served
    served.faults.clear()
    served.before_request = None


@pytest.fixture
def client(sandbox: Sandbox) -> Callable[..., TeamUp]:
    """Makes clients of the sandbox that give up after the first try."""

    def make(**options: Any) -> TeamUp:
        settings = {"token": sandbox.token, "base_url": sandbox.url, "rate": None, "mode": "provider"}
        return TeamUp(**{**settings, "retry": RetryPolicy(attempts=1), **options})

    return make


@pytest.fixture
def read() -> Callable[[str, Path, str], list[dict[str, Any]]]:
    """Reads a file or table by format, path, and name of the table: rows as dicts by dotted column."""

    def reading(kind: str, path: Path, name: str = "") -> list[dict[str, Any]]:
        return [flat(row) if kind in ("json", "jsonl") else row for row in READERS[kind](path, name)]

    return reading
