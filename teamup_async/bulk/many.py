"""`BulkPull`: several accounts at once, each within its own quota, over shared connections."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from .._bulk.methods import BulkMethods
from .._http.clock import SYSTEM_CLOCK
from .._http.throttle import Throttle
from .._http.transport import connections
from ..client import TeamUp
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import ClientClosedError, ConfigurationError
from .accounts import Account
from .shared import QuotaFile

__all__ = ["BulkPull"]


class BulkPull(BulkMethods):
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
        endpoints: Sequence[Endpoint[..., Any]] = ENDPOINTS,
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
        self._endpoints = endpoints
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

    def _bulk_clients(self) -> Mapping[str | None, TeamUp]:
        return {name: client.patient() for name, client in self._opened().items()}

    def _bulk_accounts(self) -> Iterable[str | None]:
        return [account.name for account in self.accounts]

    def _bulk_quota(self) -> tuple[Mapping[str | None, str], int | None, float]:
        return {account.name: account.token for account in self.accounts}, self._rate, self._window

    def _bulk_endpoints(self) -> Sequence[Endpoint[..., Any]]:
        return self._endpoints

    def _opened(self) -> Mapping[str | None, TeamUp]:
        if not self._clients:
            raise ClientClosedError("open it first: async with BulkPull(...) as bulk")
        return self._clients

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
