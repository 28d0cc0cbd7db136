"""Print who attended what since the beginning of 2025."""

import asyncio
from datetime import UTC, datetime

from teamup_async import TeamUp


async def main() -> None:
    """Read the report row by row; pages are fetched ahead meanwhile."""
    since = datetime(2025, 1, 1, tzinfo=UTC)
    async with TeamUp() as teamup:
        async for row in teamup.reports.attendances(status=["attended"], event_start_gte=since):
            print(row.event.starts_at, row.event.name, row.customer.name, sep=" | ")


asyncio.run(main())
