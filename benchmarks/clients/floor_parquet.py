"""Floor: aiohttp, orjson, and ``pyarrow.Table.from_pylist`` with an explicit schema, into Parquet every 10,000 rows.

Times stay text, as `from_pylist` leaves them: less than ours does.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from floors import walk
from meter import Meter, arguments
from pyarrow import parquet

NAMED = pa.struct([("id", pa.int64()), ("name", pa.string())])


def shape() -> pa.Schema:
    """The columns of the report, with objects as structs, as they come."""
    moment = pa.string()
    people = [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("email", pa.string()),
        ("thumbnail_url", pa.string()),
    ]
    event = [("id", pa.int64()), ("starts_at", moment), ("ends_at", moment), ("name", pa.string())]
    return pa.schema(
        [
            ("id", pa.int64()),
            ("updated_at", moment),
            ("customer", pa.struct(people)),
            ("event", pa.struct(event)),
            ("offering_type", NAMED),
            ("venue", NAMED),
            ("instructors", pa.list_(NAMED)),
            ("booking_method", pa.string()),
            ("customer_membership", pa.struct([("id", pa.int64()), ("membership", NAMED)])),
            ("booking_source", pa.string()),
            ("status", pa.string()),
            ("checkin", pa.struct([("ocurred_at", moment)])),
            ("is_first_attendance", pa.bool_()),
        ]
    )


SHAPE = shape()


def main() -> None:
    url, meter = arguments().url, Meter()
    pa.array([], pa.int64())
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attendances.parquet"
        with meter.walk(), parquet.ParquetWriter(path, SHAPE, compression="zstd") as writer:

            def write() -> None:
                writer.write_table(pa.Table.from_pylist(rows, schema=SHAPE))
                rows.clear()

            def use(_: int, body: bytes) -> int:
                page = orjson.loads(body)
                rows.extend(page["rows"])
                if len(rows) >= 10_000:
                    write()
                return page["total"]

            walk(url, use)
            write()
        rss = meter.rss()
        ids = sorted(parquet.read_table(path, columns=["id"])["id"].to_pylist())
    meter.finish(ids, rss=rss)


if __name__ == "__main__":
    main()
