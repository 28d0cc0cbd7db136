"""``teamup pull REPORT... --out FOLDER``: several reports, of one account or many, into files or a database."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.table import Table

from ..bulk.estimate import Estimate, estimate
from ..bulk.many import BulkPull
from ..bulk.plan import Plan, make_plan
from ..bulk.result import PullResult
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import QueryError
from ..sinks.named import FORMATS, sink_named
from .bulk_options import HOW, WHAT, Bulk, Reports, requests_of
from .bulk_run import opened, rate_of, run
from .options import Connection, Verbosity, Zone
from .progress import duration
from .report_app import situation
from .running import execute
from .tables import counted, draw, plain_console

__all__ = ["app", "build", "place_of"]

_Format = Literal["jsonl", "csv", "parquet", "arrow", "duckdb", "sqlite"]


def build(endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> App:
    """The command for `endpoints`."""
    known = tuple(endpoints)
    made = App(name="pull-many")

    def pull_many(
        reports: Reports,
        /,
        *,
        out: Annotated[
            str,
            Parameter(
                group=WHAT,
                metavar="PLACE",
                help=(
                    "Folder for a file of each report, or FORMAT:PLACE such as duckdb:gym.duckdb. Existing files are "
                    "replaced once the new ones are whole."
                ),
            ),
        ] = "data",
        format: Annotated[  # noqa: A002 - the option's name
            _Format | None,
            Parameter(group=WHAT, help="What to write (default: what PLACE says, else jsonl)."),
        ] = None,
        since: Annotated[
            str | None, Parameter(group=WHAT, metavar="WHEN", help="What happens at or after this time.")
        ] = None,
        until: Annotated[
            str | None, Parameter(group=WHAT, metavar="WHEN", help="What happens at or before this time.")
        ] = None,
        window_days: Annotated[
            int | None,
            Parameter(
                group=HOW,
                metavar="INT",
                help="Split the time from --since on into pieces of so many days, which are pulled side by side.",
            ),
        ] = None,
        dry_run: Annotated[
            bool,
            Parameter(
                group=HOW,
                negative=(),
                help="Show the plan, the requests and the time that the quota will take; pull nothing.",
            ),
        ] = False,
        bulk: Bulk = Bulk(),  # noqa: B008 - frozen
        timezone: Zone = "UTC",
        connection: Connection = Connection(),  # noqa: B008 - frozen
        verbosity: Verbosity = Verbosity(),  # noqa: B008 - frozen
    ) -> int:
        async def work() -> int:
            requests = requests_of(
                reports, bulk.set or (), known, since=since, until=until, timezone=timezone
            )
            windows = _windows(window_days)
            into = sink_named(place_of(out, format))

            async def pull(client: Any, options: Mapping[str, Any]) -> PullResult:
                result: PullResult = await client.pull(requests, into=into, windows=windows, **options)
                return result

            if dry_run:
                return await _show(bulk, connection, requests, windows, known)
            return await run(bulk, connection, verbosity, pull)

        return execute(work(), situation(connection, verbosity))

    made.default(pull_many)
    return made


def place_of(out: str, given: str | None) -> str:
    """``FORMAT:PATH`` for `out`; a folder has no format of its own."""
    named = out.partition(":")[0] in FORMATS and ":" in out
    if given is None:
        return out if named or Path(out).suffix else f"jsonl:{out}"
    if named and not out.startswith(f"{given}:"):
        raise QueryError(
            f"--format {given} and --out {out} say different things", parameter="format", value=given
        )
    return out if named else f"{given}:{out}"


def _windows(days: int | None) -> timedelta | None:
    if days is not None and days < 1:
        raise QueryError(f"window-days must be 1 or more, not {days}", parameter="window_days", value=days)
    return None if days is None else timedelta(days=days)


async def _show(
    bulk: Bulk,
    connection: Connection,
    requests: Mapping[str, Any],
    windows: timedelta | None,
    known: tuple[Endpoint[..., Any], ...],
) -> int:
    async with opened(bulk, connection) as client:
        if isinstance(client, BulkPull):
            plan = client.plan(requests, windows=windows)
            found = await client.estimate(plan)
        else:
            plan = make_plan(requests, windows=windows, endpoints=known)
            found = await estimate(
                plan, {None: client}, callers={None: ""}, rate=rate_of(connection), endpoints=known
            )
    if bulk.json:
        parts = [
            {**part.to_json(), "rows": found.rows[part.id], "requests": found.requests[part.id]}
            for part in plan
        ]
        sys.stdout.write(json.dumps({"parts": parts, "seconds": found.seconds}) + "\n")
    else:
        _draw(plan, found)
    return 0


def _draw(plan: Plan, found: Estimate) -> None:
    console = plain_console()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("part", overflow="fold")
    for name in ("rows", "requests"):
        table.add_column(name, justify="right")
    for part in plan:
        table.add_row(part.id, f"{found.rows[part.id]:,}", f"{found.requests[part.id]:,}")
    draw(console, table)
    rows, requests = sum(found.rows.values()), sum(found.requests.values())
    waits = (
        f"the quota makes it wait {duration(found.seconds)}" if found.seconds else "within the quota at once"
    )
    console.print(
        f"{counted(len(plan), 'part')}, {counted(rows, 'row')}, {counted(requests, 'request')}; {waits}",
        markup=False,
    )


app = build()
"""The command for the declared endpoints."""
