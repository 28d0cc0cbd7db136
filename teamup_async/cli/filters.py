"""Options made from the declarations of endpoints: nothing about a filter is written down twice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

import cyclopts

from ..endpoint import Endpoint
from ..query import Parameter
from .options import FILTERS
from .values import option_name

__all__ = ["about", "allowed_values", "filter_options", "kind_text", "limits_text", "with_options"]

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
    "date": "day",
    "boolean": "yes or no",
}

Pair = tuple[Endpoint[..., Any], Parameter]


def with_options(function: Callable[..., int], options: Iterable[inspect.Parameter]) -> Callable[..., int]:
    """`function` with `options` beside the arguments of its own; it takes their values as ``**filters``."""
    signature = inspect.signature(function)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    signature = signature.replace(parameters=sorted((*own, *options), key=lambda p: p.kind))

    def called(*arguments: Any, **values: Any) -> int:
        return function(*arguments, **values)

    called.__name__, called.__doc__ = function.__name__, function.__doc__
    called.__signature__ = signature  # type: ignore[attr-defined]  # inspect.signature reads it
    return called


def filter_options(endpoints: Iterable[Endpoint[..., Any]]) -> list[inspect.Parameter]:
    """An option for every filter of `endpoints`; one that several of them have is one option."""
    pairs: dict[str, list[Pair]] = {}
    for endpoint in endpoints:
        for parameter in endpoint.filters:
            pairs.setdefault(parameter.name, []).append((endpoint, parameter))
    return [_option(name, found) for name, found in pairs.items()]


def _option(name: str, pairs: Sequence[Pair]) -> inspect.Parameter:
    parameters = [parameter for _, parameter in pairs]
    flag = all(parameter.kind == "boolean" and not parameter.array for parameter in parameters)
    settings: dict[str, Any] = {
        "name": option_name(name),
        "help": _help(pairs),
        "group": FILTERS,
        # Descending orders are written with a leading dash.
        "allow_leading_hyphen": name == "sort",
        "show_default": False,
    }
    if not flag:
        settings |= {"negative": (), "metavar": _METAVARS[parameters[0].kind]}
    hint: Any = bool if flag else list[str] if any(parameter.array for parameter in parameters) else str
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[hint | None, cyclopts.Parameter(**settings)],
    )


def _help(pairs: Sequence[Pair]) -> str:
    """What the filter does; where reports differ, what it does for each."""
    texts: dict[str, list[str]] = {}
    for endpoint, parameter in pairs:
        parts = ["Required."] if parameter.required else []
        parts.append(about(endpoint, parameter))
        if parameter.name == "columns" and endpoint.aliases:
            parts.append(f"Flat names are accepted too, see teamup reports {endpoint.command_name}.")
        texts.setdefault(" ".join(parts), []).append(endpoint.command_name)
    if len(texts) == 1:
        return next(iter(texts))
    return " ".join(f"{', '.join(names)}: {text}" for text, names in texts.items())


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
    """The type of a parameter in words: ``whole number, several``."""
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
