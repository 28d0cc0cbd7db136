"""What is known before the options of a command are made: which endpoints there are, and which are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import attrs
from cyclopts import Parameter, Token

from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from ..errors import QueryError
from .options import FILTERS

__all__ = ["NOTHING", "Line", "Whole", "report_argument", "reports_argument"]

NOTHING: Any = ()
"""No names: the default of a command that takes --all instead."""

Whole = Annotated[
    bool,
    Parameter(
        name="--all",
        negative=(),
        group=FILTERS,
        help=(
            "All lists, and all reports but those that need columns to group by: a studio's whole data. --since "
            "applies to those that have a time; the others are read whole."
        ),
    ),
]


@attrs.frozen
class Line:
    """The endpoints there are (`known`) and those that the command line names (`named`).

    A command has options for the filters of the named ones only: 71 endpoints have some thousand filters, and nobody
    wants to wait for options that he does not see. `complete`: the options are for the completion of a shell, which
    learns all names and filters.
    """

    known: Sequence[Endpoint[..., Any]]
    named: Sequence[Endpoint[..., Any]] = ()
    complete: bool = False

    @classmethod
    def of(cls, arguments: Sequence[str], known: Sequence[Endpoint[..., Any]]) -> Line:
        """What `arguments` are about. Raises `QueryError` where a name right behind the command is no endpoint's."""
        named: dict[str, Endpoint[..., Any]] = {}
        leading = True
        for argument in arguments:
            leading = leading and not argument.startswith("-")
            try:
                found = endpoint_named(argument, known)
            except QueryError:
                # Behind the first option a word may be an option's value.
                if leading:
                    raise
                continue
            named[found.full_name] = found
        return cls(known, tuple(named.values()))

    def endpoint(self, name: str) -> Endpoint[..., Any]:
        """The endpoint called `name`; dashes, underscores and dots are alike. Raises `QueryError`."""
        return endpoint_named(name, self.known)

    def names(self, given: Sequence[str], *, all: bool) -> Sequence[str]:
        """The names that a command is for: those `given`, or `all` that need no columns to group by.

        Raises `QueryError` where there are none, or both.
        """
        if all and given:
            raise QueryError(f"all means every report and list: leave {given[0]} out", parameter="all")
        if not all and not given:
            raise QueryError("name a report, or give --all; `teamup reports` lists them")
        return [one.command_name for one in self.known if not one.grouped] if all else given


def reports_argument(line: Line) -> Any:
    """The names of one report or several, as cyclopts takes them."""
    several: Any = list
    text = "Names as `teamup reports` lists them."
    return Annotated[several[_name(line, line.known)], _about(text, _all_tokens)]


def report_argument(
    line: Line,
    text: str = "A name as `teamup reports` lists it.",
    *,
    needed: bool = True,
    grouped: bool = False,
    more: Iterable[str] = (),
) -> Any:
    """The name of one report (`grouped`: of a grouped one), or one of `more`."""
    name = _name(line, (endpoint for endpoint in line.known if endpoint.grouped or not grouped), more)
    return Annotated[name if needed else name | None, _about(text, _first_token)]


def _name(line: Line, endpoints: Iterable[Endpoint[..., Any]], more: Iterable[str] = ()) -> Any:
    """A type whose values a shell completes. Names are checked by `endpoint_named`, which takes other spellings too."""
    literal: Any = Literal
    return literal[(*more, *(endpoint.command_name for endpoint in endpoints))] if line.complete else str


def _about(text: str, converter: Any) -> Parameter:
    return Parameter(metavar="REPORT", help=text, converter=converter, show_choices=False)


def _all_tokens(_: Any, tokens: Sequence[Token]) -> list[str]:
    return [token.value for token in tokens]


def _first_token(_: Any, tokens: Sequence[Token]) -> str:
    return tokens[0].value
