"""How a parameter becomes a condition in SQL: by its name, its type, and what its name stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, TypeGuard

from ...endpoint import Endpoint
from ..parameters import instant
from ..problems import invalid
from .clock import milliseconds, timeframe
from .paths import Paths, Resolved, UnknownPathError
from .schema import Collection

Condition = tuple[str, list[Any]]
Filter = Callable[[Paths, str, Any], Condition]
"""From a parameter's name and value to a condition with its arguments; raises `ProblemError`."""

_IDS: Final = re.compile(r"[0-9]{1,18}(,[0-9]{1,18})*", re.ASCII)
_SIGNS: Final = {"_gte": ">=", "_lte": "<=", "_gt": ">"}
_CHOSEN: Final = "(SELECT value FROM json_each(?))"


def by_name(endpoint: Endpoint[..., Any], paths: Paths, names: Mapping[str, str], name: str) -> Filter:
    """The filter that a parameter's name says: ``starts_at_gte``, ``venues``, ``timeframe``, ``status``.

    Raises `UnknownPathError` where it says nothing.
    """
    for end, sign in _SIGNS.items():
        if name.endswith(end):
            return compare(path_named(endpoint, paths, names, name.removesuffix(end)), sign)
    if name.endswith("timeframe"):
        return within(path_named(endpoint, paths, names, name.removesuffix("timeframe").rstrip("_")))
    collection = paths.root.collections.get(names.get(name, name))
    if collection is not None and not paths.knows(names.get(name, name)):
        return belongs(collection)
    return equals(path_named(endpoint, paths, names, name))


def belongs(collection: Collection) -> Filter:
    """One of these ids is among what belongs to the row."""

    def condition(paths: Paths, _: str, value: Any) -> Condition:
        chosen = f"k.{collection.member} IN (SELECT CAST(value AS INTEGER) FROM json_each(?))"
        where = collection.where(paths("id").sql)
        ids = _several(value)
        return f"EXISTS (SELECT 1 FROM {collection.table} AS k WHERE {where} AND {chosen})", [json.dumps(ids)]

    return condition


def _are_several(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _several(value: Any) -> tuple[Any, ...]:
    return value if _are_several(value) else (value,)


def told(_paths: Paths, _name: str, _value: Any) -> Condition:
    """A parameter that leaves out no row: what rows hold depends on it (``{given.x}``)."""
    return "1", []


def path_named(endpoint: Endpoint[..., Any], paths: Paths, names: Mapping[str, str], stem: str) -> str:
    """The path that a parameter's stem, or a name to sort by, means. Raises `UnknownPathError`."""
    for candidate in _candidates(endpoint, names, stem):
        if paths.knows(candidate):
            return candidate
    raise UnknownPathError(f"{endpoint.key} has no {stem}")


def _candidates(endpoint: Endpoint[..., Any], names: Mapping[str, str], stem: str) -> Iterable[str]:
    if stem in names:
        yield names[stem]
    yield endpoint.canonical(stem)
    yield stem
    yield stem.removesuffix("s")
    yield stem.replace("_", ".", 1)
    yield f"{stem}_at"


def equals(path: str) -> Filter:
    """This value, or one of these."""

    def condition(paths: Paths, _: str, value: Any) -> Condition:
        column = paths(path).sql
        if isinstance(value, tuple):
            return f"{column} IN {_CHOSEN}", [json.dumps(value)]
        return f"coalesce({column}, 0) = ?" if isinstance(value, bool) else f"{column} = ?", [value]

    return condition


def with_none(path: str) -> Filter:
    """One of these values; ``none`` for rows without one. Digits are ids."""

    def condition(paths: Paths, _: str, values: tuple[Any, ...]) -> Condition:
        column = paths(path).sql
        given = [int(value) if str(value).isdecimal() else value for value in values if value != "none"]
        none = f" OR {column} IS NULL" if "none" in values else ""
        return f"({column} IN {_CHOSEN}{none})", [json.dumps(given)]

    return condition


def compare(path: str, sign: str) -> Filter:
    """At this time or later, or earlier; more than this number."""
    return lambda paths, name, value: _compared(paths(path), sign, name, value)


def _compared(column: Resolved, sign: str, name: str, value: Any) -> Condition:
    if isinstance(value, str):
        value = _moment(name, value)
    if column.kind == "moment":
        if isinstance(value, datetime):
            return f"{column.sql} {sign} ?", [milliseconds(value) + value.microsecond % 1000 / 1000]
        return f"date({column.sql} / 1000, 'unixepoch') {sign} ?", [value.isoformat()]
    if isinstance(value, datetime):
        if column.kind == "day":
            text = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
            return f"{column.sql} || 'T00:00:00.000000' {sign} ?", [text]
        return f"{column.sql} {sign} ?", [value.isoformat()]
    return f"{column.sql} {sign} ?", [value.isoformat() if isinstance(value, date) else value]


def _moment(name: str, text: str) -> datetime:
    try:
        return instant(f"{date.fromisoformat(text)}T00:00:00Z" if len(text) == 10 else text)
    except ValueError as error:
        raise invalid(name, str(error)) from None


def within(path: str) -> Filter:
    """Inside a timeframe; see `clock.timeframe` for the sandbox's own syntax."""

    def condition(paths: Paths, name: str, text: str) -> Condition:
        bounds = timeframe(text, paths.now)
        if bounds is None:
            raise invalid(name, "Unknown timeframe; for example last_30_days or 2025-01-01..2025-01-31.")
        column = paths(path)
        sql = (
            column.sql if column.kind == "moment" else f"CAST(strftime('%s', {column.sql}) AS INTEGER) * 1000"
        )
        return f"{sql} >= ? AND {sql} < ?", [*bounds]

    return condition


def taught(*teachers: str) -> Filter:
    """Led by one of these instructors: an id, or several separated by commas (the documents only say
    "string"). A token is no instructor's, so that ``me`` leads nothing.
    """

    def condition(paths: Paths, name: str, value: Any) -> Condition:
        ids = ",".join(str(part) for part in _several(value) if part != "me")
        if ids and not _IDS.fullmatch(ids):
            raise invalid(name, "Give an instructor id, or several separated by commas.")
        either = " OR ".join(f"{paths(path).sql} IN {_CHOSEN}" for path in teachers)
        return f"({either})", [f"[{ids}]"] * len(teachers)

    return condition


def one_of(conditions: Mapping[str, str]) -> Filter:
    """Any of several named conditions; each is SQL with paths in braces."""

    def condition(paths: Paths, _: str, values: Any) -> Condition:
        given = _several(values)
        return f"({' OR '.join(paths.render(conditions[value]) for value in given)})" if given else "0", []

    return condition


def holds(template: str) -> Filter:
    """A condition in SQL with paths in braces, and a question mark for the value (a list: JSON)."""

    def condition(paths: Paths, _: str, value: Any) -> Condition:
        given = json.dumps(value) if isinstance(value, tuple) else value
        return paths.render(template), [given] * template.count("?")

    return condition


def unless(path: str, template: str) -> Filter:
    """Left out unless the parameter is true: rows for which the condition on `path` holds."""

    def condition(paths: Paths, _: str, included: bool) -> Condition:
        return ("1", []) if included else (paths.render(template.format(path=f"{{{path}}}")), [])

    return condition


def future(path: str) -> Filter:
    """``include_future``: false (also when absent) leaves out what starts after the present."""
    return unless(path, "{path} <= {{now}}")


def contains(*texts: str) -> Filter:
    """One of these texts contains the value, in any case."""

    def condition(paths: Paths, _: str, value: str) -> Condition:
        either = " OR ".join(f"instr(lower({paths(path).sql}), lower(?)) > 0" for path in texts)
        return f"({either})", [value] * len(texts)

    return condition
