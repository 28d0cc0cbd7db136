"""What the three hand-written loops share: aiohttp, offset pages, eight connections, and nothing else.

No retries, no quota, no order, no checks: what a person writes in an afternoon, as lean as it gets. A page is
used when it arrives and then forgotten, so nothing but the ids is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import aiohttp
from meter import CONNECTIONS, PAGE, REPORT, TOKEN


async def _walk(url: str, use: Callable[[int, bytes], int]) -> None:
    headers = {"Authorization": f"Token {TOKEN}", "Accept": "application/json"}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

        async def page(number: int) -> int:
            params = {"format": "json", "sort": "id", "limit": str(PAGE), "offset": str(number * PAGE)}
            async with session.get(url + REPORT, params=params) as response:
                response.raise_for_status()
                body = await response.read()
            return use(number, body)

        async def worker(numbers: Iterator[int]) -> None:
            for number in numbers:
                await page(number)

        total = await page(0)
        numbers = iter(range(1, -(-total // PAGE)))
        await asyncio.gather(*(worker(numbers) for _ in range(CONNECTIONS)))


def walk(url: str, use: Callable[[int, bytes], int]) -> None:
    """Give every page's number and body to ``use``, which answers with the total number of rows."""
    asyncio.run(_walk(url, use))


def in_order(pages: dict[int, list[int]]) -> Iterator[int]:
    """The ids of all pages, first page first."""
    for number in sorted(pages):
        yield from pages[number]
