"""``teamup chart REPORT --by COLUMN``: what grouped reports are for."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ...errors import QueryError
from ..chart_data import Counts, arrange, dimensions
from ..chart_scene import ink, png, scene, shade, svg
from ..filters import filter_options, with_options
from ..line import Line, report_argument
from ..options import OUTPUT, Connection, Verbosity, What, situation
from ..output import opened
from ..requests import asked
from ..running import execute
from ..tables import draw, plain_console

__all__ = ["build", "fitted", "heat_table"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


EXAMPLES = """Examples:

  teamup chart attendance-strikes.grouped --by venue_name
  teamup chart attendance-strikes.grouped --by day_of_week,event_start_time -o a.svg
  teamup chart attendance-strikes.grouped --by customer_name --most 10

`teamup reports attendance-strikes.grouped` lists the columns and filters."""


def build(line: Line) -> App:
    """The command for the endpoints that `line` knows."""
    made = App(name="chart", help_epilogue=EXAMPLES, help_format="plaintext")

    def chart(
        report: Annotated[str, Parameter(metavar="REPORT", help="A grouped report.")],
        /,
        *,
        by: Annotated[
            list[str],
            Parameter(
                group=OUTPUT,
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
                group=OUTPUT,
                metavar="FILE",
                help="A file ending in .svg or .png to draw into; without it the terminal.",
            ),
        ] = None,
        what: What = What(),
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
        **filters: Any,
    ) -> int:
        async def work() -> int:
            endpoint = line.endpoint(report)
            paths = dimensions(endpoint, [name for text in by for name in text.split(",")])
            place = _place(output)
            if most < 1:
                raise QueryError(f"most must be 1 or more, not {most}", parameter="most", value=most)
            (one,) = asked(line, [report], {**filters, "columns": [*paths, *endpoint.measures]}, what)
            async with connection.client() as teamup:
                rows = await teamup.stream(endpoint, one.query).collect()
            counts = arrange(endpoint, paths, rows, most=most)
            if place is None:
                _show(counts, plain_console())
            else:
                drawn = scene(counts)
                content = png(drawn) if place.suffix.lower() == ".png" else svg(drawn)
                with opened(place) as sink:
                    sink.write(content)
            return 0

        return execute(work(), situation(connection, verbosity))

    chart.__annotations__["report"] = report_argument(line, "A grouped report.", grouped=True)
    own = [option for option in filter_options(line.named) if option.name != "columns"]
    made.default(with_options(chart, own))
    return made


def _place(output: str | None) -> Path | None:
    if output is None:
        return None
    place = Path(output)
    if place.suffix.lower() not in (".svg", ".png"):
        raise QueryError(f"output must end in .svg or .png, not {output!r}", parameter="output", value=output)
    return place


def _show(counts: Counts, console: Console) -> None:
    console.print(counts.title, style="bold", markup=False)
    if not counts.cells:
        console.print("nothing to draw: the report has no rows", markup=False)
        return
    if len(counts.by) == 2:
        if console.is_terminal:
            counts = fitted(counts, console.width)
        draw(console, heat_table(counts), whole=True)
    else:
        draw(console, _bar_table(counts, console.width))
    rest = f"; {counts.left_out} labels with {counts.rest:,} left out (--most)" if counts.left_out else ""
    console.print(f"{counts.total:,} in all{rest}", style="dim", markup=False)


def fitted(counts: Counts, width: int) -> Counts:
    """As many columns of a heat map as `width` letters have room for, the largest first."""
    for count in range(len(counts.columns), 1, -1):
        narrow = counts.narrowed(count)
        if _head_width(narrow) + sum(_cell_width(narrow, column) for column in narrow.columns) <= width:
            return narrow
    return counts.narrowed(1)


def _head_width(counts: Counts) -> int:
    return max(map(cell_len, (" / ".join(counts.by), *(f"{row} " for row in counts.rows))))


def _cell_width(counts: Counts, column: str) -> int:
    return 2 + max(cell_len(column), *(len(f"{counts.at(row, column):,}") for row in counts.rows))


def heat_table(counts: Counts) -> Table:
    """A heat map in cells of a terminal; the numbers are there without colours too."""
    table = Table(box=None, pad_edge=False, padding=0, header_style="bold")
    table.add_column(escape(f"{counts.by[0]} / {counts.by[1]}"), no_wrap=True)
    for column in counts.columns:
        table.add_column(escape(f" {column} "), justify="right", no_wrap=True)
    for row in counts.rows:
        cells: list[Text] = []
        for column in counts.columns:
            count = counts.at(row, column)
            part = count / counts.most if counts.most else 0.0
            text = f" {count:,} " if count else " · "
            cells.append(Text(text.rjust(_cell_width(counts, column)), style=f"{ink(part)} on {shade(part)}"))
        table.add_row(f"{escape(row)} ", *cells)
    return table


def _bar_table(counts: Counts, width: int) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, justify="right", max_width=32, overflow="ellipsis")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    longest = max(len(label) for label in counts.rows)
    room = max(10, min(60, width - min(longest, 32) - 14))
    for row in counts.rows:
        count = counts.at(row)
        eighths = round(8 * room * count / counts.most) if counts.most else 0
        bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        table.add_row(escape(row), Text(bar, style=shade(0.75)), f"{count:,}")
    return table
