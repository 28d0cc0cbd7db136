"""Append attendances to a file of JSON lines; after Ctrl-C or a crash, go on where the file ends.

The bookmark is moved after the rows were stored, so a crash between the two repeats a page rather than losing it.
Where even that must not happen, let `teamup pull` write the file.
"""

import asyncio
import json
from pathlib import Path

from teamup_async import TeamUp

BOOKMARK = Path("attendances.next.json")
ROWS = Path("attendances.jsonl")


async def main() -> None:
    """Store page after page, and after each the position of the next."""
    start = json.loads(BOOKMARK.read_text()) if BOOKMARK.exists() else None
    async with TeamUp() as teamup:
        stream = teamup.reports.attendances(columns=["id", "customer.name", "status"])
        async for page in stream.paged(start=start).pages():
            with ROWS.open("a", encoding="utf-8") as file:
                for values in page.values():
                    file.write(json.dumps(dict(zip(page.columns, values, strict=True))) + "\n")
            if page.next is None:
                BOOKMARK.unlink(missing_ok=True)
            else:
                BOOKMARK.write_text(json.dumps(page.next))
    print("the report was read to its end")


asyncio.run(main())
