"""Conditions on columns, told to TeamUp as filters: fewer rows are read where a filter for a column is declared.

A filter only ever leaves out rows that the condition leaves out too. The engine still applies the condition, so what
can't be told costs requests, never rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import attrs

from ..endpoint import Endpoint
from ..query import Parameter

__all__ = ["Condition", "Relation", "filters_of", "narrowed"]

Relation = Literal["in", "ge", "gt", "le", "lt"]

_DAY: Final = timedelta(days=1)


@attrs.frozen
class Condition:
    """`path` of a column, how it stands to `values`: one of them (``in``), or beyond the only one."""

    path: str
    relation: Relation
    values: tuple[Any, ...]


def filters_of(endpoint: Endpoint[..., Any]) -> dict[tuple[str, str], Parameter]:
    """The declared filters that say the same as a condition: by column, and ``in``, ``ge``, ``le`` or ``gt``."""
    by_name = {parameter.name: parameter for parameter in endpoint.filters if not parameter.local}
    paths = endpoint.paths
    found: dict[tuple[str, str], Parameter] = {}

    def know(path: str, relation: str, name: str) -> None:
        parameter = by_name.get(name)
        if parameter is not None and path in paths:
            found.setdefault((path, relation), parameter)

    span = endpoint.span
    if span is not None and span.field is not None:
        know(span.field, "ge", span.gte)
        know(span.field, "le", span.lte)
    for path in paths:
        flat = path.replace(".", "_")
        know(path, "ge", f"{flat}_gte")
        know(path, "le", f"{flat}_lte")
        know(path, "gt", f"{flat}_gt")
        know(path, "in", flat)
        if path == "id":
            know(path, "in", "ids")
        # The filter `customers` takes the ids of `customer`; deeper down the name alone does not say whose.
        elif path.endswith(".id") and path.count(".") == 1:
            for name in (path[:-3], f"{path[:-3]}s"):
                know(path, "in", name)
    return {
        (path, relation): parameter
        for (path, relation), parameter in found.items()
        if parameter.kind in ("integer", "date-time", "date", "boolean") or parameter.enum
    }


def narrowed(
    endpoint: Endpoint[..., Any], query: Mapping[str, Any], conditions: Iterable[Condition]
) -> dict[str, Any]:
    """The query's values, with those of the conditions that a declared filter can say."""
    known, values = filters_of(endpoint), dict(query)
    for condition in conditions:
        for relation, wanted in _said(condition):
            parameter = known.get((condition.path, relation))
            if parameter is not None:
                _narrow(values, parameter, relation, wanted)
    return values


def _said(condition: Condition) -> Sequence[tuple[str, tuple[Any, ...]]]:
    """A condition in the relations that filters have: what is later than a time is also at or after it."""
    if condition.relation == "gt":
        return (("gt", condition.values), ("ge", condition.values))
    return (("le" if condition.relation == "lt" else condition.relation, condition.values),)


def _narrow(values: dict[str, Any], parameter: Parameter, relation: str, wanted: tuple[Any, ...]) -> None:
    sent = [_sent(parameter, relation, value) for value in wanted]
    if not sent or None in sent:
        return
    before = values.get(parameter.name)
    if relation == "in":
        if parameter.array:
            # What an earlier filter left out stays left out; the engine sees to the rest.
            values[parameter.name] = [one for one in sent if before is None or one in before] or before
        elif len(sent) == 1 and before is None:
            values[parameter.name] = sent[0]
    elif before is None:
        values[parameter.name] = sent[0]
    else:
        values[parameter.name] = (min if relation == "le" else max)(sent[0], before)


def _sent(parameter: Parameter, relation: str, value: Any) -> Any:
    """A value as the filter takes it, or None where it can't."""
    if parameter.enum:
        return value if value in parameter.enum else None
    if parameter.kind == "date" and isinstance(value, datetime):
        # A day begins earlier or later in another time zone.
        return value.date() + {"le": _DAY, "ge": -_DAY}[relation] if relation in ("ge", "le") else None
    if parameter.kind == "date-time" and relation == "in":
        return None
    fits = _FITS[parameter.kind]
    return value if fits(value) else None


_FITS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "integer": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "date-time": lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    "date": lambda value: isinstance(value, date),
}
