"""Data change between requests, on demand."""

from itertools import pairwise
from typing import Any

import pytest

from teamup_async.sandbox import Received, Sandbox

TABLES = ["attendances", "instructed_sessions", "course_sessions"]


async def walk(call: Any, name: str) -> list[int]:
    rows = await (call.sessions() if name == "course_sessions" else call.rows(name))
    return [row["id"] for row in rows]


@pytest.mark.parametrize("name", TABLES)
async def test_changes_show(call: Any, sandbox: Sandbox, name: str) -> None:
    """Inserted rows come at the end, deleted ones are gone, counts follow."""
    before = await walk(call, name)
    new = sandbox.insert(name, 3)
    gone = sandbox.delete(name, n=4)
    sandbox.delete(name, ids=before[:1])

    after = await walk(call, name)

    assert len(new) == len(set(new)) == 3
    assert min(new) > max(before)
    assert after == [key for key in (*before[1:], *new) if key not in gone] == sandbox.ids(name)


async def test_an_id_in_between(call: Any, sandbox: Sandbox) -> None:
    """A row can be put into a gap."""
    ids = sandbox.ids("attendances")
    gap = next(key + 1 for key, following in pairwise(ids) if following > key + 1)

    assert sandbox.insert("attendances", id=gap) == [gap]
    assert gap in await walk(call, "attendances")


async def test_update(call: Any, sandbox: Sandbox) -> None:
    """Updated rows have the new values and a later `updated_at` than all others."""
    latest = max(row["updated_at"] for row in await call.rows("attendances"))
    changed = sandbox.update("attendances", n=2, status="no_show")
    sandbox.update("attendances", ids=changed[:1])

    rows = await call.rows("attendances", updated_at_gte=latest.replace("Z", "+00:00"), sort="updated_at")
    newest = [row for row in rows if row["updated_at"] > latest]

    assert [row["id"] for row in newest] == [changed[1], changed[0]]
    assert {row["status"] for row in newest} == {"no_show"}


@pytest.mark.parametrize("name", ["attendance_strikes.grouped", "course_session_attendances.grouped"])
async def test_grouped(call: Any, sandbox: Sandbox, name: str) -> None:
    """Changes of the rows that a grouped report counts show in its counts."""
    [before] = await call.rows(name, columns="count")
    sandbox.insert(name, 5)
    sandbox.delete(name, n=2)

    [after] = await call.rows(name, columns="count")

    assert after["count"] == before["count"] + 3


async def test_accounts_are_apart(call: Any, sandbox: Sandbox) -> None:
    """A change of one account leaves the other alone."""
    sandbox.delete("attendances", n=10, account=1)

    assert len(await walk(call, "attendances")) == 600
    assert len(sandbox.ids("attendances", account=1)) == 140


async def test_before_request(call: Any, sandbox: Sandbox) -> None:
    """The hook runs between any two requests and may change the data, for instance so that offsets lose a row."""
    first = await call.report("attendances", limit=100)

    async def delete_first(request: Received) -> None:
        if request.value("offset") == "100":
            sandbox.delete("attendances", ids=[first["rows"][0]["id"]])

    sandbox.before_request = delete_first
    second = await call.report("attendances", limit=100, offset=100)
    ids = [row["id"] for row in (*first["rows"], *second["rows"])]
    lost = set(sandbox.ids("attendances")[:199]) - set(ids)

    assert len(lost) == 1
    assert second["total"] == 599


def test_wrong_columns() -> None:
    """An unknown column is refused, with those there are."""
    with Sandbox.in_thread(rows=100) as sandbox:
        with pytest.raises(ValueError, match="attendances has no column colour; it has id, updated_at"):
            sandbox.insert("attendances", colour="red")
        sandbox.delete("attendances", n=1000)
        with pytest.raises(ValueError, match="empty"):
            sandbox.insert("attendances")


def test_sql() -> None:
    """Any other change is a statement away."""
    with Sandbox.in_thread(rows=100) as sandbox:
        sandbox.sql("UPDATE customers SET name = ?", "Somebody")

        assert sandbox.sql("SELECT DISTINCT name FROM customers") == [("Somebody",)]
