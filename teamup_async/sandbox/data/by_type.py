"""Rows for an endpoint that has no table here: made from its row class, by type.

So an endpoint declared by a user or a test is served at once. Columns, ``sort``, ``id_gt``, ``fields`` and
both paginations work; its other filters are checked against the declaration but not applied.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from random import Random
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from ...endpoint import Endpoint
from ..parameters import Page, Selection
from .shape import at_path, prune
from .sources import Answer, sortable
from .words import full_name

_DEEPEST = 3


class Generated:
    """Made-up rows of one endpoint and account, kept in memory."""

    def __init__(self, endpoint: Endpoint[..., Any], seed: str, count: int, now: datetime) -> None:
        self._now = now
        self.endpoint = endpoint
        self.lock = threading.RLock()
        self._rng = Random(seed)
        self._rows: list[dict[str, Any]] = []
        self._keys: list[int] = []
        self.insert(count, {})

    def is_quick(self, selection: Selection) -> bool:
        del selection
        return True

    def read(self, selection: Selection, page: Page) -> Answer:
        with self.lock:
            rows = list(self._rows)
        after = dict(selection.filters).get("id_gt")
        if after is not None and self.endpoint.has_id:
            rows = [row for row in rows if row["id"] > after]
        paths = self.endpoint.paths
        for name, down in reversed(selection.sort):
            path = "starts_at" if name == "start" and "start" not in paths else name
            sortable(self.endpoint, name, path in paths, True)
            rows.sort(key=partial(_order, path), reverse=down)
        found = rows[page.offset : page.offset + page.limit]
        wanted = selection.fields or (selection.columns if selection.columns != paths else ())
        if wanted:
            found = [prune(row, wanted) for row in found]
        return Answer(found, len(rows), tuple((path, True) for path in selection.columns))

    def ids(self) -> list[int]:
        """The rows' ids, or their running numbers where they have none."""
        with self.lock:
            return sorted(self._keys)

    def insert(self, count: int, values: Mapping[str, Any]) -> list[int]:
        """Add rows with new ids."""
        with self.lock:
            new: list[int] = []
            for _ in range(count):
                key = values.get("id", max(self._keys, default=100) + self._rng.randint(1, 4))
                row = make_row(self.endpoint.row, self._rng, self._now)
                if self.endpoint.has_id:
                    row["id"] = key
                row.update({name: jsonable(value) for name, value in values.items()})
                self._rows.append(row)
                self._keys.append(key)
                new.append(key)
            if self.endpoint.has_id:
                self._rows.sort(key=itemgetter("id"))
                self._keys.sort()
            return new

    def delete(self, ids: Iterable[int] | None, count: int) -> list[int]:
        """Remove these rows, or random ones."""
        with self.lock:
            chosen = set(self._chosen(ids, count))
            kept = [(key, row) for key, row in zip(self._keys, self._rows, strict=True) if key not in chosen]
            self._keys, self._rows = [key for key, _ in kept], [row for _, row in kept]
            return sorted(chosen)

    def update(self, ids: Iterable[int] | None, count: int, values: Mapping[str, Any]) -> list[int]:
        """Change top-level fields of these rows, or of random ones."""
        with self.lock:
            chosen = self._chosen(ids, count)
            for key in chosen:
                index = self._keys.index(key)
                changes = {name: jsonable(value) for name, value in values.items()}
                self._rows[index] = {**self._rows[index], **changes}
            return chosen

    def _chosen(self, ids: Iterable[int] | None, count: int) -> list[int]:
        if ids is not None:
            return [key for key in ids if key in self._keys]
        return sorted(self._rng.sample(self._keys, min(count, len(self._keys))))


def _order(path: str, row: Any) -> tuple[int, float, str]:
    value = at_path(row, path)
    if value is None:
        return (0, 0.0, "")
    return (1, float(value), "") if isinstance(value, (int, float)) else (2, 0.0, str(value))


def make_row(row_class: type, rng: Random, now: datetime, depth: int = 0) -> dict[str, Any]:
    """A JSON object that fits an attrs class; an ``X | None`` is None now and then."""
    hints = get_type_hints(row_class)
    return {
        field.name: _value(field.name, hints[field.name], rng, now, depth)
        for field in attrs.fields(row_class)
        if get_origin(hints[field.name]) is not Mapping
    }


def _value(name: str, hint: Any, rng: Random, now: datetime, depth: int) -> Any:
    members = [m for m in _members(hint) if m is not NoneType]
    kind = next((m for m in members if m is not str), str)
    if get_origin(kind) is Literal:
        return rng.choice(get_args(kind))
    if get_origin(kind) in (list, tuple, Sequence):
        count = 0 if depth >= _DEEPEST else rng.randint(0, 2)
        return [_value(name, get_args(kind)[0], rng, now, depth + 1) for _ in range(count)]
    if isinstance(kind, type) and attrs.has(kind):
        if NoneType in _members(hint) and (depth >= _DEEPEST or rng.random() < 0.2):
            return None
        return make_row(kind, rng, now, depth + 1)
    return _SCALARS.get(kind, _text)(name, rng, now)


def _moment(rng: Random, now: datetime) -> datetime:
    return now - timedelta(minutes=rng.randint(0, 1_000_000))


def _text(name: str, rng: Random, _: datetime) -> str:
    if "email" in name:
        return f"customer{rng.randint(1, 9999)}@example.com"
    return full_name(rng) if name == "name" else f"{name} {rng.randint(1, 999)}"


_SCALARS: Final[Mapping[Any, Callable[[str, Random, datetime], Any]]] = {
    bool: lambda _name, rng, _now: rng.random() < 0.5,
    int: lambda _name, rng, _now: rng.randint(1, 100_000),
    float: lambda _name, rng, _now: rng.randint(0, 100_000) / 100,
    Decimal: lambda _name, rng, _now: rng.randint(0, 100_000) / 100,
    datetime: lambda _name, rng, now: f"{_moment(rng, now):%Y-%m-%dT%H:%M:%S.000Z}",
    date: lambda _name, rng, now: f"{_moment(rng, now):%Y-%m-%d}",
    time: lambda _name, rng, now: f"{_moment(rng, now):%H:%M:%S}",
}


def _members(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, UnionType):
        return [member for part in get_args(hint) for member in _members(part)]
    return [hint]


def jsonable(value: Any) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value
