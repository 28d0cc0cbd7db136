"""The package against a throttle, walking as fast as its quota allows for ``--seconds``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from loaded import load
from meter import CONNECTIONS, TOKEN, Meter, arguments

from teamup_async import TeamUp


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, required=True, help="requests in a window")
    parser.add_argument("--window", type=float, required=True, help="seconds")
    parser.add_argument("--seconds", type=float, required=True, help="how long to walk")


async def walk(options: argparse.Namespace, ids: list[int]) -> None:
    quota = {"rate": options.limit, "rate_window": options.window}
    async with TeamUp(token=TOKEN, base_url=options.url, concurrency=CONNECTIONS, **quota) as teamup:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(options.seconds):
                async for page in teamup.reports.attendances().pages():
                    ids += [row.id for row in page.rows]


def main() -> None:
    load()
    given, meter = arguments(options), Meter()
    ids: list[int] = []
    with meter.walk():
        asyncio.run(walk(given, ids))
    meter.finish(ids)


if __name__ == "__main__":
    main()
