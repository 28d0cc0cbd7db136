"""Pulls that are killed and started again, in processes that share what was imported.

    python puller.py BASE_URL TOKEN ENDPOINT BY FILE never|pages|moments

A pull stores the rows and the bookmark of each page in one step, and goes on from there. `pages`: each is killed
after its first page, for as long as there are pages. `moments`: as many as `MOMENTS` are killed at a random
moment. Prints how many were killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from teamup_async import TeamUp, endpoint_named

MOMENTS = 12
COLUMNS = {"columns": ["customer", "status", "count"]}


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {"rows": [], "next": None, "done": False}


def store(stored: dict[str, Any], path: Path) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(stored))
    beside.replace(path)


async def pull(url: str, token: str, name: str, by: Any, path: Path, said: int) -> None:
    """One run, from where the last one stood; a byte to `said` for each page."""
    endpoint = endpoint_named(name)
    stored = load(path)
    if stored["done"]:
        return
    async with TeamUp(base_url=url, token=token, rate=None) as teamup:
        stream = teamup.stream(endpoint, **(COLUMNS if endpoint.grouped else {}))
        async for page in stream.paged(by=by, size=40, start=stored["next"]).pages():
            stored["rows"] += [repr(row) for row in page.rows]
            stored["next"], stored["done"] = page.next, page.next is None
            store(stored, path)
            os.write(said, b".")


def main() -> None:
    """Run until it is done."""
    url, token, name, by, path, mode = sys.argv[1:]
    chance = random.Random(1)
    killed = 0
    while True:
        hear, said = os.pipe()
        child = os.fork()
        if child == 0:
            asyncio.run(pull(url, token, name, by, Path(path), said))
            os._exit(0)
        os.close(said)
        if mode == "moments" and killed < MOMENTS:
            time.sleep(chance.uniform(0.005, 0.02 + 0.01 * killed))  # the moment of a kill can't be simulated
            os.kill(child, signal.SIGKILL)
        elif mode == "pages" and os.read(hear, 1):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(hear)
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL:
            killed += 1
        elif code:
            sys.exit(f"a run ended with {code}")
        elif mode != "moments" or killed >= MOMENTS or load(Path(path))["done"]:
            sys.stdout.write(f"{killed}\n")
            return


if __name__ == "__main__":
    main()
