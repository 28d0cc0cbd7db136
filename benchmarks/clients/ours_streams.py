"""Five streams of one client at once, of different lengths (the server halves, thirds, ... the report)."""

from __future__ import annotations

import asyncio

from loaded import load
from meter import CONNECTIONS, TOKEN, Meter, arguments

from teamup_async import TeamUp


async def walk(url: str) -> list[list[int]]:
    async with TeamUp(token=TOKEN, base_url=url, rate=None, concurrency=CONNECTIONS) as teamup:

        async def stream(share: int) -> list[int]:
            return [row.id async for row in teamup.reports.attendances(offering_types=[share])]

        return await asyncio.gather(*(stream(share) for share in range(1, 6)))


def main() -> None:
    load()
    url, meter = arguments().url, Meter()
    with meter.walk():
        found = asyncio.run(walk(url))
    meter.finish(one for ids in found for one in ids)


if __name__ == "__main__":
    main()
