"""From a selection and a page's bounds to its rows: reports and grouped reports."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from ...endpoint import Endpoint
from ..parameters import Page, Selection
from ..problems import invalid
from .filters import by_name, path_named
from .paths import ROOT, Paths, Resolved, UnknownPathError
from .schema import Derived
from .shape import nullable_groups, shaper, text_paths
from .store import Store
from .studio import money
from .subject import Subject


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


def conditions(
    endpoint: Endpoint[..., Any], subject: Subject, paths: Paths, given: Iterable[tuple[str, Any]]
) -> tuple[str, list[Any]]:
    """The WHERE clause of a selection's filters. Those that mean nothing to the tables are not applied."""
    parts, arguments = ["1"], list[Any]()
    for name, value in given:
        try:
            chosen = subject.filters.get(name) or by_name(endpoint, paths, subject.names, name)
        except UnknownPathError:
            continue
        condition, more = chosen(paths, name, value)
        parts.append(f"({condition})")
        arguments += more
    return " AND ".join(parts), arguments


def sortable(endpoint: Endpoint[..., Any], name: str, known: bool, can: bool) -> None:
    """Refuse to sort on what is unknown or cannot be sorted."""
    if not known:
        raise invalid("sort", f'"{name[:100]}" is not a column of {endpoint.name}.')
    if not can:
        raise invalid("sort", f'"{name[:100]}" is not sortable.')


@attrs.frozen
class Reading:
    """How the rows of some columns are selected and shaped."""

    columns: tuple[Resolved, ...]
    joins: str
    shape: Callable[[Sequence[Any]], dict[str, Any]]
    decoders: tuple[tuple[int, Callable[[Any], Any]], ...]

    def row(self, values: Sequence[Any]) -> dict[str, Any]:
        """One row as an object."""
        if self.decoders:
            cells = list(values)
            for index, decode in self.decoders:
                cells[index] = decode(cells[index])
            return self.shape(cells)
        return self.shape(values)


def decoders(columns: Sequence[Resolved], texts: Sequence[bool], currency: str) -> Any:
    """Which values need to be made into JSON, and how."""
    return tuple(
        (index, decode)
        for index, (column, text) in enumerate(zip(columns, texts, strict=True))
        if (decode := _decoder(column.kind, text, currency)) is not None
    )


def _decoder(kind: str, text: bool, currency: str) -> Callable[[Any], Any] | None:
    if kind == "flag" and text:
        return lambda value: None if value is None else str(bool(value)).lower()
    if kind == "flag":
        return lambda value: None if value is None else bool(value)
    if kind == "json":
        return lambda value: None if value is None else json.loads(value)
    if kind == "pence":
        return lambda value: None if value is None else money(value, currency)
    if text and kind in ("key", "number"):
        return lambda value: None if value is None else str(value)
    return None


@attrs.define
class Rows:
    """One row for each row of a table."""

    endpoint: Endpoint[..., Any]
    subject: Subject
    store: Store
    _readings: dict[tuple[tuple[str, ...], datetime], Reading] = attrs.field(
        factory=dict[tuple[tuple[str, ...], datetime], Reading], init=False
    )

    def is_quick(self, selection: Selection) -> bool:
        return self.store.knows(self._key(selection))

    def _key(self, selection: Selection) -> Any:
        filters = tuple(pair for pair in selection.filters if pair[0] != "id_gt")
        return self.endpoint.full_name, filters, selection.sort, selection.newest_first

    def read(self, selection: Selection, page: Page) -> Answer:
        selection = self.subject.with_extra(selection)
        with self.store.lock:
            ids = self.ids(selection)
            chosen = list(ids[page.offset : page.offset + page.limit])
            rows = self.fetch(chosen, selection.columns) if chosen else []
            reading = self.reading(selection.columns)
        columns = tuple(
            (path, column.sortable) for path, column in zip(selection.columns, reading.columns, strict=True)
        )
        return Answer(rows, len(ids), columns)

    def ids(self, selection: Selection) -> Sequence[int]:
        """The ids of the selection's rows, in its order."""
        ids: Sequence[int] = self.store.remembered(self._key(selection), lambda: self._ids(selection))
        after = dict(selection.filters).get("id_gt")
        if after is None:
            return ids
        if selection.sort[:1] == (("id", False),) or not (selection.sort or selection.newest_first):
            return ids[bisect_right(ids, after) :]
        return [key for key in ids if key > after]

    def _paths(self, columns: Iterable[str] = ()) -> Paths:
        return self.subject.paths(self.store.now, self.store.studio.currency, columns)

    def _ids(self, selection: Selection) -> Sequence[int]:
        paths = self._paths()
        given = {**self.subject.always, **dict(selection.filters)}
        given.pop("id_gt", None)
        where, arguments = conditions(self.endpoint, self.subject, paths, given.items())
        order: list[str] = []
        for name, down in selection.sort:
            column = self._ordered_by(name, paths)
            sortable(self.endpoint, name, column is not None, column is None or column.sortable)
            if column is not None:
                order.append(f"{column.sql}{' DESC' if down else ''}")
        order.append(f"{ROOT}.id{' DESC' if selection.newest_first else ''}")
        statement = f"SELECT {ROOT}.id FROM {paths.source} WHERE {where} ORDER BY {', '.join(order)}"
        return self.store.read_ids(statement, arguments)

    def _ordered_by(self, name: str, paths: Paths) -> Resolved | None:
        """A report is sorted by its columns, a list by names of its own."""
        if self.endpoint.envelope.headed:
            return paths(name) if name in self.endpoint.paths else None
        try:
            return paths(path_named(self.endpoint, paths, self.subject.names, name))
        except UnknownPathError:
            return None

    def reading(self, wanted: tuple[str, ...]) -> Reading:
        """How these columns are read."""
        key = wanted, self.store.now
        if key not in self._readings:
            paths = self._paths(wanted)
            columns = tuple(map(paths, wanted))
            texts = text_paths(self.endpoint.row)
            self._readings = {
                key: Reading(
                    columns,
                    paths.joins,
                    shaper(wanted, nullable_groups(self.endpoint.row)),
                    decoders(columns, [path in texts for path in wanted], self.store.studio.currency),
                )
            }
        return self._readings[key]

    def fetch(self, ids: Sequence[int], wanted: tuple[str, ...]) -> list[dict[str, Any]]:
        """The rows with these ids, in this order."""
        reading = self.reading(wanted)
        expressions = ", ".join(column.output for column in reading.columns)
        found = self.store.read(
            f"SELECT {expressions} FROM json_each(?) AS chosen CROSS JOIN {self.subject.root} {ROOT}"
            f" ON {ROOT}.id = chosen.value{reading.joins} ORDER BY chosen.key",
            [json.dumps(ids)],
        )
        return list(map(reading.row, found))


_PERIODS = {"year": "%Y", "month": "%Y-%m", "week": "%Y-W%W"}
_COUNT = Derived("key", "count(*)")


@attrs.define
class Grouped:
    """A grouped report: one row for each combination of the requested columns, with counts by period when
    pivoted.
    """

    endpoint: Endpoint[..., Any]
    subject: Subject
    store: Store

    def is_quick(self, selection: Selection) -> bool:
        return self.store.knows((self.endpoint.full_name, selection))

    def read(self, selection: Selection, page: Page) -> Answer:
        selection = self.subject.with_extra(selection)
        with self.store.lock:
            periods, columns, found = self.store.remembered(
                (self.endpoint.full_name, selection), lambda: self._groups(selection)
            )
        wanted = (*selection.columns, *periods)
        texts = text_paths(self.endpoint.row)
        currency = self.store.studio.currency
        reading = Reading(
            columns,
            "",
            shaper(wanted, nullable_groups(self.endpoint.row), flat=periods),
            decoders(columns, [path in texts for path in selection.columns], currency),
        )
        rows = list(map(reading.row, found[page.offset : page.offset + page.limit]))
        return Answer(rows, len(found), tuple((path, True) for path in wanted))

    def _measures(self) -> Mapping[str, Derived]:
        if self.subject.grouped:
            return self.subject.measures
        return {path: self.subject.measures.get(path, _COUNT) for path in self.endpoint.measures}

    def _groups(self, selection: Selection) -> Any:
        measures = self._measures()
        paths = self.subject.paths(self.store.now, self.store.studio.currency, selection.columns)
        given = {**self.subject.always, **dict(selection.filters)}.items()
        where, arguments = conditions(self.endpoint, self.subject, paths, given)

        def column(path: str) -> Resolved:
            measure = measures.get(path)
            return Resolved(paths.render(measure.sql), measure.kind) if measure else paths(path)

        columns = tuple(map(column, selection.columns))
        groups = [c.sql for c, path in zip(columns, selection.columns, strict=True) if path not in measures]
        periods = self._periods(selection, paths, where, arguments)
        order: list[str] = []
        for name, down in selection.sort:
            known = name in selection.columns or name in periods or name in measures
            sortable(self.endpoint, name, known, True)
            order.append(f"{periods[name] if name in periods else column(name).sql}{' DESC' if down else ''}")
        order += [f"{group} DESC" for group in groups] if selection.newest_first else groups
        chosen = [*(c.output for c in columns), *periods.values()]
        statement = f"SELECT {', '.join(chosen)} FROM {paths.source} WHERE {where}"
        if groups:
            statement += f" GROUP BY {', '.join(groups)}"
        statement += " HAVING count(*) > 0"
        if order:
            statement += f" ORDER BY {', '.join(order)}"
        return tuple(periods), columns, self.store.read(statement, arguments)

    def _periods(
        self, selection: Selection, paths: Paths, where: str, arguments: list[Any]
    ) -> dict[str, str]:
        """The newest periods, oldest first, each with what is counted in it."""
        if not self.subject.pivot:
            return {}
        form = _PERIODS.get(selection.pivot.removeprefix("active_by_"))
        if form is None:
            return {}
        period = f"strftime('{form}', {paths(self.subject.pivot).sql})"
        newest = self.store.read(
            f"SELECT DISTINCT {period} FROM {paths.source} WHERE {where} AND {period} IS NOT NULL"
            " ORDER BY 1 DESC LIMIT ?",
            [*arguments, max(0, selection.max_pivot_columns)],
        )
        names = [row[0] for row in reversed(newest)]
        if selection.pivot.startswith("active_by_"):
            active = paths.render(self.subject.active)
            return {name: f"sum({active.replace('$', name)})" for name in names}
        return {name: f"sum({period} = '{name}')" for name in names}
