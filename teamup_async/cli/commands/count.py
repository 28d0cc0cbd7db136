"""``teamup count REPORT``: how many rows a report has, in one small request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cyclopts import App

from ...endpoint import Endpoint
from ...endpoints import ENDPOINTS
from ..report_app import Request, report_app
from ..running import execute

__all__ = ["app", "build"]


def build(endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> App:
    """The command for `endpoints`."""
    return report_app("count", endpoints, _run, lambda _: [], "Prints its number of rows (GET {path}).")


def _run(request: Request) -> int:
    return execute(_count(request), request.situation)


async def _count(request: Request) -> int:
    query = request.query()
    async with request.connection.client() as teamup:
        print(await teamup.stream(request.endpoint, **query).count())
    return 0


app = build()
