"""``teamup chart REPORT --by COLUMN``: what grouped reports are for."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from ...errors import QueryError
from ..failures import OutputError
from ..filters import filter_options, with_options
from ..line import Line, report_argument
from ..options import FILTERS, OUTPUT, Connection, Verbosity, What, place, situation
from ..requests import asked
from ..running import execute

__all__ = ["build"]

EXAMPLES = """Examples:

  teamup chart attendance-strikes.grouped --by venue_name --since 2025-01
  teamup chart attendance-strikes.grouped --by day_of_week,event_start_time -o strikes.svg
  teamup chart attendance-strikes.grouped --by customer_name --most 10 -o strikes.png --width 600

`teamup reports attendance-strikes.grouped` lists the columns and filters. A picture needs the extra `chart`."""

_LEAST_PIXELS = 200
_MOST_PIXELS = 20_000


def build(line: Line) -> App:
    """The command, with the filters of the report that `line` names."""
    made = App(name="chart", help_epilogue=EXAMPLES, help_format="plaintext")

    def chart(
        report: str,
        /,
        *,
        by: Annotated[
            list[str],
            Parameter(
                group=FILTERS,
                negative=(),
                metavar="COLUMN",
                help="What to group by; twice for a heat map: --by day_of_week --by event_start_time.",
            ),
        ],
        most: Annotated[
            int,
            Parameter(
                group=OUTPUT, metavar="INT", help="Labels of a dimension at most; the largest are kept."
            ),
        ] = 40,
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
            from ..charts.data import Counts, arrange, dimensions
            from ..charts.figure import Size, figure
            from ..charts.terminal import show
            from ..output import opened
            from ..tables import plain_console

            endpoint = line.endpoint(report)
            paths = dimensions(endpoint, [name for text in by for name in text.split(",")])
            path = _picture(output)
            _check(most, width, height, scale)
            (one,) = asked(line, [report], {**filters, "columns": [*paths, *endpoint.measures[:1]]}, what)
            async with connection.client() as teamup:
                rows = await teamup.stream(one.endpoint, one.query).collect()

            def arranged(hours: int) -> Counts:
                return arrange(endpoint, paths, rows, query=one.query, most=most, hours=hours)

            counts = arranged(1)
            if not counts.most:
                raise OutputError(f"there is nothing to draw: {counts.title} ({counts.subtitle}) has no rows")
            if path is None:
                show(arranged, plain_console())
                return 0
            drawn = figure(arranged, path.suffix[1:].lower(), Size(width=width, height=height, scale=scale))
            with opened(path) as sink:
                sink.write(drawn)
            return 0

        return execute(work(), situation(connection, verbosity))

    chart.__annotations__["report"] = report_argument(line, "A grouped report.", grouped=True)
    own = [option for option in filter_options(line.named) if option.name != "columns"]
    made.default(with_options(chart, own))
    return made


def _picture(output: str | None) -> Path | None:
    if output is None:
        return None
    path = Path(output)
    if path.suffix.lower() not in (".svg", ".png"):
        raise QueryError(f"output must end in .svg or .png, not {output!r}", parameter="output", value=output)
    return path


def _check(most: int, width: int | None, height: int | None, scale: float) -> None:
    if most < 1:
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
