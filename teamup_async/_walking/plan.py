"""How an endpoint will be walked, decided from the query before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import attrs

from ..endpoint import By, Endpoint, KeyOrder
from ..errors import QueryError
from ..query import ArrayEncoding, Query, encode, encode_pairs
from ..rows import flattener
from .position import Place, first_place
from .seams import ByEquality, ById, ByTime, OnDrift, Order

__all__ = ["Plan", "plan"]

Row = TypeVar("Row")


@attrs.frozen(kw_only=True)
class Plan(Generic[Row]):
    """What a walk needs to know, decided before anything is sent.

    `pairs` are the parameters of every request, `cursor` the parameter that a repaired walk enters again at,
    `hidden` the fields that only the walk needs, `whole` whether nothing is handed out before all was read.
    """

    endpoint: Endpoint[..., Row]
    pairs: tuple[tuple[str, str], ...]
    order: Order
    cursor: str | None
    hidden: tuple[str, ...]
    columns: tuple[str, ...]
    whole: bool
    first: Place
    window: int
    on_drift: OnDrift
    timeout: float | None

    def query(self, place: Place) -> str:
        """The query of the request at `place`, percent-encoded."""
        if place.since is None or self.cursor is None:
            return f"{self._encoded}&{place.query}"
        kept = [pair for pair in self.pairs if pair[0] != self.cursor]
        return f"{urlencode([*kept, (self.cursor, str(place.since))])}&{place.query}"

    @cached_property
    def _encoded(self) -> str:
        return urlencode(self.pairs)


def plan(
    endpoint: Endpoint[..., Row],
    query: Query[Row],
    *,
    by: By | None,
    size: int,
    window: int,
    start: Place | None,
    on_drift: OnDrift,
    arrays: ArrayEncoding,
    timeout: float | None,
) -> Plan[Row]:
    """Decide how to walk. Raises `QueryError` for what can't be."""
    endpoint.check(query)
    chosen: By = by or (start.by if start is not None else endpoint.default_by)
    if chosen not in endpoint.pagings:
        why = " (its rows have no id)" if chosen == "id" and not endpoint.has_id else ""
        raise QueryError(
            f"{endpoint.name} can't be walked by={chosen!r}{why}. Allowed: {', '.join(endpoint.pagings)}",
            parameter="by",
            value=chosen,
            allowed=endpoint.pagings,
        )
    if start is not None and start.by != chosen:
        raise QueryError(
            f"start comes from a walk by={start.by!r}, not by={chosen!r}", parameter="start", value=start.by
        )
    order, sort, needed, cursor = _order(endpoint, query, chosen)
    pairs = encode(query, arrays, skip=("sort", "columns", "fields"))
    hidden: list[str] = []
    for parameter in endpoint.filters:
        if parameter.name == "sort" and sort:
            pairs += encode_pairs(parameter, sort, arrays)
        elif parameter.name in ("columns", "fields"):
            wanted = getattr(query, parameter.name)
            if wanted is not None:
                names = [endpoint.canonical(name) for name in wanted]
                hidden = [name for name in needed if name not in names]
                pairs += encode_pairs(parameter, [*names, *hidden], arrays)
    return Plan(
        endpoint=endpoint,
        pairs=(*pairs, ("format", "json")),
        order=order,
        cursor=cursor,
        hidden=tuple(hidden),
        columns=() if endpoint.envelope.headed else endpoint.list_columns(query),
        whole=endpoint.grouped,
        first=start if start is not None else first_place(chosen, size, _overlap(order, size)),
        window=window,
        on_drift=on_drift,
        timeout=timeout,
    )


def _overlap(order: Order, size: int) -> int:
    """How many rows pages repeat: where rows share sort keys, enough to begin before the last key mostly."""
    return max(1, size // 12) if isinstance(order, ByTime) else 1


def _order(
    endpoint: Endpoint[..., Any], query: Query[Any], by: By
) -> tuple[Order, list[str], list[str], str | None]:
    """The order to walk in: its rules, the ``sort`` to send, the fields it needs, the parameter to enter
    again at.
    """
    asked: Sequence[str] | None = getattr(query, "sort", None)
    sort = None if asked is None else [endpoint.canonical(name) for name in asked]
    if endpoint.order is not None and endpoint.has_id:
        return _time_order(endpoint.order, sort)
    if endpoint.has_id:
        if sort in (None, ["id"]):
            return ById(), ["id"], ["id"], "id_gt"
        if by == "id":
            raise QueryError(
                f"by='id' reads rows sorted by id; it can't be had with sort={list(asked or ())!r}",
                parameter="by",
                value=by,
                allowed=("offset", "page"),
            )
        ties = [] if not sort or any(name.lstrip("-") == "id" for name in sort) else ["id"]
        return ByEquality(lambda row: row.id), [*(sort or ()), *ties], ["id"], None
    columns = endpoint.leaves(getattr(query, "columns", None) or endpoint.columns)
    keys = tuple(path for path in columns if path not in endpoint.measures)
    if sort is None or sort:
        named = {name.lstrip("-") for name in sort or ()}
        sort = [*(sort or ()), *(path for path in keys if path not in named)]
    return ByEquality(flattener(endpoint.row, keys)), sort, [], None


def _time_order(key: KeyOrder, sort: list[str] | None) -> tuple[Order, list[str], list[str], str | None]:
    if sort == []:
        return ByEquality(lambda row: row.id), [], ["id"], None
    descending = sort is not None and sort[:1] == [f"-{key.sort}"]
    order = ByTime(key.field, descending=descending)
    return order, sort or [key.sort], ["id", key.field], key.lte if descending else key.gte
