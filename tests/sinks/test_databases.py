"""Sinks of databases: what readers see, and what others have made."""

import sqlite3
from pathlib import Path

import duckdb
import pytest

from teamup_async.sandbox import Sandbox
from teamup_async.sinks import SinkError
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
