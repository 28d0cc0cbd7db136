"""A pull cut into shards, for engines that run on many machines: Dask, Spark, Ray, or a queue of one's own.

A shard has the accounts of whole callers, never a window of one: what bounds an account is the quota of its token,
which does not grow with the number of workers. Shards are data. They hold no token: workers load accounts themselves.

    for shard in shards({"attendances": {}}, "teamup.toml", 20):
        engine.submit(write, shard, "teamup.toml", "parquet:/lake/teamup")
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import blake2b
from typing import Any, Final, Self, Unpack

import attrs

from .._background import iterated
from .._bulk.plan import Part, Plan, make_plan
from .._bulk.queries import Request
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS, endpoint_named
from ..errors import ConfigurationError, TeamUpError
from .accounts import Account
from .many import BulkPull, ClientOptions
from .sources import AccountSource, accounts_from, quota_from

__all__ = [
    "NotExactError",
    "Shard",
    "ShardOptions",
    "batches_of",
    "cut",
    "entered",
    "opened",
    "read",
    "schema_of",
    "shards",
]

_AT_ONCE: Final = 400
"""Walks of a shard side by side: as many accounts as one core keeps up with."""
_ROWS: Final = 10_000
"""Rows of a record batch."""


class NotExactError(TeamUpError):
    """A walk came to its end, and could not prove that every row came exactly once.

    What to do: read it again, or give ``exact=False`` where a row more or less does not count.
    """


@attrs.frozen(kw_only=True)
class Shard:
    """What one task of an engine reads: the parts of whole callers. JSON-able, picklable, without secrets.

    `index` is its place among all, the largest first. `plan` holds its parts.
    """

    index: int
    plan: Plan

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names of its accounts."""
        return tuple(dict.fromkeys(part.account for part in self.plan if part.account is not None))

    @property
    def id(self) -> str:
        """A digest of what it reads: the same for the same parts."""
        text = json.dumps(self.plan.to_json(), sort_keys=True)
        return blake2b(text.encode(), digest_size=8, person=b"teamup_async").hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The shard as JSON-able values."""
        return {"index": self.index, "parts": self.plan.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The shard that `to_json` described."""
        return cls(index=values["index"], plan=Plan.from_json(values["parts"]))

    def __reduce__(self) -> Any:
        # As JSON: ready queries need not travel, nor agree with the classes of another version.
        return _shard, (json.dumps(self.to_json()),)


def _shard(text: str) -> Shard:
    return Shard.from_json(json.loads(text))


def shards(
    requests: Mapping[str, Request],
    accounts: AccountSource,
    count: int,
    *,
    sizes: Mapping[str, int] | None = None,
    names: Iterable[str] | None = None,
    endpoints: Sequence[Endpoint[..., Any]] = ENDPOINTS,
) -> list[Shard]:
    """Cut a pull into at most `count` shards, the largest first; the same arguments give the same shards.

    Args:
        requests: Names (of files or tables) and what to pull, as in `BulkPull.pull`.
        accounts: Where accounts come from: a file, ``module:function``, ``"environment"``, or `Account` objects.
        count: Shards at most, 1 or more: as many as run at once. Large accounts wait for their quotas most of the
            time, and side by side they wait together.
        sizes: Rows, by the id of a part (`Estimate.rows`) or by the name of an account. Without them each part
            counts the same.
        names: Only the accounts called so.
        endpoints: The endpoints that requests can name.

    Accounts of one token stay together, since they share its quota. Raises `QueryError` and `ConfigurationError`.
    """
    if count < 1:
        raise ConfigurationError(f"count must be 1 or more, not {count}")
    found = accounts_from(accounts, names)
    plan = make_plan(requests, accounts=[account.name for account in found], endpoints=endpoints)
    return cut(plan, found, count, sizes=sizes)


def cut(
    plan: Plan, accounts: Iterable[Account], count: int, *, sizes: Mapping[str, int] | None = None
) -> list[Shard]:
    """Cut a plan of these accounts into at most `count` shards; see `shards`."""
    tokens = {account.name: account.token for account in accounts}
    callers: dict[str, list[Part]] = {}
    for part in plan:
        callers.setdefault(tokens[str(part.account)], []).append(part)
    weighed = sorted(
        ((_weight(parts, sizes or {}), parts) for parts in callers.values()), key=lambda one: -one[0]
    )
    piles: list[tuple[list[float], list[Part]]] = [([], []) for _ in range(min(count, len(weighed)))]
    for weight, parts in weighed:
        weights, pile = min(piles, key=lambda one: sum(one[0]))
        weights.append(weight)
        pile += parts
    piles.sort(key=lambda one: -sum(one[0]))
    return [Shard(index=index, plan=Plan(tuple(pile))) for index, (_, pile) in enumerate(piles)]


def _weight(parts: Sequence[Part], sizes: Mapping[str, int]) -> float:
    """How much work a caller is; a part that nobody knows the size of is a little."""
    accounts = {part.account for part in parts if part.account is not None}
    known = sum(sizes.get(name, 0) for name in accounts) + sum(sizes.get(part.id, 0) for part in parts)
    return known + len(parts)


class ShardOptions(ClientOptions, total=False):
    """How a shard is read: options of `BulkPull`, the same for all accounts.

    `quota` is where the quota is shared with other processes: ``redis://HOST``, ``file:PATH``, ``"environment"`` (then
    the URL is in ``TEAMUP_QUOTA_REDIS``). It is needed where tasks are repeated within a minute, or a token is used
    elsewhere. `rate`, `rate_window`, `concurrency` and `cap` are as in `BulkPull`.
    """

    quota: str | None
    rate: int | None
    rate_window: float
    concurrency: int
    cap: int
    endpoints: Sequence[Endpoint[..., Any]]


@asynccontextmanager
async def opened(
    shard: Shard, accounts: AccountSource, options: Mapping[str, object]
) -> AsyncGenerator[BulkPull]:
    """The clients of a shard's accounts."""
    async with AsyncExitStack() as stack:
        yield await entered(stack, accounts_from(accounts, shard.accounts), options)


async def entered(
    stack: AsyncExitStack, accounts: Iterable[Account], options: Mapping[str, object]
) -> BulkPull:
    """The clients of these accounts, which `stack` closes. Raises `ConfigurationError`."""
    given: dict[str, Any] = {**options}
    quota, rate = given.pop("quota", None), given.get("rate", 250)
    if quota is not None and rate is None:
        raise ConfigurationError("a quota that is shared needs a rate")
    shared = await stack.enter_async_context(
        quota_from(quota, rate=rate or 1, window=given.get("rate_window", 60.0))
    )
    return await stack.enter_async_context(BulkPull(accounts, quota=shared, **given))


def read(
    shard: Shard,
    accounts: AccountSource,
    *,
    nested: bool = False,
    exact: bool = True,
    **options: Unpack[ShardOptions],
) -> Generator[Any]:
    """The rows of a shard as ``pyarrow.RecordBatch`` objects, as they come; accounts side by side (extra ``parquet``).

    Args:
        shard: A shard of one request: rows of several have different columns.
        accounts: Where accounts come from, on this machine.
        nested: Objects as structs, not as dotted columns.
        exact: Whether a walk that can't prove that every row came once is an error. Then grouped reports and what
            has no ``id_gt``, as most lists, are read until two readings agree: twice, as a rule.
        options: See `ShardOptions`.

    The first column is ``account``. Batches of accounts alternate. Use all of them or none: the errors come at the
    end of a walk.

    Raises `NotExactError`, `ConfigurationError`, `RequestError`, and `SinkError` where pyarrow is missing.
    """
    schema_of(shard, nested=nested, endpoints=options.get("endpoints", ENDPOINTS))
    yield from iterated(lambda: _batches(shard, accounts, nested, exact, options))


def schema_of(
    shard: Shard,
    *,
    nested: bool = False,
    extra: bool = False,
    endpoints: Sequence[Endpoint[..., Any]] = ENDPOINTS,
) -> Any:
    """The columns of a shard's rows, as declared: a ``pyarrow.Schema``. `extra` adds one for unknown fields.

    Raises `ConfigurationError` for a shard of several requests, and for a pivoted report, whose columns only its rows
    tell.
    """
    from ..sinks.frames import labels
    from ..sinks.schema import schema_for, with_extra

    kinds = list({part.name: part for part in shard.plan}.values())
    if len(kinds) != 1:
        names = ", ".join(part.name for part in kinds)
        raise ConfigurationError(f"rows of several requests have different columns: ask for one of {names}")
    endpoint = endpoint_named(kinds[0].endpoint, endpoints)
    query = kinds[0].ready(endpoint)
    if getattr(query, "pivot", None) is not None:
        raise ConfigurationError(f"{endpoint.name}: the columns of a pivoted report are not known beforehand")
    schema = schema_for(endpoint, query, endpoint.measures)
    return labels().labelled_schema(with_extra(schema) if extra else schema, nested=nested)


def _only_confirmed(endpoint: Endpoint[..., Any]) -> bool:
    """Whether only two readings that agree prove that nothing is missing: rows come in no order that never changes."""
    return endpoint.grouped or "id" not in endpoint.pagings


async def _batches(
    shard: Shard, accounts: AccountSource, nested: bool, exact: bool, options: ShardOptions
) -> AsyncGenerator[Any]:
    """The batches of all parts, as they come."""
    shape = schema_of(shard, nested=nested, endpoints=options.get("endpoints", ENDPOINTS))
    async with opened(shard, accounts, options) as bulk:
        async for batch in batches_of(bulk, shard.plan, shape, nested=nested, exact=exact):
            yield batch


async def batches_of(
    bulk: BulkPull,
    plan: Iterable[Part],
    shape: Any,
    *,
    nested: bool = False,
    exact: bool = True,
    extra: bool = False,
) -> AsyncGenerator[Any]:
    """The batches of these parts of one request, as they come, with the columns of `shape` (`schema_of`).

    Raises `NotExactError` where `exact`, and `RequestError`.
    """
    ready: asyncio.Queue[Any] = asyncio.Queue(8)
    walking = asyncio.create_task(_walk_all(bulk, plan, _Form(shape, nested, exact, extra), ready))
    try:
        while (batch := await ready.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        walking.cancel()
        await asyncio.gather(walking, return_exceptions=True)


@attrs.frozen
class _Form:
    """How rows are to come."""

    shape: Any
    nested: bool
    exact: bool
    extra: bool


async def _walk_all(bulk: BulkPull, plan: Iterable[Part], form: _Form, ready: asyncio.Queue[Any]) -> None:
    """Put the batches of all parts into `ready`; then None, or the first error."""
    slots = asyncio.Semaphore(_AT_ONCE)
    try:
        async with asyncio.TaskGroup() as group:
            for part in plan:
                group.create_task(_walk(bulk, part, form, ready, slots))
    except BaseExceptionGroup as errors:
        await ready.put(errors.exceptions[0])
    else:
        await ready.put(None)


async def _walk(
    bulk: BulkPull, part: Part, form: _Form, ready: asyncio.Queue[Any], slots: asyncio.Semaphore
) -> None:
    from ..sinks.frames import labels

    labelled = labels().labelled
    async with slots:
        stream = bulk.stream_of(part)
        if form.exact and _only_confirmed(stream.endpoint):
            stream = stream.paged(confirm=True)
        if form.extra:
            stream = stream.paged(extra="keep")
        async with stream.batches(_ROWS, nested=form.nested) as batches:
            async for batch in batches:
                if batch.num_rows:
                    await ready.put(labelled(batch, part.account, form.shape))
    if form.exact and not stream.integrity.exact:
        why = "; ".join(stream.integrity.unproved) or "rows moved while they were read"
        raise NotExactError(f"{part.id}: {why}. Read it again, or give exact=False.")
