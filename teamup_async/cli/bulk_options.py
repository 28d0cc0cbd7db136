"""What ``pull`` into a folder and ``sync`` have in common: which reports, whose, since when, and how it is told."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from collections.abc import Iterable, Sequence
from datetime import timedelta, tzinfo
from typing import Annotated, Any

import attrs
from cyclopts import Group, Parameter

from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from ..errors import ConfigurationError, QueryError, nearest
from ..query import Parameter as Filter
from .options import Connection
from .values import query_values, read, read_zone

__all__ = ["Bulk", "Reports", "requests_of", "span"]

WHAT = Group("What", sort_key=1)
WHO = Group("Whose", sort_key=4)
HOW = Group("How", sort_key=3)

Reports = list[str]


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Bulk:
    """Options of both commands."""

    set: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            group=WHAT,
            negative=(),
            metavar="REPORT.FILTER=VALUE",
            help=(
                "A filter of one report, as often as needed: --set attendances.status=attended,no_show. "
                "Grouped reports need their columns: --set attendance-strikes.grouped.columns=customer,count."
            ),
        ),
    ] = None
    accounts: Annotated[
        str | None,
        Parameter(
            group=WHO,
            metavar="FILE",
            help="TOML file with accounts and where their tokens are kept; each has a quota of its own.",
        ),
    ] = None
    quota_file: Annotated[
        str | None,
        Parameter(
            group=HOW,
            metavar="FILE",
            help="Share the quota with other runs on this machine through this file: TeamUp counts for each caller.",
        ),
    ] = None
    restart: Annotated[
        bool, Parameter(group=HOW, negative=(), help="Begin anew, although an unfinished run could go on.")
    ] = False
    json: Annotated[
        bool, Parameter(group=HOW, negative=(), help="Print the result as JSON on standard output.")
    ] = False

    def check(self, connection: Connection) -> None:
        """Raise `ConfigurationError` for what does not go together."""
        if self.accounts is not None and (connection.token or connection.provider_id):
            raise ConfigurationError(
                "with --accounts, tokens and providers come from that file: leave --token and --provider-id out"
            )


def span(name: str, value: int, *, least: int = 0, **unit: int) -> timedelta:
    """`value` of `unit` as a length of time. Raises `QueryError`, which calls it `name`."""
    if value < least:
        raise QueryError(f"{name} must be {least} or more, not {value}", parameter=name, value=value)
    try:
        return value * timedelta(**unit)
    except OverflowError:
        raise QueryError(f"{name} is too long: {value}", parameter=name, value=value) from None


def requests_of(
    names: Sequence[str],
    settings: Iterable[str],
    endpoints: Iterable[Endpoint[..., Any]],
    *,
    since: str | None = None,
    until: str | None = None,
    timezone: str = "UTC",
) -> dict[str, dict[str, Any]]:
    """The requests that the command line means, by the name of their file or table. Raises `QueryError`."""
    known = tuple(endpoints)
    zone = read_zone(timezone)
    chosen = [endpoint_named(name, known) for name in names]
    if not chosen:
        raise QueryError("name the reports to read; `teamup reports` lists them", parameter="report")
    given: dict[str, dict[str, str]] = {endpoint.name: {} for endpoint in chosen}
    for setting in settings:
        report, name, text = _setting(setting, known)
        if report.name not in given:
            raise QueryError(
                f"--set {setting}: {report.command_name} is not among the reports", parameter="set"
            )
        given[report.name][name] = text
    requests: dict[str, dict[str, Any]] = {}
    for endpoint in chosen:
        texts: dict[str, Any] = {
            name: [text] if _filter(endpoint, name).array else text
            for name, text in given[endpoint.name].items()
        }
        for parameter in endpoint.filters:
            if parameter.required and parameter.name not in texts:
                setting = f"{endpoint.command_name}.{parameter.name}"
                raise QueryError(
                    f"{endpoint.command_name}: {parameter.name} is required: --set {setting}=...; "
                    f"teamup reports {endpoint.command_name} lists what it takes",
                    parameter="set",
                )
        values = query_values(endpoint.filters, texts, zone)
        values |= _times(endpoint, since, until, zone)
        endpoint.check(endpoint.make_query(values))
        requests[endpoint.python_name] = values
    return requests


def _setting(text: str, endpoints: tuple[Endpoint[..., Any], ...]) -> tuple[Endpoint[..., Any], str, str]:
    where, equals, value = text.partition("=")
    report, dot, name = where.rpartition(".")
    if not equals or not dot:
        raise QueryError(f"--set takes REPORT.FILTER=VALUE, not {text!r}", parameter="set", value=text)
    endpoint = endpoint_named(report, endpoints)
    return endpoint, _filter(endpoint, name).name, value


def _filter(endpoint: Endpoint[..., Any], name: str) -> Filter:
    wanted = name.strip().replace("-", "_")
    for parameter in endpoint.filters:
        if parameter.name == wanted:
            return parameter
    near = nearest(wanted, [parameter.name for parameter in endpoint.filters])
    hint = f"; did you mean {near!r}?" if near else "."
    raise QueryError(
        f"{endpoint.command_name} has no filter {name!r}{hint} See teamup reports {endpoint.command_name}",
        parameter="set",
        value=name,
    )


def _times(
    endpoint: Endpoint[..., Any], since: str | None, until: str | None, zone: tzinfo
) -> dict[str, Any]:
    """`since` and `until` for the filter that is about when things happen. Raises `QueryError` where there is none."""
    if since is None and until is None:
        return {}
    span = endpoint.span
    if span is None:
        raise QueryError(f"{endpoint.command_name} can't be asked for a stretch of time", parameter="since")
    filters = {parameter.name: parameter for parameter in endpoint.filters}
    values: dict[str, Any] = {}
    for option, name, text in (("since", span.gte, since), ("until", span.lte, until)):
        if text is not None:
            parameter = filters[name]
            # A mistake is told by the name of the option, not by that of the filter it stands for.
            values[parameter.name] = read(attrs.evolve(parameter, name=option), text, zone)
    first, last = values.get(span.gte), values.get(span.lte)
    if first is not None and last is not None and first > last:
        raise QueryError(f"until must not be before --since: {until}", parameter="until", value=until)
    return values
