"""From a selection and a page's bounds to its rows: reports, grouped reports and the list of course
sessions.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from ...endpoint import Endpoint
from ..parameters import Page, Selection
from ..problems import invalid
from .resources import Resources
from .shape import prune, shaper
from .store import Store
from .tables import Table


@attrs.frozen
class Answer:
    """A page: rows as objects, how many rows the selection has, and the columns with whether they can be
    sorted on.
    """

    rows: list[dict[str, Any]]
    total: int
    columns: tuple[tuple[str, bool], ...]


class Source(Protocol):
    """What answers an endpoint for one account."""

    def is_quick(self, selection: Selection) -> bool:
        """Whether a page costs little, because the selection is remembered or small."""
        ...

    def read(self, selection: Selection, page: Page) -> Answer:
        """The page; raises `ProblemError` (400)."""
        ...


def source_for(endpoint: Endpoint[..., Any], table: Table, store: Store) -> Source:
    """What answers an endpoint that has a table."""
    if endpoint.grouped:
        return Grouped(endpoint, table, store)
    if endpoint.envelope.name == "list":
        return Listed(endpoint, table, store)
    return Rows(endpoint, table, store)


def conditions(
    table: Table, selection: Selection, now: datetime, *, without: str = ""
) -> tuple[str, list[Any]]:
    """The WHERE clause of a selection; parameters without a filter were checked and are not applied."""
    given = {**table.always, **dict(selection.filters)}
    parts, arguments = ["1"], list[Any]()
    for name, value in given.items():
        if name in table.filters and name != without:
            condition, more = table.filters[name](name, value, now)
            parts.append(f"({condition})")
            arguments += more
    return " AND ".join(parts), arguments


def sortable(endpoint: Endpoint[..., Any], name: str, known: bool, can: bool) -> None:
    """Refuse to sort on what is unknown or cannot be sorted."""
    if not known:
        raise invalid("sort", f'"{name[:100]}" is not a column of {endpoint.name}.')
    if not can:
        raise invalid("sort", f'"{name[:100]}" is not sortable.')


@attrs.define
class Rows:
    """A report with one row for each row of a table."""

    endpoint: Endpoint[..., Any]
    table: Table
    store: Store
    _shapes: dict[tuple[str, ...], Any] = attrs.field(factory=dict[tuple[str, ...], Any], init=False)

    def is_quick(self, selection: Selection) -> bool:
        return self.store.knows(self._key(selection))

    def _key(self, selection: Selection) -> Any:
        filters = tuple(pair for pair in selection.filters if pair[0] != "id_gt")
        return self.endpoint.key, filters, selection.sort

    def read(self, selection: Selection, page: Page) -> Answer:
        with self.store.lock:
            ids: Sequence[int] = self.store.remembered(self._key(selection), lambda: self._ids(selection))
            after = dict(selection.filters).get("id_gt")
            if after is not None:
                ids = self._after(ids, after, selection)
            chosen = list(ids[page.offset : page.offset + page.limit])
            rows = self.fetch(chosen, selection.columns) if chosen else []
        columns = tuple((path, self.table.columns[path].sortable) for path in selection.columns)
        return Answer(rows, len(ids), columns)

    @staticmethod
    def _after(ids: Sequence[int], after: int, selection: Selection) -> Sequence[int]:
        if selection.sort[:1] in ((), (("id", False),)):
            return ids[bisect_right(ids, after) :]
        return [key for key in ids if key > after]

    def _ids(self, selection: Selection) -> Sequence[int]:
        where, arguments = conditions(self.table, selection, self.store.now, without="id_gt")
        order: list[str] = []
        for name, down in selection.sort:
            column = self.table.columns.get(name)
            sortable(self.endpoint, name, column is not None, column is None or column.sortable)
            order.append(f"{self.table.columns[name].sql}{' DESC' if down else ''}")
        order.append(self.table.key)
        statement = (
            f"SELECT {self.table.key} FROM {self.table.source} WHERE {where} ORDER BY {', '.join(order)}"
        )
        return self.store.read_ids(statement, arguments)

    def fetch(self, ids: Sequence[int], paths: tuple[str, ...]) -> list[dict[str, Any]]:
        """The rows with these ids, in this order."""
        columns = [self.table.columns[path] for path in paths]
        expressions = ", ".join(column.sql for column in columns)
        name, alias = self.table.source.split(maxsplit=2)[:2]
        source = self.table.source.removeprefix(f"{name} {alias}")
        found = self.store.read(
            f"SELECT {expressions} FROM json_each(?) AS chosen CROSS JOIN {name} {alias}"
            f" ON {self.table.key} = chosen.value {source} ORDER BY chosen.key",
            [json.dumps(ids)],
        )
        if paths not in self._shapes:
            self._shapes[paths] = shaper(paths, self.table.nullable)
        shape = self._shapes[paths]
        decoded = [(index, column.decode) for index, column in enumerate(columns) if column.decode]
        currency = self.store.studio.currency
        rows: list[dict[str, Any]] = []
        for values in found:
            if decoded:
                cells = list(values)
                for index, decode in decoded:
                    cells[index] = decode(cells[index], currency)
                rows.append(shape(cells))
            else:
                rows.append(shape(values))
        return rows


_PERIODS = {"year": "%Y", "month": "%Y-%m", "week": "%Y-W%W"}


@attrs.define
class Grouped:
    """A grouped report: one row for each combination of the requested columns, with counts by period when
    pivoted.
    """

    endpoint: Endpoint[..., Any]
    table: Table
    store: Store

    def is_quick(self, selection: Selection) -> bool:
        return self.store.knows((self.endpoint.key, selection))

    def read(self, selection: Selection, page: Page) -> Answer:
        with self.store.lock:
            periods, found = self.store.remembered(
                (self.endpoint.key, selection), lambda: self._groups(selection)
            )
        paths = (*selection.columns, *periods)
        shape = shaper(paths, self.table.nullable, flat=periods)
        decoders = [self.table.columns[path].decode for path in selection.columns]
        decoders += [None] * len(periods)
        currency = self.store.studio.currency
        rows = [
            shape(
                [
                    decode(value, currency) if decode else value
                    for value, decode in zip(values, decoders, strict=True)
                ]
            )
            for values in found[page.offset : page.offset + page.limit]
        ]
        return Answer(rows, len(found), tuple((path, True) for path in paths))

    def _groups(self, selection: Selection) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        where, arguments = conditions(self.table, selection, self.store.now)
        period = f"strftime('{_PERIODS.get(selection.pivot, '')}', {self.table.local_time})"
        periods: tuple[str, ...] = ()
        if selection.pivot in _PERIODS:
            newest = self.store.read(
                f"SELECT DISTINCT {period} FROM {self.table.source} WHERE {where} ORDER BY 1 DESC LIMIT ?",
                [*arguments, max(0, selection.max_pivot_columns)],
            )
            periods = tuple(row[0] for row in reversed(newest))
        groups = [self.table.columns[path].sql for path in selection.columns if path != "count"]
        chosen = [
            *(self.table.columns[path].sql for path in selection.columns),
            *(f"sum({period} = '{name}')" for name in periods),
        ]
        order: list[str] = []
        for name, down in selection.sort:
            known = name in selection.columns or name in periods or name == "count"
            sortable(self.endpoint, name, known, True)
            expression = f"sum({period} = '{name}')" if name in periods else self.table.columns[name].sql
            order.append(f"{expression}{' DESC' if down else ''}")
        order += groups
        statement = f"SELECT {', '.join(chosen)} FROM {self.table.source} WHERE {where}"
        if groups:
            statement += f" GROUP BY {', '.join(groups)}"
        statement += " HAVING count(*) > 0"
        if order:
            statement += f" ORDER BY {', '.join(order)}"
        return periods, self.store.read(statement, arguments)


@attrs.define
class Listed:
    """A list of objects with ``expand`` and ``fields``."""

    endpoint: Endpoint[..., Any]
    table: Table
    store: Store
    _rows: Rows = attrs.field(init=False)
    _resources: Resources = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._rows = Rows(self.endpoint, self.table, self.store)
        self._resources = Resources(self.endpoint.row, self.store.studio, self._sessions)

    def is_quick(self, selection: Selection) -> bool:
        return self._rows.is_quick(selection)

    def read(self, selection: Selection, page: Page) -> Answer:
        tree = self._resources.expansion(selection.expand)
        self._resources.check_fields(selection.fields)
        with self.store.lock:
            answer = self._rows.read(selection, page)
            rows = [self._resources.session(row, tree) for row in answer.rows]
        if selection.fields:
            rows = [prune(row, selection.fields) for row in rows]
        return Answer(rows, answer.total, answer.columns)

    def _sessions(self, course: int) -> list[dict[str, Any]]:
        ids = [
            row[0]
            for row in self.store.read(
                "SELECT id FROM course_sessions WHERE course_id = ? ORDER BY id", [course]
            )
        ]
        return self._rows.fetch(ids, self.endpoint.paths) if ids else []
