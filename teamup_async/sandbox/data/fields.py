"""What the fields of an object's class hold, and which of them ``expand`` and ``fields`` ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ..._memo import memo
from ...hints import class_in, hints_of, item_of, read
from ...rows import expandable_paths, field_paths
from ..problems import invalid

Tree = Mapping[str, Any]
"""Expanded names, each with what is expanded below it."""


@attrs.frozen
class Field:
    """One field of an object's class.

    `inner` is the class of the objects it holds, `reference` says that it holds ids or a URL until expanded.
    """

    name: str
    hint: Any
    inner: type | None
    many: bool
    optional: bool
    url: bool
    reference: bool
    text: bool
    deferred: bool


@memo
def fields_of(row_class: type) -> tuple[Field, ...]:
    """The fields of a class."""
    hints = hints_of(row_class)
    return tuple(_field(field, hints[field.name]) for field in attrs.fields(row_class))


def _field(field: attrs.Attribute[Any], hint: Any) -> Field:
    said = read(hint)
    items = [item for item in map(item_of, said.forms) if item is not None]
    held = read(items[0]) if items else said
    inner = class_in(hint)
    return Field(
        name=field.name,
        hint=hint,
        inner=inner,
        many=bool(items),
        optional=said.optional,
        url=str in said.forms,
        reference=inner is not None and (len(said.forms) > 1 or len(held.forms) > 1),
        text=all(form is str for form in said.forms),
        deferred=bool(field.metadata.get("teamup_async.deferred")),
    )


def expansion(row_class: type, paths: Iterable[str]) -> Tree:
    """The paths as a tree; raises `ProblemError` (400) for one that cannot be expanded."""
    known = expandable_paths(row_class)
    tree: dict[str, Any] = {}
    for path in paths:
        if path not in known:
            raise invalid("expand", f'"{path[:100]}" cannot be expanded.')
        node = tree
        for name in path.split("."):
            node = node.setdefault(name, {})
    return tree


def check_fields(row_class: type, paths: Iterable[str]) -> None:
    """Raises `ProblemError` (400) for a field there is not."""
    known = field_paths(row_class)
    for path in paths:
        if path not in known:
            raise invalid("fields", f'"{path[:100]}" is not a field.')
