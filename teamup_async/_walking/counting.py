"""How many rows a query has. The total that a server says is believed once rows were seen to end there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .._decoding.fast import decode
from .._decoding.page import Decoded
from ..errors import BadRequestError, DialectError, NotFoundError, TeamUpDialectWarning
from ..query import Query
from .adapting import refused_for
from .learned import Learned
from .pages import Requester
from .plan import Plan
from .position import LimitOffset, PageNumber, Position, first_position
from .seams import ById
from .understanding import Found, Understanding
from .warning import warn

__all__ = ["counted"]


async def counted(
    query: Query[Any],
    requester: Requester,
    learned: Learned,
    planned: Callable[[], Plan[Any]],
    read: Callable[[Learned], Awaitable[int]],
) -> int:
    """The number of rows; `read` reads and counts them, where totals can't be believed, knowing what is learned.

    Raises `DialectError` where the total can't be right.
    """
    understanding = Understanding(query, requester, learned)
    while True:
        plan = planned()
        if plan.dialect.total != "exact":
            return await read(learned)
        try:
            page = await _page(plan, requester)
            found = await understanding.misunderstood(plan, page.headers)
            if found is None:
                return await _checked(plan, page, understanding, read)
        except BadRequestError as error:
            known = refused_for(plan, plan.first, error)
            if known is not None and getattr(plan.dialect, known.field) != known.value:
                found = Found(known.field, known.value, known.reason)
            else:
                found = await understanding.explained(plan, error)
        understanding.note(plan, found)


async def _checked(
    plan: Plan[Any], page: Decoded[Any], known: Understanding, read: Callable[[Learned], Awaitable[int]]
) -> int:
    """The total of a `page`, where it is right; else the rows are counted."""
    endpoint, total, learned = plan.endpoint, page.total, known.learned
    if total is None:
        return await _found_out(plan, learned, None, read)
    if not learned.sure and not learned.trusts(total, endpoint.envelope.name):
        if bool(total) is not bool(page.rows) or (total and not await _ends_at(plan, known.requester, page)):
            return await _found_out(plan, learned, total, read)
        if not endpoint.grouped:  # other columns make other groups, whatever is filtered
            learned.totals.setdefault(endpoint.full_name, set()).add(total)
    return _behind_floor(plan, total, page.rows)


async def _found_out(
    plan: Plan[Any], learned: Learned, total: int | None, read: Callable[[Learned], Awaitable[int]]
) -> int:
    """The number of rows, which the server called `total`."""
    count = await read(learned.doubting_totals(plan.endpoint))
    value = "absent" if total is None else "approximate"
    if count != total and learned.is_new("total", value):
        says = "says no total" if total is None else f"says {total:,} rows, and there are {count:,}"
        warn(
            f"{plan.endpoint.name}: the answer {says}. The rows are read to be counted; if that is always so, give the"
            f" client Dialect(total={value!r})",
            TeamUpDialectWarning,
        )
    return count


async def _page(plan: Plan[Any], requester: Requester, position: Position | None = None) -> Decoded[Any]:
    """One small page: the first row, or what lies at `position`."""
    by = plan.first.by if plan.first.by != "id" else "offset"
    return await requester.get(
        plan.endpoint.path,
        plan.query(position or first_position(by, 1)),
        lambda body: decode(plan.endpoint, body),
        overall=plan.timeout,
    )


async def _ends_at(plan: Plan[Any], requester: Requester, first: Decoded[Any]) -> bool:
    """Whether the rows of a query end where the total of the `first` page says; one small request."""
    total = first.total or 0
    if 1 < total == len(first.rows) and total % 10:
        return True  # from a server that ignores how many are asked for, and gives no round number of them
    if plan.first.by == "page":
        size = next(size for size in range(2, 100) if total % size)
        last: Position = PageNumber(size=size, page=total // size + 1, page_size=size)
        expected = total % size
    else:
        last, expected = LimitOffset(size=2, offset=total - 1), 1
    try:
        page = await _page(plan, requester, last)
    except NotFoundError:
        return False
    elsewhere = (
        total == 1 or page.rows[:1] != first.rows[:1]
    )  # not from a server that ignores which page is asked for
    return len(page.rows) == expected and elsewhere


def _behind_floor(plan: Plan[Any], total: int, rows: list[Any]) -> int:
    """The total, without the row at an ``id_gt`` that the server takes inclusively."""
    floor = plan.floor
    if floor is None or not rows or not isinstance(plan.order, ById) or rows[0].id > floor:
        return total
    if rows[0].id < floor:
        reason = f"rows up to id {floor} came, although only those behind it were asked for"
        raise DialectError(f"{plan.endpoint.name}: {reason}", "id_gt")
    return total - 1
