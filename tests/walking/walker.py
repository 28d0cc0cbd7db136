"""Walks of a `Model`, without a socket: what they yield, what they send, and how they end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import attrs

from teamup_async._walking.plan import plan
from teamup_async._walking.record import Integrity, Record
from teamup_async._walking.whole import begin
from teamup_async.endpoint import Endpoint
from teamup_async.errors import PaginationError
from tests.walking.model import QUERIES, Model

LATENCY = 0.05
"""Seconds that a request takes on the clock of `InMemory`, which stands still otherwise."""


class InMemory:
    """What a walk asks of a requester, without a socket; answers arrive in any order."""

    def __init__(
        self, model: Model, endpoint: Endpoint[..., Any], jitter: random.Random, quota: Any = None
    ) -> None:
        self._model, self._endpoint, self._jitter = model, endpoint, jitter
        self.quota = quota
        self.readers: dict[object, bool] = {}
        self.slept: list[float] = []
        self._time = 0.0

    def now(self) -> float:
        return self._time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._time += seconds
        await asyncio.sleep(0)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def get(
        self, path: str, query: str, parse: Callable[[bytes], Any], meter: Any, failed: Any = None, **_: Any
    ) -> Any:
        for _ in range(self._jitter.randrange(3)):
            await asyncio.sleep(0)
        body = self._model.answer(self._endpoint, query)
        self._time += LATENCY
        meter.answering += LATENCY
        for _ in range(self._jitter.randrange(3)):
            await asyncio.sleep(0)
        return parse(body)


@attrs.frozen
class Outcome:
    """What a walk yielded, and how it ended."""

    ids: list[int]
    rows: list[Any]
    error: PaginationError | None
    integrity: Integrity
    requests: int
    slept: list[float]


def walk(model: Model, what: str, **options: Any) -> Outcome:
    """Walk a model to the end, or to the error that ends it."""
    return asyncio.run(_walk(model, what, **options))


async def _walk(model: Model, what: str, *, seed: int = 0, quota: Any = None, **options: Any) -> Outcome:
    endpoint, query = QUERIES[what]
    options = {
        "by": None,
        "size": 100,
        "window": 4,
        "start": None,
        "on_drift": "heal",
        "timeout": None,
        **options,
    }
    route = plan(endpoint, query, **options)
    record = Record()
    requester: Any = InMemory(model, endpoint, random.Random(seed), quota)
    walked = begin(route, requester, record)
    rows: list[Any] = []
    error: PaginationError | None = None
    try:
        while (page := await walked.next()) is not None:
            rows += page.rows
    except PaginationError as raised:
        error = raised
    await walked.aclose()
    ids = [row.customer.id if endpoint.grouped else row.id for row in rows]
    return Outcome(ids, rows, error, record.integrity, model.served, requester.slept)
