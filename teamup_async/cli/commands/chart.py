"""``teamup chart NAME``, and ``teamup chart REPORT --by COLUMN``: what grouped reports are for."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
from cyclopts import App, Parameter

from ...errors import QueryError
from ..charts.named import CHARTS, Chart, chart_named
from ..charts.ways import Reading
from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..failures import OutputError
from ..filters import filter_options, with_options
from ..line import Line, report_argument
from ..options import FILTERS, OUTPUT, What, place
from ..requests import Asked, asked
from ..running import execute
from ..times import read_zone

if TYPE_CHECKING:
    from ..charts.data import Counts

__all__ = ["build"]

EXAMPLES = f"""Charts:

{chr(10).join(f"  {chart.name:24} {chart.about}" for chart in CHARTS)}

Examples:

  teamup chart revenue-by-month --since 2025 -o revenue.png
  teamup chart attendance-strikes.grouped --by venue_name --since 2025-01
  teamup chart attendance-strikes.grouped --by day_of_week,event_start_time -o strikes.svg
  teamup chart attendance-strikes.grouped --by customer_name --most 10 -o strikes.png --width 600

`teamup reports attendance-strikes.grouped` lists the columns and filters. A picture needs the extra `chart`."""

_MOST = 40
_LEAST_PIXELS = 200
_MOST_PIXELS = 20_000


def build(line: Line) -> App:
    """The command, with the filters of the report that `line` names."""
    made = Command(name="chart", help_epilogue=EXAMPLES, help_format="plaintext")

    def chart(
        report: str | None = None,
        /,
        *,
        by: Annotated[
            list[str] | None,
            Parameter(
                group=FILTERS,
                negative=(),
                metavar="COLUMN",
                help=(
                    "What to group a report by; twice for a heat map: --by day_of_week --by event_start_time. "
                    "A chart with a name needs none."
                ),
            ),
        ] = None,
        most: Annotated[
            int | None,
            Parameter(
                group=OUTPUT,
                metavar="INT",
                help="Labels of a dimension at most; the largest are kept (default: 40, and all months).",
            ),
        ] = None,
        output: Annotated[
            str | None,
            Parameter(
                name=("--output", "-o"),
                validator=place,
                group=OUTPUT,
                metavar="FILE",
                help="A file ending in .svg or .png to draw into; without it the terminal.",
            ),
        ] = None,
        width: Annotated[
            int | None,
            Parameter(
                group=OUTPUT, metavar="PIXELS", help="Width of the picture (default: as the labels need)."
            ),
        ] = None,
        height: Annotated[
            int | None,
            Parameter(
                group=OUTPUT, metavar="PIXELS", help="Height of the picture (default: as the labels need)."
            ),
        ] = None,
        scale: Annotated[
            float,
            Parameter(group=OUTPUT, metavar="NUMBER", help="Pixels of a .png for each pixel asked for."),
        ] = 2.0,
        what: What = What(),
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
        **filters: Any,
    ) -> int:
        async def work() -> int:
            from ..charts.data import Counts
            from ..charts.figure import Size, figure
            from ..charts.terminal import show
            from ..output import opened
            from ..tables import plain_console

            if report is None:
                _listed(by)
                return 0
            path = _picture(output)
            _check(most, width, height, scale)
            wanted = _wanted(line, report, by, filters, what.zoned(connection))
            one = wanted.asked
            async with connection.client() as teamup:
                rows = await teamup.stream(one.endpoint, one.query).collect()

            def arranged(hours: int) -> Counts:
                return wanted.counts(rows, most, hours)

            counts = arranged(1)
            if not (counts.rows if wanted.named else counts.most):
                raise OutputError(f"there is nothing to draw: {counts.title} ({counts.subtitle}) has no rows")
            if path is None:
                show(arranged, plain_console())
                return 0
            drawn = figure(arranged, path.suffix[1:].lower(), Size(width=width, height=height, scale=scale))
            with opened(path) as sink:
                sink.write(drawn)
            return 0

        return execute(work(), situation(connection, verbosity))

    chart.__annotations__["report"] = report_argument(
        line,
        "A chart by its name, or a grouped report; without it the charts are listed.",
        needed=False,
        grouped=True,
        more=[chart.name for chart in CHARTS],
    )
    own = [option for option in filter_options(line.named) if option.name != "columns"]
    made.default(with_options(chart, own))
    return made


@attrs.frozen
class _Wanted:
    """What is to be drawn: rows to ask for, and a chart with a name or the columns to group by."""

    asked: Asked
    named: Chart | None
    by: tuple[str, ...]
    zone: tzinfo

    def counts(self, rows: list[Any], most: int | None, hours: int) -> "Counts":
        """The chart of `rows`."""
        from ..charts.data import arrange

        endpoint, query = self.asked.endpoint, self.asked.query
        if self.named is None:
            return arrange(endpoint, self.by, rows, query=query, most=most or _MOST, hours=hours)
        reading = Reading(
            endpoint=endpoint,
            query=query,
            rows=rows,
            title=self.named.title,
            zone=self.zone,
            hours=hours,
            most=most,
        )
        return self.named.counts(reading)


def _wanted(line: Line, report: str, by: list[str] | None, filters: dict[str, Any], what: What) -> _Wanted:
    """What the command line means. Raises `QueryError`."""
    from ..charts.data import dimensions

    named = chart_named(report)
    zone = read_zone(what.timezone or "UTC")
    if named is not None:
        if by:
            raise QueryError(f"by is set by the chart {named.name}: leave it out", parameter="by")
        source = named.source(line.endpoint(named.report))
        values = named.values(filters, tuple(what.set or ()))
        (one,) = asked(Line((source,)), [source.command_name], values, what)
        return _Wanted(one, named, (), zone)
    endpoint = line.endpoint(report)
    if not by and endpoint.grouped:
        raise QueryError("by is required: the columns to group the report by", parameter="by")
    paths = dimensions(endpoint, [name for text in by or () for name in text.split(",")])
    (one,) = asked(line, [report], {**filters, "columns": [*paths, *endpoint.measures[:1]]}, what)
    return _Wanted(one, None, paths, zone)


def _listed(by: list[str] | None) -> None:
    """Print the charts that have a name."""
    if by:
        raise QueryError("name the grouped report to draw by these columns", parameter="report")
    for chart in CHARTS:
        print(f"{chart.name:24} {chart.about}")
    print(
        "\nA grouped report is drawn by its columns: teamup chart REPORT --by COLUMN; see teamup chart --help."
    )


def _picture(output: str | None) -> Path | None:
    if output is None:
        return None
    path = Path(output)
    if path.suffix.lower() not in (".svg", ".png"):
        raise QueryError(f"output must end in .svg or .png, not {output!r}", parameter="output", value=output)
    return path


def _check(most: int | None, width: int | None, height: int | None, scale: float) -> None:
    if most is not None and most < 1:
        raise QueryError(f"most must be 1 or more, not {most}", parameter="most", value=most)
    for name, pixels in (("width", width), ("height", height)):
        if pixels is not None and not _LEAST_PIXELS <= pixels <= _MOST_PIXELS:
            raise QueryError(
                f"{name} must be {_LEAST_PIXELS} to {_MOST_PIXELS} pixels, not {pixels}",
                parameter=name,
                value=pixels,
            )
    if not 0.5 <= scale <= 8:
        raise QueryError(f"scale must be 0.5 to 8, not {scale}", parameter="scale", value=scale)
