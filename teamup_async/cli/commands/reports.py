"""``teamup reports``: what can be pulled, straight from the declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from cyclopts import App
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ...endpoint import MAX_PAGE_SIZE, Endpoint
from ...errors import QueryError
from ...rows import expandable_paths
from ..failures import USAGE, Situation, explain
from ..filters import about, kind_text
from ..line import Line, report_argument
from ..running import say
from ..tables import draw, plain_console
from ..values import option_name

__all__ = ["build"]


def build(line: Line) -> App:
    """The command for the endpoints that `line` knows."""
    known = line.known
    made = App(name="reports")

    def reports(report: str | None = None, /) -> int:
        try:
            endpoint = None if report is None else line.endpoint(report)
        except QueryError as error:
            say(*explain(error, Situation()))
            return USAGE
        console = plain_console()
        if endpoint is None:
            _overview(known, console)
        else:
            _detail(endpoint, console)
        return 0

    reports.__annotations__["report"] = report_argument(line, "Show this one in full.", needed=False)
    made.default(reports)
    return made


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("report", "filter", "column"))
    return table


def _overview(endpoints: Sequence[Endpoint[..., Any]], console: Console) -> None:
    table = _table("report", "title", "filters", "columns", "required", "walked by")
    for endpoint in endpoints:
        table.add_row(
            endpoint.command_name,
            escape(endpoint.title),
            str(len(endpoint.filters)),
            str(len(endpoint.paths)),
            ", ".join(option_name(p.name) for p in endpoint.filters if p.required) or "-",
            ", ".join(endpoint.pagings),
        )
    draw(console, table)
    first = endpoints[0].command_name if endpoints else "REPORT"
    console.print(
        f"\nOne in full: teamup reports {first}\nPull one:    teamup pull {first} -o {first}.csv",
        markup=False,
    )


def _detail(endpoint: Endpoint[..., Any], console: Console) -> None:
    console.print(endpoint.title, style="bold", markup=False)
    console.print(f"GET {endpoint.path}", style="dim", markup=False)
    ways = ", ".join(f"{by} (default)" if by == endpoint.default_by else by for by in endpoint.pagings)
    console.print(f"\nWalked by: {ways}; {MAX_PAGE_SIZE} rows a page at most.\n", markup=False)

    names: dict[str, list[str]] = {path: [] for path in endpoint.paths}
    for alias, path in endpoint.aliases.items():
        names.setdefault(path, []).append(alias)
    columns = _table("column", "also called") if endpoint.aliases else _table("column")
    for path, aliases in names.items():
        columns.add_row(escape(path), *([escape(", ".join(aliases))] if endpoint.aliases else []))
    draw(console, columns)
    groups = [
        name for name in endpoint.columns if name not in endpoint.paths and name not in endpoint.aliases
    ]
    if groups:
        console.print(f"\nWhole objects as columns: {', '.join(groups)}", markup=False)
    if any(parameter.name == "expand" for parameter in endpoint.filters):
        console.print(f"\nCan be expanded: {', '.join(expandable_paths(endpoint.row))}", markup=False)

    console.print()
    filters = _table("filter", "takes", "what it does")
    for parameter in endpoint.filters:
        if parameter.name == "columns":
            parameter = attrs.evolve(parameter, enum=())  # noqa: PLW2901 - they stand above
        filters.add_row(
            option_name(parameter.name) + (" *" if parameter.required else ""),
            kind_text(parameter),
            escape(about(endpoint, parameter)),
        )
    draw(console, filters)
    if any(parameter.required for parameter in endpoint.filters):
        console.print("* required", style="dim")
