"""The package on a long walk, keeping nothing: the peak resident set is what it holds itself.

With ``--sleep`` the consumer stops after 20 pages for that long; the server sees whether fetching stops too.
"""

from __future__ import annotations

import argparse
import asyncio

from loaded import load
from meter import CONNECTIONS, PAGE, TOKEN, Meter, arguments

from teamup_async import TeamUp


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sleep", type=float, default=0.0, help="seconds")


async def walk(options: argparse.Namespace) -> tuple[int, int]:
    count, folded = 0, 0
    async with TeamUp(token=TOKEN, base_url=options.url, rate=None, concurrency=CONNECTIONS) as teamup:
        async for row in teamup.reports.attendances():
            count += 1
            folded = (folded * 31 + row.id) & 0xFFFFFFFF
            if options.sleep and count == 20 * PAGE:
                await asyncio.sleep(options.sleep)
    return count, folded


def main() -> None:
    load()
    given, meter = arguments(options), Meter()
    with meter.walk():
        count, folded = asyncio.run(walk(given))
    meter.finish((), rows=count, checksum=f"{folded:08x}")


if __name__ == "__main__":
    main()
