"""``teamup sync REPORT... --to PLACE``: tables kept up to date."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from cyclopts import App, Parameter

from ..bulk.result import PullResult
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import QueryError
from ..sinks.named import sink_named
from .bulk_options import HOW, WHAT, Bulk, Reports, requests_of
from .bulk_run import run
from .options import Connection, Verbosity, Zone
from .pull_many import place_of
from .report_app import situation
from .running import execute

__all__ = ["app", "build"]


def build(endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> App:
    """The command for `endpoints`."""
    known = tuple(endpoints)
    made = App(name="sync")

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
        bulk: Bulk = Bulk(),  # noqa: B008 - frozen
        timezone: Zone = "UTC",
        connection: Connection = Connection(),  # noqa: B008 - frozen
        verbosity: Verbosity = Verbosity(),  # noqa: B008 - frozen
    ) -> int:
        async def work() -> int:
            for name, value in (("lag", lag), ("recent", recent)):
                if value < 0:
                    raise QueryError(f"{name} must be 0 or more, not {value}", parameter=name, value=value)
            requests = requests_of(reports, bulk.set or (), known, timezone=timezone)
            into = sink_named(place_of(to, None))

            async def bring(client: Any, options: Mapping[str, Any]) -> PullResult:
                result: PullResult = await client.sync(
                    requests,
                    into=into,
                    lag=timedelta(minutes=lag),
                    recent=timedelta(days=recent),
                    full=full,
                    **options,
                )
                return result

            return await run(bulk, connection, verbosity, bring)

        return execute(work(), situation(connection, verbosity))

    made.default(sync)
    return made


app = build()
"""The command for the declared endpoints."""
