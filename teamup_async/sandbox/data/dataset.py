"""The data of all accounts: what answers an endpoint, and changes on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import endpoint_named
from teamup_async.sandbox.data.generated import Generated
from teamup_async.sandbox.data.sizes import Sizes
from teamup_async.sandbox.data.sources import Source, conditions, source_for
from teamup_async.sandbox.data.store import Store
from teamup_async.sandbox.data.tables import TABLES
from teamup_async.sandbox.parameters import Selection

_GENERATED: Final = 1000
"""Rows at most of an endpoint that has no table."""


class Dataset:
    """Tables for the endpoints that have some, rows made by type for the others. Safe to use from any
    thread.
    """

    def __init__(self, seed: int, endpoints: Iterable[Endpoint[..., Any]], sizes: Sequence[Sizes]) -> None:
        self.seed = seed
        self.endpoints = tuple(endpoints)
        self._sizes = tuple(sizes)
        self._stores: list[Store] = []
        self._sources: dict[tuple[int, str], Source] = {}

    def ids(self, endpoint: str, *, account: int = 0) -> list[int]:
        """The ids of the rows that the endpoint answers without filters (that a grouped report counts),
        ascending.
        """
        found = endpoint_named(endpoint, self.endpoints)
        table = TABLES.get(found.name)
        if table is None:
            return self._generated(found, account).ids()
        where, arguments = conditions(table, Selection())
        statement = f"SELECT {table.key} FROM {table.source} WHERE {where} ORDER BY 1"
        return list(self._stores[account].read_ids(statement, arguments))

    def insert(self, endpoint: str, n: int = 1, *, account: int = 0, **values: Any) -> list[int]:
        """Add `n` rows: copies of random ones, with new ids at the end and `values` in their columns.
        Returns the ids.

        For a grouped report these are rows of the table that it counts. `id=` puts a row elsewhere. Columns
        are those of the sandbox's tables (a wrong name raises ValueError and lists them).
        """
        found = endpoint_named(endpoint, self.endpoints)
        if found.name not in TABLES:
            return self._generated(found, account).insert(n, values)
        there = self.ids(endpoint, account=account)
        return self._stores[account].insert(TABLES[found.name].name, there, n, values)

    def delete(
        self, endpoint: str, ids: Iterable[int] | None = None, n: int = 1, *, account: int = 0
    ) -> list[int]:
        """Remove the rows with these ids, or `n` random ones; returns the ids that are gone."""
        found = endpoint_named(endpoint, self.endpoints)
        if found.name not in TABLES:
            return self._generated(found, account).delete(ids, n)
        there = self.ids(endpoint, account=account) if ids is None else ()
        return self._stores[account].delete(TABLES[found.name].name, there, ids, n)

    def update(
        self, endpoint: str, ids: Iterable[int] | None = None, n: int = 1, *, account: int = 0, **values: Any
    ) -> list[int]:
        """Change columns of the rows with these ids, or of `n` random ones; returns the ids.

        ``updated_at`` moves on where there is one.
        """
        found = endpoint_named(endpoint, self.endpoints)
        if found.name not in TABLES:
            return self._generated(found, account).update(ids, n, values)
        there = self.ids(endpoint, account=account) if ids is None else ()
        return self._stores[account].update(TABLES[found.name].name, there, ids, n, values)

    def sql(self, statement: str, *arguments: Any, account: int = 0) -> list[tuple[Any, ...]]:
        """Run any SQL on an account's tables and return its rows."""
        return self._stores[account].execute(statement, arguments)

    def generate(self) -> None:
        """Make the data; blocks for about 6 seconds per million rows."""
        if not self._stores:
            self._stores = [Store(index, self.seed, sizes) for index, sizes in enumerate(self._sizes)]

    def discard(self) -> None:
        """Throw the data away."""
        for store in self._stores:
            store.close()
        self._stores = []
        self._sources.clear()

    def source(self, account: int, endpoint: Endpoint[..., Any]) -> Source:
        """What answers an endpoint for an account."""
        key = account, endpoint.name
        if key not in self._sources:
            table = TABLES.get(endpoint.name)
            if table is None:
                count = min(_GENERATED, self._sizes[account].attendances)
                self._sources[key] = Generated(endpoint, f"{self.seed}:{account}:{endpoint.name}", count)
            else:
                self._sources[key] = source_for(endpoint, table, self._stores[account])
        return self._sources[key]

    def _generated(self, endpoint: Endpoint[..., Any], account: int) -> Generated:
        source = self.source(account, endpoint)
        if not isinstance(source, Generated):
            raise TypeError(f"{endpoint.name} has a table")
        return source
