"""``teamup pull REPORT``: a report into a file, a pipe, or a table."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import inspect
import json
import sys
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

import attrs
from cyclopts import App, Group, Parameter

from ...endpoint import MAX_PAGE_SIZE, Endpoint
from ...endpoints import ENDPOINTS
from ...errors import ConfigurationError, QueryError, TeamUpDriftWarning
from ...sinks.named import format_of
from ..formats import Format, RowWriter, TextWriter
from ..options import place
from ..output import opened
from ..progress import Display
from ..report_app import Request, fixed, report_app
from ..running import execute, say
from ..tables import TableWriter, counted, plain_console

__all__ = ["app", "build"]

OUTPUT = Group("Output", sort_key=2)
WALKING = Group("How the pages are walked", sort_key=3)
TABLE_ROWS = 20
"""Rows of a table unless --limit says otherwise."""


def _text_format(path: Path) -> Format:
    """What the ending of a file says. Raises `ConfigurationError` for what can't be written here."""
    if path.suffix.lower() == ".txt":
        return "table"
    if not path.suffix or (path.exists() and not (path.is_file() or path.is_dir())):
        return "jsonl"  # a device, a pipe
    found = format_of(path)
    if found not in get_args(Format):
        raise ConfigurationError(f"{path} is {found}: write --out {path} instead of -o")
    return cast("Format", found)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Output:
    """What is written, and where."""

    output: Annotated[
        str,
        Parameter(
            name=("--output", "-o"),
            allow_leading_hyphen=True,
            validator=place,
            group=OUTPUT,
            metavar="FILE",
            help="File to write, - for standard output. A file appears whole or not at all.",
        ),
    ] = "-"
    format: Annotated[
        Format | None,
        Parameter(
            group=OUTPUT,
            help=(
                "What to write. By default what the ending of FILE says; without FILE a table on a terminal, jsonl "
                f"into a pipe. A table has {TABLE_ROWS} rows unless --limit says otherwise."
            ),
        ),
    ] = None
    limit: Annotated[
        int | None, Parameter(group=OUTPUT, metavar="INT", help="Stop after this many rows.")
    ] = None

    @property
    def path(self) -> Path | None:
        """The file, or None for standard output."""
        return None if self.output == "-" else Path(self.output)

    @property
    def chosen(self) -> Format:
        """The format given, or the one that fits the place."""
        if self.format is not None:
            return self.format
        if self.path is not None:
            return _text_format(self.path)
        return "table" if sys.stdout.isatty() else "jsonl"

    @property
    def most(self) -> int | None:
        """Rows at most. Raises `QueryError`."""
        if self.limit is None:
            return TABLE_ROWS if self.chosen == "table" else None
        if self.limit < 1:
            raise QueryError(
                f"limit must be 1 or more, not {self.limit}", parameter="limit", value=self.limit
            )
        return self.limit


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Walking:
    """How the pages are walked."""

    size: Annotated[
        int | None,
        Parameter(
            group=WALKING,
            metavar="INT",
            help=f"Rows a page, 1 to {MAX_PAGE_SIZE} (default: {MAX_PAGE_SIZE}).",
        ),
    ] = None
    window: Annotated[
        int | None,
        Parameter(
            group=WALKING,
            metavar="INT",
            help="Pages under way or waiting at once (default: four times --concurrency).",
        ),
    ] = None
    on_drift: Annotated[
        Literal["heal", "raise", "warn"] | None,
        Parameter(
            group=WALKING,
            help=(
                "When rows come or go meanwhile: heal (default: read on so that each row comes once, or fail), raise "
                "(fail at once), warn (go on, and say so)."
            ),
        ),
    ] = None
    start: Annotated[
        str | None,
        Parameter(group=WALKING, metavar="JSON", help="The place to go on from, as a failed run printed it."),
    ] = None

    def options(self) -> dict[str, Any]:
        """The keyword arguments of `RowStream.paged`. Raises `QueryError`."""
        given = {k: v for k, v in attrs.asdict(self).items() if v is not None}
        if self.start is not None:
            try:
                given["start"] = json.loads(self.start)
            except ValueError:
                given["start"] = None
            if not isinstance(given["start"], dict):
                raise QueryError(
                    "start must be the JSON object that a failed run printed",
                    parameter="start",
                    value=self.start,
                )
        return given


EXAMPLES = """Examples:

  teamup pull attendances --status attended -o attended.csv
  teamup pull course-sessions --expand venue | head
  teamup pull attendances course-sessions --out parquet:data/

`teamup pull attendances --help` lists its filters. With --out, a pull takes several reports, and goes on after it was \
stopped: teamup pull-many --help."""


def build(endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> App:
    """The command for `endpoints`."""
    made = report_app("pull", endpoints, _run, _own, "Pulls its rows (GET {path}).")
    made.help_epilogue = EXAMPLES
    return made


def _one_of(values: tuple[str, ...]) -> Any:
    """A type whose values are `values`, for cyclopts; type checkers know no such thing."""
    literal: Any = Literal
    return literal[values]


def _own(endpoint: Endpoint[..., Any]) -> list[inspect.Parameter]:
    kind = _one_of(endpoint.pagings)
    by: Any = Annotated[
        kind | None,
        Parameter(name="--by", group=WALKING, help=f"Kind of paging (default: {endpoint.default_by})."),
    ]
    return [fixed("output", Output, Output()), fixed("by", by, None), fixed("walking", Walking, Walking())]


def _run(request: Request) -> int:
    output = cast("Output", request.extra["output"])
    # Rows that went into a pipe are there; a file that failed is gone, and there is nothing to go on from.
    resumable = output.path is None and output.chosen == "jsonl"
    return execute(_pull(request, output), attrs.evolve(request.situation, resumable=resumable))


async def _pull(request: Request, output: Output) -> int:
    endpoint = request.endpoint
    walking = cast("Walking", request.extra["walking"]).options()
    by, most = request.extra["by"], output.most
    if by is not None:
        walking["by"] = by
    if most is not None:
        walking.setdefault("size", min(most, MAX_PAGE_SIZE))
        walking.setdefault("window", max(1, min(16, -(-most // walking["size"]))))
    query = request.query()
    client = request.connection.client()
    stream = client.stream(endpoint, **query).paged(**walking)
    with opened(output.path) as sink:
        writer: RowWriter
        if output.chosen == "table":
            writer = TableWriter(endpoint, sink, plain_console(terminal=output.path is None))
        else:
            writer = TextWriter(output.chosen, endpoint, stream.query, sink)
        display = Display(shown=not request.verbosity.quiet)
        with _drift_told():
            async with client, display, stream.pages() as pages:
                display.watch(endpoint.command_name, stream, most)
                left = most
                async for page in pages:
                    rows = page.rows if left is None else page.rows[:left]
                    writer.page(page, rows)
                    if left is not None:
                        left -= len(rows)
                        if left <= 0:
                            break
        writer.finish()
    if _closing_line(request, output):
        stats = stream.stats
        count = stats.rows if most is None else min(stats.rows, most)
        exact = ", each row once, checked" if stream.integrity.exact else ""
        place = "" if output.path is None else f" into {output.output}"
        say(
            f"{counted(count, 'row')}{place}: {counted(stats.requests, 'request')}, {display.seconds:.1f} s{exact}"
        )
    return 0


def _closing_line(request: Request, output: Output) -> bool:
    if request.verbosity.quiet:
        return False
    return request.verbosity.verbose or (output.path is not None and sys.stderr.isatty())


@contextmanager
def _drift_told() -> Generator[None]:
    """Tell warnings about drift (``--on-drift warn``) as lines of the command line."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TeamUpDriftWarning)
        before = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, TeamUpDriftWarning):
                say(f"teamup: warning: {message}")
            else:
                before(message, category, *rest, **more)

        warnings.showwarning = cast("Any", show)
        yield


app = build()
