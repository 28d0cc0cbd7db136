"""What a bulk pull or a sync would take, shown before it is run."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rich.table import Table

from .._bulk.estimates import Estimate, estimate
from .._bulk.plan import Plan
from ..bulk.many import BulkPull
from ..client import TeamUp
from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from .bulk_run import opened
from .connection import Connection
from .options import Bulk
from .progress import duration
from .saying import say
from .tables import counted, draw, plain_console

__all__ = ["preview"]

EXPORT_REQUESTS = 10
"""What an export takes, however long the report is: docs/exports.md."""


async def preview(
    bulk: Bulk,
    connection: Connection,
    planned: Callable[[TeamUp | BulkPull], Awaitable[Plan]],
    known: Sequence[Endpoint[..., Any]],
) -> int:
    """Show what `planned` gives, with rows, requests and the time that the quota will take; returns the exit code."""
    async with opened(bulk, connection) as client:
        plan = await planned(client)
        if isinstance(client, BulkPull):
            found = await client.estimate(plan)
        else:
            rate = connection.requests_a_minute
            found = await estimate(plan, {None: client}, callers={None: ""}, rate=rate, endpoints=known)
    if bulk.json:
        parts = [
            {
                **part.to_json(),
                "rows": found.rows[part.id],
                "requests": found.requests[part.id],
                "reason": str(found.problems[part.id]) if part.id in found.problems else None,
            }
            for part in plan
        ]
        sys.stdout.write(json.dumps({"parts": parts, "seconds": found.seconds}) + "\n")
    else:
        _draw(plan, found)
        _tell_of_exports(plan, found, known)
    say(*(f"teamup: {part} can't be asked for: {error}" for part, error in found.problems.items()))
    return 1 if found.problems else 0


def _draw(plan: Plan, found: Estimate) -> None:
    console = plain_console()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("report", overflow="fold")
    for name in ("rows", "requests"):
        table.add_column(name, justify="right")
    for part in plan:
        table.add_row(part.id, f"{found.rows[part.id]:,}", f"{found.requests[part.id]:,}")
    draw(console, table)
    rows, requests = sum(found.rows.values()), sum(found.requests.values())
    waits = (
        f"the quota makes it wait {duration(found.seconds)}" if found.seconds else "within the quota at once"
    )
    reports = len({part.target for part in plan})  # one that is read in windows of time has several parts
    console.print(
        f"{counted(reports, 'report')}, {counted(rows, 'row')}, {counted(requests, 'request')}; {waits}",
        markup=False,
    )


def _tell_of_exports(plan: Plan, found: Estimate, known: Sequence[Endpoint[..., Any]]) -> None:
    """Name the report that an export would save most requests of, if that is worth a word."""
    parts = [part for part in plan if endpoint_named(part.endpoint, known).export_path is not None]
    most = max(parts, key=lambda part: found.requests[part.id], default=None)
    if most is not None and found.requests[most.id] > 5 * EXPORT_REQUESTS:
        plain_console().print(
            f"`teamup export {endpoint_named(most.endpoint, known).command_name}` would take about "
            f"{EXPORT_REQUESTS} requests instead of {found.requests[most.id]:,}. TeamUp decides how long that takes.",
            markup=False,
        )
