"""Names and filters of the command line into queries: which rows of which reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from ..endpoint import Endpoint
from ..errors import QueryError, nearest
from ..query import Parameter, Query
from .filters import allowed_values
from .line import Line
from .options import Since
from .times import Calendar, read_zone
from .values import Given, option_name, query_values, read

__all__ = ["Asked", "asked"]


@attrs.frozen
class Asked:
    """A report that the command line asks for, with the query it asks."""

    endpoint: Endpoint[..., Any]
    query: Query[Any]


def asked(
    line: Line,
    names: Sequence[str],
    filters: Mapping[str, Given],
    what: Since,
    *,
    all: bool = False,
    now: datetime | None = None,
) -> tuple[Asked, ...]:
    """The queries that the command line means, in the order of the names. Raises `QueryError`.

    `filters` hold for every report that is named, ``--set`` for one of them. `all`: nobody named the reports, so
    ``--since`` and ``--until`` hold for those that have a stretch of time. `now` is what ``yesterday`` counts from.
    """
    calendar = Calendar(read_zone(what.timezone or "UTC"), now or datetime.now(UTC))
    chosen = tuple({found.full_name: found for found in map(line.endpoint, names)}.values())
    if not chosen:
        raise QueryError("name the reports to read; `teamup reports` lists them", parameter="report")
    given = {name: value for name, value in filters.items() if value is not None}
    for name in given:
        _check_for_all(name, chosen)
    settings = _settings(what.set or (), chosen)
    return tuple(
        Asked(
            endpoint,
            _query(
                endpoint,
                {**given, **settings[endpoint.full_name]},
                Since() if all and endpoint.span is None else what,
                calendar,
            ),
        )
        for endpoint in chosen
    )


def _check_for_all(name: str, chosen: tuple[Endpoint[..., Any], ...]) -> None:
    """A filter that only some of the reports have would leave the others unfiltered without a word."""
    having = [endpoint.command_name for endpoint in chosen if _has(endpoint, name)]
    without = [endpoint.command_name for endpoint in chosen if not _has(endpoint, name)]
    if without:
        advice = f": for one report write --set {having[0]}.{name}=VALUE" if having else ""
        raise QueryError(f"{name} is no filter of {', '.join(without)}{advice}", parameter=name)


def _has(endpoint: Endpoint[..., Any], name: str) -> bool:
    return any(parameter.name == name for parameter in endpoint.filters)


def _query(
    endpoint: Endpoint[..., Any], given: Mapping[str, Given], what: Since, calendar: Calendar
) -> Query[Any]:
    for parameter in endpoint.filters:
        if parameter.required and parameter.name not in given:
            allowed = allowed_values(endpoint, parameter)
            listed = f" Allowed: {', '.join(allowed)}" if allowed else ""
            raise QueryError(
                f"{parameter.name} is required for {endpoint.command_name}.{listed}",
                parameter=parameter.name,
                allowed=allowed,
            )
    values = query_values(endpoint.filters, given, calendar)
    for name, value in _times(endpoint, what, calendar).items():
        if name in values:
            option = "since" if endpoint.span and name == endpoint.span.gte else "until"
            raise QueryError(
                f"{option} and {option_name(name)} both say the same for {endpoint.command_name}: leave one out",
                parameter=option,
            )
        values[name] = value
    query = endpoint.make_query(values)
    endpoint.check(query)
    return query


def _settings(settings: Sequence[str], chosen: tuple[Endpoint[..., Any], ...]) -> dict[str, dict[str, Given]]:
    """What ``--set`` says, by the name of the report."""
    found: dict[str, dict[str, Given]] = {endpoint.full_name: {} for endpoint in chosen}
    for text in settings:
        where, equals, value = text.partition("=")
        report, dot, name = where.rpartition(".")
        alone = chosen[0] if len(chosen) == 1 and not dot else None
        if not equals or not (dot or alone):
            raise QueryError(f"set takes REPORT.FILTER=VALUE, not {text!r}", parameter="set", value=text)
        endpoint = alone or _among(report, chosen, text)
        parameter = _filter(endpoint, name)
        found[endpoint.full_name][parameter.name] = [value] if parameter.array else value
    return found


def _among(report: str, chosen: tuple[Endpoint[..., Any], ...], text: str) -> Endpoint[..., Any]:
    line = Line(chosen)
    try:
        return line.endpoint(report)
    except QueryError as error:
        near = f"; did you mean {error.suggestion}?" if error.suggestion else ""
        raise QueryError(
            f"set {text}: {report} is not among the reports that are named{near}", parameter="set", value=text
        ) from None


def _filter(endpoint: Endpoint[..., Any], name: str) -> Parameter:
    wanted = name.strip().replace("-", "_")
    for parameter in endpoint.filters:
        if parameter.name == wanted:
            return parameter
    near = nearest(wanted, [parameter.name for parameter in endpoint.filters])
    hint = f"; did you mean {near!r}?" if near else "."
    raise QueryError(
        f"set: {endpoint.command_name} has no filter {name!r}{hint} See teamup reports {endpoint.command_name}",
        parameter="set",
        value=name,
    )


def _times(endpoint: Endpoint[..., Any], what: Since, calendar: Calendar) -> dict[str, Any]:
    """``--since`` and ``--until`` for the stretch of time that the endpoint declares. Raises `QueryError`."""
    wanted = {name: text for name, text in (("since", what.since), ("until", what.end)) if text is not None}
    if not wanted:
        return {}
    span = endpoint.span
    if span is None:
        option = next(iter(wanted))
        raise QueryError(
            f"{option} can't be used with {endpoint.command_name}: it can't be asked for a stretch of time",
            parameter=option,
        )
    filters = {parameter.name: parameter for parameter in endpoint.filters}
    # A mistake is told by the name of the option, not by that of the filter that it stands for.
    ends = {
        name: read(
            attrs.evolve(filters[span.gte if name == "since" else span.lte], name=name), text, calendar
        )
        for name, text in wanted.items()
    }
    if len(ends) == 2 and ends["since"] > ends["until"]:
        raise QueryError(f"until must not be before --since: {what.end}", parameter="until", value=what.end)
    return {span.gte if name == "since" else span.lte: value for name, value in ends.items()}
