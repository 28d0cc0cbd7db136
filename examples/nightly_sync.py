"""Keep DuckDB tables up to date: the first run reads everything, later runs what changed.

Meant for cron or a systemd timer. The exit code is 0 where all tables are complete, and 1 otherwise; the next run
goes on with what is missing.
"""

import asyncio
import logging
import sys
from pathlib import Path

from teamup_async import TeamUp


async def main() -> int:
    """Sync two tables, say how it went, and write a page about it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    async with TeamUp() as teamup:
        result = await teamup.sync({"attendances": {}, "course_sessions": {}}, into="duckdb:gym.duckdb")
    print(result.to_json()["last_line"])
    Path("night.html").write_text(result.to_html(), encoding="utf-8")
    return 0 if result.ok else 1


sys.exit(asyncio.run(main()))
