"""``teamup reports``: what can be pulled, straight from the declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
from cyclopts import App
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ...endpoint import Endpoint
from ...errors import QueryError
from ...rows import expandable_paths
from ...sinks.naming import snake
from ..command import Command
from ..failures import USAGE, Situation, explain
from ..filters import about, kind_text
from ..line import Line, report_argument
from ..saying import say
from ..tables import draw, plain_console
from ..values import option_name

__all__ = ["build"]


def build(line: Line) -> App:
    """The command for the endpoints that `line` knows."""
    made = Command(name="reports", help_format="plaintext")

    def reports(report: str | None = None, /) -> int:
        console = plain_console()
        if report is None:
            _overview(line.known, console)
            _next_steps(line.known, console)
            return 0
        try:
            _detail(line.endpoint(report), console)
        except QueryError as error:
            if _search(report, line.known, console):
                return 0
            say(*explain(error, Situation()))
            return USAGE
        return 0

    reports.__annotations__["report"] = report_argument(
        line,
        "Show this one in full, or those whose names, titles or columns have this in them.",
        needed=False,
    )
    made.default(reports)
    return made


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("name", "filter", "column"))
    return table


_COLUMNS: Final[Mapping[str, Callable[[Endpoint[..., Any]], str]]] = {
    "filters": lambda endpoint: str(len(endpoint.filters)),
    "columns": lambda endpoint: str(len(endpoint.paths)),
    "required": lambda endpoint: (
        ", ".join(option_name(p.name) for p in endpoint.filters if p.required) or "-"
    ),
    "walked by": lambda endpoint: ", ".join(endpoint.pagings),
}
_WIDTHS: Final = {"filters": 9, "columns": 9, "required": 12, "walked by": 18}


def _overview(endpoints: Sequence[Endpoint[..., Any]], console: Console) -> None:
    """All of `endpoints` in their groups, with as many facts as there is room for."""
    groups = {
        "Reports": [one for one in endpoints if one.envelope.headed and not one.grouped],
        "Grouped reports, for counts": [one for one in endpoints if one.grouped],
        "Lists": [one for one in endpoints if not one.envelope.headed],
    }
    widest = max((len(one.command_name) for one in endpoints), default=0) + 2
    left = console.width - widest
    shown = [name for name in _COLUMNS if (left := left - _WIDTHS[name]) >= 0]
    first = True
    for group, members in groups.items():
        if not members:
            continue
        console.print(f"{'' if first else chr(10)}{group}", style="bold", markup=False)
        first = False
        table = _table("name", *shown)
        table.columns[0].min_width = widest - 2
        for name in shown:
            table.columns[shown.index(name) + 1].min_width = _WIDTHS[name] - 2
        for one in members:
            table.add_row(one.command_name, *(escape(_COLUMNS[name](one)) for name in shown))
        draw(console, table)


def _next_steps(endpoints: Sequence[Endpoint[..., Any]], console: Console) -> None:
    first = endpoints[0].command_name if endpoints else "REPORT"
    lines = (
        f"One in full: teamup reports {first}",
        "Search:      teamup reports member",
        f"Pull one:    teamup pull {first} -o {first}.csv",
    )
    console.print()
    for text in lines:
        console.print(text, markup=False)


def _search(text: str, endpoints: Sequence[Endpoint[..., Any]], console: Console) -> bool:
    """Show what has `text` in its name, its title, or the names of its columns; says whether anything has."""
    wanted = text.strip().lower().replace("_", "-")
    if not wanted:
        return False
    named = [one for one in endpoints if wanted in one.command_name or wanted in one.title.lower()]
    holding = {
        one.command_name: paths
        for one in endpoints
        if one not in named
        and (paths := [path for path in one.paths if wanted in path.replace("_", "-").replace(".", "-")])
    }
    if named:
        _overview(named, console)
    if holding:
        console.print(f"{chr(10) if named else ''}With such columns", style="bold", markup=False)
        table = _table("name", "among its columns")
        for name, paths in holding.items():
            more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
            table.add_row(name, escape(", ".join(paths[:3]) + more))
        draw(console, table)
    return bool(named or holding)


def _detail(endpoint: Endpoint[..., Any], console: Console) -> None:
    console.print(endpoint.title, style="bold", markup=False)
    console.print(f"GET {endpoint.path}", style="dim", markup=False)
    ways = ", ".join(f"{by} (default)" if by == endpoint.default_by else by for by in endpoint.pagings)
    console.print(f"\nWalked by: {ways}; at most {endpoint.max_page_size} rows a page.\n", markup=False)

    names: dict[str, list[str]] = {path: [] for path in endpoint.paths}
    for alias, path in endpoint.aliases.items():
        names.setdefault(path, []).append(alias)
    heads = ("column", "--names snake", "also called") if endpoint.aliases else ("column", "--names snake")
    columns = _table(*heads)
    for path, aliases in names.items():
        columns.add_row(
            escape(path), snake(path), *([escape(", ".join(aliases))] if endpoint.aliases else [])
        )
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
