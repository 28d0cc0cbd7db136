"""A process among others of one token: it pulls all attendances, within a quota that they share.

Usage: puller.py client|bulk|hold URL TOKEN QUOTA RATE WINDOW [OFFSET]

QUOTA is a file, or the URL of a Redis server; then the clock of this process is OFFSET seconds off.

Prints a line when it has begun, and at the end the number of rows. `hold` stops while it counts.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from teamup_async import TeamUp
from teamup_async._http.clock import SystemClock
from teamup_async.bulk import Account, BulkPull, QuotaFile, RedisQuota, SharedQuota


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def by_client(url: str, token: str, quota: SharedQuota) -> int:
    ids: list[int | None] = []
    async with TeamUp(base_url=url, token=token, throttle=quota.throttle(token)) as teamup:
        async for page in teamup.reports.attendances().paged(size=25).pages():
            if not ids:
                say("begun")
            ids += [row.id for row in page.rows]
    assert len(set(ids)) == len(ids)
    return len(ids)


async def by_bulk(url: str, token: str, quota: SharedQuota) -> int:
    accounts = [Account(name="studio", token=token)]
    with tempfile.TemporaryDirectory() as folder:
        async with BulkPull(accounts, base_url=url, quota=quota) as bulk:
            result = await bulk.pull({"attendances": {}, "instructed_sessions": {}}, into=f"jsonl:{folder}")
            result.raise_on_error()
        lines = (Path(folder) / "studio" / "attendances.jsonl").read_text(encoding="utf-8").splitlines()
    return len(set(lines))


async def hold(_: str, token: str, quota: QuotaFile) -> int:
    bucket = quota.bucket(token)
    with bucket.lock:
        say("begun")
        time.sleep(60)  # noqa: ASYNC251 - it is to be killed meanwhile
    return 0


class Off(SystemClock):
    """A clock that is some seconds off."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds

    def epoch(self) -> float:
        return super().epoch() + self._seconds


def main() -> None:
    kind, url, token, where, rate, window, *off = sys.argv[1:]
    work = {"client": by_client, "bulk": by_bulk, "hold": hold}[kind]
    if where.startswith("redis:"):

        async def through_redis() -> int:
            clock = Off(float(*off))
            async with RedisQuota(where, rate=int(rate), window=float(window), clock=clock) as shared:
                return await work(url, token, shared)

        say(asyncio.run(through_redis()))
        return
    with QuotaFile(where, rate=int(rate), window=float(window)) as quota:
        say(asyncio.run(work(url, token, quota)))


main()
