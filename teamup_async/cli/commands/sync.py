"""``teamup sync REPORT... --to PLACE``: tables kept up to date."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import App, Parameter

from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..filters import filter_options, with_options
from ..line import NOTHING, Line, Whole, reports_argument
from ..options import HOW, OUTPUT, Bulk, Since, length, place
from ..reporting import reporter_for
from ..requests import asked
from ..running import execute
from ..tuning import tuned

__all__ = ["build"]


EXAMPLES = """Examples:

  teamup sync attendances instructed-sessions --to gym.duckdb
  teamup sync attendances --since 2025-01-01 --to parquet:data/ --dry-run
  teamup sync attendances --accounts teamup.toml --to sqlite:studios.db
  teamup sync attendances --to postgresql://teamup@localhost/studio

The first run reads everything, later ones what changed. --full notices rows that were deleted at TeamUp."""


def build(line: Line) -> App:
    """The command, with the filters of the reports that `line` names."""
    made = Command(name="sync", help_epilogue=EXAMPLES, help_format="plaintext")

    def sync(
        reports: list[str] = NOTHING,
        /,
        *,
        all: Whole = False,
        to: Annotated[
            str,
            Parameter(
                name=("--to", "--output", "-o"),
                validator=place,
                group=OUTPUT,
                metavar="PLACE",
                help=(
                    "Where the tables are: gym.duckdb, gym.sqlite, parquet:folder/, delta:folder/ "
                    "(or s3://bucket/folder/ behind either), or postgresql://user@host/database."
                ),
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
        verify: Annotated[
            bool,
            Parameter(
                group=HOW,
                negative=(),
                help="Fail if a table has more or fewer rows than TeamUp says. Without this a note says so.",
            ),
        ] = False,
        what: Since = Since(),
        bulk: Bulk = Bulk(),
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
        **filters: Any,
    ) -> int:
        about = situation(connection, verbosity)
        reporter = reporter_for("sync", bulk, about, to)

        async def work() -> int:
            from ..._bulk.changes import SyncOptions
            from ..._bulk.plan import Plan
            from ..._bulk.result import PullResult
            from ...bulk.many import BulkPull
            from ...client import TeamUp
            from ...sinks.named import sink_named
            from ..bulk_preview import preview
            from ..bulk_run import run

            chosen = SyncOptions(
                lag=length("lag", lag, minutes=1), recent=length("recent", recent, days=1), full=full
            )
            zoned = what.zoned(connection, bulk.accounts)
            queries = {
                one.endpoint.python_name: one.query
                for one in asked(line, line.names(reports, all=all), filters, zoned, all=all)
            }
            into = sink_named(to, **bulk.sink_options)

            how: dict[str, Any] = {
                "into": into,
                "lag": chosen.lag,
                "recent": chosen.recent,
                "full": chosen.full,
            }

            async def bring(client: Any, options: Mapping[str, Any]) -> PullResult:
                result: PullResult = await client.sync(queries, verify=verify, **how, **options)
                return result

            async def plan(client: TeamUp | BulkPull) -> Plan:
                return await client.plan_sync(queries, **how)

            if bulk.dry_run:
                return await preview(bulk, connection, plan, line.known)
            assert reporter is not None
            return await run(bulk, connection, verbosity, reporter, bring)

        with tuned():
            return execute(work(), about, json=bulk.json, reporter=reporter)

    sync.__annotations__["reports"] = reports_argument(line)
    made.default(with_options(sync, filter_options(line.named)))
    return made
