"""docs/bulk.md: everything in it runs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async.cli.running import run
from teamup_async.sandbox import Sandbox

GUIDE = Path(__file__).parents[2] / "docs" / "bulk.md"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_guide(sandbox: Sandbox, tmp_path: Path, monkeypatch, capsys) -> None:
    """From the first line to the last, in order, against a sandbox."""
    for name in [name for name in os.environ if name.startswith("TEAMUP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEAMUP_TOKEN", sandbox.token)
    monkeypatch.setenv("TEAMUP_BASE_URL", sandbox.url)
    monkeypatch.chdir(tmp_path)
    printed: list[str] = []
    for kind, text in BLOCKS:
        if kind == "sh":
            for line in text.splitlines():
                command, *arguments = shlex.split(line)
                assert command == "teamup"
                assert run(arguments) == 0, capsys.readouterr()
        else:
            root = str(Path(sys.modules["teamup_async"].__file__).parents[1])
            done = subprocess.run(
                [sys.executable, "-c", text],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
            )
            assert done.returncode == 0, done.stderr
            printed.append(done.stdout)

    assert len(BLOCKS) == 9
    assert "Saturday" in printed[0]
    assert {file.name for file in tmp_path.iterdir()} == {
        "data",
        "gym.duckdb",
        "history",
        "revenue.png",
        "strikes.svg",
    }


@pytest.mark.parametrize("place", ["jsonl", "json", "csv", "parquet", "arrow", "duckdb", "sqlite"])
def test_table_of_formats(place: str) -> None:
    """The guide's table names every format."""
    from teamup_async.sinks.table import SINKS

    assert f"| `{place}:" in GUIDE.read_text("utf-8")
    assert place in SINKS
