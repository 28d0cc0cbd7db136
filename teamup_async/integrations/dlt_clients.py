"""Whose rows a dlt source reads, and the clients that its tables share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

import attrs

from .._bulk.identity import Owners
from ..bulk.accounts import Account
from ..bulk.many import BulkPull
from ..bulk.shards import entered
from ..bulk.sources import ENVIRONMENT, AccountSource, accounts_from
from ..errors import ConfigurationError

__all__ = ["Clients", "accounts_of"]

_ONLY: Final = "default"
"""The name of the only account, which no table shows."""


def accounts_of(
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


class Clients:
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
