"""The rows that several probes look at: they are asked for once."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from ..desk import Desk
from ..reply import Reply, value_at

__all__ = ["REPORT", "ROWS", "base", "of_one_customer", "page_size", "paged"]

REPORT: Final = "reports.attendances"
ROWS: Final = 20
"""Rows of a page that is looked at."""


async def base(desk: Desk) -> Reply:
    """The report as it comes: its first rows, with the columns it has by itself."""
    return await desk.ask(desk.endpoint(REPORT), limit=ROWS)


def paged(desk: Desk, offset: int, limit: int) -> dict[str, Any]:
    """The parameters of a page, as the report understands them; `offset` is a multiple of `limit` then."""
    if desk.value("paging") == "page":
        return {"page": offset // limit + 1, "page_size": limit}
    return {"offset": offset, "limit": limit}


def page_size(desk: Desk) -> int:
    """Rows of the largest page that certainly comes."""
    return 100 if desk.value("largest_page") == "documented" else 50


async def of_one_customer(desk: Desk) -> Reply | None:
    """All rows of one customer on a page, of one who has some but not too many; None where nobody has."""
    report = desk.endpoint(REPORT)
    name = desk.column(report, "customer.id")
    sample = await desk.ask(report, columns=["id", name], limit=ROWS)
    counted = Counter(
        customer for row in sample.rows if isinstance(customer := value_at(report, row, "customer.id"), int)
    )
    size = page_size(desk)
    few: Reply | None = None
    for customer in sorted(counted, key=lambda customer: abs(counted[customer] - 2))[:2]:
        own = await desk.ask(report, columns=["id", name], customers=[customer], **paged(desk, 0, size))
        who = {value_at(report, row, "customer.id") for row in own.rows}
        # Where it is not known how many rows a page has, a page that is half full is whole.
        whole = len(own.rows) < (size if desk.is_found("largest_page") else size // 2)
        if own.ok and who == {customer} and whole:
            if len(own.rows) >= 3:
                return own
            few = few or own
    return few
