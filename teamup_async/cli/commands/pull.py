"""``teamup pull REPORT...``: one report or several, of one account or many, to wherever rows can go."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import sys
from collections.abc import Coroutine, Mapping, Sequence
from typing import Annotated, Any, Literal

import attrs
from cyclopts import App, Parameter

from ...errors import QueryError
from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..filters import filter_options, with_options
from ..line import NOTHING, Line, Whole, reports_argument
from ..options import HOW, OUTPUT, Bulk, Kind, What, length, place
from ..paging import TABLE_ROWS, Walking
from ..reporting import Reporter, reporter_for
from ..requests import Asked, asked
from ..running import execute
from ..times import read_zone
from ..tuning import tuned

__all__ = ["build"]

EXAMPLES = """Examples:

  teamup pull attendances --attendance-status attended --since 2025-01 -o attended.csv
  teamup pull course-sessions --expand venue | head
  teamup pull attendances course-sessions --since 2024 -o gym.duckdb --dry-run
  teamup pull attendances customers --accounts teamup.toml -o parquet:data/
  teamup pull --all -o studio.duckdb

`teamup pull REPORT --help` lists the filters of a report. A filter holds for all reports that are named; --set \
REPORT.FILTER=VALUE is for one of them.

Rows of one report go to standard output, or into one csv, jsonl or txt file, as they come. On the way into a folder, \
a database or a Parquet file they are kept: a run that was stopped goes on when the same command is given again."""


def build(line: Line) -> App:
    """The command, with the filters of the reports that `line` names."""
    made = Command(name="pull", help_epilogue=EXAMPLES, help_format="plaintext")

    def pull(
        reports: list[str] = NOTHING,
        /,
        *,
        all: Whole = False,
        output: Annotated[
            str | None,
            Parameter(
                name=("--output", "-o", "--out"),
                allow_leading_hyphen=True,
                validator=place,
                group=OUTPUT,
                metavar="PLACE",
                help=(
                    "A file whose ending says what it is (a.csv, a.jsonl, a.xlsx, a.parquet, gym.duckdb), a folder for "
                    "a file of each report, FORMAT:PLACE such as parquet:data/ or csv:s3://bucket/folder/, or "
                    "postgresql://user@host/database. "
                    "Without it, or with -, standard output. What is there is replaced once the new rows are complete."
                ),
            ),
        ] = None,
        format: Annotated[
            Kind | None,
            Parameter(
                group=OUTPUT,
                help=(
                    "What to write if PLACE does not say it (default: jsonl; a table of "
                    f"{TABLE_ROWS} rows on a terminal)."
                ),
            ),
        ] = None,
        cells: Annotated[
            Literal["text", "raw"] | None,
            Parameter(
                group=OUTPUT,
                help=(
                    "Text in csv that a spreadsheet would run as a formula: text (default) puts an apostrophe before "
                    "it, raw writes it as it is."
                ),
            ),
        ] = None,
        window_days: Annotated[
            int | None,
            Parameter(
                group=HOW,
                metavar="INT",
                help="Split the time from --since on into pieces of so many days, which are pulled side by side.",
            ),
        ] = None,
        what: What = What(),
        bulk: Bulk = Bulk(),
        walking: Walking = Walking(),
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
        **filters: Any,
    ) -> int:
        about = situation(connection, verbosity)
        reporter = reporter_for("pull", bulk, about, output)

        async def work() -> int:
            from ...sinks.named import format_named
            from ..places import Store, Stream, place_of
            from ..streaming import write

            zoned = what.zoned(connection, bulk.accounts)
            requests = asked(line, line.names(reports, all=all), filters, zoned, all=all)
            alone = len(requests) == 1 and bulk.accounts is None
            to: Stream | Store = Store("")
            if not bulk.dry_run:
                to = place_of(output, format, alone=alone, terminal=sys.stdout.isatty())
            if isinstance(to, Stream):
                _refuse(_bulk_only(bulk, window_days), _STREAM)
                options = {"names": bulk.names, **_options(cells, to.format)}
                assert reporter is not None
                return await write(
                    requests[0], to, walking, connection, verbosity, reporter=reporter, options=options
                )
            _refuse(walking.given(), _STORE)
            return await _store(
                line=line,
                requests=requests,
                sink=to.sink,
                options=_options(cells, format_named(to.sink), zoned.timezone) if to.sink else {},
                window_days=window_days,
                bulk=bulk,
                connection=connection,
                verbosity=verbosity,
                reporter=reporter,
            )

        resumable = output in (None, "-") and format in (None, "jsonl") and not sys.stdout.isatty()
        with tuned():
            return execute(
                work(), attrs.evolve(about, resumable=resumable), json=bulk.json, reporter=reporter
            )

    pull.__annotations__["reports"] = reports_argument(line)
    made.default(with_options(pull, filter_options(line.named)))
    return made


_STREAM = "goes with a folder, a database or a Parquet file; here each pull begins anew"
_STORE = "goes with one report to standard output or into one csv, jsonl or txt file"


def _bulk_only(bulk: Bulk, window_days: int | None) -> list[str]:
    given = {
        "window_days": window_days,
        "restart": bulk.restart or None,
        "json": bulk.json or None,
        "quota_file": bulk.quota_file,
        "quota_redis": bulk.quota_redis,
        "wait": bulk.wait or None,
        "extra": None if bulk.extra == "drop" else bulk.extra,
    }
    return [name for name, value in given.items() if value is not None]


def _refuse(names: Sequence[str], why: str) -> None:
    if names:
        raise QueryError(f"{names[0]} {why}", parameter=names[0])


def _options(cells: str | None, format: str, zone: str | None = None) -> dict[str, Any]:
    """The options of a sink of that format. Raises `QueryError` for one that it does not have."""
    if cells is None:
        return {"timezone": read_zone(zone)} if format == "xlsx" and zone is not None else {}
    if format != "csv":
        raise QueryError(f"cells goes with csv, not with {format}", parameter="cells", value=cells)
    return {"cells": cells}


def _store(
    *,
    line: Line,
    requests: tuple[Asked, ...],
    sink: str,
    options: Mapping[str, Any],
    window_days: int | None,
    bulk: Bulk,
    connection: Connection,
    verbosity: Verbosity,
    reporter: Reporter | None,
) -> Coroutine[Any, Any, int]:
    """Pull into a store, or show what that would take."""
    from ..._bulk.plan import Plan, make_plan
    from ..._bulk.result import PullResult
    from ...bulk.many import BulkPull
    from ...client import TeamUp
    from ...sinks.named import sink_named
    from ..bulk_preview import preview
    from ..bulk_run import run

    known = line.known
    queries = {one.endpoint.python_name: one.query for one in requests}
    windows = None if window_days is None else length("window_days", window_days, least=1, days=1)
    if windows and not any(part.window for part in make_plan(queries, windows=windows, endpoints=known)):
        raise QueryError(
            "window_days splits the time from --since on, which is missing (grouped reports are not split)",
            parameter="window_days",
        )

    async def pull(client: Any, options: Mapping[str, Any]) -> PullResult:
        result: PullResult = await client.pull(queries, into=into, windows=windows, **options)
        return result

    async def plan(client: TeamUp | BulkPull) -> Plan:
        if isinstance(client, BulkPull):
            return client.plan(queries, windows=windows)
        return make_plan(queries, windows=windows, endpoints=known)

    if bulk.dry_run:
        return preview(bulk, connection, plan, known)
    into = sink_named(sink, **bulk.sink_options, **options)
    assert reporter is not None
    return run(bulk, connection, verbosity, reporter, pull)
