"""A data source for Spark (extra ``spark``): ``spark.read.format("teamup")``, and ``readStream`` for what changes.

    spark.dataSource.register(TeamUpDataSource)
    spark.conf.set("spark.sql.python.filterPushdown.enabled", True)
    frame = spark.read.format("teamup").option("report", "attendances").option("accounts", "/etc/teamup.toml").load()
    frame.where("status = 'attended'").select("account", "customer.name").write.parquet("attendances")

Each partition is a shard: the accounts of whole callers. Every action pulls again, so write first, then ask. Workers
load the accounts themselves: no token is in an option, a plan, a log, or the Spark UI.
"""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportUntypedBaseClass=false, reportUnknownLambdaType=false
# (Spark need not be installed where this is checked)

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pyspark.sql import datasource as spark

from ..bulk.shards import Shard, read, schema_of, shards
from .pushdown import Condition, Relation, narrowed
from .spark_options import ReadOptions
from .spark_stream import TeamUpStream
from .spark_types import matching, spark_schema

__all__ = ["TeamUpDataSource"]

_RELATIONS: Final[Mapping[str, Relation]] = {
    "EqualTo": "in",
    "EqualNullSafe": "in",
    "In": "in",
    "GreaterThan": "gt",
    "GreaterThanOrEqual": "ge",
    "LessThan": "lt",
    "LessThanOrEqual": "le",
}


class TeamUpDataSource(spark.DataSource):
    """The format ``teamup``.

    Options:

    * ``report``: the name of a report or list, such as ``attendances``; or the argument of ``load``.
    * ``accounts``: where workers find the accounts: a file, ``module:function``, or ``environment``.
    * ``partitions``: partitions at most; 16.
    * ``account``: only these accounts, comma-separated.
    * ``quota``: where the quota is shared: ``redis://HOST``, ``file:PATH`` on one machine, or ``environment``.
    * ``rate``, ``rate_window``: requests in so many seconds for each caller; 250 in 60.
    * ``exact``: ``false`` to let pass walks that can't prove that every row came once.
    * ``lag``: for streams, seconds before the last known change that are read again; 900.
    * any filter of the report, such as ``event_start_gte``; lists comma-separated, times as ISO 8601.

    A token is refused. Raises `ConfigurationError` and `QueryError`.
    """

    @classmethod
    def name(cls) -> str:
        """The word for ``format``."""
        return "teamup"

    def schema(self) -> Any:
        """The declared columns, objects as structs, and ``account`` before them."""
        return spark_schema(_declared(ReadOptions.of(self.options)))

    def reader(self, schema: Any) -> TeamUpReader:
        """What reads everything."""
        return TeamUpReader(ReadOptions.of(self.options), schema.names)

    def streamReader(self, schema: Any) -> TeamUpStream:  # noqa: N802 - Spark's name
        """What reads changes."""
        return TeamUpStream(ReadOptions.of(self.options), schema.names)


def _declared(options: ReadOptions) -> Any:
    return schema_of(options.shard(), nested=True)


class TeamUpReader(spark.DataSourceReader):
    """Reads a report, narrowed by the conditions of a query."""

    def __init__(self, options: ReadOptions, names: Sequence[str]) -> None:
        self._options = options
        self._names = tuple(names)
        self._conditions: list[Condition] = []

    def pushFilters(self, filters: list[Any]) -> Iterable[Any]:  # noqa: N802 - Spark's name
        """Take note of conditions; Spark applies all of them once more."""
        for one in filters:
            relation = _RELATIONS.get(type(one).__name__)
            if relation is not None and one.value is not None:
                values = tuple(one.value) if type(one).__name__ == "In" else (one.value,)
                path = ".".join(one.attribute)
                self._conditions.append(Condition(path, relation, values))
            yield one

    def partitions(self) -> Sequence[Any]:
        """A partition for each shard."""
        options = self._options
        names = options.names
        for condition in self._conditions:
            if condition.path == "account" and condition.relation == "in":
                wanted = tuple(value for value in condition.values if isinstance(value, str))
                names = options.known(wanted) if names is None else [n for n in names if n in wanted]
        if names is not None and not names:
            return [spark.InputPartition("")]  # no account is wanted; Spark asks for one partition at least
        query = narrowed(options.endpoint, options.query, self._conditions)
        cut = shards(
            {options.name: options.endpoint.make_query(query)},
            options.accounts,
            options.partitions,
            names=names,
        )
        return [spark.InputPartition(json.dumps(shard.to_json())) for shard in cut]

    def read(self, partition: Any) -> Iterator[Any]:
        """The rows of a partition as record batches."""
        if not partition.value:
            return
        options = self._options
        shard = Shard.from_json(json.loads(partition.value))
        batches = read(shard, options.accounts, nested=True, exact=options.exact, **options.engine)
        yield from matching(batches, self._names)
