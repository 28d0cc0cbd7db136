"""One report, written as it comes: to standard output, a device, or a file that appears whole or not at all."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from ..errors import QueryError, TeamUpDriftWarning
from .connection import Connection, Verbosity
from .formats import RowWriter, TextWriter
from .output import opened
from .paging import TABLE_ROWS, Walking
from .places import Stream
from .progress import Display
from .requests import Asked
from .running import say
from .tables import TableWriter, counted, plain_console

__all__ = ["write"]

NO_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({})


async def write(
    one: Asked,
    place: Stream,
    walking: Walking,
    connection: Connection,
    verbosity: Verbosity,
    *,
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
    with opened(place.path) as sink:
        writer: RowWriter
        if place.format == "table":
            console = plain_console(terminal=place.path is None)
            writer = TableWriter(one.endpoint, sink, console, **options)
        else:
            writer = TextWriter(place.format, one.endpoint, one.query, sink, **options)
        display = Display(shown=not verbosity.quiet, rate=connection.requests_a_minute)
        with _drift_always():
            async with client, display, stream.pages() as pages:
                display.watch(one.endpoint.command_name, stream, most)
                left = most
                async for page in pages:
                    rows = page.rows if left is None else page.rows[:left]
                    writer.page(page, rows)
                    if left is not None:
                        left -= len(rows)
                        if left <= 0:
                            break
        writer.finish()
    if not verbosity.quiet and (verbosity.verbose or (place.path is not None and sys.stderr.isatty())):
        stats = stream.stats
        count = stats.rows if most is None else min(stats.rows, most)
        exact = ", each row that kept its place once, checked" if stream.integrity.steady else ""
        if stream.integrity.exact:
            exact = ", each row once, checked"
        into = "" if place.path is None else f" into {place.path}"
        say(
            f"{counted(count, 'row')}{into}: {counted(stats.requests, 'request')}, {display.seconds:.1f} s{exact}"
        )
    return 0


@contextmanager
def _drift_always() -> Generator[None]:
    """Tell each warning about drift (``--on-drift warn``), also where its text was told before."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TeamUpDriftWarning)
        yield
