"""Signatures and docstrings of methods, made from declarations."""

from __future__ import annotations

import inspect
from textwrap import TextWrapper
from typing import Any, Final

import attrs

from ._memo import memo
from .endpoint import Endpoint
from .query import Parameter

__all__ = ["docstring", "signature"]

_WIDE: Final = 100
_MANY: Final = 12
"""So many allowed values are listed; more are those of the type."""


@memo
def signature(endpoint: Endpoint[..., Any]) -> inspect.Signature:
    """The keyword arguments of an endpoint, those that must be given first."""
    written = {field.name: field.type for field in attrs.fields(endpoint.query_class)}
    parameters = [
        inspect.Parameter(
            parameter.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if parameter.required else None,
            annotation=written[parameter.name],
        )
        for parameter in sorted(endpoint.filters, key=lambda parameter: not parameter.required)
    ]
    return inspect.Signature(parameters, return_annotation=f"RowStream[{endpoint.row.__name__}]")


@memo
def docstring(endpoint: Endpoint[..., Any]) -> str:
    """What the endpoint is, and what each filter does and allows."""
    wrapper = TextWrapper(_WIDE, initial_indent=" " * 8, subsequent_indent=" " * 8)
    lines = [
        f"{endpoint.title}.",
        "",
        f"A stream of `{endpoint.row.__name__}` (``GET {endpoint.path}``).",
        "",
        "Args:",
    ]
    for parameter in endpoint.filters:
        lines.append(f"    {parameter.name}: {_kind(parameter)}")
        lines += wrapper.wrap(" ".join([parameter.description, *_limits(parameter)]))
    lines += ["", "Raises `QueryError` for what can't be sent."]
    return "\n".join(lines)


def _kind(parameter: Parameter) -> str:
    kind = f"list of {parameter.kind}" if parameter.array else parameter.kind
    return f"{kind}, required" if parameter.required else kind


def _limits(parameter: Parameter) -> list[str]:
    said: list[str] = []
    if parameter.enum:
        listed = ", ".join(parameter.enum[:_MANY])
        more = len(parameter.enum) - _MANY
        said.append(f"One of: {listed}{f' and {more} more' if more > 0 else ''}.")
    if parameter.minimum is not None:
        said.append(f"At least {parameter.minimum}.")
    if parameter.maximum is not None:
        said.append(f"At most {parameter.maximum}.")
    if parameter.pattern is not None:
        said.append(f"Matches {parameter.pattern}.")
    if parameter.local:
        said.append("Without a time zone: on the venue's clock.")
    if parameter.default is not None:
        said.append(f"TeamUp's default: {str(parameter.default).lower()}.")
    return said
