"""The data source on a real Spark: schema, rows, conditions that are told to TeamUp, and no token anywhere."""

from __future__ import annotations

import json
import os
import pickle
import signal
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from teamup_async._walking.walk import ROUND
from teamup_async.bulk import read, shards
from teamup_async.sandbox import Sandbox
from tests.engines.conftest import Studios, accounts_file


def frame_of(spark: Any, studios: Studios, report: str, **options: str) -> Any:
    """A report as a data frame."""
    given = {"accounts": studios.file, "rate": "none", **options}
    return spark.read.format("teamup").options(**given).load(report)


def rows_of(table: pa.Table) -> list[str]:
    """Rows in an order of their own, with times in UTC."""
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())


@pytest.mark.parametrize("report", ["attendances", "instructed_sessions", "lists.customers"])
def test_rows(spark: Any, studios: Studios, report: str) -> None:
    """The schema is the declared one, objects as structs, before anything is sent; the rows are those of a pull."""
    requests = studios.sandbox.requests
    frame = frame_of(spark, studios, report)
    kinds = {field.name: field.dataType.typeName() for field in frame.schema}
    assert studios.sandbox.requests == requests
    assert kinds["account"] == "string"
    assert kinds["id"] == "long"
    if report == "attendances":
        assert kinds["customer"] == "struct"
        assert frame.select("customer.name", "event.starts_at").dtypes == [
            ("name", "string"),
            ("starts_at", "timestamp"),
        ]
    cut = shards({report: {}}, studios.file, 2)
    expected = pa.Table.from_batches(
        batch for shard in cut for batch in read(shard, studios.file, nested=True, rate=None)
    )
    assert rows_of(frame.toArrow()) == rows_of(expected)


def test_conditions(spark: Any, studios: Studios) -> None:
    """Conditions on the account and on columns with a declared filter cost fewer requests; the rows are the same."""
    sandbox = studios.sandbox
    frame = frame_of(spark, studios, "attendances")
    everything = frame.toArrow().to_pylist()
    whole = 15 + 4  # pages of a hundred rows
    # A first page of 10, 20, ... rows may be all that a server gives at once, and is asked for once more.
    held = Counter(row["customer"]["id"] for row in everything)
    customer = min(customer for customer, rows in held.items() if rows not in ROUND)
    asked = {
        "account = 'south'": (lambda row: row["account"] == "south", 8),
        "account in ('south', 'nobody')": (lambda row: row["account"] == "south", 8),
        "account = 'nobody'": (lambda _: False, 0),
        "status = 'no_show'": (lambda row: row["status"] == "no_show", 12),
        f"customer.id in ({customer}, 1)": (lambda row: row["customer"]["id"] == customer, 4),
        "event.starts_at >= timestamp'2025-11-01 00:00:00'": (
            lambda row: row["event"]["starts_at"] >= datetime(2025, 11, 1, tzinfo=UTC),
            12,
        ),
        "id > 2147000000 and status is not null": (lambda row: row["id"] > 2_147_000_000, 4),
    }
    for condition, (lets, most) in asked.items():
        requests = sandbox.requests
        ids = sorted(row.id for row in frame.where(condition).select("id").collect())
        assert ids == sorted(row["id"] for row in everything if lets(row)), condition
        assert sandbox.requests - requests <= most < whole, condition


def test_filters_as_options(spark: Any, studios: Studios) -> None:
    """Every filter of a report is an option; what is wrong is said before anything is read."""
    frame = frame_of(
        spark, studios, "attendances", status="attended,no_show", account="north", partitions="1"
    )
    assert {row.status for row in frame.select("status").distinct().collect()} == {"attended", "no_show"}
    for options, problem in {
        (("token", studios.tokens[0]),): "option token is refused",
        (("refresh_token", "x"),): "is refused",
        (("stauts", "attended"),): "did you mean 'status'",
        (("status", "late"),): "status does not know",
        (("venues", "one"),): "must be a number",
        (("include_future", "perhaps"),): "must be true or false",
        (("quota", "redis://:secret@host/0"),): "must hold no password",
        (("partitions", "0"),): "count must be 1 or more",
    }.items():
        with pytest.raises(Exception, match=problem) as no:
            frame_of(spark, studios, "attendances", **dict(options)).count()
        assert studios.tokens[0] not in str(no.value)
    for report, problem in {"attendance": "did you mean", "attendances.grouped": "columns"}.items():
        with pytest.raises(Exception, match=problem):
            frame_of(spark, studios, report).schema  # noqa: B018 - it is made when it is asked for


def pages_of(spark: Any) -> Iterator[str]:
    """What the Spark UI shows."""
    ui = spark.sparkContext.uiWebUrl
    api = f"{ui}/api/v1/applications/{spark.sparkContext.applicationId}"
    for page in ("jobs", "stages", "SQL", "SQL/execution/?id=0", "environment", "executors"):
        with urllib.request.urlopen(f"{ui}/{page}") as answer:
            yield answer.read().decode()
    for page in ("jobs", "stages", "sql?details=true&planDescription=true&length=1000", "environment"):
        with urllib.request.urlopen(f"{api}/{page}") as answer:
            yield answer.read().decode()


def test_no_token(spark: Any, studios: Studios, capfd: pytest.CaptureFixture[str]) -> None:
    """No token is in a plan, a partition, a representation, a log or the Spark UI."""
    from teamup_async.integrations.spark import TeamUpDataSource

    frame = frame_of(spark, studios, "attendances").where("status = 'attended'")
    spark.sparkContext.setLogLevel("INFO")
    try:
        assert frame.count() > 0
        frame.explain("extended")
    finally:
        spark.sparkContext.setLogLevel("OFF")
    source = TeamUpDataSource({"report": "attendances", "accounts": studios.file})
    reader = source.reader(source.schema())
    seen = [repr(frame), repr(reader), repr(pickle.dumps(reader)), repr(pickle.dumps(reader.partitions()))]
    seen += [*capfd.readouterr(), *pages_of(spark)]
    assert sum("teamup" in text for text in seen) > 3
    assert all(token not in text for token in studios.tokens for text in seen)


def test_a_worker_is_lost(spark: Any, tmp_path: Path) -> None:
    """A worker that is killed in the middle costs its task, which is repeated: every row once, and never a 429, since
    the quota is shared.
    """
    rate, window = 40, 2.0
    with Sandbox.in_thread(rows=3000, seed=5, rate=rate, window=window) as sandbox:
        studios = accounts_file(sandbox, tmp_path)
        killed: list[int] = []
        received = 0

        def kill_one(_: object) -> None:
            nonlocal received
            received += 1
            if received == 15:
                killed.extend(workers())
                for worker in killed:
                    os.kill(worker, signal.SIGKILL)

        sandbox.before_request = kill_one
        frame = frame_of(
            spark, studios, "attendances",
            quota=f"file:{tmp_path / 'quota.sqlite'}", rate=str(rate), rate_window=str(window + 0.4),
        )  # fmt: skip
        frame.select("account", "id").write.parquet(str(tmp_path / "ids"))
        rows = spark.read.parquet(str(tmp_path / "ids")).collect()
        statuses = {request.status for request in sandbox.log}
        for index, account in enumerate(("north", "south")):
            assert sorted(row.id for row in rows if row.account == account) == sandbox.ids(
                "attendances", account=index
            )
    assert killed
    assert statuses <= {200, None}  # None: of the workers that were killed


def workers() -> list[int]:
    """The Python processes in which tasks of this Spark run: children of its daemon."""
    found: dict[int, tuple[int, str]] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            found[int(process.name)] = parent, line

    def ours(pid: int) -> bool:
        while pid in found:
            if pid == os.getpid():
                return True
            pid = found[pid][0]
        return False

    daemons = {pid for pid, (_, line) in found.items() if "pyspark.daemon" in line}
    return [pid for pid in daemons if found[pid][0] in daemons and ours(pid)]
