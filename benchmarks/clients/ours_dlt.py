"""The package's source for dlt, a pipeline into Parquet files in a folder, or into DuckDB."""

from __future__ import annotations

import os
import tempfile

from meter import CONNECTIONS, TOKEN, Meter, arguments

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"

import pyarrow as pa
from dlt_places import ids_in, options, run
from loaded import load

from teamup_async.integrations.dlt import teamup_source


def main() -> None:
    load()
    given, meter = arguments(options), Meter()
    pa.array([], pa.int64())
    with tempfile.TemporaryDirectory() as folder:
        with meter.walk():
            source = teamup_source(
                ["attendances"],
                token=TOKEN,
                provider_id=1,
                base_url=given.url,
                rate=None,
                concurrency=CONNECTIONS,
            )
            run(source, folder, given.into)
        rss = meter.rss()
        ids = ids_in(folder, given.into)
    meter.finish(sorted(ids), rss=rss)


if __name__ == "__main__":
    main()
