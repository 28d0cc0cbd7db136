"""A Spark session for all tests of the data source: `nox -s spark` installs what it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from teamup_async.sandbox import Sandbox
from tests.engines.conftest import Studios, accounts_file
from tests.services import need


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spark warns of what is its own affair; starting it takes long."""
    for item in items:
        if "/spark/" in item.nodeid:
            item.add_marker(pytest.mark.slow)
            item.add_marker(
                pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning")
            )
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark with two workers; a task may fail three times."""
    need("java")
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: nox -s spark")
    from teamup_async.integrations.spark import TeamUpDataSource

    folder = tmp_path_factory.mktemp("spark")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(folder),
        "spark.sql.python.filterPushdown.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.port": "0",
    }
    made = sql.SparkSession.builder.master("local[2,4]").appName("teamup")
    for name, value in settings.items():
        made = made.config(name, value)
    session = made.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.dataSource.register(TeamUpDataSource)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox for the tests of a module."""
    with Sandbox.in_thread(rows=1500, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def studios(served: Sandbox, tmp_path: Path) -> Iterator[Studios]:
    """The sandbox without faults, and a file of its accounts."""
    yield accounts_file(served, tmp_path)
    served.before_request = None
