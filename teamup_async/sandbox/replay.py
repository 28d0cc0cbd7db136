"""A TeamUp that has nothing but recorded answers: it pages through their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NoReturn, Self

from aiohttp import web

from .._json import is_object
from ..doctor.recordings import Recording
from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from . import render
from .app import ROOT
from .problems import ProblemError

__all__ = ["Replay", "page_of"]

Row = Mapping[str, Any]


class Replay:
    """Serves the rows of recorded answers on loopback: ``async with Replay([recording]) as replay: replay.url``.

    It understands pages by number and by offset, ``id_gt``, ``sort`` by id, and the key that a list is walked by. All
    other parameters make no difference. `recordings` are at most one for each endpoint.
    """

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._bodies = {
            endpoint.path: (endpoint, recording.body)
            for recording in recordings
            for endpoint in [endpoint_named(recording.endpoint)]
        }
        self._runner: web.ServerRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{ROOT}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        found = self._bodies.get(request.path.removeprefix(ROOT))
        try:
            body = page_of(*(found or _nothing()), dict(request.query))
        except ProblemError as problem:
            return web.Response(
                status=problem.status, body=render.to_json(problem.body), content_type="application/json"
            )
        return web.Response(body=render.to_json(body), content_type="application/json")


def _nothing() -> NoReturn:
    raise ProblemError(404, "not_found", "Not found.")


def page_of(
    endpoint: Endpoint[..., Any], body: Mapping[str, Any], query: Mapping[str, str]
) -> dict[str, Any]:
    """The page of a recorded answer that a request asks for; raises `ProblemError` (404)."""
    envelope = endpoint.envelope
    rows = _chosen(endpoint, body[envelope.rows], query)
    if "page" in query or "page_size" in query or envelope.name == "list":
        size = int(query.get("page_size", 100))
        start = (int(query.get("page", 1)) - 1) * size
    else:
        size, start = int(query.get("limit", 50)), int(query.get("offset", 0))
    if envelope.name == "list" and start and start >= len(rows):
        raise ProblemError(404, "not_found", "Invalid page.")
    page = {**body, envelope.rows: rows[start : start + size]}
    if body.get(envelope.total) is not None:
        page[envelope.total] = len(rows)
    if envelope.name == "list":
        page["next"] = page["previous"] = None
    return page


def _chosen(endpoint: Endpoint[..., Any], rows: Sequence[Row], query: Mapping[str, str]) -> Sequence[Row]:
    if "id_gt" in query and endpoint.has_id:
        rows = [row for row in rows if row.get("id", 0) > int(query["id_gt"])]
    if query.get("sort") in ("id", "-id") and all("id" in row for row in rows):
        rows = sorted(rows, key=lambda row: row["id"], reverse=query["sort"] == "-id")
    order = endpoint.order
    if order is None or any(_at(row, order.field) is None for row in rows):
        return rows
    down = query.get("sort") == f"-{order.sort}"
    if order.gte is not None and order.gte in query:
        rows = [row for row in rows if _moment(_at(row, order.field)) >= _moment(query[order.gte])]
    if order.lte is not None and order.lte in query:
        rows = [row for row in rows if _moment(_at(row, order.field)) <= _moment(query[order.lte])]
    return rows[::-1] if down else rows


def _at(row: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    for name in path.split("."):
        row = row.get(name) if is_object(row) else None
    return row


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
