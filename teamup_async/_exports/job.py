"""What is said to TeamUp about export jobs, and what it answers. Pure.

API documents: the "Report - Export" pages (``POST /reports/X/export``) and the ``Job`` object of "Bulk Actions -
Retrieve" (``GET /jobs/{id}``). They name neither a status nor an error of a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import msgspec

from ..endpoint import Endpoint
from ..errors import ResponseDecodeError
from ..query import Query

__all__ = ["JobState", "body_of", "pauses", "read_job", "read_started"]


_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_GROWTH: Final = 1.5


@attrs.frozen
class JobState:
    """How a job stands. API document: the ``Job`` object of "Bulk Actions - Retrieve"."""

    id: int
    result_url: str | None = None
    total_items: int | None = None
    complete_items: int | None = None


@attrs.frozen
class _Started:
    """API document: "Report - Export", the answer."""

    job: int


def body_of(endpoint: Endpoint[..., Any], query: Query[Any], form: str) -> bytes:
    """The JSON that asks for an export: the filters of the report, its columns and sort, and the format."""
    body: dict[str, Any] = {}
    for parameter in endpoint.filters:
        value = getattr(query, parameter.name)
        if value is not None:
            names = parameter.name in ("columns", "sort")
            body[parameter.name] = [endpoint.canonical(name) for name in value] if names else value
    return msgspec.json.Encoder(decimal_format="number").encode({**body, "format": form})


def read_started(body: bytes) -> int:
    """The number of the job that was started. Raises `ResponseDecodeError`."""
    try:
        return msgspec.json.decode(body, type=_Started, strict=False).job
    except msgspec.MsgspecError as error:
        raise ResponseDecodeError(f"the answer names no job: {error}", json_path="$.job") from None


def read_job(body: bytes) -> JobState:
    """How a job stands. Raises `ResponseDecodeError`."""
    try:
        return msgspec.json.decode(body, type=JobState)
    except msgspec.MsgspecError as error:
        raise ResponseDecodeError(f"the answer is no job: {error}", json_path="$") from None


def pauses() -> Iterator[float]:
    """Seconds between one look at a job or its file and the next: they grow from 1 to 30."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
