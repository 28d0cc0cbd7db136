"""The columns of a table, from the row class and the query: never from the rows themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal

import attrs

from .._memo import memo
from ..endpoint import Endpoint
from ..errors import ConfigurationError
from ..hints import hints_of, is_class, item_of, read
from ..objects import Money
from ..query import Query
from ..rows import leaf_paths, run_time_field

__all__ = [
    "Column",
    "ListOf",
    "Scalar",
    "Schema",
    "Struct",
    "Type",
    "columns_of_rows",
    "describe",
    "object_at",
    "pivot_keys",
    "schema_for",
    "with_extra",
]

Kind = Literal["integer", "number", "decimal", "boolean", "string", "date-time", "date", "time", "json"]
"""What a column holds; ``json`` is anything else, as JSON text."""

_KINDS: Final[dict[Any, Kind]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "decimal",
    str: "string",
    datetime: "date-time",
    date: "date",
    time: "time",
}


@attrs.frozen
class Scalar:
    """A single value."""

    kind: Kind


@attrs.frozen
class ListOf:
    """A list."""

    item: Type


@attrs.frozen
class Struct:
    """An object with named fields, in the order of its class."""

    fields: tuple[tuple[str, Type], ...]


Type = Scalar | ListOf | Struct


@attrs.frozen
class Column:
    """A column: its dotted `path` in the row, its `type`, and which objects on the way may be missing.

    `optional` holds the paths of such objects. `source` says where its values are: at the path; among the counts of a
    pivoted report, whose key `path` then is; or that it holds all fields that the row class does not know.
    `name` is what it is called in the table: its path, where nothing else was asked for.
    """

    path: str
    type: Type
    optional: frozenset[str] = frozenset()
    source: Literal["path", "counts", "extra"] = "path"
    name: str = attrs.Factory(lambda self: self.path, takes_self=True)


@attrs.frozen(eq=False)  # hashed once a page: by identity, which `columns_of_rows` makes as good
class Schema:
    """The columns of a table, and the row class that fills them."""

    row: type[Any]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called: their dotted paths, or the names made of these."""
        return tuple(column.name for column in self.columns)

    def name_of(self, path: str) -> str:
        """What the column at a dotted path is called; the path itself where there is no such column."""
        return next((column.name for column in self.columns if column.path == path), path)

    @property
    def has_id(self) -> bool:
        """Whether rows can be told apart by ``id``."""
        return "id" in self.names

    def to_json(self) -> list[list[str]]:
        """The schema as small JSON-able pairs, to compare with."""
        return [[column.name, describe(column.type)] for column in self.columns]


def describe(type_: Type) -> str:
    """A type in words: ``list<struct<id: integer, name: string>>``."""
    match type_:
        case Scalar(kind):
            return kind
        case ListOf(item):
            return f"list<{describe(item)}>"
        case Struct(fields):
            return f"struct<{', '.join(f'{name}: {describe(inner)}' for name, inner in fields)}>"


def schema_for(endpoint: Endpoint[..., Any], query: Query[Any], pivots: Iterable[str] = ()) -> Schema:
    """The columns that the rows of a query have, in a stable order; `pivots` are those that only a page tells.

    Objects are spelled out into dotted columns, money too; lists stay one column each.
    """
    expanded = frozenset(part for path in getattr(query, "expand", None) or () for part in _and_above(path))
    paths: Iterable[str]
    if endpoint.envelope.headed:
        asked = getattr(query, "columns", None)
        paths = endpoint.paths if asked is None else endpoint.leaves(asked)
    else:
        paths = endpoint.list_columns(query)
    return columns_of_rows(endpoint.row, tuple(paths), expanded, tuple(pivots))


@memo
def columns_of_rows(
    row_class: type[Any], paths: tuple[str, ...], expanded: frozenset[str], pivots: tuple[str, ...]
) -> Schema:
    """The columns of `paths` of a row class, with those objects as objects that `expanded` names."""
    columns: list[Column] = []
    for path in paths:
        if not any(above in paths for above in _and_above(path.rpartition(".")[0])):
            columns += _columns(row_class, path, expanded)
    columns = list({column.path: column for column in columns}.values())
    known = {column.path for column in columns}
    leaves = leaf_paths(row_class)
    kind: Kind = "integer" if run_time_field(row_class) == "counts" else "json"
    for key in dict.fromkeys(pivots):  # a page may name one twice
        if key in known:
            continue
        if key in leaves:  # money is spelled out, and may have been asked for
            columns += [column for column in _columns(row_class, key, expanded) if column.path not in known]
        else:
            columns.append(Column(key, Scalar(kind), source="counts"))
    return Schema(row_class, tuple(columns))


@memo
def with_extra(schema: Schema) -> Schema:
    """The same columns, and one more for the fields that the row class does not know, as JSON."""
    if "extra" in schema.names:
        raise ConfigurationError("a column is called 'extra': unknown fields can't be kept beside it")
    return Schema(schema.row, (*schema.columns, Column("extra", Scalar("json"), source="extra")))


def pivot_keys(endpoint: Endpoint[..., Any], columns: Iterable[str]) -> tuple[str, ...]:
    """Those of a page's `columns` that a grouped report counts: its measures, asked for or not, and pivoted counts."""
    sent = tuple(columns)
    measures = tuple(column for column in sent if column in endpoint.measures)
    if run_time_field(endpoint.row) is None:
        return measures
    known = {part for path in endpoint.paths for part in _and_above(path)} | set(endpoint.columns)
    return (*measures, *(column for column in sent if column not in known))


def object_at(row_class: type[Any], path: str) -> type[Any]:
    """The class of the object that lies at a dotted path."""
    found: Any = row_class
    for name in path.split("."):
        found = _object(hints_of(found)[name])
    assert isinstance(found, type)
    return found


def _columns(row_class: type[Any], path: str, expanded: frozenset[str]) -> list[Column]:
    hint: Any = row_class
    optional: set[str] = set()
    walked: list[str] = []
    for name in path.split("."):
        above = _object(hint)
        if above is None:  # inside of a list, which stays one column
            break
        if read(hint).optional and walked:
            optional.add(".".join(walked))
        hint = hints_of(above)[name]
        walked.append(name)
    path = ".".join(walked)
    inner = _object(hint)
    if inner is not None and (inner is Money or not _scalars(hint)):
        # Money is one column to a reader of the report, and five to a table.
        if read(hint).optional:
            optional.add(path)
        names = [name for name in hints_of(inner) if inner is Money]
        if names:
            return [
                Column(f"{path}.{name}", _type(hints_of(inner)[name], (), False), frozenset(optional))
                for name in names
            ]
    return [Column(path, _type(hint, (row_class,), path in expanded), frozenset(optional))]


def _type(hint: Any, above: tuple[type[Any], ...], expanded: bool) -> Type:
    """The type of a field; `expanded` says whether a reference was asked for as an object."""
    scalars = _scalars(hint)
    others = [form for form in read(hint).forms if form not in _KINDS]
    if not others:
        kinds: set[Kind] = {_KINDS[scalar] for scalar in scalars}
        return Scalar(next(iter(kinds)) if len(kinds) == 1 else "json")
    if scalars:
        if above and expanded and len(others) == 1:
            return _type(others[0], above, False)
        if len(above) == 1 and len(scalars) == 1:
            return Scalar(_KINDS[scalars[0]])
        return Scalar("json")
    if len(others) != 1:
        return Scalar("json")
    return _composite(others[0], above)


def _composite(member: Any, above: tuple[type[Any], ...]) -> Type:
    item = item_of(member)
    if item is not None:
        return ListOf(_type(item, (*above, list), False))
    if is_class(member) and member not in above:
        fields = hints_of(member)
        return Struct(tuple((name, _type(inner, (*above, member), False)) for name, inner in fields.items()))
    return Scalar("json")


def _scalars(hint: Any) -> list[Any]:
    """The scalar classes that a field may hold, each once."""
    said = read(hint)
    return list(
        dict.fromkeys([*(str for _ in said.values), *(form for form in said.forms if form in _KINDS)])
    )


def _object(hint: Any) -> Any:
    """The attrs class that a field may hold, or None."""
    return next(filter(is_class, read(hint).forms), None)


def _and_above(path: str) -> Iterable[str]:
    while path:
        yield path
        path = path.rpartition(".")[0]
