"""Pulls on a Dask cluster of real processes."""

from __future__ import annotations

import logging
import os
import pickle
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from teamup_async import ConfigurationError
from teamup_async.bulk import Account, read, shards
from teamup_async.bulk.shards import schema_of
from teamup_async.integrations.dask import from_teamup, pull_with_dask
from teamup_async.sandbox import Sandbox
from teamup_async.sinks.frames import labels, pandas_frame
from tests.engines.conftest import Studios, accounts_file

RATE, WINDOW = 60, 2.0


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A cluster of two processes."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0}
    with (
        LocalCluster(**options, silence_logs=logging.CRITICAL, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.mark.parametrize("name", ["attendances", "instructed_sessions", "lists.customers"])
def test_frame(client: Client, studios: Studios, name: str) -> None:
    """The frame has the declared columns as its meta, before anything is sent, and the rows that a task reads."""
    requests = studios.sandbox.requests
    frame = from_teamup({name: {}}, accounts=studios.file, npartitions=2, rate=None)
    assert studios.sandbox.requests == requests
    cut = shards({name: {}}, studios.file, 2)
    expected = pandas_frame(
        labels().table_of(
            (b for shard in cut for b in read(shard, studios.file, rate=None)), schema_of(cut[0])
        )
    )
    rows = frame.compute()

    assert frame.npartitions == 2
    assert list(frame.dtypes.items()) == list(rows.dtypes.items()) == list(expected.dtypes.items())
    order = ["account", "id"]
    assert (
        rows.sort_values(order)
        .reset_index(drop=True)
        .equals(expected.sort_values(order).reset_index(drop=True))
    )


def test_no_token(client: Client, studios: Studios, caplog: pytest.LogCaptureFixture) -> None:
    """No token is in a graph, its keys, a log of the workers or the schedulers, or can be sent to a worker."""
    frame = from_teamup({"instructed_sessions": {}}, accounts=studios.file, npartitions=2, rate=None)
    frame.count().compute()
    graph = frame.__dask_graph__()
    seen = repr(frame) + repr(dict(graph)) + repr(pickle.dumps(dict(graph))) + caplog.text
    seen += repr(client.get_worker_logs()) + repr(client.get_scheduler_logs()) + repr(client.story())
    assert all(token not in seen for token in studios.tokens)
    with pytest.raises(ConfigurationError, match="never leave their process"):
        from_teamup({"attendances": {}}, accounts=[Account(name="a", token="t")])
    with pytest.raises(ConfigurationError, match="must hold no password"):
        from_teamup({"attendances": {}}, accounts=studios.file, quota="redis://:secret@host/0")


def test_a_worker_is_lost(client: Client, tmp_path: Path) -> None:
    """A worker that is killed in the middle costs its task, which is repeated: every row once, and never a 429, since
    the quota is shared.
    """
    with Sandbox.in_thread(rows=5000, seed=5, rate=RATE, window=WINDOW) as sandbox:
        studios = accounts_file(sandbox, tmp_path)
        victims = list(client.run(os.getpid).values())
        seen = Counter[str]()

        def kill_one(request) -> None:
            seen[request.headers.get("TeamUp-Provider-ID", "")] += 1
            if seen.total() == 25:
                os.kill(victims[0], signal.SIGKILL)

        sandbox.before_request = kill_one
        done = pull_with_dask(
            client,
            {"attendances": {}, "instructed_sessions": {}},
            accounts=studios.file,
            into=f"parquet:{tmp_path / 'lake'}",
            npartitions=2,
            quota=f"file:{tmp_path / 'quota.sqlite'}",
            rate=RATE,
            rate_window=WINDOW + 0.4,
        )
        statuses = {request.status for request in sandbox.log}
        for index, account in enumerate(("north", "south")):
            for name in ("attendances", "instructed_sessions"):
                ids = pq.read_table(tmp_path / "lake" / account / f"{name}.parquet")["id"].to_pylist()
                assert sorted(ids) == sandbox.ids(name, account=index)

    assert [part.shard for part in done] == [0, 1]
    assert victims[0] not in client.run(os.getpid).values()
    assert statuses <= {200, None}  # None: of the worker that was killed
    assert sorted(path.name for path in (tmp_path / "lake").iterdir()) == ["north", "south"]
