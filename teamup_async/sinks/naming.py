"""What columns are called in a table: their dotted paths, or names that need no quotes in SQL. Pure."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import Final, Literal, get_args

import attrs

from .._memo import memo
from ..errors import ConfigurationError, QueryError
from .schema import Schema

__all__ = ["Names", "check_names", "named", "names_of", "snake"]

Names = Literal["dotted", "snake"]
"""``dotted``: paths as TeamUp has them (``customer.name``); ``snake``: ``customer_name``."""

_LONGEST: Final = 63
"""Bytes of a name in PostgreSQL, the least of the databases that people load tables into."""
_OTHER: Final = re.compile(r"[\W_]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(path: str) -> str:
    """A name that no database wants in quotes: ``customer.name`` is ``customer_name``, ``2025-02`` is ``_2025_02``.

    Lower-case letters without accents, digits and single underscores; an underscore stands before a digit. A name of
    more than 63 bytes is cut, and ends in a digest of the whole. Letters of other alphabets stay.
    """
    plain = _HUMP.sub("_", unicodedata.normalize("NFKD", path)).lower()
    words = _OTHER.sub("_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")
    name = words if words[:1].isalpha() else f"_{words}"
    if len(name.encode()) <= _LONGEST:
        return name
    digest = blake2b(path.encode(errors="replace"), digest_size=4).hexdigest()
    return f"{name.encode()[: _LONGEST - 9].decode(errors='ignore').rstrip('_')}_{digest}"


def check_names(names: object) -> Names:
    """`names`, if there are such. Raises `ConfigurationError`."""
    if names == "snake":
        return "snake"
    if names == "dotted":
        return "dotted"
    raise ConfigurationError(f"names must be one of {', '.join(get_args(Names))}, not {names!r}")


def names_of(sink: object) -> Names:
    """How a sink calls columns; one that does not say so uses dotted names."""
    return check_names(getattr(sink, "names", "dotted"))


@memo
def named(schema: Schema, names: Names, nested: bool = False) -> Schema:
    """The same columns, called so; with `nested`, objects stay objects, and each key in them is called so.

    Raises `QueryError` where two columns would have the same name.
    """
    if names == "dotted":
        return schema
    made = {
        column.path: ".".join(map(snake, column.path.split(".")))
        if nested and column.source == "path"
        else snake(column.path)
        for column in schema.columns
    }
    taken: dict[str, str] = {}
    for path, name in made.items():
        other = taken.setdefault(name, path)
        if other != path:
            raise QueryError(
                f"columns {other} and {path} would both be called {name}: leave one of them out, or keep the dotted "
                "names (names='dotted')",
                parameter="names",
            )
    return Schema(schema.row, tuple(attrs.evolve(one, name=made[one.path]) for one in schema.columns))
