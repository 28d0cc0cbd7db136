"""Peer: httpx's asynchronous client with eight connections, and pydantic models."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import httpx
from meter import CONNECTIONS, PAGE, REPORT, TOKEN, Meter, arguments
from pydantic import BaseModel


class Named(BaseModel):
    id: int
    name: str


class Customer(Named):
    email: str
    thumbnail_url: str


class Event(Named):
    starts_at: datetime
    ends_at: datetime


class CustomerMembership(BaseModel):
    id: int
    membership: Named


class Checkin(BaseModel):
    ocurred_at: datetime


class Attendance(BaseModel):
    id: int
    updated_at: datetime
    customer: Customer
    event: Event
    offering_type: Named
    venue: Named
    instructors: list[Named]
    booking_method: str
    customer_membership: CustomerMembership | None
    booking_source: str
    status: str
    checkin: Checkin | None
    is_first_attendance: bool


class Page(BaseModel):
    total: int
    rows: list[Attendance]


async def walk(url: str, pages: dict[int, list[int]]) -> None:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": f"Token {TOKEN}"}
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=30) as client:

        async def page(number: int) -> int:
            params = {"format": "json", "sort": "id", "limit": PAGE, "offset": number * PAGE}
            response = await client.get(url + REPORT, params=params)
            response.raise_for_status()
            answer = Page.model_validate_json(response.content)
            pages[number] = [row.id for row in answer.rows]
            return answer.total

        async def worker(numbers: Iterator[int]) -> None:
            for number in numbers:
                await page(number)

        total = await page(0)
        numbers = iter(range(1, -(-total // PAGE)))
        await asyncio.gather(*(worker(numbers) for _ in range(CONNECTIONS)))


def main() -> None:
    url, meter = arguments().url, Meter()
    pages: dict[int, list[int]] = {}
    with meter.walk():
        asyncio.run(walk(url, pages))
    meter.finish(one for number in sorted(pages) for one in pages[number])


if __name__ == "__main__":
    main()
