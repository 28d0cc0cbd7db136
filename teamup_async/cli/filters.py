"""Options made from the declaration of an endpoint: nothing about a report is written down twice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import cyclopts

from ..endpoint import Endpoint
from ..query import Parameter
from .options import FILTERS
from .values import option_name

__all__ = ["about", "allowed_values", "command", "filter_options", "kind_text", "limits_text"]

_METAVARS = {
    "integer": "INT",
    "number": "NUMBER",
    "string": "TEXT",
    "date-time": "WHEN",
    "date": "DAY",
    "boolean": "YES|NO",
}
_KINDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "date-time": "time",
    "date": "date",
    "boolean": "yes or no",
}


def command(
    function: Callable[..., Any], options: Iterable[inspect.Parameter], *, name: str, doc: str
) -> Callable[..., Any]:
    """`function` with the signature that `options` make, as cyclopts reads it."""

    def called(**values: Any) -> Any:
        return function(**values)

    called.__name__ = name.replace("-", "_").replace(".", "_")
    called.__doc__ = doc
    called.__signature__ = inspect.Signature(list(options))  # type: ignore[attr-defined]  # inspect.signature reads it
    return called


def filter_options(endpoint: Endpoint[..., Any]) -> list[inspect.Parameter]:
    """An option for every filter of `endpoint`."""
    return [_option(endpoint, parameter) for parameter in endpoint.filters]


def _option(endpoint: Endpoint[..., Any], parameter: Parameter) -> inspect.Parameter:
    flag = parameter.kind == "boolean" and not parameter.array
    settings: dict[str, Any] = {
        "name": option_name(parameter.name),
        "help": _help(endpoint, parameter),
        "group": FILTERS,
        # Descending orders are written with a leading dash.
        "allow_leading_hyphen": parameter.name == "sort",
    }
    if not flag:
        settings |= {"negative": (), "metavar": _METAVARS[parameter.kind]}
    hint: Any = bool if flag else list[str] if parameter.array else str
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if parameter.required else None,
        annotation=Annotated[hint if parameter.required else hint | None, cyclopts.Parameter(**settings)],
    )


def _help(endpoint: Endpoint[..., Any], parameter: Parameter) -> str:
    parts = [about(endpoint, parameter)]
    if parameter.name == "columns" and endpoint.aliases:
        parts.append(f"Flat names are accepted too, see teamup reports {endpoint.command_name}.")
    return " ".join(parts)


def about(endpoint: Endpoint[..., Any], parameter: Parameter) -> str:
    """What a filter does, what it takes and its limits, in sentences."""
    parts = [parameter.description or "Not described in the API document."]
    values = allowed_values(endpoint, parameter)
    if values:
        parts.append(f"{'Any' if parameter.array else 'One'} of: {', '.join(values)}.")
    if parameter.name == "sort" and not parameter.enum and endpoint.columns:
        parts.append("Takes the names that --columns takes.")
    limits = limits_text(parameter)
    if limits:
        parts.append(f"{limits[0].upper()}{limits[1:]}.")
    return " ".join(parts)


def allowed_values(endpoint: Endpoint[..., Any], parameter: Parameter) -> tuple[str, ...]:
    """What to show as allowed: all values, but of columns only those that are paths of the row."""
    if parameter.name == "columns" and endpoint.paths:
        return tuple(value for value in parameter.enum if value in endpoint.paths) or parameter.enum
    return parameter.enum


def kind_text(parameter: Parameter) -> str:
    """The type of a parameter in words: ``list of whole number``."""
    kind = "time on the venue's clock" if parameter.local else _KINDS[parameter.kind]
    return f"{kind}, several" if parameter.array else kind


def limits_text(parameter: Parameter) -> str:
    """The limits of a parameter in words, or an empty text."""
    limits: Mapping[str, Any] = {
        "at least {}": parameter.minimum,
        "at most {}": parameter.maximum,
        "matching {}": parameter.pattern,
        "{} or more values": parameter.min_items,
        "default {}": None if parameter.default is None else str(parameter.default).lower(),
    }
    return ", ".join(text.format(value) for text, value in limits.items() if value is not None)
