"""Shards: how a pull is cut, and that reading and writing them gives what a pull gives."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from teamup_async import ConfigurationError, QueryError
from teamup_async._background import background
from teamup_async.bulk import Account, BulkPull, NotExactError, QuotaFile, Shard, read, shards, write
from teamup_async.bulk.shards import schema_of
from teamup_async.sandbox import faults
from tests.engines.conftest import Studios

REQUESTS = {
    "attendances": {"status": ["attended"]},
    "instructed_sessions": {},
    "lists.customers": {},
    "attendance_strikes.grouped": {"columns": ["customer.name", "count"]},
}


def made_up(count: int, tokens: int) -> list[Account]:
    """So many accounts, of so many tokens."""
    return [Account(name=f"studio-{i:03}", token=f"token-{i % tokens}") for i in range(count)]


def test_cut_by_caller() -> None:
    """Accounts of a token stay together, every part is in one shard, and the same arguments give the same shards."""
    accounts = made_up(20, 7)
    cut = shards({"attendances": {}, "customers": {}}, accounts, 3)
    again = shards({"attendances": {}, "customers": {}}, accounts, 3)

    assert [shard.to_json() for shard in cut] == [shard.to_json() for shard in again]
    assert [shard.index for shard in cut] == [0, 1, 2]
    assert len({part.id for shard in cut for part in shard.plan}) == 40
    owners = {account.name: account.token for account in accounts}
    for token in set(owners.values()):
        assert sum(any(owners[name] == token for name in shard.accounts) for shard in cut) == 1
    assert len(shards({"attendances": {}}, accounts, 100)) == 7


def test_largest_first() -> None:
    """Where sizes are known, the largest go first and apart, by account or by part."""
    accounts = made_up(6, 6)
    sizes = {"studio-003": 900_000, "studio-005/attendances": 500_000, "studio-001": 300_000}
    cut = shards({"attendances": {}}, accounts, 3, sizes=sizes)

    assert [shard.accounts[0] for shard in cut] == ["studio-003", "studio-005", "studio-001"]
    assert sorted(len(shard.accounts) for shard in cut) == [1, 1, 4]


def test_travels(studios: Studios) -> None:
    """A shard is data, for JSON and pickle alike, without a token; it names its accounts only."""
    [shard, *_] = shards(REQUESTS, studios.file, 2)
    for travelled in (
        Shard.from_json(json.loads(json.dumps(shard.to_json()))),
        pickle.loads(pickle.dumps(shard)),
    ):
        assert travelled == shard
        assert travelled.id == shard.id
    seen = json.dumps(shard.to_json()) + repr(shard) + repr(pickle.dumps(shard))
    assert all(token not in seen for token in studios.tokens)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("nested", [False, True])
def test_read_as_pulled(studios: Studios, tmp_path: Path, name: str, nested: bool) -> None:
    """Reading shards gives the rows and the types that a pull writes, with the account before them."""
    from teamup_async.bulk.sources import accounts_from
    from teamup_async.sinks import Parquet

    request = {name: REQUESTS[name]}
    cut = shards(request, studios.file, 2)
    tables = [pa.Table.from_batches(read(shard, studios.file, nested=nested, rate=None)) for shard in cut]
    rows = pa.concat_tables(tables)

    async def pull() -> None:
        async with BulkPull(accounts_from(studios.file), rate=None) as bulk:
            await bulk.pull(request, into=Parquet(tmp_path / "pulled", nested=nested), raise_on_error=True)

    background().run(pull)
    assert all(table.schema == schema_of(cut[0], nested=nested) for table in tables)
    for account in ("north", "south"):
        [file] = (tmp_path / "pulled" / account).iterdir()
        pulled = pq.ParquetFile(file).read()
        own = rows.filter(pa.compute.equal(rows["account"], account)).drop_columns("account")
        assert own.schema.equals(pulled.schema)
        assert by_text(own) == by_text(pulled)


def by_text(table: pa.Table) -> list[str]:
    """The rows of a table, in an order of their own."""
    return sorted(map(repr, table.to_pylist()))


def test_not_exact(studios: Studios) -> None:
    """A walk that can't prove that every row came once is an error, unless exact=False says otherwise."""
    [shard, *_] = shards({"attendances": {"sort": ["status"]}}, studios.file, 2)
    count = sum(batch.num_rows for batch in read(shard, studios.file, exact=False, rate=None))
    assert count == len(studios.sandbox.ids("attendances"))
    with pytest.raises(NotExactError, match=r"exact=False"):
        list(read(shard, studios.file, rate=None))


def test_error_ends_it(studios: Studios) -> None:
    """What goes wrong with one account is raised as it is, and nothing goes on in the background."""
    studios.sandbox.faults.add(faults.status(400), nth=3)
    [shard] = shards({"attendances": {}}, studios.file, 1)
    with pytest.raises(Exception, match="400"):
        list(read(shard, studios.file, rate=None))
    assert background().busy == 0


def test_left_early(studios: Studios) -> None:
    """Who takes only the first batch ends the requests."""
    [shard] = shards({"attendances": {}}, studios.file, 1)
    rows = read(shard, studios.file, rate=None)
    next(rows)
    rows.close()
    assert background().busy == 0


def test_written(studios: Studios, tmp_path: Path) -> None:
    """Files have fixed names, and a task that is repeated writes the same; nothing else is left behind."""
    to = tmp_path / "lake"
    [first, second] = shards({"attendances": {}, "instructed_sessions": {}}, studios.file, 2)
    done = [write(shard, studios.file, f"jsonl:{to}", rate=None) for shard in (first, second)]
    before = {file.relative_to(to): file.read_bytes() for file in to.rglob("*") if file.is_file()}
    again = write(first, studios.file, f"jsonl:{to}", rate=None)

    assert sorted(map(str, before)) == [
        f"{account}/{name}.jsonl"
        for account in ("north", "south")
        for name in ("attendances", "instructed_sessions")
    ]
    assert {file.relative_to(to): file.read_bytes() for file in to.rglob("*") if file.is_file()} == before
    assert again.rows == done[0].rows
    assert again.rows["north/attendances"] == len(studios.sandbox.ids("attendances"))
    assert json.loads(json.dumps(done[1].to_json()))["files"]["south/attendances"] == str(
        to / "south" / "attendances.jsonl"
    )


def test_goes_on(studios: Studios, tmp_path: Path) -> None:
    """An attempt that fails changes no file, and the next one goes on with what it read."""
    to = tmp_path / "lake"
    [shard, _] = shards({"attendances": {}}, studios.file, 2)
    studios.sandbox.faults.add(faults.status(400), nth=12)
    with pytest.raises(ExceptionGroup, match="1 of 1 report is incomplete"):
        write(shard, studios.file, f"parquet:{to}", rate=None)
    assert not list(to.glob("north/*"))
    done = write(shard, studios.file, f"parquet:{to}", rate=None)
    assert 0 < done.resumed < done.rows["north/attendances"] == len(studios.sandbox.ids("attendances"))
    assert [path.name for path in to.iterdir()] == ["north"]


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ("duckdb:x.duckdb", "folders of files"),
        ("parquet:one.parquet", "folders of files"),
        ("x", "FORMAT:PATH"),
    ],
)
def test_places(studios: Studios, to: str, problem: str) -> None:
    """Several tasks can't write one file."""
    [shard, *_] = shards({"attendances": {}}, studios.file, 2)
    with pytest.raises(ConfigurationError, match=problem):
        write(shard, studios.file, to)


def test_where_accounts_come_from(studios: Studios, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function, the environment, a file: each is looked at on the worker; what is wrong is said."""
    account = studios.sandbox.accounts[0]
    module = ModuleType("studio_accounts")
    module.ours = lambda: [Account(name="north", token=account.token, base_url=studios.sandbox.url)]
    module.wrong = lambda: ["north"]
    monkeypatch.setitem(sys.modules, "studio_accounts", module)
    monkeypatch.setenv("TEAMUP_TOKEN", account.token)
    monkeypatch.setenv("TEAMUP_BASE_URL", studios.sandbox.url)
    counted = []
    for source in ("studio_accounts:ours", "environment"):
        [shard] = shards({"instructed_sessions": {}}, source, 4)
        counted.append(sum(batch.num_rows for batch in read(shard, source, rate=None)))
    assert counted[0] == counted[1] > 0
    for source, problem in {
        "studio_accounts:wrong": "must return accounts",
        "studio_accounts:other": "can't be found",
        "no_such_module:ours": "can't be found",
        "missing.toml": "cannot read missing.toml",
    }.items():
        with pytest.raises(ConfigurationError, match=problem):
            shards({"attendances": {}}, source, 1)
    [shard] = shards({"attendances": {}}, "environment", 1)
    with pytest.raises(ConfigurationError, match="no account 'default'"):
        list(read(shard, studios.file))
    monkeypatch.delenv("TEAMUP_TOKEN")
    with pytest.raises(ConfigurationError, match="needs the variable TEAMUP_TOKEN"):
        list(read(shard, "environment"))


def test_quota(studios: Studios, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quota is named by a place without a password; several processes share it there."""
    [shard, *_] = shards({"instructed_sessions": {}}, studios.file, 2)
    place = tmp_path / "quota.sqlite"
    list(read(shard, studios.file, quota=f"file:{place}", rate=100))
    with QuotaFile(place, rate=100) as quota:
        throttle = quota.throttle(studios.tokens[0])
        left = sum(throttle.try_acquire() for _ in range(100))
    assert 0 < left < 100
    monkeypatch.delenv("TEAMUP_QUOTA_REDIS", raising=False)
    for text, problem in {
        "redis://:s3cret@127.0.0.1/0": "must hold no password",
        "http://x": "must be redis://HOST",
        "environment": "needs the variable TEAMUP_QUOTA_REDIS",
    }.items():
        with pytest.raises(ConfigurationError, match=problem) as no:
            list(read(shard, studios.file, quota=text))
        assert "s3cret" not in str(no.value)


def test_columns_known_beforehand(studios: Studios) -> None:
    """Rows of several requests, and of a pivoted report, have no columns that are known beforehand."""
    [shard, *_] = shards({"attendances": {}, "customers": {}}, studios.file, 2)
    with pytest.raises(ConfigurationError, match="ask for one of attendances, customers"):
        next(read(shard, studios.file))
    pivoted = {"attendances.grouped": {"columns": ["status", "count"], "pivot": "venue.name"}}
    with pytest.raises((ConfigurationError, QueryError), match="pivot"):
        schema_of(shards(pivoted, studios.file, 1)[0])
    with pytest.raises(ConfigurationError, match="count must be 1 or more"):
        shards({"attendances": {}}, studios.file, 0)
