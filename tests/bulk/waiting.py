"""A pull that soon waits for its quota, told line by line: ``python waiting.py URL TOKEN SINK SAVE-EVERY``.

Prints how many rows have been read and how many of them are saved, whenever that changes.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence

import teamup_async._bulk.runner as bulk
from teamup_async import TeamUp
from teamup_async.bulk import PartProgress


async def pull(url: str, token: str, into: str) -> None:
    """One run."""
    telling: list[asyncio.Task[None]] = []

    async def tell(parts: Sequence[PartProgress]) -> None:
        told = (0, 0)
        while True:
            now = (sum(part.stats.rows for part in parts), sum(part.rows for part in parts))
            if now != told:
                print(*now, flush=True)
            told = now
            await asyncio.sleep(0.01)

    async with TeamUp(base_url=url, token=token, mode="provider", rate=15) as teamup:
        await teamup.pull(
            {"attendances": {}, "attendance_strikes.grouped": {"columns": ["status", "count"]}},
            into=into,
            watch=lambda parts: telling.append(asyncio.create_task(tell(parts))),
        )


if __name__ == "__main__":
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what runs in the background of a shell ignores it
    bulk.SAVE_EVERY = float(sys.argv[4])
    asyncio.run(pull(*sys.argv[1:4]))
