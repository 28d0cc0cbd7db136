"""`pull`, `sync` and what goes with them, as methods of a client of one account and of `BulkPull` for many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._http.ledger import Ledger
    from ..endpoint import Endpoint
    from ..sinks.base import Sink, Target
    from ..sinks.naming import Names
    from ..stream import RowStream
    from .changes import SyncOptions
    from .client import Client
    from .estimates import Estimate
    from .job import Job
    from .plan import Part, Plan
    from .queries import Request
    from .result import PullResult
    from .watching import Watch

__all__ = ["BulkMethods"]


class BulkMethods(ABC):
    """Pulls and syncs. Whoever inherits them says of which clients."""

    @abstractmethod
    def _bulk_clients(self) -> Mapping[str | None, Client]:
        """The opened clients by the names of their accounts; None for the only one."""

    @abstractmethod
    def _bulk_accounts(self) -> Iterable[str | None]:
        """The names of the accounts, opened or not."""

    @abstractmethod
    def _bulk_quota(self) -> tuple[Mapping[str | None, str], int | None, float]:
        """Whose quota each account uses, requests in a window, and its seconds."""

    @abstractmethod
    def _bulk_ledger(self) -> Ledger:
        """What the only account is called, and who is told what is done."""

    def _bulk_endpoints(self) -> Sequence[Endpoint[..., Any]]:
        """The endpoints that requests can name."""
        from ..endpoints import ENDPOINTS

        return ENDPOINTS

    async def pull(
        self,
        requests: Mapping[str, Request],
        *,
        into: Sink | str,
        names: Names | None = None,
        windows: timedelta | Mapping[str, timedelta] | None = None,
        restart: bool = False,
        raise_on_error: bool = False,
        watch: Watch | None = None,
        remember: bool = False,
    ) -> PullResult:
        """Pull several reports into files or a database.

            await teamup.pull({"attendances": {"status": ["attended"]}}, into="duckdb:gym.duckdb")

        * `requests` maps names (of files or tables) to queries, their keyword arguments, or streams.
        * `into` is a sink, or text such as ``"parquet:data/"``. Several accounts get a folder each, or a column
          ``account`` in the tables of a database.
        * `names`: ``"snake"`` for columns such as ``customer_name`` instead of ``customer.name``. A sink that was made
          before has its own `names`.
        * `windows` splits long stretches of time into pieces of that length, side by side.
        * `restart` begins anew. Otherwise a pull that was interrupted goes on where it stood when the same pull is
          started again.
        * `raise_on_error` raises an `ExceptionGroup` if a part is incomplete. Otherwise the result tells: a part
          that fails does not stop the others.
        * `watch` is called once, with the `RunProgress` to look at: the `PartProgress` of each part, and `result()`.
        * `remember` has the place remember this run, so that the reports of later ones show a trend.

        Raises `QueryError`, `SinkError` (`SinkBusyError` where another run writes to the same place), and
        `CheckpointError` where another version of this package left something unfinished.
        """
        from .plan import length_of, make_plan

        known = self._endpoints_of(requests)
        accounts = tuple(self._bulk_accounts())
        plan = make_plan(requests, accounts=accounts, windows=windows, endpoints=known)
        whole = {part.target: part for part in make_plan(requests, accounts=accounts, endpoints=known)}
        lengths = {
            part.target: length_of(windows, name)
            for name, part in zip([*requests] * len(accounts), whole.values(), strict=True)
        }
        asked = {
            target: {
                "endpoint": part.endpoint,
                "query": dict(part.query),
                "windows": None if (length := lengths[target]) is None else length.total_seconds(),
            }
            for target, part in whole.items()
        }
        return await self._run(
            self._jobs(plan, known, asked),
            _sink(into, names),
            restart=restart,
            raise_on_error=raise_on_error,
            watch=watch,
            remember=remember,
            call="pull",
        )

    async def sync(
        self,
        requests: Mapping[str, Request],
        *,
        into: Sink | str,
        names: Names | None = None,
        lag: timedelta = timedelta(minutes=15),
        recent: timedelta = timedelta(days=30),
        full: bool = False,
        verify: bool = False,
        restart: bool = False,
        raise_on_error: bool = False,
        watch: Watch | None = None,
        remember: bool = False,
    ) -> PullResult:
        """Keep tables of reports up to date: the first run reads everything, later ones what changed.

            await teamup.sync({"attendances": {}}, into="duckdb:gym.duckdb")

        How a report is kept up to date is declared (`Endpoint.sync`): what changed since the last known change,
        what is recent, what is new, or everything. Rows that become visible by time alone (a booking made ahead,
        when its class starts) are read as well. Each table is then compared with the total that TeamUp gives for
        the same query. Tables are in DuckDB, SQLite, PostgreSQL, Delta Lake or Parquet.

        * `lag` is how far before the last known change is read again, for changes that become visible late.
        * `recent` is how far back is read again where a report does not say what changed. Rows that are gone from
          that stretch are removed.
        * `full` reads everything again, and so notices rows that were deleted at TeamUp.
        * `verify` makes it an error (`VerificationError`) if a table has more or fewer rows than TeamUp says.
          Otherwise a note in the result tells.

        The rest is as in `pull`. `PartResult.counts` says what a sync did to each table.
        """
        from .changes import SyncOptions

        options = SyncOptions(lag=lag, recent=recent, full=full, verify=verify)
        return await self._run(
            self._sync_jobs(requests, options),
            _sink(into, names),
            restart=restart,
            raise_on_error=raise_on_error,
            watch=watch,
            remember=remember,
            call="sync",
        )

    async def run(
        self,
        plan: Plan,
        *,
        into: Sink | str,
        names: Names | None = None,
        restart: bool = False,
        raise_on_error: bool = False,
        watch: Watch | None = None,
        remember: bool = False,
    ) -> PullResult:
        """Run a plan, or a piece of one, whose accounts are among these; the rest is as in `pull`."""
        from ..errors import ConfigurationError

        clients = self._bulk_clients()
        asked: dict[Target, dict[str, Any]] = {}
        for part in plan:
            if part.account not in clients:
                raise ConfigurationError(
                    f"part {part.id!r} is of account {part.account!r}, which is not here"
                )
            asked.setdefault(part.target, {"parts": []})["parts"].append(part.to_json())
        return await self._run(
            self._jobs(plan, self._bulk_endpoints(), asked),
            _sink(into, names),
            restart=restart,
            raise_on_error=raise_on_error,
            watch=watch,
            remember=remember,
            call="run",
        )

    def stream_of(self, part: Part) -> RowStream[Any]:
        """The stream that reads one part of a plan, as patient as a pull; nothing is sent before it is iterated.

        Where the part has a window of time, rows that lie exactly at `part.window.until` come as well, since the API's
        bounds include both ends; they belong to the next window. Raises `QueryError`, and `ConfigurationError` for
        an account that is not here.
        """
        from ..endpoints import endpoint_named
        from ..errors import ConfigurationError

        clients = self._bulk_clients()
        if part.account not in clients:
            raise ConfigurationError(f"part {part.id!r} is of account {part.account!r}, which is not here")
        endpoint = endpoint_named(part.endpoint, self._bulk_endpoints())
        return clients[part.account].stream(endpoint, part.ready(endpoint))

    def plan(
        self,
        requests: Mapping[str, Request],
        *,
        windows: timedelta | Mapping[str, timedelta] | None = None,
    ) -> Plan:
        """The parts that `pull` would do. Raises `QueryError`."""
        from .plan import make_plan

        known = self._endpoints_of(requests)
        return make_plan(requests, accounts=tuple(self._bulk_accounts()), windows=windows, endpoints=known)

    async def plan_sync(
        self,
        requests: Mapping[str, Request],
        *,
        into: Sink | str,
        names: Names | None = None,
        lag: timedelta = timedelta(minutes=15),
        recent: timedelta = timedelta(days=30),
        full: bool = False,
    ) -> Plan:
        """The parts that `sync` would read; nothing is changed. It asks for the latest change of each report."""
        from .changes import SyncOptions
        from .runner import look

        options = SyncOptions(lag=lag, recent=recent, full=full)
        return await look(self._sync_jobs(requests, options), _sink(into, names))

    async def estimate(self, plan: Plan) -> Estimate:
        """Ask for the number of rows of each part (one or two small requests each); compute what the plan takes."""
        from .estimates import estimate

        callers, rate, window = self._bulk_quota()
        return await estimate(
            plan,
            self._bulk_clients(),
            callers=callers,
            rate=rate,
            window=window,
            endpoints=self._bulk_endpoints(),
        )

    def _endpoints_of(self, requests: Mapping[str, Request]) -> Sequence[Endpoint[..., Any]]:
        """The endpoints, and those of streams, which need not be declared."""
        from .queries import checked, is_stream

        requests = checked(requests)
        known = self._bulk_endpoints()
        own = [request.endpoint for request in requests.values() if is_stream(request)]
        new = [endpoint for endpoint in own if endpoint not in known]
        return [*known, *new] if new else known

    def _jobs(
        self,
        plan: Plan,
        endpoints: Sequence[Endpoint[..., Any]],
        asked: Mapping[Target, Mapping[str, Any]],
        options: SyncOptions | None = None,
    ) -> list[Job]:
        from .job import jobs_of

        callers, rate, _ = self._bulk_quota()
        return jobs_of(
            plan,
            self._bulk_clients(),
            endpoints,
            asked,
            sync=options,
            callers=None if rate is None else callers,
        )

    def _sync_jobs(self, requests: Mapping[str, Request], options: SyncOptions) -> list[Job]:
        plan = self.plan(requests)
        asked = {part.target: {"endpoint": part.endpoint, "query": dict(part.query)} for part in plan}
        return self._jobs(plan, self._endpoints_of(requests), asked, options)

    async def _run(
        self,
        jobs: list[Job],
        sink: Sink,
        *,
        restart: bool,
        raise_on_error: bool,
        watch: Watch | None,
        remember: bool,
        call: str,
    ) -> PullResult:
        from .runner import RunOptions, run

        options = RunOptions(
            into=sink,
            ledger=self._bulk_ledger(),
            restart=restart,
            watch=watch,
            remember=remember,
            call=f"{type(self).__name__}.{call}",
        )
        result = await run(jobs, options)
        if raise_on_error:
            result.raise_on_error()
        return result


def _sink(into: Sink | str, names: Names | None) -> Sink:
    """The sink that `into` means. Raises `ConfigurationError` where a ready one calls columns by other `names`."""
    from ..errors import ConfigurationError
    from ..sinks.named import sink_named
    from ..sinks.naming import names_of

    if isinstance(into, str):
        return sink_named(into) if names is None else sink_named(into, names=names)
    if names not in (None, names_of(into)):
        raise ConfigurationError(
            f"{into.name} calls columns by {names_of(into)} names: give names={names!r} to the sink itself"
        )
    return into
