"""What a plan will take, before it is run: one or two small requests for each part."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS, endpoint_named
from ..errors import RequestError
from .client import Client
from .plan import Part, Plan

__all__ = ["Estimate", "estimate"]

_AT_ONCE: Final = 8


@attrs.frozen(kw_only=True)
class Estimate:
    """Rows and requests of each part by its id.

    `seconds` is how long the quota alone makes the slowest caller wait. `problems` says which parts could not be
    asked for, and why; their rows and requests are 0 here.
    """

    rows: Mapping[str, int]
    requests: Mapping[str, int]
    seconds: float
    problems: Mapping[str, Exception] = attrs.field(factory=dict[str, Exception])


async def estimate(
    plan: Plan,
    clients: Mapping[str | None, Client],
    *,
    callers: Mapping[str | None, str],
    rate: int | None = 250,
    window: float = 60.0,
    endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
) -> Estimate:
    """Ask for the number of rows of each part and compute the rest. `callers` says whose quota an account uses.

    Raises `RequestError` where no part can be asked for.
    """
    problems: dict[str, Exception] = {}
    slots = asyncio.Semaphore(_AT_ONCE)

    async def count(part: Part) -> int:
        endpoint = endpoint_named(part.endpoint, endpoints)
        async with slots:
            try:
                return await clients[part.account].stream(endpoint, part.ready(endpoint)).count()
            except RequestError as error:
                problems[part.id] = error
                return 0

    rows = dict(zip((part.id for part in plan), await asyncio.gather(*map(count, plan)), strict=True))
    if problems and len(problems) == len(plan):
        raise next(iter(problems.values()))
    walks = Counter(callers[part.account] for part in plan)
    requests: dict[str, int] = {}
    for part in plan:
        endpoint = endpoint_named(part.endpoint, endpoints)
        ahead = _requests(endpoint, rows[part.id], thrifty=False)
        bound = rate is not None and (walks[callers[part.account]] > 1 or ahead > rate)
        requests[part.id] = _requests(endpoint, rows[part.id], thrifty=True) if bound else ahead
    requests |= dict.fromkeys(problems, 0)
    needed = Counter[str]()
    for part in plan:
        needed[callers[part.account]] += requests[part.id]
    most = max(needed.values(), default=0)
    # The quota allows a burst at once, then one in each window.
    seconds = 0.0 if rate is None else max(0, math.ceil(most / rate) - 1) * window
    return Estimate(rows=rows, requests=requests, seconds=seconds, problems=problems)


def _requests(endpoint: Endpoint[..., Any], rows: int, *, thrifty: bool) -> int:
    """The requests of a walk. Pages overlap, so that seams can be checked, unless each begins at the last key."""
    size = endpoint.max_page_size
    by_time = endpoint.order is not None and endpoint.has_id
    if thrifty and (by_time or "id" in endpoint.pagings):
        overlap = 2 if by_time else 0  # rows with the same time come again
    else:
        overlap = size // 12 if by_time else 1
    if not overlap:
        return rows // size + 1  # a full page is not the end
    return max(1, math.ceil((rows - overlap) / (size - overlap)))
