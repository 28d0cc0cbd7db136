"""Where pipelines of dlt load to, and which ids are there then."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import dlt


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", choices=["parquet", "duckdb"], default="parquet")


def run(source: Any, folder: str, into: str) -> None:
    """Run a pipeline in a folder."""
    places = dlt.destinations
    files = into == "parquet"
    pipeline = dlt.pipeline(
        "gym",
        pipelines_dir=f"{folder}/work",
        destination=places.filesystem(f"file://{folder}/out")
        if files
        else places.duckdb(f"{folder}/loaded.duckdb"),
        dataset_name="gym",
    )
    pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()


def ids_in(folder: str, into: str) -> list[int]:
    """The ids that were loaded."""
    if into == "duckdb":
        import duckdb

        with duckdb.connect(f"{folder}/loaded.duckdb", read_only=True) as db:
            return [one for (one,) in db.execute("SELECT id FROM gym.attendances").fetchall()]
    from pyarrow import parquet

    ids: list[int] = []
    for path in sorted(Path(folder, "out", "gym", "attendances").glob("*.parquet")):
        ids += parquet.read_table(path, columns=["id"])["id"].to_pylist()
    return ids
