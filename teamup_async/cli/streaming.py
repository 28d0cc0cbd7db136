"""One report, written as it comes: to standard output, a device, or a file that appears whole or not at all."""

from __future__ import annotations

import sys
import warnings
from collections.abc import AsyncIterable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ..errors import QueryError, TeamUpDriftWarning
from ..sinks.schema import schema_for
from ..stream import column_pages
from .connection import Connection, Verbosity
from .formats import RowWriter, TextWriter
from .output import opened
from .paging import TABLE_ROWS, Walking
from .places import Stream
from .progress import Display
from .reporting import Reporter
from .requests import Asked
from .saying import say
from .tables import TableWriter, counted, plain_console

if TYPE_CHECKING:
    from ..client import TeamUp
    from ..page import Page
    from ..stream import RowStream
    from .stream_run import StreamRun

__all__ = ["write"]

NO_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({})


async def write(
    one: Asked,
    place: Stream,
    walking: Walking,
    connection: Connection,
    verbosity: Verbosity,
    *,
    reporter: Reporter,
    options: Mapping[str, Any] = NO_OPTIONS,
) -> int:
    """Write the rows of one report to `place`; returns the exit code. `options` are those of the format's sink."""
    most = walking.most(TABLE_ROWS if place.format == "table" else None)
    paging = walking.options()
    if walking.by not in (None, *one.endpoint.pagings):
        raise QueryError(
            f"by {walking.by} is no paging of {one.endpoint.command_name}. "
            f"Allowed: {', '.join(one.endpoint.pagings)}",
            parameter="by",
            value=walking.by,
            allowed=one.endpoint.pagings,
        )
    client = connection.client()
    stream = client.stream(one.endpoint, one.query).paged(**paging)
    if most is not None:
        stream = stream.up_to(most)
    going = _reported(one, place, client, stream, reporter, limited=most is not None)
    with opened(place.path) as sink:
        writer: RowWriter
        read = stream.pages
        if place.format == "table":
            console = plain_console(terminal=place.path is None)
            writer = TableWriter(one.endpoint, sink, console, **options)
        else:
            writer = TextWriter(place.format, one.endpoint, one.query, sink, **options)
            read = partial(column_pages, stream, schema_for(one.endpoint, one.query))
        display = Display(shown=verbosity.shown, rate=connection.requests_a_minute)
        with _drift_always():
            async with client, display, read() as pages:
                display.watch(one.endpoint.command_name, stream, most)
                await _copy(pages, writer, most, going)
        writer.finish()
    whole = not verbosity.quiet and (verbosity.verbose or (place.path is not None and sys.stderr.isatty()))
    if whole:
        _tell(stream, place, most, display.seconds)
    if going is None:
        return 0
    going.done = True
    report = reporter.write(reporter.report_of(going.result()))
    if whole or not report["ok"]:
        say(report["last_line"])
    code: int = report["exit_code"]
    return code


def _reported(
    one: Asked, place: Stream, client: TeamUp, stream: RowStream[Any], reporter: Reporter, *, limited: bool
) -> StreamRun | None:
    """What a report is made of, where one is wanted."""
    if not reporter.remembers:
        return None
    from .stream_run import StreamRun

    going = StreamRun(one, place, client, stream, limited=limited)
    reporter.watch_stream(going)
    return going


async def _copy(
    pages: AsyncIterable[Page[Any]], writer: RowWriter, most: int | None, going: StreamRun | None
) -> None:
    """Write the rows of pages, at most so many."""
    left = most
    async for page in pages:
        rows = page.rows if left is None else page.rows[:left]
        writer.page(page, rows)
        if going is not None:
            going.rows += len(rows)
        if left is not None:
            left -= len(rows)
            if left <= 0:
                break


def _tell(stream: RowStream[Any], place: Stream, most: int | None, seconds: float) -> None:
    """Say what was written, and what is sure about it."""
    stats = stream.stats
    count = stats.rows if most is None else min(stats.rows, most)
    exact = ", each row that kept its place once, checked" if stream.integrity.steady else ""
    if stream.integrity.exact:
        exact = ", each row once, checked"
    into = "" if place.path is None else f" into {place.path}"
    say(f"{counted(count, 'row')}{into}: {counted(stats.requests, 'request')}, {seconds:.1f} s{exact}")


@contextmanager
def _drift_always() -> Generator[None]:
    """Tell each warning about drift (``--on-drift warn``), also where its text was told before."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TeamUpDriftWarning)
        yield
