"""Floor: aiohttp and orjson; rows are dicts."""

from __future__ import annotations

import orjson
from floors import in_order, walk
from meter import Meter, arguments


def main() -> None:
    url, meter = arguments().url, Meter()
    pages: dict[int, list[int]] = {}

    def use(number: int, body: bytes) -> int:
        page = orjson.loads(body)
        pages[number] = [row["id"] for row in page["rows"]]
        return page["total"]

    with meter.walk():
        walk(url, use)
    meter.finish(in_order(pages))


if __name__ == "__main__":
    main()
