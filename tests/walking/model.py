"""A TeamUp in memory, for thousands of walks: only the socket is left out.

`Model` holds the rows of one endpoint and answers requests as the API documents it; a schedule says what is
inserted, deleted or moved before which request. `InMemory` stands where a walk's session stands.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import attrs

from teamup_async._walking.plan import plan
from teamup_async._walking.seams import Integrity
from teamup_async._walking.walk import Record, Walk
from teamup_async.endpoint import Endpoint
from teamup_async.errors import NotFoundError, PaginationError
from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSessionsQuery
from teamup_async.query import Query
from teamup_async.reports.attendance_strikes import (
    ATTENDANCE_STRIKES_GROUPED,
    AttendanceStrikesGroupedQuery,
)
from teamup_async.reports.attendances import ATTENDANCES, AttendancesQuery

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
LARGEST_PAGE = 100

Change = tuple[str, int]
Schedule = list[list[Change]]
"""The changes before the first request, the second, ...: what to do, and a number that says to which row."""


def at(hours: int) -> str:
    return (EPOCH + timedelta(hours=hours)).isoformat()


@attrs.define
class Model:
    """The rows of one endpoint, by id; the value is what they are sorted by (hours for course sessions)."""

    rows: dict[int, int]
    schedule: Schedule = attrs.field(factory=list)
    clamp: int = LARGEST_PAGE
    shuffled_ties: random.Random | None = None
    served: int = 0
    steady: set[int] = attrs.field(factory=set)
    """Ids of rows that were there from the start on, and were neither deleted nor moved."""
    used: set[int] = attrs.field(factory=set)
    """Ids that were ever given."""

    def __attrs_post_init__(self) -> None:
        self.steady = set(self.rows)
        self.used = set(self.rows)

    def change(self) -> None:
        """Do what the schedule says before this request."""
        changes = self.schedule[self.served] if self.served < len(self.schedule) else ()
        self.served += 1
        for kind, number in changes:
            ids = sorted(self.rows)
            if kind == "insert":
                new = number % (max(self.used, default=0) + 20) + 1
                while new in self.used:
                    new += 1
                self.used.add(new)
                self.rows[new] = number % 7
            elif ids:
                chosen = ids[number % len(ids)]
                self.steady.discard(chosen)
                if kind == "delete":
                    del self.rows[chosen]
                else:
                    self.rows[chosen] = number % 11

    def ordered(self, *, by_time: bool, descending: bool = False) -> list[int]:
        if not by_time:
            return sorted(self.rows)
        ties = self.shuffled_ties
        rank = {i: (ties.random() if ties else i) for i in self.rows}
        ids = sorted(self.rows, key=lambda i: (self.rows[i], rank[i]))
        return ids[::-1] if descending else ids

    def answer(self, endpoint: Endpoint[..., Any], query: str) -> bytes:
        """The body of a page."""
        self.change()
        asked: dict[str, str] = dict(parse_qsl(query))
        listed = endpoint is COURSE_SESSIONS
        ids = self.ordered(by_time=listed, descending=asked.get("sort") == "-start")
        if "id_gt" in asked:
            ids = [i for i in ids if i > int(asked["id_gt"])]
        for name, keep in (("starts_at_gte", 1), ("starts_at_lte", -1)):
            if name in asked:
                bound = datetime.fromisoformat(asked[name])
                ids = [
                    i for i in ids if (EPOCH + timedelta(hours=self.rows[i]) - bound) * keep >= timedelta()
                ]
        if "page" in asked:
            size = min(int(asked["page_size"]), self.clamp)
            start = (int(asked["page"]) - 1) * size
        else:
            size, start = min(int(asked["limit"]), self.clamp), int(asked["offset"])
        if listed and start and start >= len(ids):
            raise NotFoundError("404 not_found", status=404)
        rows = [self.row(endpoint, i) for i in ids[start : start + size]]
        envelope = endpoint.envelope
        return json.dumps({envelope.total: len(ids), envelope.rows: rows}).encode()

    def row(self, endpoint: Endpoint[..., Any], i: int) -> dict[str, Any]:
        if endpoint is COURSE_SESSIONS:
            return {"id": i, "starts_at": at(self.rows[i])}
        if endpoint is ATTENDANCE_STRIKES_GROUPED:
            return {"customer": {"id": i}, "count": self.rows[i]}
        return {"id": i}


class InMemory:
    """What a walk asks of a session, without a socket; answers arrive in any order."""

    def __init__(self, model: Model, endpoint: Endpoint[..., Any], jitter: random.Random) -> None:
        self._model, self._endpoint, self._jitter = model, endpoint, jitter

    def now(self) -> float:
        return 0.0

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def get(
        self, path: str, query: str, parse: Callable[[bytes], Any], meter: Any, failed: Any = None
    ) -> Any:
        for _ in range(self._jitter.randrange(3)):
            await asyncio.sleep(0)
        body = self._model.answer(self._endpoint, query)
        for _ in range(self._jitter.randrange(3)):
            await asyncio.sleep(0)
        return parse(body)


QUERIES: dict[str, tuple[Endpoint[..., Any], Query[Any]]] = {
    "attendances": (ATTENDANCES, AttendancesQuery()),
    "course_sessions": (COURSE_SESSIONS, CourseSessionsQuery()),
    "course_sessions descending": (COURSE_SESSIONS, CourseSessionsQuery(sort=["-start"])),
    "attendance_strikes.grouped": (
        ATTENDANCE_STRIKES_GROUPED,
        AttendanceStrikesGroupedQuery(columns=["customer.id", "count"]),
    ),
}


@attrs.frozen
class Outcome:
    """What a walk handed out, and how it ended."""

    ids: list[int]
    error: PaginationError | None
    integrity: Integrity


def walk(
    model: Model, what: str, *, by: Any = None, size: int, window: int, seed: int, on_drift: Any = "heal"
) -> Outcome:
    """Walk a model to the end, or to the error that ends it."""
    return asyncio.run(_walk(model, what, by, size, window, seed, on_drift))


async def _walk(
    model: Model, what: str, by: Any, size: int, window: int, seed: int, on_drift: Any
) -> Outcome:
    endpoint, query = QUERIES[what]
    route = plan(
        endpoint,
        query,
        by=by,
        size=size,
        window=window,
        start=None,
        on_drift=on_drift,
        arrays="repeat",
        timeout=None,
    )
    record = Record()
    walked: Any = Walk(route, InMemory(model, endpoint, random.Random(seed)), record)  # type: ignore[arg-type]
    ids: list[int] = []
    error: PaginationError | None = None
    try:
        while (page := await walked.next()) is not None:
            ids += [row.customer.id if endpoint.grouped else row.id for row in page.rows]
    except PaginationError as raised:
        error = raised
    await walked.aclose()
    return Outcome(ids, error, record.integrity)


def naive_walk(model: Model, what: str, size: int) -> list[int]:
    """The loop that most people write: offsets (or page numbers) until a page is short."""
    endpoint, _ = QUERIES[what]
    return list(_naive(model, endpoint, size))


def _naive(model: Model, endpoint: Endpoint[..., Any], size: int) -> Iterator[int]:
    for number in range(10_000):
        paging = (
            f"page={number + 1}&page_size={size}"
            if endpoint is COURSE_SESSIONS
            else f"limit={size}&offset={number * size}"
        )
        try:
            page = json.loads(model.answer(endpoint, paging))
        except NotFoundError:
            return
        rows = page[endpoint.envelope.rows]
        yield from (row["customer"]["id"] if endpoint.grouped else row["id"] for row in rows)
        if len(rows) < size:
            return
