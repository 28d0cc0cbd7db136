"""A command with a subcommand for every report: ``teamup pull attendances --status attended``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal

import attrs
from cyclopts import App, Parameter, Token

from ..endpoint import Endpoint
from .failures import Situation
from .filters import command, filter_options
from .options import Connection, Verbosity, Zone
from .values import query_values, read_zone

__all__ = ["Request", "fixed", "report_app", "report_argument", "reports_argument", "situation"]


@attrs.frozen(kw_only=True)
class Request:
    """What the command line asked of a report. `given` holds the filters as text, `extra` the command's own options."""

    endpoint: Endpoint[..., Any]
    given: dict[str, Any]
    timezone: str
    connection: Connection
    verbosity: Verbosity
    extra: dict[str, Any]

    @property
    def situation(self) -> Situation:
        """What advice after a failure depends on."""
        return situation(self.connection, self.verbosity)

    def query(self) -> dict[str, Any]:
        """The keyword arguments of the query. Raises `QueryError`, also for what only the query can tell."""
        values = query_values(self.endpoint.filters, self.given, read_zone(self.timezone))
        self.endpoint.check(self.endpoint.query(**values))
        return values


def situation(connection: Connection, verbosity: Verbosity) -> Situation:
    """What advice after a failure depends on."""
    return Situation(
        base_url=connection.base_url, auth_scheme=connection.auth_scheme, verbose=verbosity.verbose
    )


def fixed(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """An option that does not come from a declaration."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def reports_argument(endpoints: Iterable[Endpoint[..., Any]]) -> Any:
    """The names of reports, as cyclopts takes them; the shell completes those of `endpoints`."""
    several: Any = list
    return Annotated[several[_one_of(endpoints)], _named("Names as `teamup reports` lists them.", _all)]


def report_argument(endpoints: Iterable[Endpoint[..., Any]], text: str, *, needed: bool = True) -> Any:
    """The name of one report."""
    name = _one_of(endpoints)
    return Annotated[name if needed else name | None, _named(text, _first)]


def _one_of(endpoints: Iterable[Endpoint[..., Any]]) -> Any:
    literal: Any = Literal
    return literal[tuple(endpoint.command_name for endpoint in endpoints)]


def _named(text: str, converter: Any) -> Parameter:
    # Other spellings are taken too, and a name that is wrong gets a better word from `endpoint_named`.
    return Parameter(metavar="REPORT", help=text, converter=converter, show_choices=False)


def _all(_: Any, tokens: Sequence[Token]) -> list[str]:
    return [token.value for token in tokens]


def _first(_: Any, tokens: Sequence[Token]) -> str:
    return tokens[0].value


def report_app(
    name: str,
    endpoints: Iterable[Endpoint[..., Any]],
    work: Callable[[Request], int],
    own: Callable[[Endpoint[..., Any]], list[inspect.Parameter]],
    does: str,
) -> App:
    """The command `name`. `own` makes its options beside filters, connection and verbosity; `does` is its help."""
    app = App(name=name)
    for order, endpoint in enumerate(endpoints):
        subcommand = _subcommand(endpoint, work, own(endpoint), does)
        app.command(subcommand, name=endpoint.command_name, sort_key=order)
        others = _other_names(endpoint)
        if others:
            app.command(subcommand, name=others, show=False)
    return app


def _other_names(endpoint: Endpoint[..., Any]) -> tuple[str, ...]:
    names = (endpoint.name, endpoint.python_name, endpoint.command_name.replace(".", "-"))
    return tuple(dict.fromkeys(name for name in names if name != endpoint.command_name))


def _subcommand(
    endpoint: Endpoint[..., Any], work: Callable[[Request], int], own: list[inspect.Parameter], does: str
) -> Callable[..., Any]:
    names = [parameter.name for parameter in own]

    def called(*, timezone: str, connection: Connection, verbosity: Verbosity, **values: Any) -> int:
        extra = {name: values.pop(name) for name in names if name in values}
        return work(
            Request(
                endpoint=endpoint,
                given=values,
                timezone=timezone,
                connection=connection,
                verbosity=verbosity,
                extra=extra,
            )
        )

    shared = [
        fixed("timezone", Zone, "UTC"),
        fixed("connection", Connection, Connection()),
        fixed("verbosity", Verbosity, Verbosity()),
    ]
    # What has a default is not passed by cyclopts when it was not given.
    defaults = {parameter.name: parameter.default for parameter in (*own, *shared)}

    def complete(**values: Any) -> int:
        return called(**{**defaults, **values})

    doc = f"{endpoint.title}. {does.format(path=endpoint.path)}"
    return command(
        complete,
        [*filter_options(endpoint), *own, *shared],
        name=endpoint.python_name,
        doc=doc,
    )
