"""Whose rows a client reads, so that one studio's rows never go into another's table.

A token may be rotated, and a provider id may be given later: both leave the account what it is. An account is
its provider. Where no provider id is given, TeamUp is asked once which providers the token reaches; its answer
is saved, and asked for again only when the token is another one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from ..errors import AuthenticationError, ResponseDecodeError, StatusError
from ..lists.providers import PROVIDERS, ProvidersQuery
from .checkpoint import CheckpointError
from .client import Client

__all__ = ["Owners", "check_owner"]

_COMPARED: Final = ("base_url", "mode", "provider")


class Owners:
    """Finds out, once for each client, whose rows it reads."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Any]] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, client: Client, saved: Mapping[str, Any] | None) -> dict[str, Any]:
        """Base URL, mode, provider, and a digest of the token. `saved` is what was found out in an earlier run.

        Raises `RequestError` where TeamUp can't be asked; the provider is None where it does not tell.
        """
        owner: dict[str, Any] = dict(client.identity)
        if owner["provider"] is not None:
            return owner
        if saved is not None and saved.get("caller") == owner["caller"]:
            return {**owner, "provider": saved.get("provider")}
        key = f"{owner['base_url']} {owner['caller']}"
        async with self._asking[key]:  # the reports of an account begin side by side
            if key not in self._found:
                self._found[key] = {**owner, "provider": await _only_provider(client)}
        return self._found[key]


async def _only_provider(client: Client) -> str | None:
    """The provider that a token reaches, if it is one."""
    try:
        stream = client.stream(PROVIDERS, ProvidersQuery(fields=["id"])).paged(size=2, window=1)
        async with stream.pages() as pages:
            async for page in pages:
                ids = [row.id for row in page.rows]
                return str(ids[0]) if len(ids) == 1 and page.total == 1 and ids[0] is not None else None
    except AuthenticationError:
        raise
    except (StatusError, ResponseDecodeError):
        return None  # not every token may ask, and not every server tells
    return None


def check_owner(before: Mapping[str, Any], now: Mapping[str, Any], what: str) -> None:
    """Make sure that rows stay those of one account. What one side does not know can't differ.

    Raises `CheckpointError`.
    """
    for name in _COMPARED:
        was, given = before.get(name), now.get(name)
        if was is not None and given is not None and was != given:
            raise CheckpointError(
                f"{what} holds rows of another account: {name} was {was!r}, and is {given!r} now. "
                "Use another target, or another place."
            )
