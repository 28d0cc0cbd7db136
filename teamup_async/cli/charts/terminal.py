"""Charts in a terminal, drawn by rich; every number is there without colours too."""

from __future__ import annotations

from collections.abc import Callable

from rich.bar import Bar
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ..tables import draw
from .colours import BAR, ink, shade
from .data import BINS, Counts

__all__ = ["fitted", "heat_table", "show"]

_WIDEST = 60
"""Letters of the longest bar."""


def show(arranged: Callable[[int], Counts], console: Console) -> None:
    """Draw the counts that `arranged` gives for so many hours a bin: as fine as the terminal has room for."""
    counts = arranged(BINS[0])
    if len(counts.by) == 2 and console.is_terminal:
        counts = fitted(arranged, console.width)
    console.print(counts.title, style="bold", markup=False)
    console.print(counts.subtitle, style="dim", markup=False)
    console.print()
    if len(counts.by) == 2:
        draw(console, heat_table(counts), whole=True)
    else:
        draw(console, _bars(counts, console.width))
    console.print()
    console.print(counts.footer, style="dim", markup=False)


def fitted(arranged: Callable[[int], Counts], width: int) -> Counts:
    """As much of a heat map as `width` letters have room for: coarser bins of hours first, then fewer columns."""
    finest = arranged(BINS[0])
    for hours in BINS:
        counts = arranged(hours)
        if _width(counts) <= width:
            return counts
        if counts == finest and hours > BINS[0]:
            break  # the columns are no hours
    for count in range(len(finest.columns), 1, -1):
        narrow = finest.narrowed(count)
        if _width(narrow) <= width:
            return narrow
    return finest.narrowed(1)


def _width(counts: Counts) -> int:
    head = max(map(cell_len, (counts.by[0], *(f"{row} " for row in counts.rows))))
    return head + sum(_cell_width(counts, column) for column in counts.columns)


def _cell_width(counts: Counts, column: str) -> int:
    return 2 + max(cell_len(column), *(len(f"{counts.at(row, column):,}") for row in counts.rows))


def heat_table(counts: Counts) -> Table:
    """A heat map in cells of a terminal."""
    table = Table(box=None, pad_edge=False, padding=0, header_style="bold")
    table.add_column(escape(counts.by[0]), no_wrap=True)
    for column in counts.columns:
        table.add_column(escape(f" {column} "), justify="right", no_wrap=True)
    for row in counts.rows:
        cells: list[Text] = []
        for column in counts.columns:
            count = counts.at(row, column)
            part = float(count / counts.most) if counts.most else 0.0
            text = f" {count:,} " if count else " · "
            cells.append(Text(text.rjust(_cell_width(counts, column)), style=f"{ink(part)} on {shade(part)}"))
        table.add_row(f"{escape(row)} ", *cells)
    return table


def _bars(counts: Counts, width: int) -> Table:
    numbers = {row: counts.text(row) for row in counts.rows}
    widest = max(map(len, numbers.values()))
    # The number always fits; then a bar that says something; labels get what is left.
    labels = min(32, max(map(cell_len, counts.rows)), max(8, (width - widest - 2) // 2))
    room = max(4, min(_WIDEST, width - labels - widest - 3))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, justify="right", width=labels, overflow="ellipsis")
    table.add_column(no_wrap=True, width=room)
    table.add_column(no_wrap=True, justify="right")
    for row in counts.rows:
        bar = Bar(float(counts.most or 1), 0, float(counts.at(row)), width=room, color=BAR)
        table.add_row(escape(row), bar, numbers[row])
    return table
