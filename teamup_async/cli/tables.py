"""Tables for people: rows and facts, within the width there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import attrs
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .._report.words import counted
from ..endpoint import Endpoint
from ..objects import Money
from ..rows import flattener
from ..sinks.naming import Names, snake
from ..sinks.text import decimal_text
from .formats import known_columns
from .output import Sink

if TYPE_CHECKING:
    from ..page import Page

__all__ = ["TableWriter", "counted", "draw", "facts", "plain_console", "row_table", "text_of"]

_FILE_WIDTH = 120
_UNBOUND = 100_000
"""Characters of a line that no terminal shows."""
_WIDEST = 32
"""Characters a cell takes at most."""


def plain_console(*, terminal: bool = True) -> Console:
    """A console for standard output, or (not `terminal`) for a file; where there is no terminal, a good deal wider."""
    console = Console(highlight=False)
    if console.is_terminal and terminal:
        return console
    return Console(highlight=False, force_terminal=False, width=max(_FILE_WIDTH, console.width))


class TableWriter:
    """Keeps the rows of a few pages and draws them at the end, with as many columns as fit."""

    def __init__(
        self, endpoint: Endpoint[..., Any], sink: Sink, console: Console, *, names: Names = "dotted"
    ) -> None:
        self._endpoint = endpoint
        self._sink = sink
        self._console = console
        self._called = snake if names == "snake" else str
        self._columns: tuple[str, ...] = ()
        self._rows: list[Any] = []
        self._total: int | None = None

    def page(self, page: Page[Any], rows: Sequence[Any]) -> None:
        """Keep the rows."""
        self._total = page.total
        self._columns = self._columns or known_columns(self._endpoint, page.columns)
        self._rows.extend(rows)

    def finish(self) -> None:
        """Draw the table, and say what it leaves out."""
        table, shown = row_table(self._endpoint, self._columns, self._rows, self._console.width, self._called)
        count, columns = len(self._rows), len(self._columns)
        whole = self._total is None or self._total <= count
        told = counted(count, "row") if whole else f"{count:,} of {counted(self._total or 0, 'row')}"
        left = (
            f", {shown} of {columns} columns; --format csv or jsonl has them all"
            if self._rows and shown < columns
            else ""
        )
        with self._console.capture() as drawn:
            if self._rows:
                draw(self._console, table)
            self._console.print(f"{told}{left}", style="dim", markup=False)
        self._sink.write(drawn.get().encode("utf-8", "replace"))


def draw(console: Console, table: Table, *, whole: bool = False) -> None:
    """Print a table; without the spaces that fill its last column, where they could be seen or copied.

    Where there is no terminal, a table that is `whole` is as wide as it must be.
    """
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(highlight=False, force_terminal=False, width=_UNBOUND) if whole else console
    with wide.capture() as drawn:
        wide.print(table)
    lines = "\n".join(line.rstrip() for line in drawn.get().splitlines())
    console.print(lines, markup=False, soft_wrap=True)


def row_table(
    endpoint: Endpoint[..., Any],
    columns: Sequence[str],
    rows: Iterable[Any],
    width: int,
    called: Callable[[str], str] = str,
) -> tuple[Table, int]:
    """A table of `rows` with as many of `columns` as fit into `width` characters, and their number.

    `called` says what a column is called.
    """
    flat = flattener(endpoint.row, tuple(columns))
    values = [flat(row) for row in rows]
    cells = [[text_of(value) for value in row] for row in values]
    table = Table(box=None, header_style="bold", pad_edge=False)
    used, shown = 0, 0
    for index, column in enumerate(map(called, columns)):
        need = min(_WIDEST, max([cell_len(column), *(cell_len(row[index]) for row in cells)])) + 2
        if shown and used + need > width:
            break
        numbers = all(isinstance(row[index], (int, Decimal, Money)) for row in values) and bool(values)
        table.add_column(
            escape(column),
            no_wrap=True,
            overflow="ellipsis",
            max_width=_WIDEST,
            justify="right" if numbers else "left",
        )
        used, shown = used + need, shown + 1
    for row in cells:
        table.add_row(*(escape(cell) for cell in row[:shown]))
    return table, shown


def facts(title: str, pairs: Iterable[tuple[str, str]], console: Console) -> None:
    """Print a title and lines of names and values."""
    console.print(title, style="bold", markup=False)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(f"  {escape(name)}", escape(value))
    draw(console, table)


def text_of(value: Any) -> str:
    """A value as a person reads it: objects by their name, times to the minute."""
    text = _text_of(value)
    return "".join(c if c.isprintable() else " " for c in text)


def _text_of(value: Any) -> str:  # noqa: PLR0911 - one line for each kind of value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Money):
        return value.string or text_of(value.decimal)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text_of, cast("list[Any]", value)))
    if attrs.has(value.__class__):
        name = getattr(value, "name", None) or getattr(value, "id", None)
        return text_of(name)
    return str(value)
