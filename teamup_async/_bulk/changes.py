"""What a sync reads of a target, and how it merges it: decided from the mark of the last one.

A row can come to be seen without being changed: a booking made ahead is seen when its class starts, and its
``updated_at`` is older than the last known change by then. So where an endpoint hides the future, what became
visible by time is read as well as what changed.

Marks are taken from rows, never from this machine's clock, and before the walk: what changes or becomes visible
during it is read again next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any, Final

import attrs

from ..endpoint import Changed, Endpoint, Growing, Recent, Sync, TimeSpan, Whole
from ..errors import QueryError
from ..query import Query
from ..sinks.base import Merge
from ..sinks.naming import Names
from ..sinks.schema import schema_for
from .checkpoint import CheckpointError, differences
from .client import Client
from .identity import check_owner
from .plan import Part, Window
from .window import moment_of

__all__ = [
    "LAG",
    "RECENT",
    "Reading",
    "SyncOptions",
    "check_query",
    "decide",
    "hides_future",
    "latest_marks",
    "parts_since",
    "way_of",
]

LAG: Final = timedelta(minutes=15)
"""How far before the last known change is read again: a slow writer's change becomes visible after later ones."""
RECENT: Final = timedelta(days=30)
"""How far back is read again where a report does not say what changed."""
MARK: Final = 2
"""Version of marks."""


@attrs.frozen(kw_only=True)
class SyncOptions:
    """How a sync reads. `lag` and `recent` as in `LAG` and `RECENT`.

    `full` reads everything again, and so notices rows that were deleted. `verify` makes a difference between the
    table and the total that TeamUp gives an error.
    """

    lag: timedelta = LAG
    recent: timedelta = RECENT
    full: bool = False
    verify: bool = False


@attrs.frozen(kw_only=True)
class Reading:
    """The walks of a sync over one target, and how their rows are merged."""

    parts: tuple[Part, ...]
    merge: Merge


def check_query(endpoint: Endpoint[..., Any], query: Query[Any], name: str) -> None:
    """Make sure that a query can be kept up to date. Raises `QueryError`."""
    way, columns = way_of(endpoint, query), schema_for(endpoint, query).names
    if isinstance(way, Whole):
        return
    if "id" not in columns:
        raise QueryError(
            f"{name} can be kept up to date only with 'id' among its columns", parameter="columns"
        )
    if isinstance(way, Changed):
        for parameter in (way.gte, f"{way.gte.removesuffix('_gte')}_lte"):
            if getattr(query, parameter, None) is not None:
                raise QueryError(
                    f"{name}: {way.field} is what a sync goes by; leave it to the sync", parameter=parameter
                )
    if isinstance(way, Recent):
        field = _span(endpoint).field
        if field not in columns:
            raise QueryError(f"{name} needs {field!r} among its columns", parameter="columns")


async def decide(
    client: Client,
    endpoint: Endpoint[..., Any],
    part: Part,
    *,
    old: Mapping[str, Any] | None,
    owner: Mapping[str, Any],
    options: SyncOptions,
    place: str,
    names: Names = "dotted",
) -> Reading:
    """What to read for `part`, the whole query. `old` is the mark of the rows that are there, `owner` whose rows
    are read, `names` what their columns are called.

    Raises `CheckpointError` where the rows that are there are others, and `RequestError`.
    """
    query = part.ready(endpoint)
    if old is not None and not options.full:
        _check_mark(old, part, owner, f"{part.target} in {place}", names)
    known: Mapping[str, Any] = {} if old is None or options.full else old
    way = way_of(endpoint, query)
    marks = await latest_marks(client, endpoint, query, way)
    # What can't be found out now stays as it was: nothing is there to be read.
    marks = {name: known.get(name) if value is None else value for name, value in marks.items()}
    mark = {"version": MARK, "query": dict(part.query), "of": dict(owner), **marks}
    if names != "dotted":
        mark["names"] = names
    if isinstance(way, Whole) or any(known.get(name) is None for name in marks):
        return Reading(parts=(part,), merge=Merge(mark=mark, replace=True))
    parts, since = parts_since(endpoint, part, known, options)
    return Reading(parts=parts, merge=Merge(mark=mark, since=since))


def parts_since(
    endpoint: Endpoint[..., Any], part: Part, known: Mapping[str, Any], options: SyncOptions
) -> tuple[tuple[Part, ...], tuple[str, str] | None]:
    """What of `part`, the whole query, is read where the marks `known` say how far things were.

    With it comes the field and the time from which rows that are not read again are gone, where that is known.
    """
    query = part.ready(endpoint)
    way = way_of(endpoint, query)
    parts: list[Part] = []
    since: tuple[str, str] | None = None
    match way:
        case Changed():
            begin = _begin(way, moment_of(known["changed"]), options.lag)
            parts.append(_narrowed(part, endpoint, way.gte, begin))
        case Growing():
            parts.append(_narrowed(part, endpoint, "id_gt", known["newest"]))
        case _:
            span = _span(endpoint)
            start = _later(_before(moment_of(known["seen"]), max(options.recent, options.lag)), query, span)
            parts.append(_narrowed(part, endpoint, span.gte, start))
            since = (str(span.field), start.isoformat())
    if not isinstance(way, Recent) and hides_future(endpoint, query):
        span = _span(endpoint)
        start = _later(_before(moment_of(known["seen"]), options.lag), query, span)
        window = Window(field=str(span.field), since=start.isoformat())
        parts.append(_narrowed(part, endpoint, span.gte, start, window))
    return tuple(parts), since


def way_of(endpoint: Endpoint[..., Any], query: Query[Any]) -> Sync:
    """How a query is kept up to date."""
    way = endpoint.sync
    if endpoint.grouped or not endpoint.has_id:
        return Whole()
    if isinstance(way, Recent):
        _span(endpoint)
        return way
    if isinstance(way, Whole) or not hides_future(endpoint, query):
        return way
    # Without a stretch of time to ask for, what becomes visible is found only by reading everything.
    return Whole() if endpoint.span is None or endpoint.span.field is None else way


def hides_future(endpoint: Endpoint[..., Any], query: Query[Any]) -> bool:
    """Whether rows become visible by time alone."""
    return endpoint.future is not None and not getattr(query, endpoint.future)


def _span(endpoint: Endpoint[..., Any]) -> TimeSpan:
    if endpoint.span is None or endpoint.span.field is None:
        raise QueryError(
            f"{endpoint.name} declares no span of time to be kept up to date by", parameter="sync"
        )
    return endpoint.span


def _check_mark(
    old: Mapping[str, Any], part: Part, owner: Mapping[str, Any], what: str, names: Names
) -> None:
    advice = "Use another target, or read everything again: full=True, or --full."
    if old.get("version") != MARK:
        raise CheckpointError(f"{what} was kept up to date by another version of this package. {advice}")
    known = old.get("names", "dotted")
    if known != names:
        raise CheckpointError(
            f"{what} has {known} column names, and {names} ones are asked for now: keep them (names={known!r}, or "
            f"--names {known}). {advice}"
        )
    for path, before, now in differences(old.get("query"), dict(part.query), "query"):
        raise CheckpointError(
            f"{what} is kept up to date with something else: {path} was {before!r}, and is {now!r} now. {advice}"
        )
    check_owner(old.get("of", {}), owner, what)


async def latest_marks(
    client: Client, endpoint: Endpoint[..., Any], query: Query[Any], way: Sync
) -> dict[str, Any]:
    """How far things are now: the latest change, the newest id, the latest time that is seen."""
    asked: dict[str, str] = {}
    match way:
        case Changed():
            asked["changed"] = way.field
        case Growing():
            asked["newest"] = "id"
        case _:
            pass
    if isinstance(way, Recent) or (not isinstance(way, Whole) and hides_future(endpoint, query)):
        asked["seen"] = str(_span(endpoint).field)
    values = await asyncio.gather(*(_latest(client, endpoint, query, field) for field in asked.values()))
    marks = dict(zip(asked, values, strict=True))
    if isinstance(way, Recent) and marks["seen"] is not None:
        # Where the future is seen too, its latest row says nothing: what counts is until when rows may change.
        marks["seen"] = min(moment_of(marks["seen"]), datetime.now(UTC)).isoformat()
    return marks


async def _latest(client: Client, endpoint: Endpoint[..., Any], query: Query[Any], field: str) -> Any:
    """The greatest value of a field, JSON-able; None where there is no row, or none with a value."""
    order = endpoint.order
    names = {parameter.name for parameter in endpoint.filters}
    wanted: dict[str, Any] = {
        "sort": [f"-{order.sort}" if order is not None and order.field == field else f"-{field}"]
    }
    for columns in ("columns", "fields"):
        if columns in names:
            wanted[columns] = list(dict.fromkeys(["id", field]))
    first = await client.stream(endpoint, attrs.evolve(query, **wanted)).first()
    value = None if first is None else attrgetter(field)(first)
    if value is None or field == "id":
        return value
    if type(value) is date:  # some rows carry days
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return moment_of(value).isoformat()


def _begin(way: Changed, changed: datetime, lag: timedelta) -> datetime | date:
    """From when changes are read."""
    begin = _before(changed, lag)
    # A day begins earlier or later in another time zone.
    return _before(begin, timedelta(days=1)).date() if way.unit == "date" else begin


def _before(moment: datetime, length: timedelta) -> datetime:
    try:
        return moment - length
    except OverflowError:  # before the year 1
        return datetime.min.replace(tzinfo=UTC)


def _later(moment: datetime, query: Query[Any], span: TimeSpan) -> datetime:
    """`moment`, or the beginning that the query itself gives."""
    own: datetime | None = getattr(query, span.gte)
    return moment if own is None else max(own, moment)


def _narrowed(
    part: Part, endpoint: Endpoint[..., Any], parameter: str, value: Any, window: Window | None = None
) -> Part:
    """The part that reads from `value` on only."""
    query = part.ready(endpoint)
    own = getattr(query, parameter)
    if isinstance(own, int):
        value = max(own, value)
    narrow = attrs.evolve(query, **{parameter: value})
    return Part.of(endpoint, narrow, name=part.name, account=part.account, window=window)
