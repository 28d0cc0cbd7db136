"""What the tables of a studio are made of: columns of a kind, references, and what is derived from them.

A path such as ``event.venue.name`` leads along references from table to table; `paths` turns it into SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, get_args

import attrs

from .maker import Maker

Kind = Literal["key", "text", "number", "moment", "day", "clock", "flag", "pence", "json"]
"""How a value is stored, and becomes JSON: `moment` is milliseconds since 1970, `day` and `clock` are ISO 8601
text, `pence` becomes a money object.
"""
KINDS: Final = frozenset(get_args(Kind))
_TYPES: Final[Mapping[str, str]] = {
    "text": "TEXT",
    "day": "TEXT",
    "clock": "TEXT",
    "json": "TEXT",
    "number": "REAL",
}


Fill = Callable[[Maker], str | Iterator[Mapping[str, Any]]]


@attrs.frozen
class Derived:
    """A value that is not stored: SQL with paths in braces, such as ``substr({local_start}, 12, 5)``."""

    kind: Kind
    sql: str


@attrs.frozen
class Collection:
    """Rows that belong to a row: those of `table` whose `back` points at it (all, without a `back`), or what these
    point at with `through`.
    """

    table: str
    back: str
    through: str

    @property
    def member(self) -> str:
        """The column with the ids of what belongs to the row."""
        return f"{self.through}_id" if self.through else "id"

    def where(self, key: str) -> str:
        """The condition that a row ``k`` of the table belongs to the row with this id, in SQL."""
        return f"k.{self.back}_id = {key}" if self.back else "1"


@attrs.frozen
class Entity:
    """One table.

    `references` maps a field to the table that its column (``<field>_id``) points into, `collections` a field
    to the rows that belong to it. `fill` makes its rows, or a SELECT of them.
    """

    name: str
    columns: Mapping[str, Kind]
    references: Mapping[str, str]
    derived: Mapping[str, Derived]
    collections: Mapping[str, Collection]
    fill: Fill

    @property
    def create(self) -> str:
        """The statement that creates the table."""
        columns = ", ".join(
            f"{name} {'INTEGER PRIMARY KEY' if name == 'id' else _TYPES.get(kind, 'INTEGER')}"
            for name, kind in self.columns.items()
        )
        return f"CREATE TABLE {self.name} ({columns})"


_COLUMN: Final = re.compile(r"(\w+)(?: -> (\w+)| (\w+))?")
_COLLECTION: Final = re.compile(r"(\w+)(?:\.(\w+)(?: -> (\w+))?)?")


def entity(
    name: str,
    columns: str,
    fill: Fill,
    *,
    derived: Mapping[str, str] | None = None,
    collections: Mapping[str, str] | None = None,
) -> Entity:
    """A table, written briefly.

    `columns` separates by commas what is a reference (``venue -> venues``), or a name and a kind (``name
    text``); ``id`` is there without saying so. A value of `derived` is a kind, a colon and SQL; one of
    `collections` a table and its field (``venue_rooms.venue``), perhaps with the field that leads on
    (``content_taggings.content -> tag``), or a table alone for all of its rows.
    """
    kinds: dict[str, Kind] = {"id": "key"}
    references: dict[str, str] = {}
    for part in columns.replace("\n", " ").split(","):
        match = _COLUMN.fullmatch(" ".join(part.split()))
        if match is None:
            raise ValueError(f"{name}: {part!r} is no column")
        if match[2]:
            references[match[1]] = match[2]
            kinds[f"{match[1]}_id"] = "key"
        else:
            kinds[match[1]] = _kind(match[3])
    return Entity(
        name=name,
        columns=kinds,
        references=references,
        derived={field: derive(text) for field, text in (derived or {}).items()},
        collections={field: _collection(text) for field, text in (collections or {}).items()},
        fill=fill,
    )


def derive(text: str) -> Derived:
    """From ``kind: SQL``."""
    kind, _, sql = text.partition(": ")
    return Derived(_kind(kind), " ".join(sql.split()))


def _kind(text: str) -> Kind:
    for kind in get_args(Kind):
        if kind == text:
            found: Kind = kind
            return found
    raise ValueError(f"{text!r} is no kind of column; it may be {', '.join(sorted(KINDS))}")


def _collection(text: str) -> Collection:
    match = _COLLECTION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no collection")
    return Collection(match[1], match[2] or "", match[3] or "")
