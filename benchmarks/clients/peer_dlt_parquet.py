"""Peer: dlt's declarative ``rest_api`` source, a pipeline into Parquet files in a folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from meter import PAGE, REPORT, TOKEN, Meter, arguments

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"

import dlt
import pyarrow as pa
from dlt.sources.rest_api import rest_api_source
from pyarrow import parquet


def main() -> None:
    url, meter = arguments().url, Meter()
    pa.array([], pa.int64())
    with tempfile.TemporaryDirectory() as folder:
        with meter.walk():
            source = rest_api_source(
                {
                    "client": {
                        "base_url": url,
                        "headers": {"Authorization": f"Token {TOKEN}"},
                        "paginator": {"type": "offset", "limit": PAGE, "total_path": "total"},
                    },
                    "resources": [
                        {
                            "name": "attendances",
                            "endpoint": {
                                "path": REPORT.removeprefix("/"),
                                "params": {"format": "json", "sort": "id"},
                                "data_selector": "rows",
                            },
                        }
                    ],
                }
            )
            pipeline = dlt.pipeline(
                "gym",
                pipelines_dir=f"{folder}/work",
                destination=dlt.destinations.filesystem(f"file://{folder}/out"),
                dataset_name="gym",
            )
            pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()
        rss = meter.rss()
        ids: list[int] = []
        for path in sorted(Path(folder, "out", "gym", "attendances").glob("*.parquet")):
            ids += parquet.read_table(path, columns=["id"])["id"].to_pylist()
    meter.finish(sorted(ids), rss=rss)


if __name__ == "__main__":
    main()
