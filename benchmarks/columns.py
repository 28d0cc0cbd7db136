"""Attendance rows from the bytes of pages into Parquet, beside the floors: ``python -m benchmarks.columns``.

Needs the extra ``parquet``. Rates are of processor time, so that another busy process does not count much; the
best of several runs, interleaved. pyarrow's own JSON reader gets the same rows as lines, which nobody sends: it is
a floor, and it guesses its types from the data.
"""

import asyncio
import gc
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import msgspec
import pyarrow.json as arrow_json
from pyarrow import parquet

from teamup_async._decoding.fast import decode
from teamup_async.reports.attendances import ATTENDANCES
from teamup_async.sandbox import Sandbox
from teamup_async.sinks import Parquet, Target
from teamup_async.sinks.schema import schema_for

STOCK, TIMES, BATCH, ROUNDS = 20_000, 4, 10_000, 4
ROWS = STOCK * TIMES


async def pages() -> list[bytes]:
    """The bodies of full pages."""
    async with Sandbox(rows=STOCK, rate=None) as sandbox:
        headers = {"Authorization": f"Token {sandbox.token}", "TeamUp-Request-Mode": "provider"}
        async with aiohttp.ClientSession(headers=headers) as session:
            bodies: list[bytes] = []
            for offset in range(0, STOCK, 100):
                query = {"limit": "100", "offset": str(offset), "format": "json", "sort": "id"}
                async with session.get(f"{sandbox.url}{ATTENDANCES.path}", params=query) as answer:
                    bodies.append(await answer.read())
            return bodies * TIMES


def main() -> None:
    """Measure and print."""
    bodies = asyncio.run(pages())
    lines = b"\n".join(
        msgspec.json.encode(row) for body in bodies for row in msgspec.json.decode(body)["rows"]
    )
    schema = schema_for(ATTENDANCES, ATTENDANCES.query())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)

        def decoding() -> None:
            for body in bodies:
                decode(ATTENDANCES, body)

        def sink() -> None:
            into = Parquet(place / "ours")
            into.open([Target(name="attendances")])
            batch = into.batch(schema)
            for body in bodies:
                batch.add(decode(ATTENDANCES, body).rows)
                if len(batch) >= BATCH:
                    into.append("attendances", batch, {"parts": {"attendances": {}}})
                    batch = into.batch(schema)
            into.publish(Target(name="attendances"), schema, ["attendances"], {})
            into.close()

        def reader() -> None:
            table = arrow_json.read_json(io.BytesIO(lines))
            parquet.write_table(table, place / "theirs.parquet", compression="zstd")

        works: dict[str, Callable[[], None]] = {
            "decoding alone": decoding,
            "into Parquet, checkpoints and all": sink,
            "pyarrow's JSON reader into Parquet": reader,
        }
        best = dict.fromkeys(works, 0.0)
        gc.collect()
        gc.freeze()
        for _ in range(ROUNDS):
            for name, work in works.items():
                began = time.process_time()
                work()
                best[name] = max(best[name], ROWS / (time.process_time() - began))
        assert parquet.read_metadata(place / "ours" / "attendances.parquet").num_rows == ROWS
    for name, rate in best.items():
        print(f"{name:36} {rate:>10,.0f} rows/s {rate / best['decoding alone']:>6.2f}")


if __name__ == "__main__":
    main()
