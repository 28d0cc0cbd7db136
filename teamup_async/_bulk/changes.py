"""Keeping tables up to date: read what changed, and merge it together with the note of how far that was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import attrs

from ..endpoint import Changed, Endpoint, Recent, TimeSpan, Whole
from ..endpoints import ENDPOINTS
from ..errors import QueryError
from ..sinks.base import Merge, Sink, Target
from ..sinks.schema import Schema, schema_for
from . import checkpoint
from .checkpoint import CheckpointError, differences
from .client import Client
from .plan import Part, Plan, endpoint_of, make_plan
from .queries import Request
from .result import PullResult
from .run import Pull, Watch, target_of, with_streams
from .store import Store, merging
from .window import moment_of

__all__ = ["LAG", "RECENT", "SyncOptions", "plan_sync", "sync", "sync_all"]

LAG: Final = timedelta(minutes=15)
"""How far before the last known change is read again: a slow writer's change becomes visible after later ones."""
RECENT: Final = timedelta(days=30)
"""How far back is read again where a report does not say what changed."""


@attrs.frozen(kw_only=True)
class SyncOptions:
    """`lag` and `recent` as in `LAG` and `RECENT`.

    `full` reads everything again, and so notices rows that were deleted.
    """

    lag: timedelta = LAG
    recent: timedelta = RECENT
    full: bool = False


async def sync(
    teamup: Client,
    requests: Mapping[str, Request],
    *,
    into: Sink | str,
    lag: timedelta = LAG,
    recent: timedelta = RECENT,
    full: bool = False,
    restart: bool = False,
    raise_on_error: bool = False,
    watch: Watch | None = None,
    endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
) -> PullResult:
    """Keep tables up to date; see `TeamUp.sync`."""
    result = await sync_all(
        {None: teamup},
        requests,
        into=into,
        options=SyncOptions(lag=lag, recent=recent, full=full),
        restart=restart,
        watch=watch,
        endpoints=endpoints,
    )
    if raise_on_error:
        result.raise_on_error()
    return result


async def sync_all(
    clients: Mapping[str | None, Client],
    requests: Mapping[str, Request],
    *,
    into: Sink | str,
    options: SyncOptions,
    restart: bool = False,
    watch: Watch | None = None,
    endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
) -> PullResult:
    """The same for several accounts."""
    work = _prepared(clients, requests, into, options, endpoints, restart=restart, watch=watch)
    return await work.run()


async def plan_sync(
    clients: Mapping[str | None, Client],
    requests: Mapping[str, Request],
    *,
    into: Sink | str,
    options: SyncOptions | None = None,
    endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
) -> Plan:
    """What the next sync would read; nothing is changed. It asks for the latest change, one small request a part."""
    return await _prepared(clients, requests, into, options or SyncOptions(), endpoints).look()


def _prepared(
    clients: Mapping[str | None, Client],
    requests: Mapping[str, Request],
    into: Sink | str,
    options: SyncOptions,
    endpoints: Iterable[Endpoint[..., Any]],
    **more: Any,
) -> _Sync:
    known = with_streams(requests, endpoints)
    plan = make_plan(requests, accounts=list(clients), endpoints=known)
    for part in plan:
        _check(part, known)
    request = {
        "queries": plan.to_json(),
        "accounts": {str(name): client.identity for name, client in clients.items()},
        "sync": {
            "lag": options.lag.total_seconds(),
            "recent": options.recent.total_seconds(),
            "full": options.full,
        },
    }
    return _Sync(plan, clients, into, request=request, endpoints=known, options=options, **more)


def _check(part: Part, endpoints: Iterable[Endpoint[..., Any]]) -> None:
    endpoint, query = endpoint_of(part, endpoints)
    way = endpoint.sync
    if not isinstance(way, Whole) and not schema_for(endpoint, query).has_id:
        raise QueryError(
            f"{part.name} can be kept up to date only with 'id' among its columns", parameter="columns"
        )
    if isinstance(way, Changed) and part.query.keys() & {way.gte, f"{way.gte.removesuffix('_gte')}_lte"}:
        raise QueryError(
            f"{part.name}: {way.field} is what a sync goes by; leave it to the sync",
            parameter=way.gte,
        )
    if isinstance(way, Recent):
        field = _span(endpoint).field
        if field not in schema_for(endpoint, query).names:
            raise QueryError(f"{part.name} needs {field!r} among its columns", parameter="columns")


def _span(endpoint: Endpoint[..., Any]) -> TimeSpan:
    if endpoint.span is None:
        raise QueryError(
            f"{endpoint.name} declares no span of time to be kept up to date by", parameter="sync"
        )
    return endpoint.span


def _before(moment: datetime, length: timedelta) -> datetime:
    try:
        return moment - length
    except OverflowError:  # before the year 1
        return datetime.min.replace(tzinfo=UTC)


class _Sync(Pull):
    """A pull whose parts read what changed, and whose targets are merged."""

    def __init__(self, *arguments: Any, options: SyncOptions, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        merging(self._sink)  # refuse others before their place is touched
        self._sync_options = options

    async def begin(self, store: Store) -> None:
        """Go on with a saved sync, or find out what to read."""
        if store.state and not self._restart:
            await super().begin(store)
            return
        await store.save({})
        self._plan, merges = await self._decided(store)
        saved = {name: attrs.asdict(merge) for name, merge in merges.items()}
        await store.save({**checkpoint.started(self._request, self._plan), "merges": saved})

    async def look(self) -> Plan:
        """The parts that `run` would do. Nothing is made where nothing is yet."""
        path = getattr(self._sink, "path", None)
        if isinstance(path, Path) and not path.exists():
            return (await self._decided(None))[0]
        async with Store(self._sink, list(dict.fromkeys(map(target_of, self._plan)))) as store:
            if store.state:
                checkpoint.check(store.state, self._request, self._sink.name)
                return Plan.from_json(store.state["plan"])
            return (await self._decided(store))[0]

    async def _decided(self, store: Store | None) -> tuple[Plan, dict[str, Merge]]:
        """What to read, and how to merge each part; without a store there is nothing yet."""
        parts: list[Part] = []
        merges: dict[str, Merge] = {}
        for part in self._plan:
            old = None if store is None else await store.mark(target_of(part))
            changed, merges[part.id] = await self._decide(part, old)
            parts.append(changed)
        return Plan(tuple(parts)), merges

    async def finish(self, store: Store, target: Target, schema: Schema, parts: Sequence[str]) -> None:
        """Merge what was read."""
        [part] = parts
        saved = store.state["merges"][part]
        since = saved["since"] and (saved["since"][0], saved["since"][1])
        merge = Merge(mark=saved["mark"], since=since, replace=saved["replace"])
        await store.merge(target, schema, parts, merge)

    async def _decide(self, part: Part, old: dict[str, Any] | None) -> tuple[Part, Merge]:
        """What to ask for, and how to merge it; `old` is the mark of what is there."""
        endpoint, _ = endpoint_of(part, self._endpoints)
        client = self._clients[part.account]
        mark: dict[str, Any] = {"version": 1, "query": dict(part.query), "of": client.identity}
        if old is not None and not self._sync_options.full:
            for path, before, now in differences({k: old.get(k) for k in mark}, mark):
                raise CheckpointError(
                    f"{target_of(part)} in {self._sink.name} is kept up to date with something else: "
                    f"{path} was {before!r}, and is {now!r} now. Use another target, or read everything again with full"
                )
        known = None if old is None or self._sync_options.full else old.get("watermark")
        match endpoint.sync:
            case Changed():
                return await self._changed(client, endpoint, part, mark, known)
            case Recent():
                return self._recent(endpoint, part, mark, known)
            case _:
                return part, Merge(mark=mark, replace=True)

    async def _changed(
        self,
        client: Client,
        endpoint: Endpoint[..., Any],
        part: Part,
        mark: dict[str, Any],
        known: str | None,
    ) -> tuple[Part, Merge]:
        """By the time of the last change.

        The new watermark is the latest change before the walk: what changes during it is read next time.
        """
        way = endpoint.sync
        assert isinstance(way, Changed)
        _, query = endpoint_of(part, self._endpoints)
        newest_first = attrs.evolve(query, sort=[f"-{way.field}"], columns=["id", way.field])
        latest = await client.stream(endpoint, newest_first).first()
        changed = None if latest is None else attrgetter(way.field)(latest)
        newest = known if changed is None else moment_of(changed).isoformat()
        mark["watermark"] = newest
        if known is None:
            return part, Merge(mark=mark, replace=True)
        since = _before(moment_of(known), self._sync_options.lag).isoformat()
        if way.unit == "date":  # a day begins earlier or later in another time zone
            since = (date.fromisoformat(since[:10]) - timedelta(days=1)).isoformat()
        return attrs.evolve(part, query={**part.query, way.gte: since}), Merge(mark=mark)

    def _recent(
        self, endpoint: Endpoint[..., Any], part: Part, mark: dict[str, Any], known: str | None
    ) -> tuple[Part, Merge]:
        """By a recent stretch of time, and all that lies after it."""
        span = _span(endpoint)
        mark["watermark"] = datetime.now(UTC).isoformat(timespec="seconds")
        if known is None:
            return part, Merge(mark=mark, replace=True)
        since = _before(moment_of(known), self._sync_options.recent)
        own = part.query.get(span.gte)
        if own is not None:
            since = max(since, moment_of(own))
        query = {**part.query, span.gte: since.isoformat()}
        return attrs.evolve(part, query=query), Merge(mark=mark, since=(str(span.field), since.isoformat()))
