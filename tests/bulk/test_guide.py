"""docs/bulk.md: its table names what there is."""

from pathlib import Path

import pytest

from teamup_async.sinks.table import SINKS

GUIDE = Path(__file__).parents[2] / "docs" / "bulk.md"


@pytest.mark.parametrize(
    "place", ["jsonl", "json", "csv", "parquet", "arrow", "delta", "duckdb", "postgresql", "sqlite"]
)
def test_table_of_formats(place: str) -> None:
    """The guide's table names every format."""
    assert f"| `{place}:" in GUIDE.read_text("utf-8")
    assert place in SINKS
