"""How a walk goes on in another dialect than it was told: which request comes next, if that can be done safely. Pure.

Nothing is adapted where rows may have been lost by then, or where the query itself means something else in that
dialect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, cast

import attrs

from .._decoding.page import ColumnHeader
from ..envelope import By
from ..errors import BadRequestError
from .plan import Plan
from .position import Position, by_number, fitting
from .seams import ById, Otherwise, digest

__all__ = ["adapted", "misread", "refused_for", "smaller"]

_SIZES = ("limit", "page_size")


def adapted(plan: Plan[Any], position: Position, found: Otherwise) -> tuple[Plan[Any], Position] | None:
    """The plan in the dialect that was `found` at `position`, and where it goes on; None where it can't."""
    if getattr(plan.dialect, found.field) == found.value:
        return None  # it is known, and no help
    dialect = attrs.evolve(plan.dialect, **{found.field: found.value})  # type: ignore[arg-type]  # named at run time
    by: By = plan.first.by
    match found.field:
        case "default_columns":
            possible = plan.chooses_columns
        case "sort_by_id":
            possible = position.since is None and by != "id"
        case "id_gt":
            possible = plan.floor is None and by != "id"
        case "sort_priority":
            possible = position == plan.first
        case _:  # "paging"
            possible = plan.pages_by_both and by != "id"
            by = "page" if found.value == "page" else "offset"
    if not possible:
        return None
    spoken = plan.again(dialect=dialect, by=by)

    def translated(position: Position) -> Position:
        if found.field == "sort_by_id" and isinstance(position.last, int):
            return attrs.evolve(position, last=digest(position.last))
        if found.field in ("id_gt", "paging") and position.last is not None:
            return by_number(position, cast("Literal['offset', 'page']", by))
        return position if position.by == by else spoken.first

    return attrs.evolve(spoken, schema=plan.schema, first=translated(plan.first)), translated(position)


def misread(plan: Plan[Any], headers: Sequence[ColumnHeader]) -> Otherwise | None:
    """What the headers of a first page tell of the order asked for by several columns."""
    if not plan.sorted_by_caller or len(plan.sort) < 2 or plan.dialect.sort_priority == "last":
        return None
    names = [name.lstrip("-") for name in plan.sort]
    ranks = {
        h.key: h.sorted.priority for h in headers if h.sorted is not None and h.sorted.priority is not None
    }
    found = [ranks[name] for name in names if name in ranks]
    if len(found) < 2 or found != sorted(found, reverse=True):
        return None
    return Otherwise(
        "sort_priority", "last", f"rows come sorted by {min(ranks, key=ranks.__getitem__)} first"
    )


def refused_for(plan: Plan[Any], position: Position, error: BadRequestError) -> Otherwise | None:
    """What a refusal tells of the dialect, where it is of something that the walk has added by itself."""
    said = f"the server says: {error.message or error.args[0]}".rstrip(".")
    if _names(error, "sort") and isinstance(plan.order, ById) and not plan.sorted_by_caller:
        return Otherwise("sort_by_id", "refused", said)
    if _names(error, "id_gt") and position.since is not None and plan.floor is None:
        return Otherwise("id_gt", "ignored", said)
    return None


def smaller(position: Position, error: BadRequestError) -> Position | None:
    """The same position, with a page as large as the server allows; None if that was not what it refused."""
    if position.asked <= 1 or not any(_names(error, name) for name in _SIZES):
        return None
    texts = [text for name in _SIZES for text in error.field_errors.get(name, ())] or [str(error.args[0])]
    numbers = [int(number) for number in re.findall(r"\d{1,4}", " ".join(texts))]
    allowed = [number for number in numbers if 1 <= number < position.asked]
    return fitting(position, max(allowed, default=position.asked // 2))


def _names(error: BadRequestError, parameter: str) -> bool:
    if error.field_errors:
        return parameter in error.field_errors
    return re.search(rf"\b{parameter}\b", str(error.args[0])) is not None
