"""Peer: dlt's declarative ``rest_api`` source, iterated (no pipeline, no destination)."""

from __future__ import annotations

import os

from meter import PAGE, REPORT, TOKEN, Meter, arguments

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

from dlt.sources.rest_api import rest_api_source


def main() -> None:
    url, meter = arguments().url, Meter()
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
        ids = [row["id"] for row in source.resources["attendances"]]
    meter.finish(ids)


if __name__ == "__main__":
    main()
