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
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

try:
    import dlt

    from ..sinks import known as rows_known
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"{error}: pip install 'teamup-async[dlt]'", name=error.name) from None

import attrs

from .._bulk.changes import LAG, RECENT, SyncOptions, check_query
from .._bulk.plan import Part, make_plan
from .._bulk.queries import Request
from ..bulk.many import BulkPull
from ..bulk.shards import Shard, batches_of, schema_of
from ..bulk.sources import check_quota
from ..endpoint import Changed, Growing, Recent, Whole
from ..endpoints import ENDPOINTS, endpoint_named
from ..errors import ConfigurationError, clip
from .dlt_changes import Reading, Resource, begin
from .dlt_clients import Clients, accounts_of

__all__ = ["DELETED", "teamup_source"]

DELETED: Final = "_teamup_deleted"
"""The column that tells dlt to delete a row; empty in every row of the table."""
_REPLACE: Final[Any] = {"disposition": "replace"}
_MERGE: Final[Any] = {"disposition": "merge"}
_APPEND: Final[Any] = {"disposition": "append"}
_OWN: Final = (_REPLACE, _MERGE, _APPEND)
"""What a run of ours marks its rows with. It stays with the resource; people write these as mere words."""
_ACCOUNT: Final = "account"


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
    found = accounts_of(
        accounts,
        token,
        names,
        provider_id=provider_id,
        mode=mode,
        auth_scheme=auth_scheme,
        base_url=base_url,
    )
    sync = SyncOptions(lag=timedelta(seconds=lag), recent=timedelta(seconds=recent), full=full)
    clients = Clients(found, options)
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
            columns=tuple(shape.names)[0 if accounts is not None else 1 :],
            options=sync,
        )
        check_query(endpoint, plan.parts[0].ready(endpoint), resource.name)
        yield _Table(
            resource, shape, clients, labelled=accounts is not None, extra=extra, exact=exact
        ).resource()


def _listed(reports: Any) -> Iterable[str]:
    return [reports] if isinstance(reports, str) else reports


@attrs.frozen
class _Table:
    """A resource of dlt: how it is declared, and what it reads in a run."""

    asked: Resource
    shape: Any
    clients: Clients
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
            case Growing() if self.asked.appends:
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
        state = self._state()
        saved: dict[str, Any] = state.get("accounts", {})
        chosen = mine.write_disposition
        own = chosen in (self._disposition, *_OWN)
        kind = self._disposition if own else chosen["disposition"] if isinstance(chosen, dict) else chosen
        # A table that is replaced needs all rows.
        full = self.asked.options.full or kind == "replace" != self._disposition
        bulk = await self.clients.opened()
        readings = await self._begun(bulk, {} if full else saved)
        whole = all(reading.whole for reading in readings.values())
        if not full and whole:
            whole = self._alone(saved, [str(name) for name in readings])
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
        if loaded or whole:
            now = {str(name): reading.remembered() for name, reading in readings.items()}
            state["accounts"] = now if whole else {**saved, **now}

    def _state(self) -> dict[str, Any]:
        """Where the note of this table is kept. dlt clears a resource's state where its table is replaced."""
        if isinstance(self.asked.way, Whole):
            replaced: dict[str, dict[str, Any]] = dlt.current.source_state().setdefault("replaced", {})
            return replaced.setdefault(self.asked.name, {})
        own: dict[str, Any] = dlt.current.resource_state(self.asked.name)
        return own

    def _alone(self, saved: Mapping[str, Any], names: Sequence[str]) -> bool:
        """Whether the table holds rows of the accounts `names` only, all of which were read.

        False for accounts that are new in a table of others. Raises `ConfigurationError` where the others' rows
        would be lost.
        """
        others = saved.keys() - set(names)
        if not others:
            return True
        new = not saved.keys() & set(names)
        alike = all(saved[name].get("columns") == list(self.asked.columns) for name in others)
        if new and alike and not isinstance(self.asked.way, Whole):
            return False
        raise ConfigurationError(
            f"table {self.asked.name} holds rows of {clip(', '.join(sorted(others)), 200)} too, and would be replaced: "
            "read all its accounts, use another table, or give full=True to leave the others out"
        )

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
