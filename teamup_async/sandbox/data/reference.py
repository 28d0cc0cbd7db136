"""How tables of reference data are filled from the studio's catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .clock import milliseconds
from .maker import Maker

if TYPE_CHECKING:
    from .schema import Kind

Rows = Iterator[Mapping[str, Any]]


def documents(part: str) -> Callable[[Maker], Rows]:
    """The objects of one part of the catalogue; all that is no column of its own goes into ``doc``."""

    def rows(maker: Maker) -> Rows:
        studio = maker.studio
        objects = studio.more[part] if part in studio.more else getattr(studio, part)
        return iter(objects.values())

    return rows


def links(part: str, names: str, one: str, other: str) -> Callable[[Maker], Rows]:
    """A row for each object of one part of the catalogue and each value that it has under a name."""

    def rows(maker: Maker) -> Rows:
        pairs = ((made["id"], value) for made in documents(part)(maker) for value in made.get(names, ()))
        return ({"id": number, one: key, other: value} for number, (key, value) in enumerate(pairs, 1))

    return rows


def cell(row: Mapping[str, Any], column: str, kind: Kind) -> Any:
    """The value of a column in an object of the catalogue; ``doc`` is all of it."""
    if column == "doc":
        return json.dumps(row)
    value = row.get(column, row.get(column.removesuffix("_id")))
    if kind == "moment" and isinstance(value, str):
        return milliseconds(datetime.fromisoformat(value))
    return json.dumps(value) if isinstance(value, (list, dict)) else value
