"""What changes, as a stream of Spark: each batch reads what changed since the one before.

How far the stream is (its offset) are the marks of a sync, for each account: the latest change, and the latest class
that has begun. Marks are taken before the walk. So a row may come in two batches: merge by ``account`` and ``id``.
"""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportUntypedBaseClass=false
# (Spark need not be installed where this is checked)

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pyspark.sql import datasource as spark

from .._background import background
from .._bulk.changes import SyncOptions, check_query, latest_marks, parts_since, way_of
from .._bulk.plan import Part, Plan
from ..bulk.shards import Shard, cut, opened, read, shards
from ..bulk.sources import accounts_from
from ..endpoint import Changed, Growing
from ..errors import ConfigurationError
from .spark_options import ReadOptions
from .spark_types import matching

__all__ = ["TeamUpStream"]

_AT_ONCE: Final = 100

Marks = Mapping[str, Mapping[str, Any]]


class TeamUpStream(spark.DataSourceStreamReader):
    """Reads what changed in a report. Raises `ConfigurationError` for one that does not say what changed."""

    def __init__(self, options: ReadOptions, names: Sequence[str]) -> None:
        self._options = options
        self._names = tuple(names)
        endpoint = options.endpoint
        query = endpoint.make_query(options.query)
        check_query(endpoint, query, options.name)
        if not isinstance(way_of(endpoint, query), (Changed, Growing)):
            raise ConfigurationError(
                f"{endpoint.name} does not say what changed, so it can't be streamed: read it whole with spark.read"
            )
        self._latest: dict[str, dict[str, Any]] = {}

    def initialOffset(self) -> dict[str, Any]:  # noqa: N802 - Spark's name
        """Nothing was read."""
        return {}

    def latestOffset(  # noqa: N802 - Spark's name
        self,
        start: Marks | None = None,
        limit: Any = None,  # noqa: ARG002 - a batch reads all that is new
    ) -> dict[str, Any]:
        """The marks of each account now; one or two small requests for each."""
        options = self._options
        whole = self._whole()
        shard = Shard(index=0, plan=whole)

        async def ask() -> dict[str, dict[str, Any]]:
            slots = asyncio.Semaphore(_AT_ONCE)
            async with opened(shard, options.accounts, options.engine) as bulk:

                async def one(part: Part) -> dict[str, Any]:
                    endpoint = options.endpoint
                    query = part.ready(endpoint)
                    async with slots:
                        client = bulk.clients[str(part.account)]
                        return await latest_marks(client, endpoint, query, way_of(endpoint, query))

                found = await asyncio.gather(*map(one, whole))
            return {str(part.account): marks for part, marks in zip(whole, found, strict=True)}

        for account, marks in background().run(ask).items():
            known = {name: value for name, value in marks.items() if value is not None}
            # What can't be found out now stays as it was: nothing is there to be read.
            before = self._latest.get(account) or (start or {}).get(account, {})
            self._latest[account] = {**before, **known}
        return {account: marks for account, marks in self._latest.items() if marks}

    def partitions(self, start: Marks, end: Marks) -> Sequence[Any]:
        """A partition for each shard of the accounts in which something changed."""
        options = self._options
        endpoint = options.endpoint
        parts: list[Part] = []
        for part in self._whole():
            known, now = start.get(str(part.account), {}), end.get(str(part.account), {})
            if known == now:
                continue
            if any(name not in known for name in now):
                parts.append(part)
            else:
                parts += parts_since(endpoint, part, known, SyncOptions(lag=options.behind))[0]
        found = accounts_from(options.accounts, dict.fromkeys(str(part.account) for part in parts))
        made = cut(Plan(tuple(parts)), found, options.partitions) if parts else []
        return [spark.InputPartition(json.dumps(shard.to_json())) for shard in made]

    def read(self, partition: Any) -> Iterator[Any]:
        """The rows of a partition as record batches."""
        options = self._options
        shard = Shard.from_json(json.loads(partition.value))
        batches = read(shard, options.accounts, nested=True, exact=options.exact, **options.engine)
        yield from matching(batches, self._names)

    def _whole(self) -> Plan:
        """The whole query of each account."""
        options = self._options
        query = options.endpoint.make_query(options.query)
        made = shards({options.name: query}, options.accounts, 1, names=options.names)
        return made[0].plan
