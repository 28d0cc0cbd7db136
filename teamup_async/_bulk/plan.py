"""What a bulk pull will do, as data: parts that can be shown, split, pickled, sent as JSON and run elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self

import attrs

from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import QueryError
from ..query import Query
from ..sinks.base import Target
from .queries import Request, query_from_json, query_to_json, resolve

__all__ = ["NAME", "Part", "Plan", "Window", "length_of", "make_plan"]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
"""What accounts and targets may be called: names become names of files and tables."""


@attrs.frozen(kw_only=True)
class Window:
    """A stretch of time: rows whose `field` lies at or after `since` and before `until` (ISO 8601; None: no end).

    The API's bounds include both ends, so what lies exactly at `until` is left to the next window.
    """

    field: str
    since: str
    until: str | None = None


@attrs.frozen(kw_only=True)
class Part:
    """One walk: `query` (JSON-able) of `endpoint` for `account`, into the target `name`. It holds no token.

    `window` is the stretch of time that it covers, where the target is read in several.
    """

    name: str
    endpoint: str
    query: Mapping[str, Any]
    account: str | None = None
    window: Window | None = None
    _ready: Query[Any] | None = attrs.field(default=None, alias="ready", eq=False, repr=False)

    @classmethod
    def of(
        cls,
        endpoint: Endpoint[..., Any],
        query: Query[Any],
        *,
        name: str,
        account: str | None = None,
        window: Window | None = None,
    ) -> Self:
        """The part that reads this query, which need not be made again."""
        values = query_to_json(query, endpoint)
        return cls(
            name=name, endpoint=endpoint.key, query=values, account=account, window=window, ready=query
        )

    def ready(self, endpoint: Endpoint[..., Any]) -> Query[Any]:
        """The query that it reads. Raises `QueryError` for values that come from elsewhere and are wrong."""
        return self._ready if self._ready is not None else query_from_json(endpoint, self.query)

    @property
    def target(self) -> Target:
        """Where its rows go."""
        return Target(name=self.name, account=self.account)

    @property
    def id(self) -> str:
        """Different for each part of a plan."""
        pieces = (self.account, self.name, self.window and self.window.since)
        return "/".join(piece for piece in pieces if piece)

    def to_json(self) -> dict[str, Any]:
        """The part as JSON-able values."""
        return attrs.asdict(self, filter=lambda field, value: value is not None and field.name != "_ready")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The part that `to_json` described."""
        window = values.get("window")
        made: dict[str, Any] = {**values, "window": None if window is None else Window(**window)}
        return cls(**made)


@attrs.frozen
class Plan:
    """The parts of a pull, in order: those of one target stand together, windows from early to late."""

    parts: tuple[Part, ...]

    def __iter__(self) -> Iterator[Part]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def to_json(self) -> list[dict[str, Any]]:
        """The plan as JSON-able values."""
        return [part.to_json() for part in self.parts]

    @classmethod
    def from_json(cls, values: Iterable[Mapping[str, Any]]) -> Self:
        """The plan that `to_json` described."""
        return cls(tuple(map(Part.from_json, values)))

    def split(self, count: int) -> list[Plan]:
        """At most `count` plans that together are this one; the windows of a target stay together."""
        if count < 1:
            raise ValueError("count must be 1 or more")
        targets: dict[tuple[str | None, str], list[Part]] = {}
        for part in self.parts:
            targets.setdefault((part.account, part.name), []).append(part)
        piles: list[list[Part]] = [[] for _ in range(count)]
        for parts in sorted(targets.values(), key=len, reverse=True):
            min(piles, key=len).extend(parts)
        return [Plan(tuple(pile)) for pile in piles if pile]


def make_plan(
    requests: Mapping[str, Request],
    *,
    accounts: Sequence[str | None] = (None,),
    windows: timedelta | Mapping[str, timedelta] | None = None,
    endpoints: Sequence[Endpoint[..., Any]] = ENDPOINTS,
) -> Plan:
    """A part for each request and account, or one for each window of time where `windows` says how long they are.

    `requests` maps names of targets to queries, `accounts` are names (None: the client's only one), and `endpoints`
    those that requests can name.

    A request is split by the `span` of its endpoint, where it gives the beginning (``event_start_gte``, ...);
    without a given end, the last window has none. Grouped reports are never split.
    Raises `QueryError`.
    """
    parts: list[Part] = []
    for account in accounts:
        if account is not None:
            _check_name("account", account)
        for name, request in requests.items():
            endpoint, query = resolve(name, request, endpoints)
            target = _check_name("name", name.replace("-", "_").replace(".", "_"))
            part = Part.of(endpoint, query, name=target, account=account)
            length = length_of(windows, name)
            parts += [part] if length is None else _windows(part, endpoint, query, length)
    seen: set[str] = set()
    for part in parts:
        if part.id.casefold() in seen:
            raise QueryError(f"two parts of the pull are called {part.id!r}", parameter="name", value=part.id)
        seen.add(part.id.casefold())
    return Plan(tuple(parts))


def _check_name(what: str, name: str) -> str:
    """Names become names of files and tables."""
    if not NAME.fullmatch(name):
        raise QueryError(
            f"{what} must be made of letters, digits, '_', '.' and '-', not {name!r}",
            parameter=what,
            value=name,
        )
    return name


def length_of(windows: timedelta | Mapping[str, timedelta] | None, name: str) -> timedelta | None:
    """How long the windows of a request are."""
    return windows.get(name) if isinstance(windows, Mapping) else windows


def _windows(part: Part, endpoint: Endpoint[..., Any], query: Query[Any], length: timedelta) -> list[Part]:
    if length <= timedelta(0):
        raise QueryError("windows must be longer than 0", parameter="windows", value=length)
    span = endpoint.span
    if span is None or span.field is None or endpoint.grouped or span.gte not in part.query:
        return [part]
    field = span.field
    if part.query.get("sort"):
        raise QueryError(
            f"{part.name} can't be both sorted and split into windows",
            parameter="sort",
            value=part.query["sort"],
        )
    columns = part.query.get("columns") or part.query.get("fields")
    if columns is not None and field not in endpoint.leaves(columns):
        raise QueryError(
            f"{part.name} can be split into windows only with {field!r} among its columns",
            parameter="columns",
            value=columns,
        )
    start: datetime = getattr(query, span.gte)
    end: datetime = getattr(query, span.lte) or datetime.now(start.tzinfo)
    bounds: list[datetime] = []
    moment = start
    while moment < end and len(bounds) < 10_000:
        bounds.append(moment)
        try:
            moment += length
        except OverflowError:  # beyond the year 9999
            break
    if not bounds:
        return [part]
    parts: list[Part] = []
    for since, until in zip(bounds, [*bounds[1:], None], strict=True):
        upto = getattr(query, span.lte) if until is None else until
        window = Window(
            field=field, since=since.isoformat(), until=None if until is None else until.isoformat()
        )
        within = attrs.evolve(query, **{span.gte: since, span.lte: upto})
        parts.append(Part.of(endpoint, within, name=part.name, account=part.account, window=window))
    return parts
