"""``--all``: a whole studio with one command."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from teamup_async.endpoints import ENDPOINTS

EVERY = [endpoint for endpoint in ENDPOINTS if not endpoint.grouped]


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=60, rate=None)
def test_a_whole_studio(teamup, teamup_sandbox, tmp_path):
    """Every list and every report without groups becomes a table; a second sync brings nothing new."""
    who = ("--base-url", teamup_sandbox.url, "--token", teamup_sandbox.token)
    for _ in range(2):
        ran = teamup("sync", "--all", "--to", tmp_path / "studio.duckdb", "--verify", "--json", *who)
        assert ran.code == 0, ran.out + ran.err
        told = json.loads(ran.out)
        assert told["ok"]
        assert {part["part"]["name"] for part in told["parts"]} == {
            endpoint.python_name for endpoint in EVERY
        }
        # A table that was read in two ways (what changed, and what began) has its counts once.
        counts = [part["counts"] for part in told["parts"] if part["counts"] is not None]
        assert len(counts) == len(EVERY)
        assert all(each["table"] == each["total"] for each in counts), counts
    assert sum(each["new"] + each["removed"] for each in counts) == 0


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=60, rate=None)
def test_one_pull(teamup, teamup_sandbox, tmp_path):
    """A pull brings every report that needs no columns to group by, and every list, into tables of their own."""
    who = ("--base-url", teamup_sandbox.url, "--token", teamup_sandbox.token)
    ran = teamup("pull", "--all", "-o", f"sqlite:{tmp_path / 'studio.db'}", "--json", *who)
    told = json.loads(ran.out)
    names = [part["part"]["name"] for part in told["parts"]]
    assert (ran.code, ran.err) == (0, "")
    assert names == [endpoint.python_name for endpoint in EVERY]
    assert {"customers", "lists_customers"} <= set(names)
    assert told["ok"] is True
    with closing(sqlite3.connect(tmp_path / "studio.db")) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert set(names) <= tables


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=60, rate=None)
def test_since(teamup, teamup_sandbox, tmp_path):
    """``--since`` holds for what has a stretch of time; the rest is read whole, and the estimate says how much."""
    who = ("--base-url", teamup_sandbox.url, "--token", teamup_sandbox.token)
    ran = teamup("pull", "--all", "--since", "2030", "-o", tmp_path / "a.duckdb", "--dry-run", "--json", *who)
    assert ran.code == 0, ran.err
    rows = {part["name"]: part["rows"] for part in json.loads(ran.out)["parts"]}
    assert set(rows) == {endpoint.python_name for endpoint in EVERY}
    assert rows["attendances"] == 0
    assert rows["venues"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pull", "--all", "attendances", "-o", "a.duckdb"], "leave attendances out"),
        (["sync", "--all", "--to", "a.duckdb", "attendances"], "leave attendances out"),
        (["pull", "-o", "a.duckdb"], "give --all"),
        (["pull", "--all"], "-o"),
    ],
)
def test_refused(teamup, arguments, said):
    """Everything and something is a contradiction, and everything does not fit into a pipe."""
    ran = teamup(*arguments)
    assert ran.code == 2
    assert said in ran.err
