"""Access tokens that expire: one new token for all requests that found the old one worthless.

A refresh belongs to the client. It runs as a task of its own, so that a stream that is left while it waits
does not end it: the server may have exchanged the refresh token already.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from .._version import __version__
from ..auth import ACCOUNT_HEADERS, Credentials, RefreshedToken, check_token
from ..errors import (
    ClientClosedError,
    ConfigurationError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    StatusError,
    clip,
)
from ..logs import about
from .clock import Clock
from .exchange import Exchange, failure_of, log

__all__ = ["REFRESH_PATH", "TokenRefresh", "read_token"]

REFRESH_PATH = "/auth/refresh_access_token"

_REST: Final = 300.0
"""Seconds after a refresh that failed (but was not refused) until it is tried again."""
_GRACE: Final = 5.0
"""Seconds that a client which is closed waits for a refresh in flight."""
_ACCEPTED: Final = frozenset({200, 400, 403, 404, 409})
"""Statuses that say that the token is good."""


class TokenRefresh:
    """The credentials of the present, and the headers they make; `count` says how often they were refreshed.

    `bare_reports`: reports refuse the headers of the account, and go without them.
    """

    def __init__(
        self, credentials: Credentials, clock: Clock, *, bare_reports: bool = False, account: str = ""
    ) -> None:
        self._about = about(account, REFRESH_PATH)
        self._clock = clock
        self._bare_reports = bare_reports
        self._take(credentials)
        self.count = 0
        # A token that was just refreshed and never accepted is not refreshed again: that can't help.
        self._worth_it = True
        self._failure: RequestError | None = None
        self._rests_until = -math.inf
        self._task: asyncio.Task[None] | None = None

    def _take(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._headers = {**credentials.headers(), "User-Agent": f"teamup_async/{__version__}"}

    def answered(self, seen: int, status: int) -> None:
        """A request with the token of `count` `seen` was answered."""
        if seen == self.count and status in _ACCEPTED:
            self._worth_it, self._failure = True, None

    async def refreshed(
        self,
        seen: int,
        error: StatusError,
        ask: Callable[[], Awaitable[RefreshedToken]],
        left: float | None,
    ) -> bool:
        """Whether there is a newer token than that of `count` `seen`; gets one where that may help.

        `error` said that the token has expired. `ask` sends `body` to `REFRESH_PATH`, with all its tries; one
        call is made for all who wait. `left` is how many seconds this request may wait. After a refresh that
        failed there is none for some minutes, after one that was refused none ever, unless the token turns
        out to be good. Raises `error` where the refresh failed, and `RequestTimeoutError`.

        API document: "refresh access token".
        """
        if self.credentials.refresh_token is None:
            return False
        if self.count != seen:
            return True
        if not self._worth_it:
            return False
        if self._task is None and (self._failure is None or self._clock.now() >= self._rests_until):
            self._task = asyncio.get_running_loop().create_task(self._refresh(ask))
            self._task.add_done_callback(self._seen)
        task = self._task
        if task is not None:
            await asyncio.wait([task], timeout=left)
            if not task.done():
                raise RequestTimeoutError("the token was not refreshed in time")
            if task.cancelled():
                raise ClientClosedError("the client was closed while its token was refreshed")
            task.result()
        if self._failure is not None:
            error.args = (f"{Exception.__str__(error)}; the token refresh failed: {self._failure}",)
            raise error from self._failure
        return True

    async def _refresh(self, ask: Callable[[], Awaitable[RefreshedToken]]) -> None:
        try:
            try:
                new = await ask()
            except RequestError as failure:
                told = {**self._about, **failure_of(failure)}
                log.info("%s: the token refresh failed: %s", told["account"], failure, extra=told)
                passing = not isinstance(failure, StatusError) or isinstance(
                    failure, (RateLimitError, ServerError)
                )
                self._failure = failure
                self._rests_until = self._clock.now() + (_REST if passing else math.inf)
                return
            self._take(self.credentials.refreshed(new))
            self.count += 1
            self._worth_it, self._failure = False, None
            log.info("%s: the access token was refreshed", self._about["account"], extra=self._about)
            on_refresh: Callable[..., Awaitable[None] | None] | None = self.credentials.on_refresh
            if on_refresh is not None:
                waited = on_refresh(new)
                if inspect.isawaitable(waited):
                    await waited
        finally:
            self._task = None

    def _seen(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        kind = type(error).__name__  # its text may hold the tokens
        log.error(
            "%s: on_token_refresh failed: %s",
            self._about["account"],
            kind,
            extra={**self._about, "error": kind},
        )

    async def aclose(self) -> None:
        """End a refresh in flight, after a few seconds: what the server has given would be lost else."""
        task = self._task
        if task is not None:
            try:
                await asyncio.wait([task], timeout=_GRACE)
            finally:
                task.cancel()
            await asyncio.wait([task])

    def body(self) -> bytes:
        """The body of a request for a new token."""
        import msgspec  # loaded with the first token refresh, or the first page

        return msgspec.json.encode(self.credentials.refresh_body())

    def headers_for(self, exchange: Exchange[Any]) -> Mapping[str, str]:
        """The headers of a request; one for a new token goes without the old one."""
        if self._bare_reports and exchange.path.startswith("/reports/"):
            kept = {name: value for name, value in self._headers.items() if name not in ACCOUNT_HEADERS}
            return kept if exchange.body is None else {**kept, "Content-Type": "application/json"}
        if exchange.body is None:
            return self._headers
        left_out = "Authorization" if exchange.secret else ""
        kept = {name: value for name, value in self._headers.items() if name != left_out}
        return {**kept, "Content-Type": "application/json"}

    def anonymous(self, _: Exchange[Any]) -> Mapping[str, str]:
        """The headers of a request to another origin than TeamUp's, where neither token nor account belongs."""
        return {"User-Agent": self._headers["User-Agent"]}


def read_token(body: bytes) -> RefreshedToken:
    """The token in an answer. Raises `ResponseDecodeError`."""
    import msgspec

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
