"""The data of all accounts: what answers an endpoint, and changes on demand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ...endpoint import Endpoint
from ...endpoints import endpoint_named
from ..parameters import Page, Selection
from .by_type import Generated
from .clock import Present
from .entities import ENTITIES
from .list_subjects import OBJECTS
from .objects import Listed, Objects
from .sizes import Sizes
from .sources import Grouped, Rows, Source
from .store import Store
from .subjects import served_from

_GENERATED: Final = 1000
"""Rows at most of an endpoint that has no table."""


class Dataset:
    """Tables for the endpoints that have some, rows made by type for the others. Safe to use from any
    thread.
    """

    def __init__(
        self, seed: int, endpoints: Iterable[Endpoint[..., Any]], sizes: Sequence[Sizes], now: datetime
    ) -> None:
        self._start = _aware(now)
        self._present = Present(now)
        self.seed = seed
        self.endpoints = tuple(endpoints)
        self._sizes = tuple(sizes)
        self._stores: list[Store] = []
        self._sources: dict[tuple[int, str], Source] = {}

    @property
    def now(self) -> datetime:
        """The moment that it is, with a time zone; may be set.

        What starts later is in the future. Time passes only when you set `now` or call `advance`. No row
        changes by that, its ``updated_at`` neither.
        """
        return self._present.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._present.now = _aware(moment)
        for store in self._stores:
            store.time_passed()

    def advance(self, by: timedelta) -> None:
        """Let that much time pass."""
        self.now += by

    def ids(self, name: str, *, account: int = 0) -> list[int]:
        """The ids, ascending, of the rows that an endpoint answers without filters (that a grouped report
        counts), or of all rows of a table.
        """
        if self._is_table(name):
            return list(self._stores[account].read_ids(f"SELECT id FROM {name} ORDER BY 1"))
        found = endpoint_named(name, self.endpoints)
        subject = served_from(found)
        if subject is None:
            return self._generated(found, account).ids()
        store = self._stores[account]
        if subject.grouped:
            rows = Grouped(found, subject, store).read(Selection(columns=("id",)), Page(0, sys.maxsize)).rows
            return sorted(row["id"] for row in rows)
        return list(Rows(found, subject, store).ids(Selection()))

    def insert(self, name: str, /, n: int = 1, *, account: int = 0, **values: Any) -> list[int]:
        """Add `n` rows: copies of random ones, with new ids at the end and `values` in their columns.
        Returns the ids.

        `name` is an endpoint or a table (``events``, ``customers``, ...); for a grouped report these are rows
        of the table that it counts. `id=` puts a row elsewhere. Columns are those of the sandbox's tables (a
        wrong name raises ValueError and lists them). An event that starts at another time ends as much later
        or earlier.
        """
        source = self._changed(name, account)
        if isinstance(source, Generated):
            return source.insert(n, values)
        return self._stores[account].insert(source, self.ids(name, account=account), n, values)

    def delete(
        self, name: str, ids: Iterable[int] | None = None, n: int = 1, *, account: int = 0
    ) -> list[int]:
        """Remove the rows with these ids, or `n` random ones; returns the ids that are gone. `name` as for
        `insert`.
        """
        source = self._changed(name, account)
        if isinstance(source, Generated):
            return source.delete(ids, n)
        there = self.ids(name, account=account) if ids is None else ()
        return self._stores[account].delete(source, there, ids, n)

    def update(
        self,
        name: str,
        /,
        ids: Iterable[int] | None = None,
        n: int = 1,
        *,
        account: int = 0,
        **values: Any,
    ) -> list[int]:
        """Change columns of the rows with these ids, or of `n` random ones; returns the ids. `name` and
        `values` as for `insert`.

        ``updated_at`` moves on where there is one.
        """
        source = self._changed(name, account)
        if isinstance(source, Generated):
            return source.update(ids, n, values)
        there = self.ids(name, account=account) if ids is None else ()
        return self._stores[account].update(source, there, ids, n, values)

    def sql(self, statement: str, *arguments: Any, account: int = 0) -> list[tuple[Any, ...]]:
        """Run any SQL on an account's tables and return its rows."""
        return self._stores[account].execute(statement, arguments)

    def generate(self) -> None:
        """Make the attendances and what they need; blocks for about 6 seconds per million rows. The rest of
        the studio is made when it is first asked for.
        """
        if not self._stores:
            self._present.now = self._start
            self._stores = [
                Store(index, self.seed, sizes, self._present) for index, sizes in enumerate(self._sizes)
            ]

    def discard(self) -> None:
        """Throw the data away."""
        for store in self._stores:
            store.close()
        self._stores = []
        self._sources.clear()

    def source(self, account: int, endpoint: Endpoint[..., Any]) -> Source:
        """What answers an endpoint for an account."""
        key = account, endpoint.full_name
        if key not in self._sources:
            self._sources[key] = self._source(account, endpoint)
        return self._sources[key]

    def object(self, account: int, endpoint: Endpoint[..., Any], key: int, selection: Selection) -> Any:
        """One object of a list, or None where there is none with this id; raises `ProblemError` (400)."""
        source = self.source(account, endpoint)
        if isinstance(source, Listed):
            return next(iter(source.load([key], selection)), None)
        return self._generated(endpoint, account).object(key, selection)

    def _source(self, account: int, endpoint: Endpoint[..., Any]) -> Source:
        store, subject = self._stores[account], served_from(endpoint)
        objects = Objects(store, OBJECTS)
        if subject is None:
            count = min(_GENERATED, self._sizes[account].attendances)
            return Generated(
                endpoint, f"{self.seed}:{account}:{endpoint.full_name}", count, self._start, objects
            )
        if endpoint.grouped or subject.grouped:
            return Grouped(endpoint, subject, store)
        if endpoint.envelope.headed:
            return Rows(endpoint, subject, store)
        return Listed(endpoint, subject, store, objects)

    def _is_table(self, name: str) -> bool:
        return name in ENTITIES and name not in {endpoint.key for endpoint in self.endpoints}

    def _changed(self, name: str, account: int) -> Generated | str:
        """The table that changes with an endpoint, or its rows where it has none."""
        if self._is_table(name):
            return name
        found = endpoint_named(name, self.endpoints)
        subject = served_from(found)
        return subject.root if subject else self._generated(found, account)

    def _generated(self, endpoint: Endpoint[..., Any], account: int) -> Generated:
        source = self.source(account, endpoint)
        if not isinstance(source, Generated):
            raise TypeError(f"{endpoint.key} has a table")
        return source


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(
            f"now needs a time zone, for example datetime(2026, 1, 1, tzinfo=UTC), not {moment!r}"
        )
    return moment
