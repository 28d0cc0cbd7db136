"""PostgreSQL from the command line: a URL is a place like others, and its password is shown nowhere."""

import json

import pytest

from tests.postgres_server import server

SECRET = "hunter2-secret"


def test_pulled_and_synced(teamup, sandbox, tmp_path) -> None:
    """`pull -o` and `sync --to` take a URL, and tell where the rows are; a dry run leaves no trace."""
    url = server().url("cli")
    schemas = "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '%cli' ORDER BY 1"
    dry = teamup("sync", "venues", "--to", url, "--dry-run")
    assert dry.code == 0, dry.err
    assert server().run(schemas) == []
    for command in (("sync", "venues", "--to"), ("pull", "venues", "-o")):
        ran = teamup(*command, url, "--json")
        assert ran.code == 0, ran.err
        assert json.loads(ran.out)["parts"][0]["place"] == "postgresql://teamup@/postgres table cli.venues"
    assert [row["name"] for row in server().run(schemas)] == ["_teamup_cli", "cli"]
    assert len(server().run("SELECT * FROM cli.venues")) == json.loads(ran.out)["rows"]


@pytest.mark.parametrize("place", [f"postgresql://u:{SECRET}@{{}}", f"postgresql://u@{{}}&password={SECRET}"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("pull", "venues", "-o"),
        ("pull", "venues", "--json", "-o"),
        ("pull", "venues", "--format", "csv", "-o"),
        ("pull", "venues", "--format", "table", "-o"),
        ("sync", "venues", "--json", "--to"),
        ("sync", "venues", "--report", "report.json", "--to"),
        ("export", "attendances", "-o"),
    ],
)
def test_passwords(teamup, tmp_path, monkeypatch, place: str, arguments: tuple[str, ...]) -> None:
    """Whatever a command makes of a URL, and whatever goes wrong: its password is not in what it says or writes."""
    monkeypatch.chdir(tmp_path)  # where the report goes
    for target in ("127.0.0.1:1/gym?connect_timeout=1", "/gym?schema=pg_no"):
        ran = teamup(*arguments, place.format(target))

        assert ran.code != 0
        assert SECRET not in ran.out + ran.err
    misspelt = teamup(*arguments, place.replace("postgresql", "postgressql").format("h/gym?a=b"))
    assert misspelt.code != 0
    assert SECRET not in misspelt.out + misspelt.err
    assert [file for file in tmp_path.rglob("*") if file.is_file() and SECRET in file.read_text()] == []
