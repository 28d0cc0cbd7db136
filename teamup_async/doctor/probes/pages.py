"""How an answer is cut into pages, and what it says of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...endpoint import Endpoint
from ..desk import Desk
from ..diagnosis import Finding, found
from ..reply import Reply
from .base import OpenError, answered, needed, probe
from .rows import REPORT, base, of_one_customer, paged

__all__ = ["largest_page", "list_page_past_end", "page_past_end", "paged", "paging", "total"]

_FAR: Final = 10_000_000
_LARGE: Final = 100
_COLUMNS: Final[dict[str, Any]] = {"columns": ["id", "status"]}


@probe("paging")
async def paging(desk: Desk) -> Sequence[Finding]:
    """Which pair of parameters brings as many rows as it asks for."""
    usual = await base(desk)
    needed(usual)
    if len(usual.rows) < 7:
        raise OpenError("the report has too few rows for two pages", usual)
    by_offset = await desk.ask(desk.endpoint(REPORT), limit=3, offset=3, **_COLUMNS)
    by_page = await desk.ask(desk.endpoint(REPORT), page=2, page_size=3, **_COLUMNS)
    understood = (len(by_offset.rows) == 3, len(by_page.rows) == 3)
    values = {(True, True): "both", (True, False): "limit_offset", (False, True): "page"}
    shown = (usual, by_offset, by_page)
    both_came = by_offset.ok and by_page.ok
    if understood not in values or not both_came:
        raise OpenError("a page of three rows did not come as asked", *shown)
    if (
        understood == (True, True)
        and len(by_offset.ids) == 3
        and by_offset.ids == by_page.ids == usual.ids[:3]
    ):
        raise OpenError("the second page has the rows of the first", *shown)
    return [found("paging", values[understood], "pages of three rows came with it", *shown)]


@probe("page_past_end")
async def page_past_end(desk: Desk) -> Sequence[Finding]:
    """What a report answers far behind its last row."""
    usual = await base(desk)
    needed(usual)
    if not desk.is_found("paging"):
        raise OpenError("it is not known how to ask for a page", usual)
    reply = await desk.ask(desk.endpoint(REPORT), **paged(desk, _FAR, 2), **_COLUMNS)
    return [_behind("page_past_end", usual, reply, 2)]


@probe("list_page_past_end")
async def list_page_past_end(desk: Desk) -> Sequence[Finding]:
    """What a list answers far behind its last page."""
    attendances = desk.endpoint("lists.attendances")
    small: dict[str, Any] = {"fields": ["id", "customer"], "page_size": 50}
    usual = await desk.ask(attendances, **small)
    needed(usual)
    reply = await desk.ask(attendances, page=_FAR // 50, **small)
    return [_behind("list_page_past_end", usual, reply, 50)]


def _behind(field: str, usual: Reply, reply: Reply, size: int) -> Finding:
    if not usual.rows:
        raise OpenError("there are no rows", usual)
    if reply.status == 404:
        return found(field, "not_found", "the server answers 404", usual, reply)
    if reply.ok and not reply.rows:
        return found(field, "empty", "no rows came", usual, reply)
    if reply.ok and len(reply.rows) <= size:
        return found(field, "last_page", "rows came again", usual, reply)
    raise OpenError(f"the server {answered(reply)}", usual, reply)


@probe("largest_page")
async def largest_page(desk: Desk) -> Sequence[Finding]:
    """How many rows come where 100 are asked for."""
    report = desk.endpoint(REPORT)
    usual = await base(desk)
    needed(usual)
    large = await desk.ask(report, **paged(desk, 0, _LARGE), **_COLUMNS)
    if large.refused:
        return [
            found(
                "largest_page",
                "refused",
                f"to a page of {_LARGE} rows it answers {large.status}",
                usual,
                large,
            )
        ]
    came = len(large.rows)
    needed(large)
    if came >= _LARGE:
        return [found("largest_page", "documented", f"{_LARGE} rows came at once", usual, large)]
    if not came:
        raise OpenError("there are no rows", usual, large)
    further = await desk.ask(
        report, **paged(desk, came, 1 if desk.value("paging") != "page" else came), **_COLUMNS
    )
    fresh = set(further.ids) - set(large.ids)
    if further.ok and further.rows and fresh:
        reason = f"{came} rows came of {_LARGE}, and there are more"
        return [found("largest_page", "clamped", reason, usual, large, further)]
    raise OpenError(f"the report has no more than {came} rows", usual, large, further)


@probe("total")
async def total(desk: Desk) -> Sequence[Finding]:
    """Whether the total is that of the rows that come, for all of them and for those of one customer."""
    report = desk.endpoint(REPORT)
    usual = await base(desk)
    needed(usual)
    if usual.data.get("total") is None:
        return [found("total", "absent", "the answer has no total", usual)]
    own = await of_one_customer(desk)
    if own is None or own.total is None:
        raise OpenError("no customer's rows could be counted on a page", usual)
    count = len(own.rows)
    if own.total != count:
        fresh = await desk.ask(report, fresh=True, limit=1, **_COLUMNS)
        if own.total in (usual.total, fresh.total) and await _is_end(desk, report, usual):
            if own.total < 2 * count:
                raise OpenError("one customer has most of the rows", usual, own)
            return [found("total", "whole", "the total of one customer is that of all rows", usual, own)]
        return [found("total", "approximate", f"{count} rows came with another total", usual, own)]
    if usual.total == count:
        raise OpenError("one customer has all rows", usual, own)
    if await _is_end(desk, report, usual):
        return [found("total", "exact", "it counts the rows, of one customer and of all", usual, own)]
    return [found("total", "approximate", "the rows end elsewhere", usual, own)]


async def _is_end(desk: Desk, report: Endpoint[..., Any], usual: Reply) -> bool:
    """Whether the rows end where their total says. Raises `OpenError`."""
    for _ in range(2):  # a row that comes or goes between the requests is no proof
        ends = None if usual.total is None else await _ends(desk, report, usual.total)
        if ends is None:
            raise OpenError("the last rows can't be asked for alone", usual)
        if ends:
            return True
        usual = await desk.ask(report, fresh=True, limit=1, **_COLUMNS)
    return False


async def _ends(desk: Desk, report: Endpoint[..., Any], total: int) -> bool | None:
    """Whether the rows end after `total`; None where it can't be seen."""
    if desk.value("paging") == "page":
        return await _ends_by_page(desk, report, total)
    if total < 8:
        return None
    wanted = {total - 3: 3, total - 2: 2} if desk.value("page_past_end") == "last_page" else {total - 3: 3}
    for offset, count in wanted.items():
        reply = await desk.ask(report, fresh=True, limit=4, offset=offset, **_COLUMNS)
        if not reply.ok and reply.status != 404:
            return None
        if len(reply.rows) != count:
            return False
    return True


async def _ends_by_page(desk: Desk, report: Endpoint[..., Any], total: int) -> bool | None:
    """The same with numbered pages: the last one has what is left over."""
    size = next((size for size in (7, 9, 11, 13) if total % size), None)
    if size is None or total < size:
        return None
    reply = await desk.ask(report, fresh=True, page=total // size + 1, page_size=size, **_COLUMNS)
    if not reply.ok and reply.status != 404:
        return None
    return len(reply.rows) == total % size
