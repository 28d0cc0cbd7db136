"""`--names snake` on the command line."""

from pathlib import Path

import duckdb


def test_wherever_rows_go(teamup, tmp_path: Path) -> None:
    """Standard output, a file, a table for people and a database call columns by names without dots."""
    what = ("pull", "attendances", "--columns", "id,customer.name", "--names", "snake")
    piped = teamup(*what, "--format", "csv", "--limit", "1")
    table = teamup(*what, "--format", "table", "--limit", "1")
    assert teamup(*what, "-o", str(tmp_path / "a.csv")).code == 0
    assert teamup(*what, "-o", str(tmp_path / "gym.duckdb")).code == 0

    assert piped.lines[0] == "id,customer_name"
    assert table.lines[0].split() == ["id", "customer_name"]
    assert (tmp_path / "a.csv").read_text().startswith("id,customer_name\n")
    with duckdb.connect(str(tmp_path / "gym.duckdb")) as db:
        assert db.sql("SELECT customer_name FROM attendances").columns == ["customer_name"]


def test_a_sync_with_other_names(teamup, tmp_path: Path) -> None:
    """A sync under other names than the table's fails, and says which option to give."""
    to = ("sync", "venues", "--to", str(tmp_path / "gym.sqlite"))
    assert teamup(*to, "--names", "snake").code == 0
    refused = teamup(*to)

    assert refused.code == 1
    assert "--names snake" in refused.err
    assert teamup(*to, "--names", "snake").code == 0


def test_what_columns_will_be_called(teamup) -> None:
    """`teamup reports NAME` shows both names of a column."""
    lines = teamup("reports", "attendances").lines

    assert ["customer.name", "customer_name", "customer_name"] in [line.split() for line in lines]
    assert ["status", "status"] in [line.split() for line in lines]
