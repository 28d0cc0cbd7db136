"""`BulkPull`: several accounts at once, each within its own quota, over shared connections."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from ssl import SSLContext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from .._bulk.methods import BulkMethods
from .._http.clock import SYSTEM_CLOCK, Clock
from .._http.ledger import Ledger
from .._http.policy import RetryPolicy
from .._http.retry import OnRetry
from .._http.throttle import Throttle
from .._http.transport import connections
from ..auth import AuthScheme, Mode
from ..client import TeamUp
from ..config import Timeouts
from ..dialect import Dialect
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import ClientClosedError, ConfigurationError, nearest
from ..query import ArrayEncoding
from ..stats import Stats
from ..telemetry import resolve
from ..telemetry.hooks import Telemetry
from .accounts import Account
from .shared import SharedQuota

if TYPE_CHECKING:
    import aiohttp

__all__ = ["BulkPull", "ClientOptions"]


class ClientOptions(TypedDict, total=False):
    """Options that all accounts have in common; see `TeamUp`. What an account says itself counts instead."""

    mode: Mode
    auth_scheme: AuthScheme
    base_url: str
    proxy: str | None
    ssl: SSLContext | bool
    trace_configs: Sequence[aiohttp.TraceConfig]
    retry: RetryPolicy | None
    on_retry: OnRetry | None
    timeout: Timeouts | float | None
    dialect: Dialect | str
    array_encoding: ArrayEncoding
    max_body: int
    clock: Clock
    telemetry: Telemetry | bool | None


class BulkPull(BulkMethods):
    """Clients for several accounts.

        async with BulkPull([Account(name="north", token=..., provider_id=1), ...]) as bulk:
            result = await bulk.pull({"attendances": {}}, into="parquet:data")

    * `accounts`: `Account` objects, each with a name of its own; `load_accounts` reads them from a file.
    * `cap`: requests in flight in all, 1 or more.
    * `rate`, `rate_window`: requests in so many seconds for each caller. Accounts with the same token share its
      quota. None leaves the quota to the server.
    * `concurrency`: requests in flight of one caller.
    * `quota`: a `QuotaFile` or a `RedisQuota`, which share quotas with other processes too.
    * `endpoints`: the endpoints that requests can name, all declared ones by default.
    * `options`: further options of `TeamUp`, the same for all accounts.

    Raises `ConfigurationError` for what can't work, and for an option that there is not.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        cap: int = 32,
        rate: int | None = 250,
        rate_window: float = 60.0,
        concurrency: int = 8,
        quota: SharedQuota | None = None,
        endpoints: Sequence[Endpoint[..., Any]] = ENDPOINTS,
        **options: Unpack[ClientOptions],
    ) -> None:
        for name in options:
            if name not in ClientOptions.__annotations__:
                known = (*ClientOptions.__annotations__, *(BulkPull.__init__.__kwdefaults__ or ()))
                near = nearest(name, known)
                raise ConfigurationError(
                    f"BulkPull has no option {name!r}" + (f"; did you mean {near!r}?" if near else "")
                )
        self.accounts = tuple(accounts)
        names = {account.name.casefold() for account in self.accounts}
        if not self.accounts or len(names) < len(self.accounts):
            raise ConfigurationError("accounts must be given, each with a name of its own")
        if cap < 1:
            raise ConfigurationError("cap must be 1 or more")
        self._cap = cap
        self._rate, self._window, self._concurrency = rate, rate_window, concurrency
        self._quota = quota
        self._endpoints = endpoints
        self._options = options
        self._clients: dict[str | None, TeamUp] = {}
        self._ledger = Ledger(account="", telemetry=resolve(options.get("telemetry"), os.environ))
        self._ended: dict[str, Stats] = {}
        self._http: Any = None

    def __repr__(self) -> str:
        return f"<BulkPull of {', '.join(account.name for account in self.accounts)}>"

    async def __aenter__(self) -> Self:
        options: dict[str, Any] = {**self._options}
        own = {name: options[name] for name in ("ssl", "trace_configs") if name in options}
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
        self._ended = self.stats
        self._clients.clear()
        if self._http is not None:
            await self._http.close()
            self._http = None

    @property
    def clients(self) -> dict[str, TeamUp]:
        """The client of each account, by its name. Raises `ClientClosedError` unless they are open."""
        return {account.name: self._opened()[account.name] for account in self.accounts}

    @property
    def stats(self) -> dict[str, Stats]:
        """What the client of each account has done since it was opened, by the account's name.

        print(bulk.stats["north"].requests, Stats.sum(bulk.stats.values()).throttled)
        """
        if not self._clients:
            return self._ended
        return {
            account.name: self._clients[account.name].stats
            for account in self.accounts
            if account.name in self._clients
        }

    def _bulk_clients(self) -> Mapping[str | None, TeamUp]:
        return {name: client._for_a_run() for name, client in self._opened().items()}  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - one house

    def _bulk_accounts(self) -> Iterable[str | None]:
        return [account.name for account in self.accounts]

    def _bulk_ledger(self) -> Ledger:
        return self._ledger

    def _bulk_quota(self) -> tuple[Mapping[str | None, str], int | None, float]:
        rates = [rate for rate in (self._rate, *(one.rate for one in self.accounts)) if rate is not None]
        return (
            {account.name: account.token for account in self.accounts},
            min(rates, default=None),
            self._window,
        )

    def _bulk_endpoints(self) -> Sequence[Endpoint[..., Any]]:
        return self._endpoints

    def _opened(self) -> Mapping[str | None, TeamUp]:
        if not self._clients:
            raise ClientClosedError("open it first: async with BulkPull(...) as bulk")
        return self._clients

    def _throttle(self, token: str, cap: asyncio.Semaphore) -> Throttle:
        rates = [one.rate for one in self.accounts if one.token == token and one.rate is not None]
        if self._quota is not None:
            if rates:
                raise ConfigurationError(
                    "a shared quota has one rate for all accounts: leave the rate of the accounts out"
                )
            return self._quota.throttle(token, concurrency=self._concurrency, cap=cap)
        clock = self._options.get("clock", SYSTEM_CLOCK)
        return Throttle(
            min(rates, default=self._rate),
            window=self._window,
            concurrency=self._concurrency,
            clock=clock,
            cap=cap,
        )

    def _client(self, account: Account, throttle: Throttle) -> TeamUp:
        own = {
            "account": account.name,
            "token": account.token,
            "provider_id": account.provider_id,
            "auth_scheme": account.auth_scheme,
            "mode": account.mode,
            "base_url": account.base_url,
            "dialect": account.dialect,
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
