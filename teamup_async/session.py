"""The only place that speaks HTTP: one request in, ``(status, headers, bytes)`` out, parsed by the
caller's function.

Each attempt takes a slot and a permit of the quota, reads the whole body inside one timeout, gives the
connection back, and only
then is anything waited for. aiohttp sends an idempotent request again by itself when a kept-alive
connection turns
out to be dropped; a client middleware sees that, so that it is counted too.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from ssl import SSLContext
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import attrs
import msgspec
from aiohttp.client_middlewares import ClientHandlerType, ClientMiddlewareType
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ._version import __version__
from .auth import Credentials, RefreshedToken, check_token
from .clock import Clock
from .config import Settings
from .errors import (
    Attempt,
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    ConnectionFailedError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    StatusError,
    clip,
)
from .retry import RetryBudget, RetryPolicy, Tries
from .stats import Meter
from .throttle import Throttle
from .wire import Answer, conceal, error_from, printable

__all__ = ["Session"]

T = TypeVar("T")

_log = logging.getLogger("teamup_async")
_REFRESH_PATH = "/auth/refresh_access_token"


@attrs.define
class _Exchange(Generic[T]):
    """A request with what has happened to it so far; `waited` is seconds of waiting for a permit to send."""

    method: str
    path: str
    url: URL
    parse: Callable[[bytes], T]
    meter: Meter
    body: bytes | None = attrs.field(default=None, repr=False)
    waited: float = 0.0
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])

    def note_failure(self, error: RequestError, elapsed: float) -> None:
        self.attempts.append(Attempt(_outcome(error), round(elapsed, 3)))
        _log.info("%s %s: %s after %.3f s", self.method, self.path, self.attempts[-1].outcome, elapsed)

    def note_wait(self, seconds: float) -> None:
        self.meter.retries += 1
        _log.info("%s %s: trying again in %.3f s", self.method, self.path, seconds)
        self.attempts[-1] = attrs.evolve(self.attempts[-1], waited=round(seconds, 3))

    def tell(self, error: RequestError) -> None:
        """Let `error` say what was asked, and what happened."""
        error.method, error.path, error.attempts = self.method, self.path, tuple(self.attempts)


class Session:
    """Sends requests for one client. Not for use from several event loops."""

    def __init__(
        self,
        settings: Settings,
        *,
        throttle: Throttle,
        policy: RetryPolicy,
        clock: Clock,
        http: aiohttp.ClientSession | None = None,
        proxy: str | None = None,
        ssl: SSLContext | bool = True,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        self._settings = settings
        self._throttle = throttle
        self._policy = policy
        self._clock = clock
        self._budget = RetryBudget(policy.budget)
        self._given = http
        self._http = http
        self._proxy = proxy or _environment_proxy(settings.base_url)
        self._ssl = ssl
        self._traces = list(trace_configs)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._refreshing = asyncio.Lock()
        self._renewed = 0
        self._credentials = settings.credentials
        self._headers = self._request_headers(settings.credentials)
        limits = settings.timeout
        self._timeout = aiohttp.ClientTimeout(
            total=limits.attempt, sock_connect=limits.connect, sock_read=limits.read
        )
        self.meter = Meter()

    def open(self) -> None:
        """Make the HTTP session, unless one was handed in. Raises `ClientClosedError` once closed."""
        if self._closed:
            raise ClientClosedError("this client was closed; make a new one")
        if self._http is None:
            # asyncio receives into a quarter of a megabyte at a time, which glibc maps and unmaps anew for every
            # read until a larger block has been freed once. This is that block; it is never touched.
            bytes(1 << 20)
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._settings.concurrency, ssl=self._ssl, keepalive_timeout=30
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=self._traces,
            )

    async def close(self) -> None:
        """End what is under way; close the HTTP session unless it was handed in."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        http, self._http = self._http, None
        if http is not None and http is not self._given:
            await http.close()

    def now(self) -> float:
        """Seconds on this session's clock."""
        return self._clock.now()

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a task that belongs to this session, not to whoever waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)
        return task

    def _reap(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: nobody may be waiting for it any more

    async def get(
        self,
        path: str,
        query: str,
        parse: Callable[[bytes], T],
        meter: Meter,
        failed: RequestError | None = None,
    ) -> T:
        """GET `path` with `query` (percent-encoded), and what `parse` makes of the body; retried as the
        policy says. `failed` is what became of a first attempt, where its body was found wanting later.

        Raises `RequestError`, with method, path and attempts.
        """
        url = URL(f"{self._settings.base_url}{path}?{query}", encoded=True)
        return await self._carry_out(_Exchange("GET", path, url, parse, meter), failed)

    async def _carry_out(self, exchange: _Exchange[T], first: RequestError | None = None) -> T:
        """An exchange with all its tries."""
        clock = self._clock
        started = clock.now()
        if first is not None:
            self._note(exchange, first, 0.0)
        else:
            try:
                return await self._attempt(exchange)
            except RequestError as error:
                first = error
        if not self._policy.retryable(first):
            exchange.tell(first)
            raise first
        within = self._settings.timeout.request

        def may_wait(seconds: float) -> bool:
            return within is None or clock.now() - started - exchange.waited + seconds <= within

        try:
            return await Tries(first, self._policy, self._budget).go_on(
                lambda: self._attempt(exchange),
                may_wait=may_wait,
                sleep=clock.sleep,
                waiting=exchange.note_wait,
            )
        except RequestError as error:
            exchange.tell(error)
            raise

    async def _attempt(self, exchange: _Exchange[T]) -> T:
        """One attempt; a second with a new access token where the old one has expired."""
        seen = self._renewed
        try:
            return await self._try(exchange)
        except AuthenticationError as error:
            if exchange.body is not None or not await self._renew(seen, error):
                raise
            exchange.meter.retries += 1
            return await self._try(exchange)

    async def _try(self, exchange: _Exchange[T]) -> T:
        clock = self._clock
        arrived = began = clock.now()
        try:
            async with self._throttle.place(exchange.meter) as quota:
                exchange.meter.waited += quota
                began = clock.now()
                exchange.waited += began - arrived
                answer = await self._once(exchange)
            if exchange.body is not None and answer.status == 200:
                answer = attrs.evolve(answer, secret=True)  # tokens
            error = error_from(answer, clock.epoch())
            if error is not None:
                raise error
            result = exchange.parse(answer.body)
        except RequestError as error:
            self._note(exchange, error, clock.now() - began)
            raise
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "%s %s: %d bytes in %.3f s",
                exchange.method,
                exchange.path,
                len(answer.body),
                clock.now() - began,
            )
        self._budget.earn()
        return result

    def _note(self, exchange: _Exchange[Any], error: RequestError, elapsed: float) -> None:
        conceal(error, self._credentials.secrets)  # a server may send back what it was sent
        exchange.note_failure(error, elapsed)

    async def _once(self, exchange: _Exchange[Any]) -> Answer:
        """One attempt on the wire."""
        meter = exchange.meter
        http = self._http
        if http is None:
            raise ClientClosedError("open the client first: async with TeamUp(...) as teamup")
        throttle = self._throttle
        generation = throttle.generation
        sent = 0

        async def counted(request: aiohttp.ClientRequest, send: ClientHandlerType) -> aiohttp.ClientResponse:
            nonlocal sent
            sent += 1
            if sent > 1 and not throttle.try_acquire():
                raise _Resent
            meter.requests += 1
            return await send(request)

        answered = False
        try:
            async with http.request(
                exchange.method,
                exchange.url,
                data=exchange.body,
                headers=self._headers if exchange.body is None else self._refresh_headers,
                allow_redirects=False,
                raise_for_status=False,
                timeout=self._timeout,
                proxy=self._proxy,
                ssl=self._ssl if self._given is None else True,
                middlewares=(*_middlewares(self._given), counted),
            ) as response:
                content = await self._read(response)
                headers = response.headers
                answer = Answer(
                    response.status, headers.get("Content-Type", ""), headers.get("Retry-After", ""), content
                )
            answered = answer.status != 429
            meter.bytes += len(content)
        except _Resent:
            raise ConnectionFailedError("the server dropped the connection") from None
        except TimeoutError as error:
            raise RequestTimeoutError(_describe(error) or "no answer in time") from _bare(error)
        except aiohttp.ClientSSLError as error:
            raise ConnectionFailedError(_describe(error), retryable=False) from _bare(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ConnectionFailedError(_describe(error)) from _bare(error)
        finally:
            throttle.ended(generation, answered=answered)
        if answer.status == 429:
            refusal = error_from(answer, self._clock.epoch())
            assert isinstance(refusal, StatusError)
            closed = throttle.refused(generation, refusal.retry_after)
            _log.info(
                "%s %s: 429; the quota's gate is closed for %.1f s", exchange.method, exchange.path, closed
            )
        return answer

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, unless it is larger than allowed."""
        most = self._settings.max_body
        declared = response.content_length
        chunks: list[bytes] = []
        size = 0
        if declared is None or declared <= most:
            async for chunk in response.content.iter_any():
                size += len(chunk)
                if size > most:
                    break
                chunks.append(chunk)
            else:
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        response.close()
        chunks.clear()  # tools that show the locals of a traceback would show megabytes
        raise ResponseDecodeError(f"the answer is larger than {most:,} bytes (max_body)")

    def _request_headers(self, credentials: Credentials) -> dict[str, str]:
        headers = credentials.headers()
        headers["User-Agent"] = f"teamup_async/{__version__}"
        return headers

    @property
    def _refresh_headers(self) -> dict[str, str]:
        headers = {k: v for k, v in self._headers.items() if k != "Authorization"}
        return {**headers, "Content-Type": "application/json"}

    async def _renew(self, seen: int, error: AuthenticationError) -> bool:
        """Get a new access token, once for all requests that found the old one expired. False if that
        can't be done.
        """
        if self._credentials.refresh_token is None:
            return False
        async with self._refreshing:
            if self._renewed != seen:
                return True
            url = URL(self._settings.base_url + _REFRESH_PATH, encoded=True)
            asked = _Exchange(
                "POST",
                _REFRESH_PATH,
                url,
                _read_token,
                self.meter,
                msgspec.json.encode(self._credentials.refresh_body()),
            )
            try:
                new = await self._carry_out(asked)
            except StatusError as refusal:
                raise error from refusal
            self._credentials = self._credentials.refreshed(new)
            self._headers = self._request_headers(self._credentials)
            self._renewed += 1
        on_refresh: Callable[..., Awaitable[None] | None] | None = self._credentials.on_refresh
        if on_refresh is not None:
            told = on_refresh(new)
            if inspect.isawaitable(told):
                await told
        return True


def _environment_proxy(base_url: str) -> str | None:
    """The proxy that the environment names for `base_url`; asked once, since aiohttp would ask for each
    request.
    """
    parts = urlsplit(base_url)
    if proxy_bypass(parts.netloc):
        return None
    return getproxies().get(parts.scheme)


class _Resent(Exception):  # noqa: N818 - a signal inside this module
    """aiohttp wants to send a request again, and the quota has no permit at hand."""


def _middlewares(given: aiohttp.ClientSession | None) -> tuple[ClientMiddlewareType, ...]:
    # aiohttp offers no public way to ask; middlewares given with a request replace the session's own.
    return tuple(getattr(given, "_middlewares", ()))


def _read_token(body: bytes) -> RefreshedToken:
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


def _bare(error: BaseException) -> BaseException:
    """`error` and what led to it without headers: in aiohttp's own fields, and in the locals of its frames."""
    seen: BaseException | None = error
    while seen is not None:
        seen.__traceback__ = None
        if "headers" in vars(seen):
            vars(seen)["headers"] = None
        if isinstance(seen, aiohttp.ClientResponseError):
            asked = seen.request_info
            none = CIMultiDictProxy(CIMultiDict[str]())
            seen.request_info = aiohttp.RequestInfo(asked.url, asked.method, none, asked.real_url)
            seen.history = ()
            seen.args = (seen.request_info, seen.history)
        seen = seen.__cause__ or seen.__context__
    return error


def _describe(error: BaseException) -> str:
    """What went wrong, without the URL's query (it may be long) and never with headers."""
    text = printable(str(error).split("?", 1)[0], 500)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _outcome(error: RequestError) -> str:
    status = getattr(error, "status", None)
    return str(status) if status else f"{type(error).__name__}: {Exception.__str__(error)}"[:120]
