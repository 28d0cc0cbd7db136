"""Peer: dlt's declarative ``rest_api`` source, a pipeline into Parquet files in a folder, or into DuckDB."""

from __future__ import annotations

import os
import tempfile

from meter import PAGE, REPORT, TOKEN, Meter, arguments

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"

import pyarrow as pa
from dlt.sources.rest_api import rest_api_source
from dlt_places import ids_in, options, run


def main() -> None:
    given, meter = arguments(options), Meter()
    url = given.url
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
            run(source, folder, given.into)
        rss = meter.rss()
        ids = ids_in(folder, given.into)
    meter.finish(sorted(ids), rss=rss)


if __name__ == "__main__":
    main()
