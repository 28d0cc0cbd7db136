"""`BulkPull`: several accounts at once, each within its own quota, over shared connections."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from .._bulk.changes import LAG, RECENT, SyncOptions, plan_sync, sync_all
from .._bulk.estimate import Estimate, estimate
from .._bulk.plan import Part, Plan, make_plan
from .._bulk.queries import Request
from .._bulk.result import PullResult
from .._bulk.run import Pull, Watch, seconds_of
from .._http.clock import SYSTEM_CLOCK
from .._http.throttle import Throttle
from .._http.transport import connections
from ..client import TeamUp
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import ClientClosedError, ConfigurationError
from ..sinks.base import Sink
from .accounts import Account
from .shared import QuotaFile

__all__ = ["BulkPull"]


class BulkPull:
    """Clients for several accounts.

        async with BulkPull([Account(name="north", token=..., provider_id=1), ...]) as bulk:
            result = await bulk.pull({"attendances": {}}, into="parquet:data")

    Accounts with the same token share its quota of `rate` requests in `rate_window` seconds; `quota_file`
    shares it with other processes too. At most `cap` requests are under way in all, and `concurrency` of one
    caller. Further options are those of `TeamUp`.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        cap: int = 32,
        rate: int | None = 250,
        rate_window: float = 60.0,
        concurrency: int = 8,
        quota_file: QuotaFile | None = None,
        endpoints: Iterable[Endpoint[..., Any]] = ENDPOINTS,
        **options: Any,
    ) -> None:
        self.accounts = tuple(accounts)
        names = {account.name.casefold() for account in self.accounts}
        if not self.accounts or len(names) < len(self.accounts):
            raise ConfigurationError("accounts must be given, each with a name of its own")
        if cap < 1:
            raise ConfigurationError("cap must be 1 or more")
        self._cap = cap
        self._rate, self._window, self._concurrency = rate, rate_window, concurrency
        self._quota_file = quota_file
        self._endpoints = tuple(endpoints)
        self._options = options
        self._clients: dict[str | None, TeamUp] = {}
        self._http: Any = None

    def __repr__(self) -> str:
        return f"<BulkPull of {', '.join(account.name for account in self.accounts)}>"

    async def __aenter__(self) -> Self:
        own = {name: self._options[name] for name in ("ssl", "trace_configs") if name in self._options}
        self._http = connections(self._cap, **own)
        cap = asyncio.Semaphore(self._cap)
        throttles: dict[str, Throttle] = {}
        try:
            for account in self.accounts:
                if account.token not in throttles:
                    throttles[account.token] = self._throttle(account.token, cap)
                client = self._client(account, throttles[account.token])
                self._clients[account.name] = await client.__aenter__()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all requests and close the connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        if self._http is not None:
            await self._http.close()
            self._http = None

    def plan(
        self,
        requests: Mapping[str, Request],
        *,
        windows: timedelta | Mapping[str, timedelta] | None = None,
    ) -> Plan:
        """The parts that `pull` would do, for all accounts."""
        names = [account.name for account in self.accounts]
        return make_plan(requests, accounts=names, windows=windows, endpoints=self._endpoints)

    async def pull(
        self,
        requests: Mapping[str, Request],
        *,
        into: Sink | str,
        windows: timedelta | Mapping[str, timedelta] | None = None,
        restart: bool = False,
        raise_on_error: bool = False,
        watch: Watch | None = None,
    ) -> PullResult:
        """Pull reports of all accounts; see `TeamUp.pull`. Files go into a folder for each account."""
        request = {
            "queries": self.plan(requests).to_json(),
            "windows": seconds_of(windows),
            "accounts": self._identities(),
        }
        plan = self.plan(requests, windows=windows)
        return await self._run(
            plan, into, request, restart=restart, raise_on_error=raise_on_error, watch=watch
        )

    async def sync(
        self,
        requests: Mapping[str, Request],
        *,
        into: Sink | str,
        lag: timedelta = LAG,
        recent: timedelta = RECENT,
        full: bool = False,
        restart: bool = False,
        raise_on_error: bool = False,
        watch: Watch | None = None,
    ) -> PullResult:
        """Keep tables of all accounts up to date; see `TeamUp.sync`."""
        result = await sync_all(
            self._opened(),
            requests,
            into=into,
            options=SyncOptions(lag=lag, recent=recent, full=full),
            restart=restart,
            watch=watch,
            endpoints=self._endpoints,
        )
        if raise_on_error:
            result.raise_on_error()
        return result

    async def plan_sync(
        self,
        requests: Mapping[str, Request],
        *,
        into: Sink | str,
        lag: timedelta = LAG,
        recent: timedelta = RECENT,
        full: bool = False,
    ) -> Plan:
        """The parts that `sync` would read; nothing is changed."""
        options = SyncOptions(lag=lag, recent=recent, full=full)
        clients = self._opened()
        return await plan_sync(clients, requests, into=into, options=options, endpoints=self._endpoints)

    async def run(
        self,
        plan: Plan,
        *,
        into: Sink | str,
        restart: bool = False,
        raise_on_error: bool = False,
        watch: Watch | None = None,
    ) -> PullResult:
        """Run a plan, or a piece of one, whose accounts are among these."""
        for part in plan:
            self._client_of(part)
        request = {"plan": plan.to_json(), "accounts": self._identities()}
        return await self._run(
            plan, into, request, restart=restart, raise_on_error=raise_on_error, watch=watch
        )

    async def estimate(self, plan: Plan) -> Estimate:
        """Ask for the number of rows of each part (one small request each), and compute what the plan will take."""
        return await estimate(
            plan,
            self._opened(),
            callers={account.name: account.token for account in self.accounts},
            rate=self._rate,
            window=self._window,
            endpoints=self._endpoints,
        )

    async def _run(
        self,
        plan: Plan,
        into: Sink | str,
        request: Mapping[str, Any],
        *,
        restart: bool,
        raise_on_error: bool,
        watch: Watch | None,
    ) -> PullResult:
        work = Pull(
            plan,
            self._opened(),
            into,
            request=request,
            restart=restart,
            watch=watch,
            endpoints=self._endpoints,
        )
        result = await work.run()
        if raise_on_error:
            result.raise_on_error()
        return result

    def _opened(self) -> Mapping[str | None, TeamUp]:
        if not self._clients:
            raise ClientClosedError("open it first: async with BulkPull(...) as bulk")
        return self._clients

    def _client_of(self, part: Part) -> TeamUp:
        if part.account not in self._clients:
            raise ConfigurationError(f"part {part.id!r} is of account {part.account!r}, which is not here")
        return self._clients[part.account]

    def _identities(self) -> dict[str, Any]:
        return {str(name): client.identity for name, client in self._clients.items()}

    def _throttle(self, token: str, cap: asyncio.Semaphore) -> Throttle:
        if self._quota_file is not None:
            return self._quota_file.throttle(token, concurrency=self._concurrency, cap=cap)
        clock = self._options.get("clock", SYSTEM_CLOCK)
        return Throttle(self._rate, window=self._window, concurrency=self._concurrency, clock=clock, cap=cap)

    def _client(self, account: Account, throttle: Throttle) -> TeamUp:
        own = {
            "account": account.name,
            "token": account.token,
            "provider_id": account.provider_id,
            "auth_scheme": account.auth_scheme,
            "mode": account.mode,
            "base_url": account.base_url,
            "session": self._http,
            "throttle": throttle,
            "concurrency": self._concurrency,
        }
        options: dict[str, Any] = {
            **self._options,
            **{name: value for name, value in own.items() if value is not None},
        }
        if "provider_id" not in options and os.environ.get("TEAMUP_PROVIDER_ID"):
            # One provider for all accounts is hardly meant, and would pull another business under this name.
            raise ConfigurationError(
                f"account {account.name!r} has no provider_id, and the variable TEAMUP_PROVIDER_ID is set: "
                "give the account one, or unset the variable"
            )
        try:
            return TeamUp(**options)
        except ConfigurationError as error:
            raise ConfigurationError(f"account {account.name!r}: {error}") from None
