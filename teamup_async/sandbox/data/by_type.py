"""Rows for an endpoint that has no table here: made from its row class, by type.

So an endpoint declared by a user or a test is served at once. Columns, ``sort``, ``id_gt``, ``expand``, ``fields`` and
both paginations work; its other filters are checked against the declaration but not applied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from operator import itemgetter
from random import Random
from typing import Any

from ...endpoint import Endpoint
from ..parameters import Page, Selection
from .fields import Tree, check_fields, expansion, fields_of
from .made_up import make_row
from .objects import Objects
from .shape import at_path, prune
from .sources import Answer, sortable


class Generated:
    """Made-up rows of one endpoint and account, kept in memory."""

    def __init__(
        self, endpoint: Endpoint[..., Any], seed: str, count: int, now: datetime, objects: Objects
    ) -> None:
        self._now = now
        self._objects = objects
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
        if self.endpoint.grouped:
            keys = [path for path in selection.columns if path not in self.endpoint.measures]
            rows = list({repr([at_path(row, key) for key in keys]): row for row in rows}.values())
        after = dict(selection.filters).get("id_gt")
        if after is not None and self.endpoint.has_id:
            rows = [row for row in rows if row["id"] > after]
        tree = expansion(self.endpoint.row, selection.expand)
        check_fields(self.endpoint.row, selection.fields)
        paths = self.endpoint.paths
        if selection.newest_first:
            rows.reverse()
        for name, down in reversed(selection.sort):
            path = "starts_at" if name == "start" and "start" not in paths else name
            sortable(self.endpoint, name, path in paths, True)
            rows.sort(key=partial(_order, path), reverse=down)
        found = rows[page.offset : page.offset + page.limit]
        if not self.endpoint.envelope.headed:
            found = [self._object(row, tree) for row in found]
        wanted = selection.fields or (selection.columns if selection.columns != paths else ())
        if wanted:
            found = [prune(row, wanted) for row in found]
        return Answer(found, len(rows), tuple((path, True) for path in selection.columns))

    def object(self, key: int, selection: Selection) -> Any:
        """The row with this id, or None."""
        with self.lock:
            row = next((row for row in self._rows if row.get("id") == key), None)
        if row is None:
            return None
        made = self._object(row, expansion(self.endpoint.row, selection.expand))
        return prune(made, selection.fields) if selection.fields else made

    def _object(self, row: dict[str, Any], tree: Tree) -> dict[str, Any]:
        """A row with the objects that are asked for, and without the deferred fields that are not."""
        left_out = {field.name for field in fields_of(self.endpoint.row) if field.deferred} - set(tree)
        whole = self._objects.invent(self.endpoint.row, row.get("id", 0), tree) if tree else {}
        return {
            name: whole[name] if name in tree and name in whole else value
            for name, value in row.items()
            if name not in left_out
        }

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


def jsonable(value: Any) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value
