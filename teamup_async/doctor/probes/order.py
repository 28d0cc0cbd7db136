"""In which order rows come, and what begins behind an id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from ..desk import Desk
from ..diagnosis import Finding, found, undecided
from ..reply import Reply, value_at
from .base import OpenError, answered, needed, probe
from .rows import REPORT, ROWS, base, of_one_customer, page_size, paged

__all__ = ["id_gt", "sort_by_id", "sort_priority", "ties"]

_ENOUGH: Final = 5
"""Rows whose order is hardly ever right by chance."""


async def sorted_by_id(desk: Desk) -> Reply:
    """The first rows by id, with their status."""
    return await desk.ask(desk.endpoint(REPORT), sort=["id"], columns=["id", "status"], limit=ROWS)


def _rises(values: Sequence[Any]) -> bool:
    return all(one < other for one, other in pairwise(values))


@probe("sort_by_id")
async def sort_by_id(desk: Desk) -> Sequence[Finding]:
    """Whether ids rise with ``sort=id``, and fall with ``sort=-id``."""
    usual = await base(desk)
    needed(usual)
    falling: dict[str, Any] = {"sort": ["-id"], "columns": ["id", "status"], "limit": ROWS}
    up = await sorted_by_id(desk)
    down = await desk.ask(desk.endpoint(REPORT), **falling)
    if up.refused and down.refused:
        plain = await desk.ask(desk.endpoint(REPORT), columns=["id", "status"], limit=ROWS)
        if plain.ok:
            return [found("sort_by_id", "refused", f"the server answers {up.status}", plain, up, down)]
    if not up.ok or not down.ok:
        raise OpenError("the sorted report does not come", up, down)
    if min(len(up.ids), len(down.ids)) < 2:
        raise OpenError("the report has too few rows to see an order", up, down)
    # Once more: where rows come in another order each time, two answers may be in order by chance.
    again = await desk.ask(desk.endpoint(REPORT), fresh=True, **falling)
    if not all(map(_rises, (up.ids, down.ids[::-1], again.ids[::-1]))):
        return [found("sort_by_id", "ignored", "ids do not rise with id, or do not fall with -id", up, down)]
    if min(len(up.ids), len(down.ids)) < _ENOUGH:
        raise OpenError("the report has too few rows: they may be in order by chance", up, down)
    return [found("sort_by_id", "honoured", "ids rise with id, and fall with -id", up, down)]


@probe("ties")
async def ties(desk: Desk) -> Sequence[Finding]:
    """Whether the same request, without an order, brings its rows in the same order twice."""
    asked: dict[str, Any] = {"columns": ["id", "status"], "limit": ROWS}
    first = await desk.ask(desk.endpoint(REPORT), fresh=True, **asked)
    second = await desk.ask(desk.endpoint(REPORT), fresh=True, **asked)
    needed(first)
    needed(second)
    if min(len(first.ids), len(second.ids)) < _ENOUGH:
        raise OpenError("the report has too few rows to see an order", first, second)
    both = set(first.ids) & set(second.ids)
    common = [[number for number in one.ids if number in both] for one in (first, second)]
    if common[0] != common[1] or len(both) * 2 < len(first.ids):
        return [found("ties", "changing", "the same request brought its rows in two orders", first, second)]
    return [
        found("ties", "steady", "the same request brought its rows in the same order twice", first, second)
    ]


@probe("sort_priority")
async def sort_priority(desk: Desk) -> Sequence[Finding]:
    """Whether a second column of ``sort`` changes the order that a first, nearly unique one makes."""
    report = desk.endpoint(REPORT)
    path = "id" if desk.value("sort_by_id") == "honoured" else "updated_at"
    name = desk.column(report, path)
    asked: dict[str, Any] = {"columns": [name, "status"], "limit": ROWS}
    alone = await (sorted_by_id(desk) if path == "id" else desk.ask(report, sort=[name], **asked))
    needed(alone)
    keys, statuses = _values(desk, alone, path), _values(desk, alone, "status")
    if _is_grouped(statuses) or len(set(keys)) < _ENOUGH:
        raise OpenError("the first rows are too much alike to see which column counts", alone)
    both = await desk.ask(report, sort=[name, "status"], **asked)
    if not both.ok:
        raise OpenError(f"with two columns to sort by, the server {answered(both)}", alone, both)
    if _values(desk, both, path) == keys:
        return [found("sort_priority", "first", "a second column left the order as it was", alone, both)]
    now = _values(desk, both, "status")
    within: dict[str, list[str]] = {}
    for status, key in zip(now, _values(desk, both, path), strict=True):
        within.setdefault(status, []).append(key)
    if len(Counter(now)) < len(set(statuses)) and all(
        part == _ordered(part, path) for part in within.values()
    ):
        return [found("sort_priority", "last", "the second column decided the order", alone, both)]
    raise OpenError("two columns made an order of neither", alone, both)


def _is_grouped(values: Sequence[str]) -> bool:
    """Whether equal values stand together, as they would if the rows were sorted by them."""
    return sum(one != other for one, other in pairwise(values)) < len(set(values))


def _values(desk: Desk, reply: Reply, path: str) -> list[str]:
    return [str(value_at(desk.endpoint(REPORT), row, path)) for row in reply.rows]


def _ordered(values: Sequence[str], path: str) -> list[str]:
    return sorted(values, key=int if path == "id" else None)


@probe("id_gt")
async def id_gt(desk: Desk) -> Sequence[Finding]:
    """Whether rows before an id, or the row with it, come back with ``id_gt``."""
    report = desk.endpoint(REPORT)
    rows = await (sorted_by_id(desk) if desk.value("sort_by_id") == "honoured" else base(desk))
    needed(rows)
    if desk.value("sort_by_id") == "honoured":
        asked: dict[str, Any] = {"sort": ["id"], "columns": ["id", "status"], "limit": ROWS}
        known = sorted(rows.ids)
        if len(known) < 3:
            raise OpenError("the report has too few rows", rows)
        middle = known[1]
        reply = await desk.ask(report, id_gt=middle, **asked)
        return [_begun(reply, middle, rows, complete=True)]
    own = await of_one_customer(desk)  # rows without an order: those that come all at once
    known = sorted(own.ids) if own is not None else []
    if own is None or len(known) < 3:
        raise OpenError("no customer has as many rows as are needed", rows)
    middle = known[len(known) // 2]
    customer = value_at(report, own.rows[0], "customer.id")
    page: dict[str, Any] = {
        "columns": ["id", desk.column(report, "customer.id")],
        **paged(desk, 0, page_size(desk)),
    }
    reply = await desk.ask(report, customers=[customer], id_gt=middle, **page)
    return [_begun(reply, middle, own, complete=len(reply.rows) < page_size(desk))]


def _begun(reply: Reply, middle: int, before: Reply, *, complete: bool) -> Finding:
    """What ``id_gt=middle`` did, where rows with smaller ids, that with it and rows with greater ones exist."""
    if not reply.ok or not complete or not reply.ids:
        return undecided("id_gt", f"the server {answered(reply)}", before, reply)
    if any(number < middle for number in reply.ids):
        return found("id_gt", "ignored", "rows with smaller ids came", before, reply)
    if middle in reply.ids:
        return found("id_gt", "inclusive", "the row with that id came", before, reply)
    return found("id_gt", "exclusive", "only rows with greater ids came", before, reply)
