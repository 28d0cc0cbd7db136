"""How the columns of a table change between runs: what is added, what is widened, what is not read any more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from .base import SinkError
from .schema import Kind, ListOf, Scalar, Struct, Type, describe

__all__ = ["Change", "change", "type_from_json", "type_to_json"]

_WIDER: Final = frozenset({("integer", "decimal"), ("integer", "number"), ("integer", "string")})
"""Kinds of which the second holds every value of the first (of ``number`` only up to 2**53, which is checked)."""

Columns = tuple[tuple[str, Type], ...]


@attrs.frozen(kw_only=True)
class Change:
    """The `columns` of a table after a change; the names of those that were `added`, `widened` or are `missing` now."""

    columns: Columns
    added: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def notes(self, what: str) -> list[str]:
        """What people should know of it, in sentences."""
        told = (
            (self.added, "has new columns; they are empty in rows that were not read again"),
            (self.widened, "has columns of a wider type now"),
            (self.missing, "has columns that are not read any more; they are empty in new rows"),
        )
        return [f"{what} {text}: {', '.join(names)}" for names, text in told if names]


def change(what: str, known: Iterable[tuple[str, Type]], now: Iterable[tuple[str, Type]]) -> Change:
    """What becomes of a table with the columns `known` where rows with the columns `now` come in.

    Nothing that is there is lost: columns stay in their order, new ones follow. Raises `SinkError` where a
    column can't hold both its old and its new values; `what` names the table.
    """
    before, after = dict(known), dict(now)
    columns: dict[str, Type] = {}
    for name, type_ in before.items():
        both = _joined(type_, after[name]) if name in after else type_
        if both is None:
            raise SinkError(
                f"column {name} of {what} was {describe(type_)} and is {describe(after[name])} now: read everything "
                "again (--full), or write to another file or table"
            )
        columns[name] = both
    columns |= {name: type_ for name, type_ in after.items() if name not in before}
    return Change(
        columns=tuple(columns.items()),
        added=tuple(name for name in after if name not in before),
        widened=tuple(name for name, type_ in before.items() if columns[name] != type_),
        missing=tuple(name for name in before if name not in after),
    )


def _joined(old: Type, new: Type) -> Type | None:
    """The type that holds the values of both, or None."""
    if old == new:
        return old
    match old, new:
        case Scalar(a), Scalar(b):
            return new if (a, b) in _WIDER else old if (b, a) in _WIDER else None
        case ListOf(a), ListOf(b):
            item = _joined(a, b)
            return None if item is None else ListOf(item)
        case Struct(a), Struct(b):
            return _joined_fields(dict(a), dict(b))
        case _:
            return None


def _joined_fields(old: Mapping[str, Type], new: Mapping[str, Type]) -> Struct | None:
    fields: dict[str, Type] = {}
    for name, type_ in {**new, **old}.items():
        both = _joined(type_, new.get(name, type_))
        if both is None:
            return None
        fields[name] = both
    ordered = [*old, *(name for name in new if name not in old)]
    return Struct(tuple((name, fields[name]) for name in ordered))


def type_to_json(type_: Type) -> Any:
    """A type as small JSON: ``"integer"``, ``{"list": ...}``, ``{"struct": [[name, ...], ...]}``."""
    match type_:
        case Scalar(kind):
            return kind
        case ListOf(item):
            return {"list": type_to_json(item)}
        case Struct(fields):
            return {"struct": [[name, type_to_json(inner)] for name, inner in fields]}


def type_from_json(value: Any) -> Type:
    """The type that `type_to_json` described."""
    if isinstance(value, str):
        return Scalar(cast("Kind", value))
    if "list" in value:
        return ListOf(type_from_json(value["list"]))
    return Struct(tuple((name, type_from_json(inner)) for name, inner in value["struct"]))
