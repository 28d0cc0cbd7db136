"""Floor: aiohttp and msgspec, into the same attrs classes that the package's rows are."""

from __future__ import annotations

import msgspec
from floors import in_order, walk
from meter import Meter, arguments

from teamup_async.endpoints import endpoint_named


def main() -> None:
    url, meter = arguments().url, Meter()
    row_class = endpoint_named("attendances").row
    page_class = msgspec.defstruct("Page", [("total", int), ("rows", list[row_class])])  # type: ignore[valid-type]
    decoder = msgspec.json.Decoder(page_class)
    pages: dict[int, list[int]] = {}

    def use(number: int, body: bytes) -> int:
        page = decoder.decode(body)
        pages[number] = [row.id for row in page.rows]
        return page.total

    with meter.walk():
        walk(url, use)
    meter.finish(in_order(pages))


if __name__ == "__main__":
    main()
