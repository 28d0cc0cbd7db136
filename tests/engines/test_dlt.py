"""The dlt source: real pipelines into DuckDB, beside the rows that the client reads."""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import attrs
import duckdb
import msgspec
import pytest

from teamup_async import ConfigurationError, QueryError, TeamUp
from teamup_async.endpoint import Growing
from teamup_async.endpoints import endpoint_named
from teamup_async.reports.attendances import ATTENDANCES
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks.schema import schema_for
from tests.engines.conftest import accounts_file

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # dlt reads it when it is imported
dlt: Any = pytest.importorskip("dlt", reason="dlt is not installed: pip install 'teamup-async[dlt]'")

from teamup_async.integrations.dlt import teamup_source  # noqa: E402

REPORTS = [
    "attendances",
    "customers",
    "instructed_sessions",
    "lists.customer_memberships",
    "attendances_grouped",
]


@attrs.frozen
class Place:
    """A sandbox, a pipeline's folder, and the database that it loads into."""

    sandbox: Sandbox
    folder: Path

    def pipeline(self) -> Any:
        return dlt.pipeline(
            "studio",
            pipelines_dir=str(self.folder / "pipelines"),
            destination=dlt.destinations.duckdb(str(self.folder / "studio.duckdb")),
            dataset_name="teamup",
        )

    def source(self, reports: Any, **options: Any) -> Any:
        given = {"token": self.sandbox.token, "mode": "provider", "base_url": self.sandbox.url, "rate": None}
        if "accounts" in options or "token" in options:
            del given["token"]
        given |= {name: value for name, value in options.items() if value is not None}
        return teamup_source(reports, **given)

    def run(self, reports: Any, pipeline: Any = None, **options: Any) -> dict[str, int]:
        """Run a pipeline; what it loaded, rows by table."""
        return self.load(self.source(reports, **options), pipeline)

    def load(self, source: Any, pipeline: Any = None, **options: Any) -> dict[str, int]:
        pipeline = pipeline or self.pipeline()
        info = pipeline.run(source, **options)
        info.raise_on_failed_jobs()
        if not info.loads_ids:
            return {}
        done = pipeline.last_trace.last_normalize_info
        counts = {} if done is None else done.row_counts
        return {name: rows for name, rows in counts.items() if not name.startswith("_dlt") and rows}

    def rows(self, table: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.folder / "studio.duckdb"), read_only=True) as db:
            db.execute("SET TimeZone = 'UTC'")
            found = db.execute(f"SELECT * FROM teamup.{table}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def ids(self, table: str) -> list[Any]:
        return sorted(row["id"] for row in self.rows(table))


def _with_mood(body: bytes) -> bytes:
    """A page whose rows have a field that no row class knows."""
    page = msgspec.json.decode(body)
    return msgspec.json.encode({**page, "rows": [{**row, "mood": "good"} for row in page["rows"]]})


@pytest.fixture(scope="module")
def studio() -> Iterator[Sandbox]:
    """A studio that the tests of this file change one after the other."""
    with Sandbox.in_thread(rows=1500, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def place(studio: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    yield Place(studio, tmp_path)
    studio.faults.clear()
    studio.before_request = None
    gc.collect()  # what was not closed warns now, and warnings are errors


QUERIES: dict[str, dict[str, Any]] = {"attendances_grouped": {"columns": ["customer_id", "count"]}}


STRATEGY = "upsert" if tuple(map(int, duckdb.__version__.split(".")[:2])) >= (1, 4) else "delete-insert"
"""One that DuckDB knows: it has had MERGE since 1.4."""


NUMBERS = msgspec.json.Encoder(decimal_format="number")


async def expected(sandbox: Sandbox, key: str) -> list[dict[str, Any]]:
    """The rows that a client reads, with the names that columns have in dlt's tables."""
    endpoint = endpoint_named(key)
    async with TeamUp(token=sandbox.token, base_url=sandbox.url, mode="provider", rate=None) as teamup:
        stream = teamup.stream(endpoint, endpoint.make_query(QUERIES.get(key, {})))
        rows = await stream.collect()
    paths = schema_for(endpoint, stream.query, endpoint.measures).names
    return [{path.replace(".", "__"): plain(at(row, path)) for path in paths} for row in rows]


def at(row: Any, path: str) -> Any:
    """The value at a dotted path; None where an object on the way is missing."""
    return reduce(lambda value, name: None if value is None else getattr(value, name), path.split("."), row)


def plain(value: Any) -> Any:
    """A value as it can be compared: times in UTC, numbers without trailing zeros, the rest as in JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, list | tuple) and not value:
        return None  # in columns, a list in a missing object is empty
    return msgspec.json.decode(NUMBERS.encode(value))


def loaded(rows: list[dict[str, Any]], like: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the table, with JSON read where `like` has a list or an object."""
    lists = {name for row in like for name, value in row.items() if isinstance(value, list | dict)}
    return [
        {
            name: plain(msgspec.json.decode(value) if name in lists and value is not None else value)
            for name, value in row.items()
            if name != "_teamup_deleted"
        }
        for row in rows
    ]


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)


async def test_every_row(place: Place) -> None:
    """Tables hold what the client reads, value by value; a second run loads only what can't be kept up to date."""
    reports = {name: QUERIES.get(name, {}) for name in REPORTS}
    first = place.run(reports)
    for key in REPORTS:
        wanted = await expected(place.sandbox, key)
        table = key.replace(".", "_")
        found = loaded(place.rows(table), wanted)
        assert [list(row) for row in found[:1]] == [list(row) for row in wanted[:1]]
        for row, like in zip(in_order(found), in_order(wanted), strict=True):
            assert row == like
        assert first[table] == len(wanted) > 0
    again = place.run(reports)
    schema = place.pipeline().default_schema.tables
    assert set(again) == {"customers", "lists_customer_memberships", "attendances_grouped"}
    columns = schema["attendances"]["columns"]
    assert columns["id"]["primary_key"]
    assert not columns["id"]["nullable"]
    assert columns["updated_at"]["data_type"] == "timestamp"


def test_nothing_changed(place: Place) -> None:
    """A second run of what is kept up to date loads nothing: no row, no state."""
    reports = ["attendances", "instructed_sessions", "invoices"]
    first = place.run(reports)
    assert set(first) == set(reports)
    assert place.run(reports) == {}


def test_changes(place: Place) -> None:
    """Rows that were changed and inserted are merged, one version of each; those deleted go with `full`."""
    sandbox = place.sandbox
    place.run(["attendances"])
    changed = sandbox.update("attendances", n=5, status="no_show")
    added = sandbox.insert("attendances", n=4)
    assert place.run(["attendances"]) == {"attendances": 9}
    after = {row["id"]: row for row in place.rows("attendances")}
    assert {after[key]["status"] for key in changed} == {"no_show"}
    assert sorted(after) == place.ids("attendances") == sandbox.ids("attendances")
    assert set(added) <= set(after)

    [gone] = sandbox.delete("attendances", n=1)
    assert place.run(["attendances"]) == {}
    assert gone in place.ids("attendances")
    place.run(["attendances"], full=True)
    assert place.ids("attendances") == sandbox.ids("attendances")
    assert place.run(["attendances"]) == {}


def test_bookings_made_ahead(place: Place) -> None:
    """A booking whose class has started since is loaded, though it did not change."""
    sandbox = place.sandbox
    source = place.source(["attendances"])
    place.load(source)
    before = sandbox.ids("attendances")
    sandbox.advance(timedelta(days=3))
    seen = sandbox.ids("attendances")
    assert place.load(source) == {"attendances": len(seen) - len(before)}
    assert len(seen) > len(before)
    assert place.ids("attendances") == seen
    assert place.load(source) == {}


def test_recent_sessions(place: Place) -> None:
    """Where a report does not say what changed, its latest stretch is read again: what changed and went is noticed."""
    sandbox = place.sandbox
    name = "instructed_sessions"
    [first, second] = sandbox.insert(name, n=2, starts_at=sandbox.now)
    sandbox.advance(timedelta(days=1))
    always = 5000 * 86400.0  # the studio lives in a fixed year
    place.run([name], recent=always)
    sandbox.delete(name, ids=[first])
    assert place.run([name], recent=always) == {name: 1}
    assert place.ids(name) == sandbox.ids(name)
    assert second in place.ids(name)
    assert place.run([name], recent=always) == {}


@pytest.mark.parametrize("columns", [None, ["id", "status"]], ids=["all columns", "few columns"])
def test_what_only_grows(place: Place, columns: list[str] | None) -> None:
    """Of what only grows, what is new is appended: each row once, and bookings that became visible too."""
    sandbox = place.sandbox
    declared = attrs.evolve(ATTENDANCES, sync=Growing())
    asked = {"attendances": {} if columns is None else {"columns": columns}}
    source = place.source(asked, endpoints=[declared])
    place.load(source)
    added = sandbox.insert("attendances", n=4)
    assert set(added) <= set(sandbox.ids("attendances"))
    place.load(source)
    assert place.ids("attendances") == sandbox.ids("attendances")

    sandbox.advance(timedelta(days=3))
    place.load(source)
    assert place.ids("attendances") == sandbox.ids("attendances")
    assert place.load(source) == {}


def test_more_columns(place: Place) -> None:
    """A table grows with the columns that are asked for, also for rows that were there, and fields that are unknown."""
    sandbox = place.sandbox
    few, more = (
        ["id", "status", "updated_at"],
        ["id", "status", "updated_at", "customer_id", "booking_method"],
    )
    place.run({"attendances": {"columns": few}})
    assert list(place.rows("attendances")[0]) == few
    place.run({"attendances": {"columns": more}})
    rows = place.rows("attendances")
    assert list(rows[0]) == ["id", "status", "updated_at", "customer__id", "booking_method"]
    assert all(row["customer__id"] for row in rows)

    sandbox.faults.add(faults.body(_with_mood), path="attendances", times=None)
    place.run({"attendances": {"columns": more}}, extra=True)
    extras = [msgspec.json.decode(row["extra"]) for row in place.rows("attendances")]
    assert extras == [{"mood": "good"}] * len(rows)


def test_dispositions(place: Place) -> None:
    """A disposition that the user chooses counts: what is replaced is read whole, what is appended deletes nothing."""
    sandbox = place.sandbox
    name = "instructed_sessions"
    source = place.source([name], recent=5000 * 86400.0)
    place.load(source)
    [gone] = sandbox.delete(name, n=1)
    assert place.load(source, write_disposition="append") == {}
    assert gone in place.ids(name)
    place.load(source, write_disposition="replace")
    assert place.ids(name) == sandbox.ids(name)
    [gone] = sandbox.delete(name, n=1)
    merge = {"disposition": "merge", "strategy": STRATEGY}
    assert place.load(source, write_disposition=merge) == {name: 1}
    assert place.ids(name) == sandbox.ids(name)


def test_other_filters(place: Place) -> None:
    """With other filters the table is read again, and holds what they say and nothing else."""
    place.run({"attendances": {}})
    place.run({"attendances": {"status": ["attended"]}})
    assert {row["status"] for row in place.rows("attendances")} == {"attended"}


def test_failure(place: Place) -> None:
    """A walk that fails in the middle loads nothing and moves no mark; the next run brings everything."""
    sandbox = place.sandbox
    pipeline = place.pipeline()
    sandbox.faults.add(faults.status(400), path="attendances", nth=8, times=None)
    with pytest.raises(Exception, match="extraction of resource `attendances`"):
        place.run(["attendances", "invoices"], pipeline)
    assert "accounts" not in str(pipeline.state.get("sources"))
    sandbox.faults.clear()
    place.run(["attendances", "invoices"])
    assert place.ids("attendances") == sandbox.ids("attendances")
    assert place.ids("invoices") == sandbox.ids("invoices")


KILLED = """
import os, signal, sys
from teamup_async.integrations.dlt import teamup_source
import dlt
url, token, folder = sys.argv[1:]
pipeline = dlt.pipeline("studio", pipelines_dir=folder + "/pipelines", dataset_name="teamup",
                        destination=dlt.destinations.duckdb(folder + "/studio.duckdb"))
source = teamup_source(["attendances"], token=token, base_url=url, mode="provider", rate=None)
pipeline.extract(source)
pipeline.normalize()
os.kill(os.getpid(), signal.SIGKILL)
"""


# dlt 1.31 says with a deprecated method that it loads what is pending first.
@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")
def test_killed(place: Place) -> None:
    """A process that is killed between reading and loading loses nothing: the next one loads what it had read."""
    sandbox = place.sandbox
    place.run(["attendances"])
    added = sandbox.insert("attendances", n=3)
    command = [sys.executable, "-c", KILLED, sandbox.url, sandbox.token, str(place.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not set(added) & set(place.ids("attendances"))
    asked = sandbox.requests
    place.run(["attendances"])
    assert place.ids("attendances") == sandbox.ids("attendances")
    assert sandbox.requests == asked
    assert place.run(["attendances"]) == {}


def test_several_accounts(place: Place) -> None:
    """Rows of several accounts are told apart by a column, and kept up to date each by its own marks."""
    sandbox = place.sandbox
    north, south = (account.provider_id for account in sandbox.accounts)
    file = accounts_file(sandbox, place.folder).file
    place.run(["attendances"], accounts=file)
    rows = place.rows("attendances")
    assert list(rows[0])[:2] == ["account", "id"]
    assert {row["account"] for row in rows} == {"north", "south"}
    assert sorted(row["id"] for row in rows if row["account"] == "north") == sandbox.ids("attendances")
    sandbox.update("attendances", n=2, status="late_cancelled")
    assert place.run(["attendances"], accounts=file) == {"attendances": 2}
    assert north != south


def test_some_accounts(place: Place) -> None:
    """A run of some accounts never takes the rows of others away; a new account joins them."""
    sandbox = place.sandbox
    file = accounts_file(sandbox, place.folder).file
    place.run(["attendances", "customers"], accounts=file, names=["south"])
    with pytest.raises(Exception, match="holds rows of south too"):
        place.run(["customers"], accounts=file, names=["north"])
    place.run(["attendances"], accounts=file, names=["north"])
    assert {row["account"] for row in place.rows("attendances")} == {"north", "south"}
    with pytest.raises(Exception, match="holds rows of north, south too"):
        place.run(["attendances"])  # the only account of a token
    place.run(["attendances"], accounts=file, names=["north"], full=True)
    assert {row["account"] for row in place.rows("attendances")} == {"north"}
    place.run(["attendances"], accounts=file)
    rows = place.rows("attendances")
    assert {row["account"] for row in rows} == {"north", "south"}
    assert len(rows) == len({(row["account"], row["id"]) for row in rows})


def test_another_account(place: Place) -> None:
    """Rows of another studio are not merged into a table; what to do is said."""
    other = place.sandbox.accounts[1]
    place.run(["attendances"])
    with pytest.raises(Exception, match="holds rows of another account"):
        place.run(["attendances"], token=other.token, provider_id=other.provider_id)


def test_secrets(place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A token from dlt's secrets is used, and is in no state, trace, schema, log or database."""
    sandbox = place.sandbox
    monkeypatch.setenv("SOURCES__TEAMUP__TOKEN", sandbox.token)
    pipeline = place.pipeline()
    with caplog.at_level(logging.DEBUG):
        assert place.run(["customers"], pipeline, token=None)["customers"] > 0
        sandbox.faults.add(faults.status(401), times=None)
        with pytest.raises(Exception, match="customers") as failed:
            place.run(["customers"], pipeline, token=None)
    assert sandbox.token not in str(failed.value) + repr(pipeline.last_trace) + pipeline.last_trace.asstr(10)
    assert sandbox.token not in caplog.text + str(pipeline.state)
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if sandbox.token.encode() in path.read_bytes()] == []


def test_mistakes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't work is said before anything is sent, with what to do."""
    monkeypatch.delenv("TEAMUP_TOKEN", raising=False)
    asked = place.sandbox.requests
    with pytest.raises(ConfigurationError, match=r"sources\.teamup\.token"):
        place.source(["attendances"], token=None)
    with pytest.raises(QueryError, match="did you mean 'attendances'"):
        place.source(["attendence"])
    with pytest.raises(QueryError, match="'id' among its columns"):
        place.source({"attendances": {"columns": ["status"]}})
    assert place.sandbox.requests == asked
