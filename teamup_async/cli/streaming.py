"""One report, written as it comes: to standard output, a device, or a file that appears whole or not at all."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import json
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, cast

import attrs
from cyclopts import Parameter

from ..endpoint import MAX_PAGE_SIZE
from ..errors import QueryError, TeamUpDriftWarning
from .formats import RowWriter, TextWriter
from .options import WALKING, Connection, Verbosity
from .output import opened
from .places import Stream
from .progress import Display
from .requests import Asked
from .running import say
from .tables import TableWriter, counted, plain_console

__all__ = ["TABLE_ROWS", "Walking", "write"]

TABLE_ROWS = 20
"""Rows of a table unless --limit says otherwise."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Walking:
    """How the pages of one report are walked, and how far."""

    limit: Annotated[
        int | None,
        Parameter(
            group=WALKING,
            metavar="INT",
            help=f"Stop after this many rows (a table has {TABLE_ROWS} unless this says otherwise).",
        ),
    ] = None
    by: Annotated[
        Literal["offset", "page", "id"] | None,
        Parameter(group=WALKING, help="Kind of paging; `teamup reports REPORT` says which there are."),
    ] = None
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
            help="Pages fetched ahead at most (default: four times --concurrency).",
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
        Parameter(
            group=WALKING, metavar="JSON", help="The position to go on from, as a failed run printed it."
        ),
    ] = None

    def given(self) -> list[str]:
        """The names of the options that were given."""
        return [name for name, value in attrs.asdict(self).items() if value is not None]

    def most(self, place: Stream) -> int | None:
        """Rows at most. Raises `QueryError`."""
        if self.limit is None:
            return TABLE_ROWS if place.format == "table" else None
        if self.limit < 1:
            raise QueryError(
                f"limit must be 1 or more, not {self.limit}", parameter="limit", value=self.limit
            )
        return self.limit

    def options(self) -> dict[str, Any]:
        """The keyword arguments of `RowStream.paged`. Raises `QueryError`."""
        given = {k: v for k, v in attrs.asdict(self).items() if v is not None and k != "limit"}
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


async def write(
    one: Asked, place: Stream, walking: Walking, connection: Connection, verbosity: Verbosity
) -> int:
    """Write the rows of one report to `place`; returns the exit code."""
    paging, most = walking.options(), walking.most(place)
    if walking.by not in (None, *one.endpoint.pagings):
        raise QueryError(
            f"by {walking.by} is no paging of {one.endpoint.command_name}. "
            f"Allowed: {', '.join(one.endpoint.pagings)}",
            parameter="by",
            value=walking.by,
            allowed=one.endpoint.pagings,
        )
    if most is not None:
        paging.setdefault("size", min(most, MAX_PAGE_SIZE))
        paging.setdefault("window", max(1, min(16, -(-most // paging["size"]))))
    client = connection.client()
    stream = client.stream(one.endpoint, one.query).paged(**paging)
    with opened(place.path) as sink:
        writer: RowWriter
        if place.format == "table":
            writer = TableWriter(one.endpoint, sink, plain_console(terminal=place.path is None))
        else:
            writer = TextWriter(place.format, one.endpoint, one.query, sink)
        display = Display(shown=not verbosity.quiet, rate=connection.requests_a_minute)
        with _drift_told():
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
        exact = ", each row once, checked" if stream.integrity.exact else ""
        into = "" if place.path is None else f" into {place.path}"
        say(
            f"{counted(count, 'row')}{into}: {counted(stats.requests, 'request')}, {display.seconds:.1f} s{exact}"
        )
    return 0


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
