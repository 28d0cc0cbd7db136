"""In which order a query will be walked, and what that order can't prove. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from .._json import is_object
from ..dialect import Dialect
from ..endpoint import Endpoint, KeyOrder
from ..envelope import By
from ..errors import QueryError
from ..query import Query
from ..rows import flattener, sortable_paths
from .seams import ByEquality, ById, ByTime, Order

__all__ = ["Route", "route_of"]


@attrs.frozen(kw_only=True)
class Route:
    """The order to walk in: its rules, the ``sort`` to send, the fields it needs, the objects it looks into, the
    parameter to enter again at, and what it can't prove.
    """

    order: Order
    sort: Sequence[str]
    needed: Sequence[str] = ()
    objects: Sequence[str] = ()
    cursor: str | None = None
    unproved: str | None = None
    ordered: bool = True
    restarts: bool = False


_CONFIRM: Final = "; confirm=True reads everything again until two readings agree"


def route_of(endpoint: Endpoint[..., Any], query: Query[Any], by: By, dialect: Dialect) -> Route:
    asked: Sequence[str] | None = getattr(query, "sort", None)
    sort = None if asked is None else [endpoint.canonical(name) for name in asked]
    if not endpoint.has_id:
        return _without_id(endpoint, query, sort)
    key = endpoint.order
    if key is not None and (sort is None or (sort and sort[0].lstrip("-") == key.sort)):
        return _by_time(key, sort)
    takes = {parameter.name for parameter in endpoint.filters}
    if key is None and endpoint.envelope.headed and "sort" in takes and sort in (None, ["id"]):
        cursor = "id_gt" if "id_gt" in takes and dialect.id_gt != "ignored" else None
        if dialect.sort_by_id == "honoured" and (cursor or by != "id"):
            return Route(order=ById(), sort=["id"], needed=["id"], cursor=cursor)
        if by == "id":
            raise QueryError(
                f"{endpoint.name} can't be walked by='id' from a server with {dialect}; leave `by` out",
                parameter="by",
                value=by,
                allowed=endpoint.envelope.pagings,
            )
        sort = []
    if by == "id":
        raise QueryError(
            f"by='id' reads rows sorted by id; it can't be had with sort={list(asked or ())!r}",
            parameter="by",
            value=by,
            allowed=endpoint.envelope.pagings,
        )
    order = ByEquality(lambda row: row.id)
    if not sort:
        return Route(
            order=order,
            sort=[],
            needed=["id"],
            unproved="rows come in an order that is not documented: one that changed its place while they were"
            f" read may be missing{_CONFIRM}",
            ordered=False,
            restarts=True,
        )
    told_apart = endpoint.envelope.headed and dialect.sort_by_id == "honoured"
    ties = ["id"] if told_apart and "id" not in {name.lstrip("-") for name in sort} else []
    reason = f"rows whose place in the order asked for changed while they were read may be missing{_CONFIRM}"
    # Where rows can't be told apart by their id, those that share a key come in any order.
    return Route(order=order, sort=[*sort, *ties], needed=["id"], unproved=reason, ordered=told_apart)


def _without_id(endpoint: Endpoint[..., Any], query: Query[Any], sort: list[str] | None) -> Route:
    if not endpoint.grouped:
        order = ByEquality(flattener(endpoint.row, endpoint.paths), unique=False)
        reason = (
            f"rows have no id and no documented order: one that moved may be missing, or come twice{_CONFIRM}"
        )
        return Route(order=order, sort=sort or [], unproved=reason, ordered=False)
    columns = endpoint.leaves(getattr(query, "columns", None) or endpoint.columns)
    keys = tuple(path for path in columns if path not in endpoint.measures)
    named = {name.lstrip("-") for name in sort or ()}
    if sort is None or sort:
        ties = [path for path in keys if path in sortable_paths(endpoint.row) and path not in named]
        sort = [*(sort or ()), *ties]
    return Route(
        order=ByEquality(_key(flattener(endpoint.row, keys))),
        sort=sort,
        unproved=f"counts may have changed between two pages{_CONFIRM}",
        ordered=bool(sort) and named.isdisjoint(endpoint.measures),
    )


def _key(flat: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    """Values that can be compared and hashed; an object without declared fields counts as its text."""
    return lambda row: tuple(repr(value) if is_object(value) else value for value in flat(row))


def _by_time(key: KeyOrder, sort: list[str] | None) -> Route:
    descending = sort is not None and sort[0].startswith("-")
    return Route(
        order=ByTime(key.field, descending=descending),
        sort=sort or [key.sort],
        needed=["id", key.field],
        objects=[key.field.rpartition(".")[0]] if "." in key.field else [],
        cursor=key.lte if descending else key.gte,
        unproved=f"rows whose {key.field} changed while they were read may be missing{_CONFIRM}",
    )
