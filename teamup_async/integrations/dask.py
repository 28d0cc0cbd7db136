"""Pulls on a Dask cluster (extra ``dask``): as a data frame, or into files.

Each partition is a shard: the accounts of whole callers. Workers load the accounts themselves, so no token is in a
graph, a key or a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Unpack

try:
    import dask.dataframe as dd
    import distributed
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"{error}: pip install 'teamup-async[dask]'", name=error.name) from None

from .._bulk.queries import Request
from ..bulk.shard_files import Written, write
from ..bulk.shards import Shard, read, schema_of, shards
from ..bulk.sources import check_quota, check_source
from ..sinks.frames import labels, pandas_frame
from .options import EngineOptions

__all__ = ["from_teamup", "pull_with_dask"]

_RETRIES: Final = 2
"""How often a task that failed is tried again; a worker that is lost does not count."""


def from_teamup(
    requests: Mapping[str, Request],
    *,
    accounts: str,
    npartitions: int = 16,
    sizes: Mapping[str, int] | None = None,
    names: Iterable[str] | None = None,
    exact: bool = True,
    **options: Unpack[EngineOptions],
) -> Any:
    """The rows of one request as a ``dask.dataframe.DataFrame``, lazily: pulled anew by each ``compute``.

        frame = from_teamup({"attendances": {"status": ["attended"]}}, accounts="/etc/teamup.toml")
        frame.groupby("account").size().compute()

    Args:
        requests: One name, and what to pull: a query's keyword arguments, a query, or a stream.
        accounts: Where workers find the accounts: a file, ``module:function``, or ``"environment"``.
        npartitions: Shards at most.
        sizes: Rows by account, to spread the work well; see `teamup_async.bulk.shards`.
        names: Only the accounts called so.
        exact: Whether a walk that can't prove that every row came once is an error.
        options: See `teamup_async.integrations.options.EngineOptions`.

    The columns are those declared, as Arrow types, with ``account`` before them; objects are dotted columns.
    Raises `ConfigurationError` and `QueryError`.
    """
    source, _ = check_source(accounts), check_quota(options.get("quota"))
    cut = shards(requests, source, npartitions, sizes=sizes, names=names)
    meta = pandas_frame(schema_of(cut[0]).empty_table())
    texts = [json.dumps(shard.to_json()) for shard in cut]
    frame: Any = dd
    return frame.from_map(
        _partition, texts, meta=meta, label="teamup", source=source, exact=exact, options=dict(options)
    )


def _partition(text: str, *, source: str, exact: bool, options: dict[str, Any]) -> Any:
    shard = Shard.from_json(json.loads(text))
    rows = read(shard, source, exact=exact, **options)
    return pandas_frame(labels().table_of(rows, schema_of(shard)))


def pull_with_dask(
    client: distributed.Client,
    requests: Mapping[str, Request],
    *,
    accounts: str,
    into: str,
    npartitions: int = 16,
    sizes: Mapping[str, int] | None = None,
    names: Iterable[str] | None = None,
    **options: Unpack[EngineOptions],
) -> tuple[Written, ...]:
    """Pull into files on a Dask cluster, and wait for it: ``<folder>/<account>/<name>.parquet``, and so on.

        with Client("tcp://scheduler:8786") as client:
            pull_with_dask(client, {"attendances": {}}, accounts="/etc/teamup.toml", into="parquet:/lake/teamup")

    Args:
        client: The cluster.
        requests: Names of files and what to pull, as many as you like.
        accounts: Where workers find the accounts: a file, ``module:function``, or ``"environment"``.
        into: ``FORMAT:FOLDER``, a folder that all workers see, or one on each.
        npartitions: Tasks at most.
        sizes: Rows by account, to spread the work well; see `teamup_async.bulk.shards`.
        names: Only the accounts called so.
        options: See `teamup_async.integrations.options.EngineOptions`.

    The task of a worker that is lost is repeated; at the same folder it goes on with what was read. Returns what each
    task wrote, the largest first. Raises `ConfigurationError`, `QueryError`, and what a task raised three times.
    """
    source, _ = check_source(accounts), check_quota(options.get("quota"))
    cut = shards(requests, source, npartitions, sizes=sizes, names=names)
    texts = [json.dumps(shard.to_json()) for shard in cut]
    cluster: Any = client
    tasks = cluster.map(
        _write, texts, source=source, into=into, options=dict(options), pure=False, retries=_RETRIES
    )
    return tuple(Written.from_json(done) for done in cluster.gather(tasks))


def _write(text: str, *, source: str, into: str, options: dict[str, Any]) -> dict[str, Any]:
    return write(Shard.from_json(json.loads(text)), source, into, **options).to_json()
