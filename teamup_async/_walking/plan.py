"""How an endpoint will be walked, decided from the query before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

import attrs

from .._decoding.fast import decode
from .._decoding.page import Decoded
from ..dialect import Dialect
from ..endpoint import Endpoint
from ..envelope import By
from ..errors import QueryError
from ..query import Query, encode, encode_pairs
from ..sinks.schema import Schema
from .position import Position, by_number, first_position
from .record import OnDrift
from .route import Route, route_of
from .seams import ByEquality, ById, ByTime, Order, digest

__all__ = ["Plan", "plan"]

Row = TypeVar("Row")
_DEFAULT: Final = Dialect()


@attrs.frozen(kw_only=True)
class Plan(Generic[Row]):
    """What a walk needs to know, decided before anything is sent, in the dialect that the server speaks.

    `pairs` are the parameters of every request, `cursor` the parameter that the walk enters again at, `hidden` the
    fields and `expanded` the objects that only the walk needs. `whole`: whether nothing is yielded before all was
    read; `confirm`: whether two readings must agree. `thrifty`: whether each page is entered at the last key, which
    takes the fewest requests (None: where the quota bounds the walk). `limit`: how many rows are wanted at most.
    `extra`: whether rows keep fields that their class does not know. `unproved` says what more than one page can't
    prove, `ordered` whether rows come in an order that can be checked, `moves` whether a row can be moved while it
    is read, and so come twice. `restarts`: whether the walk can begin anew after rows were yielded, because their
    ids are known and no order was asked for. `floor`: the ``id_gt`` of the caller. `needed`: the fields that the walk
    needs. `sort`: the columns to sort by. `sorted_by_caller`: whether an order was asked for. `chooses_columns`:
    whether the server chooses the columns, and could be asked for all. `again` makes the plan anew, in another
    dialect. `schema`: the columns that pages are wanted for, where they are not wanted as rows.
    """

    endpoint: Endpoint[..., Row]
    pairs: tuple[tuple[str, str], ...]
    order: Order
    cursor: str | None
    hidden: tuple[str, ...]
    expanded: tuple[str, ...]
    columns: tuple[str, ...]
    whole: bool
    confirm: bool
    thrifty: bool | None
    limit: int | None
    extra: bool
    unproved: str | None
    ordered: bool
    moves: bool
    restarts: bool
    first: Position
    window: int
    on_drift: OnDrift
    timeout: float | None
    dialect: Dialect
    floor: int | None
    needed: tuple[str, ...]
    sort: tuple[str, ...]
    sorted_by_caller: bool
    chooses_columns: bool
    again: Callable[..., Plan[Row]] = attrs.field(repr=False, eq=False)
    schema: Schema | None = None

    @property
    def grouped(self) -> bool:
        """Whether rows are groups, with counts that change."""
        return self.endpoint.grouped

    @property
    def pages_by_both(self) -> bool:
        """Whether the server is thought to know both pairs of parameters that page a report."""
        return self.endpoint.envelope.headed and self.dialect.paging == "both"

    def for_columns(self, schema: Schema) -> Plan[Row]:
        """The same walk for whoever wants columns; one that compares whole rows with each other needs all of them, one
        that looks into objects needs those.
        """
        return self if self.whole or self.expanded else attrs.evolve(self, schema=schema)

    def decode(self, body: bytes) -> Decoded[Row]:
        """The page in `body`. Raises `ResponseDecodeError`."""
        if self.schema is None:
            return decode(self.endpoint, body, extra=self.extra)
        from .._decoding.columns import decode_columns  # loaded when it is needed

        return decode_columns(self.endpoint, self.schema, self._keys, body, extra=self.extra)

    @cached_property
    def _keys(self) -> tuple[str, ...]:
        """The fields that the walk looks at."""
        field = self.order.field if isinstance(self.order, ByTime) else "id"
        return tuple(dict.fromkeys(("id", field, *self.hidden)))

    def query(self, position: Position) -> str:
        """The query of the request at `position`, percent-encoded."""
        if position.since is None or self.cursor is None:
            return f"{self._encoded}&{position.query}"
        kept = [pair for pair in self.pairs if pair[0] != self.cursor]
        return f"{urlencode([*kept, (self.cursor, str(position.since))])}&{position.query}"

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
    start: Position | None,
    on_drift: OnDrift,
    dialect: Dialect = _DEFAULT,
    timeout: float | None,
    thrifty: bool | None = None,
    confirm: bool = False,
    limit: int | None = None,
    extra: bool = False,
    most: int | None = None,
) -> Plan[Row]:
    """Decide how to walk. `most`: how many rows a page may have, where that is less than documented.

    Raises `QueryError` for what can't be walked.
    """
    endpoint.check(query)
    again: Callable[..., Plan[Row]] = partial(
        plan,
        endpoint,
        query,
        size=size,
        window=window,
        start=None,
        on_drift=on_drift,
        timeout=timeout,
        thrifty=thrifty,
        confirm=confirm,
        limit=limit,
        extra=extra,
        most=most,
    )
    chosen, start = _way(endpoint, by, start, dialect)
    route = route_of(endpoint, query, chosen, dialect)
    if start is not None and isinstance(start.last, str) and isinstance(route.order, ById):
        # The walk that gave this position had found out that its server does not sort by id.
        dialect = attrs.evolve(dialect, sort_by_id="ignored")
        route = route_of(endpoint, query, chosen, dialect)
    expand: tuple[str, ...] = tuple(getattr(query, "expand", None) or ())
    expanded = tuple(name for name in route.objects if not _reaches(expand, name))
    pairs, hidden, chooses = _asked(endpoint, query, route, dialect, [*expand, *expanded])
    return Plan(
        endpoint=endpoint,
        pairs=(*pairs, ("format", "json")),
        order=route.order,
        cursor=route.cursor,
        hidden=tuple(hidden),
        expanded=expanded,
        columns=() if endpoint.envelope.headed else endpoint.list_columns(query),
        whole=endpoint.grouped or confirm,
        confirm=confirm,
        thrifty=thrifty,
        limit=limit,
        extra=extra,
        unproved=route.unproved,
        ordered=route.ordered,
        moves=isinstance(route.order, ByTime) or (endpoint.has_id and isinstance(route.order, ByEquality)),
        restarts=route.restarts and start is None,
        first=_translated(start, route)
        if start is not None
        else _first(endpoint, chosen, size, most, route.order),
        window=window,
        on_drift=on_drift,
        timeout=timeout,
        dialect=dialect,
        floor=getattr(query, "id_gt", None) if endpoint.has_id else None,
        sort=tuple(route.sort),
        sorted_by_caller=bool(getattr(query, "sort", None)),
        chooses_columns=chooses,
        needed=tuple(route.needed),
        again=again,
    )


def _reaches(expand: Iterable[str], name: str) -> bool:
    """Whether ``expand`` asks for this object, or for one in it."""
    return any(path == name or path.startswith(f"{name}.") for path in expand)


def _within(name: str, paths: Iterable[str]) -> bool:
    """Whether a field is one of these, or in an object that is."""
    return any(name == path or name.startswith(f"{path}.") for path in paths)


def _way(
    endpoint: Endpoint[..., Any], by: By | None, start: Position | None, dialect: Dialect
) -> tuple[By, Position | None]:
    """How to page, and from where: what was asked for, if the server knows it."""
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
    if chosen != "id" and endpoint.envelope.headed and dialect.paging != "both":
        chosen = "page" if dialect.paging == "page" else "offset"
    if start is not None and start.by != chosen:
        start = by_number(start, chosen)
    return chosen, start


def _asked(
    endpoint: Endpoint[..., Any], query: Query[Any], route: Route, dialect: Dialect, expand: Sequence[str]
) -> tuple[list[tuple[str, str]], list[str], bool]:
    """The parameters of every request; the fields that only the walk needs; whether the server chooses columns."""
    headed = endpoint.envelope.headed
    arrays = dialect.arrays if headed else dialect.list_arrays
    flat = dialect.column_names == "flat"
    pairs = encode(query, arrays, skip=("sort", "columns", "fields", "expand"))
    hidden: list[str] = []
    chooses = False
    for parameter in endpoint.filters:
        if parameter.name == "sort" and route.sort:
            names = [endpoint.flat_name(name) for name in route.sort] if flat else [*route.sort]
            if headed and dialect.sort_priority == "last":
                names.reverse()
            pairs += encode_pairs(parameter, names, arrays)
        elif parameter.name == "expand" and expand:
            pairs += encode_pairs(parameter, expand, arrays)
        elif parameter.name in ("columns", "fields"):
            wanted = getattr(query, parameter.name)
            chooses = wanted is None and headed and not parameter.required
            if chooses and dialect.default_columns == "few":
                wanted = [path for path in endpoint.paths if path in parameter.enum]
            if wanted is not None:
                names = [endpoint.canonical(name) for name in wanted]
                hidden = [name for name in route.needed if not _within(name, names)]
                names += hidden
                asked = [endpoint.flat_name(name) for name in names] if flat else names
                pairs += encode_pairs(parameter, asked, arrays)
    return pairs, hidden, chooses


def _translated(start: Position, route: Route) -> Position:
    """A position that was given by a walk in another dialect than this one goes on in."""
    if isinstance(route.order, ByEquality) and isinstance(start.last, int):
        return attrs.evolve(by_number(start, start.by), last=digest(start.last))
    return start


def _first(endpoint: Endpoint[..., Any], by: By, size: int, most: int | None, order: Order) -> Position:
    """The beginning. Where rows share sort keys, pages repeat enough to begin before the last key mostly."""
    most = endpoint.max_page_size if most is None else most
    size = min(size, most)
    overlap = max(1, size // 12) if isinstance(order, ByTime) else 1
    return attrs.evolve(first_position(by, size, overlap), most=most)
