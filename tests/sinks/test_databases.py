"""Sinks of databases: what readers see, and what others have made."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from teamup_async.reports.attendances import ATTENDANCES, Attendance
from teamup_async.sandbox import Sandbox
from teamup_async.sinks import SinkError, sink_named
from teamup_async.sinks.schema import schema_for
from tests.postgres_server import schema_of, server
from tests.sinks.interrupting import SINCE, interrupted
from tests.sinks.reading import DATABASES, FORMATS, rows_of


@pytest.mark.parametrize("kind", DATABASES)
async def test_tables_replaced_at_once(client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    """A table shows the rows of the last whole pull until the next is whole."""
    into = FORMATS[kind].format(tmp_path)
    async with client() as teamup:
        await teamup.pull({"attendances": {"columns": ["id"], "status": ["no_show"]}}, into=into)
        before = rows_of(kind, tmp_path, "attendances")
        await interrupted(client, sandbox, into)
        during = rows_of(kind, tmp_path, "attendances")
        result = await teamup.pull({"attendances": {"event_start_gte": SINCE}}, into=into)

    assert before == during
    assert result.ok
    assert len(rows_of(kind, tmp_path, "attendances")) == 3000


@pytest.mark.parametrize("kind", DATABASES)
async def test_foreign_table(client, tmp_path: Path, kind: str) -> None:
    """A table that somebody else made is not touched."""
    into = FORMATS[kind].format(tmp_path)
    if kind == "postgresql":
        schema = schema_of(tmp_path / "gym")
        server().run(f"CREATE SCHEMA {schema}", f"CREATE TABLE {schema}.Attendances (mine TEXT)")
    else:
        path = into.partition(":")[2]
        db = sqlite3.connect(path) if kind == "sqlite" else duckdb.connect(path)
        db.execute("CREATE TABLE Attendances (mine TEXT)")
        db.commit()
        db.close()
    async with client() as teamup:
        with pytest.raises(SinkError, match="not made by teamup_async"):
            await teamup.pull({"attendances": {}}, into=into)

    assert rows_of(kind, tmp_path, "attendances") == []


def test_the_ends_of_time(tmp_path: Path) -> None:
    """A moment that is no moment of the years 1 to 9999 in UTC, as some write for "never", is kept as it was sent."""
    never = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    always = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-5)))
    schema = schema_for(ATTENDANCES, ATTENDANCES.query(columns=["id", "updated_at"]))
    batch = sink_named(f"sqlite:{tmp_path / 'gym.db'}").batch(schema)
    moments = (never, always, datetime(2025, 1, 1, tzinfo=UTC))
    batch.add([Attendance(id=n, updated_at=moment) for n, moment in enumerate(moments)])

    assert [row[-1] for row in batch.rows] == [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:00-05:00",
        "2025-01-01T00:00:00.000000Z",
    ]
