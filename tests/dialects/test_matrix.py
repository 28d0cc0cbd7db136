"""A client that was told nothing, and servers that speak every dialect.

By default a handful of endpoints in each single deviation. ``TEAMUP_ASYNC_DIALECTS=200`` asks all endpoints, in each
single deviation and in 200 combinations (``nox -s dialects``).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teamup_async import Dialect, TeamUpDialectWarning
from teamup_async.dialect import UNKNOWNS
from teamup_async.endpoints import ENDPOINTS, endpoint_named
from teamup_async.sandbox import Sandbox
from tests.dialects.matrix import (
    Question,
    ask_all,
    client,
    combinations,
    deviations,
    questions,
    required,
    written,
    wrong,
)

COMBINATIONS = int(os.environ.get("TEAMUP_ASYNC_DIALECTS", "0"))
FEW = ("attendances", "attendance_strikes.grouped", "content_views", "lists.attendances")
Asked = list[tuple[Question, Any]]


@pytest.fixture
async def asked() -> AsyncIterator[tuple[Sandbox, Asked]]:
    """A small sandbox, and what it answers in the default dialect."""
    endpoints = ENDPOINTS if COMBINATIONS else [endpoint_named(name) for name in FEW]
    rows = 240 if COMBINATIONS else 110
    async with Sandbox(rows=rows, rate=None, gzip=False) as sandbox, client(sandbox) as teamup:
        found = await questions(teamup, endpoints)
        yield sandbox, [(question, await question.ask(teamup)) for question in found]


async def test_single_deviations(asked: tuple[Sandbox, Asked]) -> None:
    """In each dialect that deviates in one field, each answer is right, or an error that names the field."""
    sandbox, known = asked
    kinds = {question.kind for question, _ in known}
    assert kinds >= {"walk", "count", "filter", "sorted"}

    for dialect in deviations():
        outcomes = await ask_all(sandbox, dialect, known)
        assert not wrong(outcomes)


@pytest.mark.skipif(not COMBINATIONS, reason="takes long: nox -s dialects")
async def test_combinations(asked: tuple[Sandbox, Asked]) -> None:
    """The same where two to eight fields deviate at once."""
    sandbox, known = asked
    found = [one for d in combinations(COMBINATIONS) for one in await ask_all(sandbox, d, known)]
    assert not wrong(found)


async def test_a_client_that_was_told(asked: tuple[Sandbox, Asked]) -> None:
    """A client that was told the dialect gets right rows, and asks nothing to find it out."""
    sandbox, known = asked
    asked_of = {unknown.name for unknown in UNKNOWNS if unknown.topic in ("requests", "order and pages")}
    for dialect in deviations():
        if not dialect.deviations().keys() <= asked_of - {"ties", "format_json"}:
            continue
        outcomes = await ask_all(sandbox, dialect, known, dialect=dialect)
        assert [one for one in outcomes if one.verdict != "right"] == []


async def test_pulls(tmp_path: Path) -> None:
    """A bulk pull writes the same rows in each dialect, or its part fails with an error that names the field."""
    endpoints = (
        ENDPOINTS
        if COMBINATIONS
        else [endpoint_named(name) for name in ("attendances", "invoices", "events")]
    )
    requests = {endpoint.full_name: required(endpoint) for endpoint in endpoints}
    spoken = list(deviations())
    if not COMBINATIONS:
        spoken = spoken[::7]
    async with Sandbox(rows=60, rate=None, gzip=False) as sandbox:
        expected: dict[str, list[str]] = {}
        for number, dialect in enumerate([Dialect(), *spoken]):
            sandbox.dialect = dialect
            folder = tmp_path / str(number)
            async with client(sandbox) as teamup:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", TeamUpDialectWarning)
                    result = await teamup.pull(requests, into=f"jsonl:{folder}")
            found = {path.stem: written(path) for path in folder.glob("*.jsonl")}
            expected = expected or found
            for part in result.incomplete:
                assert any(field in str(part.error) for field in dialect.deviations()), (dialect, part.error)
            assert len(found) + len(result.incomplete) == len(expected)
            for name, rows in found.items():
                assert rows == expected[name], (dialect, name)
