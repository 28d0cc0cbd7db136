"""The package, with everything it does by default switched on but the quota: order, retries, seams, drift."""

from __future__ import annotations

import argparse
import asyncio

from loaded import load
from meter import CONNECTIONS, TOKEN, Meter, arguments

from teamup_async import TeamUp


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--columns", nargs="*", default=None)
    parser.add_argument("--pages", action="store_true", help="iterate over pages instead of rows")


async def walk(options: argparse.Namespace) -> list[int]:
    query = {} if options.columns is None else {"columns": options.columns}
    async with TeamUp(token=TOKEN, base_url=options.url, rate=None, concurrency=CONNECTIONS) as teamup:
        stream = teamup.reports.attendances(**query)
        if options.pages:
            return [row.id async for page in stream.pages() for row in page.rows]
        return [row.id async for row in stream]


def main() -> None:
    load()
    given, meter = arguments(options), Meter()
    with meter.walk():
        ids = asyncio.run(walk(given))
    meter.finish(ids)


if __name__ == "__main__":
    main()
