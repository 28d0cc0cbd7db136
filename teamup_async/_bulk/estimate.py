"""What a plan will take, before it is run: one small request for each part."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from ..endpoint import MAX_PAGE_SIZE, Endpoint
from ..endpoints import ENDPOINTS, endpoint_named
from .client import Client
from .plan import Part, Plan

__all__ = ["Estimate", "estimate"]

_AT_ONCE: Final = 8


@attrs.frozen(kw_only=True)
class Estimate:
    """Rows and requests of each part by its id.

    `seconds` is how long the quota alone makes the slowest caller wait.
    """

    rows: Mapping[str, int]
    requests: Mapping[str, int]
    seconds: float


async def estimate(
    plan: Plan,
    clients: Mapping[str | None, Client],
    *,
    callers: Mapping[str | None, str],
    rate: int | None = 250,
    window: float = 60.0,
    endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
) -> Estimate:
    """Ask for the number of rows of each part and compute the rest. `callers` says whose quota an account uses."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def count(part: Part) -> int:
        endpoint = endpoint_named(part.endpoint, endpoints)
        async with slots:
            return await clients[part.account].stream(endpoint, part.ready(endpoint)).count()

    rows = dict(zip((part.id for part in plan), await asyncio.gather(*map(count, plan)), strict=True))
    # Pages overlap by one row, so that seams can be checked.
    requests = {name: max(1, math.ceil((n - 1) / (MAX_PAGE_SIZE - 1))) for name, n in rows.items()}
    needed: dict[str, int] = {}
    for part in plan:
        caller = callers[part.account]
        needed[caller] = needed.get(caller, 0) + requests[part.id]
    most = max(needed.values(), default=0)
    # The quota allows a burst at once, then one in each window.
    seconds = 0.0 if rate is None else max(0, math.ceil(most / rate) - 1) * window
    return Estimate(rows=rows, requests=requests, seconds=seconds)
