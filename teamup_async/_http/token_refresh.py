"""Access tokens that expire: one new one for all requests that found the old one worthless."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from .._version import __version__
from ..auth import Credentials, RefreshedToken, check_token
from ..errors import AuthenticationError, ConfigurationError, ResponseDecodeError, StatusError, clip
from .exchange import Exchange

__all__ = ["REFRESH_PATH", "Renewal", "read_token"]

REFRESH_PATH = "/auth/refresh_access_token"


class Renewal:
    """The credentials of the present, and the headers they make; `count` says how often they were renewed."""

    def __init__(self, credentials: Credentials) -> None:
        self._renewing = asyncio.Lock()
        self._take(credentials)
        self.count = 0

    def _take(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._headers = {**credentials.headers(), "User-Agent": f"teamup_async/{__version__}"}

    async def renew(
        self, seen: int, error: AuthenticationError, ask: Callable[[], Awaitable[RefreshedToken]]
    ) -> bool:
        """Get a new access token, if `count` is still what the request had `seen`. False if that can't be done.

        `ask` sends `body` to `REFRESH_PATH`. Raises `error`, which said that the token has expired, if that is refused.
        API document: "refresh access token".
        """
        if self.credentials.refresh_token is None:
            return False
        async with self._renewing:
            if self.count != seen:
                return True
            try:
                new = await ask()
            except StatusError as refusal:
                raise error from refusal
            self._take(self.credentials.refreshed(new))
            self.count += 1
        on_refresh: Callable[..., Awaitable[None] | None] | None = self.credentials.on_refresh
        if on_refresh is not None:
            told = on_refresh(new)
            if inspect.isawaitable(told):
                await told
        return True

    def body(self) -> bytes:
        """The body of a request for a new token."""
        return msgspec.json.encode(self.credentials.refresh_body())

    def headers_for(self, exchange: Exchange[Any]) -> Mapping[str, str]:
        """The headers of a request; one for a new token goes without the old one."""
        if exchange.body is None:
            return self._headers
        kept = ((name, value) for name, value in self._headers.items() if name != "Authorization")
        return {**dict(kept), "Content-Type": "application/json"}


def read_token(body: bytes) -> RefreshedToken:
    """The token in an answer. Raises `ResponseDecodeError`."""
    try:
        new = msgspec.json.decode(body, type=RefreshedToken)
        check_token(new.access_token, "access_token")
        if new.refresh_token:
            check_token(new.refresh_token, "refresh_token")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ConfigurationError) as error:
        problem = clip(str(error), 200)
    else:
        return new
    del body  # tools that show the locals of a traceback would show tokens
    raise ResponseDecodeError(f"the new token can't be read: {problem}", json_path="$")
