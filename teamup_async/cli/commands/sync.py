"""``teamup sync REPORT... --to PLACE``: tables kept up to date."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import attrs
from cyclopts import App, Parameter

from ..._bulk.changes import SyncOptions, plan_sync
from ..._bulk.plan import Plan
from ..._bulk.result import PullResult
from ...bulk.many import BulkPull
from ...client import TeamUp
from ...endpoint import Endpoint
from ...endpoints import ENDPOINTS
from ...sinks.named import sink_named
from ..bulk_options import HOW, WHAT, Bulk, Reports, requests_of, span
from ..bulk_preview import preview
from ..bulk_run import run
from ..options import Connection, Verbosity, Zone
from ..report_app import reports_argument, situation
from ..running import execute

__all__ = ["app", "build"]


EXAMPLES = """Examples:

  teamup sync attendances instructed-sessions --to duckdb:gym.duckdb
  teamup sync attendances --since 2025-01-01 --to parquet:data/ --dry-run
  teamup sync attendances --accounts accounts.toml --to sqlite:studios.db

The first run reads everything, later ones what changed. Rows deleted at TeamUp are noticed by --full only."""


def build(endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> App:
    """The command for `endpoints`."""
    known = tuple(endpoints)
    made = App(name="sync", help_epilogue=EXAMPLES, help_format="plaintext")

    def sync(
        reports: Reports,
        /,
        *,
        to: Annotated[
            str,
            Parameter(
                group=WHAT, metavar="PLACE", help="duckdb:gym.duckdb, sqlite:gym.sqlite, or parquet:folder/."
            ),
        ],
        lag: Annotated[
            int,
            Parameter(
                group=HOW, metavar="MINUTES", help="How far before the last known change to read again."
            ),
        ] = 15,
        recent: Annotated[
            int,
            Parameter(
                group=HOW,
                metavar="DAYS",
                help="How far back to read again where a report does not tell what changed.",
            ),
        ] = 30,
        full: Annotated[
            bool,
            Parameter(
                group=HOW, negative=(), help="Read everything again: that notices rows that were deleted."
            ),
        ] = False,
        since: Annotated[
            str | None,
            Parameter(
                group=WHAT,
                metavar="WHEN",
                help="Only what happens at or after this time; give the same each time.",
            ),
        ] = None,
        dry_run: Annotated[
            bool,
            Parameter(
                group=HOW,
                negative=(),
                help="Show what would be read, the requests and the time that the quota will take; change nothing.",
            ),
        ] = False,
        bulk: Bulk = Bulk(),
        timezone: Zone = "UTC",
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
    ) -> int:
        async def work() -> int:
            chosen = SyncOptions(
                lag=span("lag", lag, minutes=1), recent=span("recent", recent, days=1), full=full
            )
            requests = requests_of(reports, bulk.set or (), known, since=since, timezone=timezone)
            into = sink_named(to)

            how: dict[str, Any] = {"into": into, **attrs.asdict(chosen, recurse=False)}

            async def bring(client: Any, options: Mapping[str, Any]) -> PullResult:
                result: PullResult = await client.sync(requests, **how, **options)
                return result

            async def plan(client: TeamUp | BulkPull) -> Plan:
                if isinstance(client, BulkPull):
                    return await client.plan_sync(requests, **how)
                return await plan_sync({None: client}, requests, into=into, options=chosen, endpoints=known)

            if dry_run:
                return await preview(bulk, connection, plan, known)
            return await run(bulk, connection, verbosity, bring)

        return execute(work(), situation(connection, verbosity))

    sync.__annotations__["reports"] = reports_argument(known)
    made.default(sync)
    return made


app = build()
"""The command for the declared endpoints."""
