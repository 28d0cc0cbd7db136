"""A program to be killed: it stores the rows and the bookmark of each page in one step, and goes on from there.

Usage: puller.py BASE_URL TOKEN ENDPOINT BY FILE
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from teamup_async import TeamUp, endpoint_named

COLUMNS = {"columns": ["customer", "status", "count"]}


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {"rows": [], "next": None, "done": False}


def store(stored: dict[str, Any], path: Path) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(stored))
    beside.replace(path)


async def main(url: str, token: str, name: str, by: str, path: Path) -> None:
    endpoint = endpoint_named(name)
    stored = load(path)
    if stored["done"]:
        return
    async with TeamUp(base_url=url, token=token, rate=None) as teamup:
        stream = teamup.walk(endpoint, **(COLUMNS if endpoint.grouped else {}))
        async for page in stream.paged(by=by, size=40, start=stored["next"]).pages():
            stored["rows"] += [repr(row) for row in page.rows]
            stored["next"], stored["done"] = page.next, page.next is None
            store(stored, path)
            sys.stdout.write(f"{len(stored['rows'])}\n")
            sys.stdout.flush()


asyncio.run(main(*sys.argv[1:5], Path(sys.argv[5])))
