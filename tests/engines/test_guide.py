"""docs/engines.md: its programs run, each where its engine is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import teamup_async
from tests.docs import ROOT
from tests.engines.conftest import Studios
from tests.services import need

GUIDE = (ROOT / "docs" / "engines.md").read_text("utf-8")
PROGRAM = re.compile(
    r"^<!-- not run: needs (\w+); nox -s (?:spark|engines) .*?-->\n```python\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
BLOCKS = {engine.lower(): code for engine, code in PROGRAM.findall(GUIDE)}
STARTS = {
    "airflow": [
        ("-m", "airflow", "db", "migrate"),
        ("-m", "airflow", "dags", "reserialize"),
        ("-m", "airflow", "dags", "test", "teamup_night"),
    ],
    "dagster": [("-c", "import program; assert program.teamup_night.execute_in_process().success")],
}
"""What is run for a program that only declares."""
SLOW_START = "The current node timed out during startup"
"""What Ray says when it did not start within 30 seconds, a limit that can't be set: a busy machine needs longer. It is
started anew then.
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["dask", "spark", "ray", "airflow", "dagster"])
def test_program(studios: Studios, tmp_path: Path, engine: str) -> None:
    """The program writes the rows of both accounts, from a file of accounts beside it."""
    if "TEAMUP_ASYNC_ENGINES" not in os.environ:
        pytest.skip("starting engines takes long: nox -s spark, nox -s engines")
    if find_spec({"spark": "pyspark"}.get(engine, engine)) is None:
        pytest.skip(f"{engine} is not installed")
    if engine == "spark":
        need("java")
    program = tmp_path / "dags" / "program.py"
    program.parent.mkdir()
    program.write_text(BLOCKS[engine])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(teamup_async.__file__).parents[1]), str(program.parent)]),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYSPARK_PYTHON": sys.executable,
    }

    said = ""
    for arguments in STARTS.get(engine, [(str(program),)]):
        command = [sys.executable, *arguments]
        for _ in range(5):
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
            )
            if SLOW_START not in done.stderr:
                break
        assert done.returncode == 0, done.stderr[-4000:]
        said += done.stdout + done.stderr
    assert all(token not in said for token in studios.tokens)
    if engine == "spark":
        rows = pq.read_table(tmp_path / "lake" / "attendances")
        assert set(rows["account"].to_pylist()) == {"north", "south"}
        assert set(rows["status"].to_pylist()) == {"attended"}
        return
    for index, account in enumerate(("north", "south")):
        ids = pq.read_table(tmp_path / "lake" / account / "attendances.parquet")["id"].to_pylist()
        if engine == "dask":
            assert ids
        else:
            assert sorted(ids) == studios.sandbox.ids("attendances", account=index)


def test_every_program() -> None:
    """No program of the guide is left out."""
    assert sorted(BLOCKS) == sorted(["dask", "spark", "ray", "airflow", "dagster"])
