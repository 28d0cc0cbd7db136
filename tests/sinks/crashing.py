"""Runs a pull that is killed again and again, in processes that share what was imported.

    python crashing.py URL TOKEN pull|sync|DAYS-OF-A-WINDOW SEED SINK [SEED SINK ...]

For each sink: each run ends itself with SIGKILL at some call that the sink's thread makes (a write, a sync, a
rename, a statement, ...), later from run to run, until one run ends by itself; with the seed "none" the first does.
Prints for each sink how many runs were killed.
"""

import asyncio
import os
import random
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta

import pyarrow.acero
import pyarrow.dataset  # noqa: F401 - what pyarrow would import in the sink's thread
import s3fs  # noqa: F401 - once, for all runs

import teamup_async._bulk.staging as bulk
from teamup_async import TeamUp
from teamup_async._decoding.fast import decode  # noqa: F401 - imported once, for all runs
from teamup_async.sinks.table import SINKS

bulk.BATCH = 200

REQUESTS = {
    "attendances": {"event_start_gte": datetime(2024, 1, 1, tzinfo=UTC)},
    "instructed_sessions": {},
    "attendance_strikes.grouped": {"columns": ["customer_id", "status", "count"]},
}


def die_at(calls: int) -> None:
    """Kill this process at the given call of the sink's thread."""
    count = 0

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal count
        if event == "c_call" and threading.current_thread().name.startswith("teamup-sink"):
            count += 1
            if count == calls:
                os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(watch)


async def pull(url: str, token: str, into: str, mode: str) -> bool:
    """One run."""
    windows = timedelta(days=int(mode)) if mode.isdigit() else None
    async with TeamUp(base_url=url, token=token, mode="provider", rate=None) as teamup:
        if mode == "sync":
            return (await teamup.sync({"attendances": {}}, into=into)).ok
        result = await teamup.pull(REQUESTS, into=into, windows=windows)
    return result.ok


def run(url: str, token: str, mode: str, seed: str, into: str) -> int:
    """Run until it is done; how many runs were killed."""
    chance = random.Random(seed)
    killed = 0
    while True:
        calls = chance.randrange(1, 100 + 300 * killed + 50 * killed**2)
        child = os.fork()
        if child == 0:
            if seed != "none":
                die_at(calls)
            os._exit(0 if asyncio.run(pull(url, token, into, mode)) else 3)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return killed
        if code != -signal.SIGKILL:
            sys.exit(f"a run ended with {code}")
        killed += 1


def main() -> None:
    """Run for each sink."""
    for made in SINKS.values():
        made.load()  # once, for all runs
    url, token, mode, *runs = sys.argv[1:]
    for seed, into in zip(runs[::2], runs[1::2], strict=True):
        print(run(url, token, mode, seed, into))


if __name__ == "__main__":
    main()
