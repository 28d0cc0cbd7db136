"""Recorded answers against the declarations: run with ``pytest --teamup-recorded DIR``.

A failure says what a row class, or a way to walk, does not know about the API. It is worth an issue; attach the folder.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from teamup_async.client import TeamUp
from teamup_async.conformance.shapes import missing_fields, odd_values, unknown_fields
from teamup_async.dialect import Dialect
from teamup_async.doctor.recordings import Recording, read_recordings
from teamup_async.endpoints import endpoint_named
from teamup_async.sandbox.replay import Replay

_SIZE = 7
"""Rows a page: a recording has some pages then."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every recorded answer."""
    dialect, recordings = read_recordings(str(metafunc.config.getoption("--teamup-recorded")))
    metafunc.parametrize(
        "recording, dialect", [(one, dialect) for one in recordings], ids=[one.name for one in recordings]
    )


def read(recording: Recording, dialect: Dialect, **paging: Any) -> list[Any]:
    """The rows of a recorded answer, as a stream yields them."""
    endpoint = endpoint_named(recording.endpoint)
    values: dict[str, Any] = {
        parameter.name: recording.parameters.get(parameter.name) or parameter.enum[:1] or [1]
        for parameter in endpoint.filters
        if parameter.required
    }
    if "expand" in recording.parameters:
        values["expand"] = recording.parameters["expand"]

    async def collect() -> list[Any]:
        async with (
            Replay([recording]) as replay,
            TeamUp(base_url=replay.url, token="replay", provider_id=1, dialect=dialect, rate=None) as teamup,  # noqa: S106
        ):
            return await teamup.stream(endpoint, **values).paged(**paging).collect()

    return asyncio.run(collect())


def test_rows_are_read(recording: Recording, dialect: Dialect) -> None:
    """Every row fits its class: types, formats and nested objects."""
    endpoint = endpoint_named(recording.endpoint)

    assert len(read(recording, dialect)) == len(recording.body[endpoint.envelope.rows])


def test_no_unknown_fields(recording: Recording, dialect: Dialect) -> None:
    """The row class knows every field that comes."""
    assert unknown_fields(read(recording, dialect, extra="keep")) == {}


def test_no_missing_fields(recording: Recording, dialect: Dialect) -> None:
    """Every declared column or field comes."""
    if dialect.missing_values == "absent" or dialect.default_columns == "few":
        pytest.skip("this API leaves fields out")
    endpoint = endpoint_named(recording.endpoint)

    assert missing_fields(endpoint, recording.body, recording.parameters.get("expand", ())) == []


def test_no_odd_values(recording: Recording, dialect: Dialect) -> None:
    """Enums have documented values only."""
    assert odd_values(read(recording, dialect)) == []


def test_walks(recording: Recording, dialect: Dialect) -> None:
    """Each way to walk gives every row once."""
    endpoint = endpoint_named(recording.endpoint)
    whole = read(recording, dialect)
    ways = [way for way in endpoint.pagings if dialect.paging != "page" or way != "offset"]
    for way in ways:
        if dialect.paging == "limit_offset" and way == "page" and endpoint.envelope.name == "report":
            continue
        walked = read(recording, dialect, by=way, size=_SIZE)

        assert sorted(map(repr, walked)) == sorted(map(repr, whole)), way
