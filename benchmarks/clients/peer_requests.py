"""Peer: requests and its ``.json()``, one page after the other on one kept-alive session."""

from __future__ import annotations

import requests
from meter import PAGE, REPORT, TOKEN, Meter, arguments


def main() -> None:
    url, meter = arguments().url, Meter()
    ids: list[int] = []
    with meter.walk(), requests.Session() as session:
        session.headers["Authorization"] = f"Token {TOKEN}"
        offset, total = 0, 1
        while offset < total:
            params = {"format": "json", "sort": "id", "limit": PAGE, "offset": offset}
            response = session.get(url + REPORT, params=params, timeout=30)
            response.raise_for_status()
            page = response.json()
            total = page["total"]
            ids += [row["id"] for row in page["rows"]]
            offset += len(page["rows"])
    meter.finish(ids)


if __name__ == "__main__":
    main()
