"""``teamup pull REPORT... --out FOLDER``: several reports, of one account or many, into files or a database."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from ..._bulk.plan import Plan, make_plan
from ..._bulk.result import PullResult
from ...bulk.many import BulkPull
from ...client import TeamUp
from ...endpoint import Endpoint
from ...endpoints import ENDPOINTS
from ...errors import QueryError
from ...sinks.named import sink_named
from ...sinks.table import SINKS
from ..bulk_options import HOW, WHAT, Bulk, Reports, requests_of, span
from ..bulk_preview import preview
from ..bulk_run import run
from ..options import Connection, Verbosity, Zone, place
from ..report_app import reports_argument, situation
from ..running import execute

__all__ = ["app", "build", "place_of"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+]+", re.ASCII)
"""What stands before a colon and is no part of a path: a format, perhaps a misspelt one."""

_Format = Literal["jsonl", "json", "csv", "parquet", "arrow", "duckdb", "sqlite"]


EXAMPLES = """Examples:

  teamup pull attendances course-sessions --out parquet:data/
  teamup pull attendances --since 2024-01-01 --out gym.duckdb --dry-run
  teamup pull attendances --set attendances.status=attended --out here.csv
  teamup pull attendances --accounts accounts.toml --out data/

A run that was stopped goes on when the same command is given again. PLACE may be a file: x.csv, x.parquet, x.duckdb."""


def build(endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> App:
    """The command for `endpoints`."""
    known = tuple(endpoints)
    made = App(name="pull-many", help_epilogue=EXAMPLES, help_format="plaintext")

    def pull_many(
        reports: Reports,
        /,
        *,
        out: Annotated[
            str,
            Parameter(
                name=("--out", "--output", "-o"),
                allow_leading_hyphen=True,
                validator=place,
                group=WHAT,
                metavar="PLACE",
                help=(
                    "Folder for a file of each report, or FORMAT:PLACE such as duckdb:gym.duckdb. Existing files are "
                    "replaced once the new ones are whole."
                ),
            ),
        ] = "data",
        format: Annotated[
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
        bulk: Bulk = Bulk(),
        timezone: Zone = "UTC",
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
    ) -> int:
        async def work() -> int:
            requests = requests_of(
                reports, bulk.set or (), known, since=since, until=until, timezone=timezone
            )
            windows = None if window_days is None else span("window_days", window_days, least=1, days=1)
            if windows and not any(
                part.window for part in make_plan(requests, windows=windows, endpoints=known)
            ):
                raise QueryError(
                    "window_days splits the time from --since on, which is missing (grouped reports are not split)",
                    parameter="window_days",
                )
            into = sink_named(place_of(out, format))

            async def pull(client: Any, options: Mapping[str, Any]) -> PullResult:
                result: PullResult = await client.pull(requests, into=into, windows=windows, **options)
                return result

            async def plan(client: TeamUp | BulkPull) -> Plan:
                if isinstance(client, BulkPull):
                    return client.plan(requests, windows=windows)
                return make_plan(requests, windows=windows, endpoints=known)

            if dry_run:
                return await preview(bulk, connection, plan, known)
            return await run(bulk, connection, verbosity, pull)

        return execute(work(), situation(connection, verbosity))

    pull_many.__annotations__["reports"] = reports_argument(known)
    made.default(pull_many)
    return made


def place_of(out: str, given: str | None) -> str:
    """``FORMAT:PATH`` for `out`; a folder has no format of its own."""
    if out == "-":
        raise QueryError("out must be a folder or file; one report alone can be piped", parameter="out")
    kind, colon, _ = out.partition(":")
    named = bool(colon) and kind in SINKS
    if given is None:
        scheme = bool(colon) and _SCHEME.fullmatch(kind) is not None
        return out if named or scheme or Path(out).suffix else f"jsonl:{out}"
    if "://" in out:
        raise QueryError(f"out must be a folder or file, not {out!r}", parameter="out", value=out)
    if named and not out.startswith(f"{given}:"):
        raise QueryError(
            f"--format {given} and --out {out} say different things", parameter="format", value=given
        )
    return out if named else f"{given}:{out}"


app = build()
"""The command for the declared endpoints."""
