"""A dlt source (extra ``dlt``): a table for each report or list, read incrementally, as Arrow batches.

    import dlt
    from teamup_async.integrations.dlt import teamup_source

    pipeline = dlt.pipeline("studio", destination="duckdb", dataset_name="teamup")
    pipeline.run(teamup_source(["attendances", "customers"]))

See docs/dlt.md.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (some of dlt's types are of packages that need not be installed)

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, Final

try:
    import dlt

    from ..sinks import known as rows_known
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"{error}: pip install 'teamup-async[dlt]'", name=error.name) from None

import attrs

from .._bulk.changes import LAG, RECENT, SyncOptions, check_query
from .._bulk.identity import Owners
from .._bulk.plan import Part, make_plan
from .._bulk.queries import Request
from ..bulk.accounts import Account
from ..bulk.many import BulkPull
from ..bulk.shards import Shard, batches_of, entered, schema_of
from ..bulk.sources import ENVIRONMENT, AccountSource, accounts_from, check_quota
from ..endpoint import Changed, Growing, Recent, Whole
from ..endpoints import ENDPOINTS, endpoint_named
from ..errors import ConfigurationError
from .dlt_changes import Reading, Resource, begin

__all__ = ["DELETED", "teamup_source"]

DELETED: Final = "_teamup_deleted"
"""The column that tells dlt to delete a row; empty in every row of the table."""
_REPLACE: Final[Any] = {"disposition": "replace"}
_MERGE: Final[Any] = {"disposition": "merge"}
_APPEND: Final[Any] = {"disposition": "append"}
_OWN: Final = (_REPLACE, _MERGE, _APPEND)
"""What a run of ours marks its rows with. It stays with the resource; people write these as mere words."""
_ACCOUNT: Final = "account"
_ONLY: Final = "default"
"""The name of the only account, which no table shows."""


@dlt.source(name="teamup", section="teamup", max_table_nesting=0)
def teamup_source(
    reports: Any,
    *,
    token: dlt.TSecretStrValue | None = None,
    provider_id: Any = None,
    mode: str | None = None,
    auth_scheme: str | None = None,
    base_url: str | None = None,
    accounts: Any = None,
    names: Any = None,
    full: bool = False,
    lag: float = LAG.total_seconds(),
    recent: float = RECENT.total_seconds(),
    extra: bool = False,
    exact: bool = True,
    quota: str | None = None,
    rate: int | None = 250,
    rate_window: float = 60.0,
    concurrency: int = 8,
    endpoints: Any = ENDPOINTS,
) -> Iterator[Any]:
    """Reports and lists as resources of dlt, one table each, kept up to date as their declarations say.

        teamup_source(["attendances", "lists.events"])
        teamup_source({"attendances": {"status": ["attended"], "columns": ["id", "status", "updated_at"]}})

    Args:
        reports: Names, or a mapping of names to what to read: a query's keyword arguments, a query, or a stream.
        token: The token of one account; from dlt's secrets as ``sources.teamup.token`` where it is not given, else from
            the variable ``TEAMUP_TOKEN``.
        provider_id: The provider that is read with `token`; from dlt's configuration, as all arguments below.
        mode: The request mode of `token`: ``"provider"`` or ``"customer"``.
        auth_scheme: How `token` is sent; see `TeamUp`.
        base_url: Where the API is.
        accounts: Several accounts instead of a token: a file, ``module:function``, or `Account` objects. Every
            table then begins with a column ``account``.
        names: Only the accounts called so.
        full: Read everything again, and replace the tables: this is how rows that were deleted are noticed.
        lag: Seconds before the last known change that are read again, for slow writers.
        recent: Seconds that are read again where a report does not say what changed.
        extra: Keep fields that this version does not know, as JSON in a column ``extra``.
        exact: Whether a walk that can't prove that every row came once fails the extraction.
        quota: Where the quota is shared with other processes: ``redis://HOST``, ``file:PATH``, ``"environment"``.
        rate: Requests in `rate_window` seconds for each caller; None leaves the quota to the server.
        rate_window: Seconds.
        concurrency: Requests in flight of one caller.
        endpoints: The endpoints that names can mean.

    Raises `ConfigurationError` and `QueryError` at once. What goes wrong later fails the extraction: nothing of that
    run is loaded, and the next one begins where the last good one ended.
    """
    options = {
        "quota": check_quota(quota),
        "rate": rate,
        "rate_window": rate_window,
        "concurrency": concurrency,
        "endpoints": endpoints,
    }
    found = _accounts(
        accounts,
        token,
        names,
        provider_id=provider_id,
        mode=mode,
        auth_scheme=auth_scheme,
        base_url=base_url,
    )
    sync = SyncOptions(lag=timedelta(seconds=lag), recent=timedelta(seconds=recent), full=full)
    clients = _Clients(found, options)
    requests: Mapping[str, Request] = (
        reports if isinstance(reports, Mapping) else {key: {} for key in _listed(reports)}
    )
    for key, request in requests.items():
        plan = make_plan({key: request}, accounts=[account.name for account in found], endpoints=endpoints)
        endpoint = endpoint_named(plan.parts[0].endpoint, endpoints)
        shape = schema_of(Shard(index=0, plan=plan), extra=extra, endpoints=endpoints)
        resource = Resource(
            name=plan.parts[0].name,
            endpoint=endpoint,
            parts=plan.parts,
            columns=tuple(shape.names),
            options=sync,
        )
        check_query(endpoint, plan.parts[0].ready(endpoint), resource.name)
        yield _Table(
            resource, shape, clients, labelled=accounts is not None, extra=extra, exact=exact
        ).resource()


def _listed(reports: Any) -> Iterable[str]:
    return [reports] if isinstance(reports, str) else reports


def _accounts(
    source: AccountSource | None, token: str | None, names: Iterable[str] | None, **settings: Any
) -> tuple[Account, ...]:
    """The accounts to read. Raises `ConfigurationError`."""
    if source is not None:
        return accounts_from(source, names)
    if token:
        return (Account(name=_ONLY, token=token, **settings),)
    if os.environ.get("TEAMUP_TOKEN"):
        [account] = accounts_from(ENVIRONMENT)
        given = {name: value for name, value in settings.items() if value is not None}
        return (attrs.evolve(account, name=_ONLY, **given),)
    raise ConfigurationError(
        "teamup_source needs a token: write it into .dlt/secrets.toml as sources.teamup.token, set the variable "
        "SOURCES__TEAMUP__TOKEN or TEAMUP_TOKEN, or give token= or accounts="
    )


class _Clients:
    """The clients that all tables of a source share, and with them each account's quota.

    dlt runs all async resources of a run in one event loop. The clients open with the first, and close with the loop.
    """

    def __init__(self, accounts: Sequence[Account], options: Mapping[str, object]) -> None:
        self._accounts, self._options = accounts, options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._held: AsyncGenerator[BulkPull] | None = None
        self._opening: asyncio.Task[BulkPull] | None = None
        self.owners = Owners()

    async def opened(self) -> BulkPull:
        """The open clients of the running loop."""
        loop = asyncio.get_running_loop()
        if self._opening is None or self._loop is not loop:
            self._loop, self.owners = loop, Owners()
            self._held = self._hold()
            self._opening = loop.create_task(self._first(self._held))
        return await asyncio.shield(self._opening)

    async def _hold(self) -> AsyncGenerator[BulkPull]:
        """The open clients. When the loop ends it closes its generators, and so the clients."""
        async with AsyncExitStack() as stack:
            yield await entered(stack, self._accounts, self._options)

    @staticmethod
    async def _first(held: AsyncGenerator[BulkPull]) -> BulkPull:
        return await anext(held)


@attrs.frozen
class _Table:
    """A resource of dlt: how it is declared, and what it reads in a run."""

    asked: Resource
    shape: Any
    clients: _Clients
    labelled: bool
    extra: bool
    exact: bool

    @property
    def _keys(self) -> tuple[str, ...]:
        own = ("id",) if self.asked.endpoint.has_id and "id" in self.asked.columns else ()
        return (_ACCOUNT, *own) if self.labelled and own else own

    @property
    def _columns(self) -> Any:
        deleted = DELETED if isinstance(self.asked.way, Recent) else None
        return rows_known.typed(self.shape, account=self.labelled, keys=self._keys, deleted=deleted)

    @property
    def _disposition(self) -> Any:
        match self.asked.way:
            case Whole():
                return "replace"
            case Growing():
                return "append"
            case _:
                return "merge"

    def resource(self) -> Any:
        """The resource, as dlt knows it."""

        async def rows() -> AsyncGenerator[Any]:  # dlt takes functions only
            async for batch in self.rows():
                yield batch

        made: Any = dlt.resource(
            rows,
            name=self.asked.name,
            primary_key=self._keys,
            write_disposition=self._disposition,
        )
        return made

    async def rows(self) -> AsyncGenerator[Any]:
        """The batches of a run; then what it leaves in the state."""
        mine: Any = dlt.current.resource()
        state: dict[str, Any] = dlt.current.resource_state(self.asked.name)
        saved: dict[str, Any] = state.get("accounts", {})
        chosen = mine.write_disposition
        own = chosen in (self._disposition, *_OWN)
        kind = self._disposition if own else chosen["disposition"] if isinstance(chosen, dict) else chosen
        # Whoever replaces the table must have all rows of it.
        full = self.asked.options.full or kind == "replace" != self._disposition
        bulk = await self.clients.opened()
        readings = await self._begun(bulk, {} if full else saved)
        whole = all(reading.whole for reading in readings.values())
        marked = _marked(self.asked, kind, own=own, whole=whole)
        table, loaded = self._columns, 0
        parts = [part for reading in readings.values() for part in reading.parts]
        async for batch in batches_of(bulk, parts, self.shape, exact=self.exact, extra=self.extra):
            reading = readings[rows_known.account_of(batch)]
            fresh = rows_known.renamed(batch, reading.new_in(batch), table)
            if fresh.num_rows:
                yield fresh if loaded or marked is None else dlt.mark.with_hints(fresh, marked)
                loaded += fresh.num_rows
        for reading in readings.values():
            if kind == "merge" and (gone := reading.gone()):
                deleted = rows_known.only_ids(gone, reading.account, DELETED, table)
                yield deleted if loaded or marked is None else dlt.mark.with_hints(deleted, marked)
                loaded += len(gone)
        if whole and not loaded:
            none = rows_known.empty(table)
            yield none if marked is None else dlt.mark.with_hints(none, marked)
        if (loaded or whole) and not isinstance(self.asked.way, Whole):
            now = {str(name): reading.remembered() for name, reading in readings.items()}
            state["accounts"] = {**saved, **now}

    async def _begun(self, bulk: BulkPull, saved: Mapping[str, Any]) -> dict[str | None, Reading]:
        """What is read of each account."""

        def one(part: Part) -> Coroutine[Any, Any, Reading]:
            name = str(part.account)
            return begin(bulk.clients[name], self.asked, part, saved.get(name), self.clients.owners)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {part.account: group.create_task(one(part)) for part in self.asked.parts}
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return {name: task.result() for name, task in tasks.items()}


def _marked(asked: Resource, kind: Any, *, own: bool, whole: bool) -> Any:
    """How the rows of a run are loaded, for dlt: in place of those that are there, or merged; None: as it is.

    A disposition that the user chose (not `own`) stays.
    """
    if own and whole and kind != "replace":
        return dlt.mark.make_hints(write_disposition=_REPLACE)
    columns: dict[str, Any] = {}
    if kind == "merge" and isinstance(asked.way, Changed) and asked.way.field in asked.columns:
        # Of two versions of a row in one run, the later one counts.
        columns[asked.way.field.replace(".", "__")] = {"dedup_sort": "desc"}
    if kind == "merge" and isinstance(asked.way, Recent):
        columns[DELETED] = {"data_type": "bool", "hard_delete": True}
    if own and kind != "replace":
        return dlt.mark.make_hints(write_disposition=_MERGE if kind == "merge" else _APPEND, columns=columns)
    return dlt.mark.make_hints(columns=columns) if columns else None
