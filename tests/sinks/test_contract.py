"""What each sink must do. A sink that is added to the table is tested here by itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks.table import SINKS

every_sink = pytest.mark.parametrize("kind", SINKS)


def into(kind: str, folder: Path) -> str:
    """A folder of files, or a database in it."""
    return f"{kind}:{folder / 'gym.db'}" if SINKS[kind].database else f"{kind}:{folder}"


@pytest.fixture
def rows_of(read: Callable[..., Any]) -> Callable[..., Any]:
    """The rows of a file or table of a pull into `into(kind, folder)`."""

    def rows(kind: str, folder: Path, name: str) -> list[dict[str, Any]]:
        path = folder / "gym.db" if SINKS[kind].database else folder / f"{name}{SINKS[kind].endings[0]}"
        return read(kind, path, name)

    return rows


def counts_unasked(body: bytes) -> bytes:
    """The answer of a server that counts each group, whatever `columns` says."""
    page = json.loads(body)
    page["column_headers"].append({"label": "Count", "key": "count"})
    for number, row in enumerate(page["rows"], 1):
        row["count"] = number
    return json.dumps(page).encode()


@every_sink
async def test_counts_of_groups(client, sandbox: Sandbox, tmp_path: Path, rows_of, kind: str) -> None:
    """A count that the server sends is kept, although `columns` does not name it; so are pivoted counts."""
    sandbox.faults.add(faults.body(counts_unasked), path="attendance_strikes.grouped", times=None)
    query = {"columns": ["status"], "pivot": "month", "max_pivot_columns": 2}
    async with client() as teamup:
        await teamup.pull({"attendance_strikes.grouped": query}, into=into(kind, tmp_path))
        expected = await teamup.reports.attendance_strikes_grouped(**query).collect()
    rows = rows_of(kind, tmp_path, "attendance_strikes_grouped")

    assert [str(row["count"]) for row in rows] == [str(row.count) for row in expected]
    assert list(rows[0]) == ["status", "count", *expected[0].counts]
    assert [str(row[key]) for row in rows for key in expected[0].counts] == [
        str(count) for row in expected for count in row.counts.values()
    ]


def test_every_sink_can_be_read_here(readers) -> None:
    """These tests read what each sink of the table writes, without this package."""
    assert set(SINKS) == set(readers)
