"""The only place that speaks HTTP: one attempt of a request in, ``(status, headers, bytes)`` out.

The whole body is read inside one timeout, and the connection given back, before anything else is done. aiohttp
sends an idempotent request again by itself when a kept-alive connection turns out to be dropped; a client
middleware sees that, so that it is counted too.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import attrs
from aiohttp.client_middlewares import ClientHandlerType, ClientMiddlewareType
from multidict import CIMultiDict, CIMultiDictProxy

from ..config import Settings, is_loopback
from ..errors import (
    ClientClosedError,
    ConnectionFailedError,
    RequestTimeoutError,
    ResponseDecodeError,
)
from .answer import Answer
from .clock import Clock
from .exchange import Exchange
from .redact import printable
from .throttle import Lease

__all__ = ["Headers", "Streamed", "Transport", "connections"]

Headers = Callable[[Exchange[Any]], Mapping[str, str]]
_TOLD = ("Content-Type", "Retry-After", "Content-Encoding")


@attrs.frozen(kw_only=True)
class Streamed:
    """A file that was fetched, or its beginning.

    `content_type` is in lower case, `start` the first bytes, `size` how many were written. `framed`: the server said
    where the file ends, so that one that was cut short is an error.
    """

    status: int
    content_type: str
    retry_after: str
    location: str | None
    start: bytes
    size: int
    framed: bool


def connections(
    limit: int, *, ssl: SSLContext | bool = True, trace_configs: Sequence[aiohttp.TraceConfig] = ()
) -> aiohttp.ClientSession:
    """An HTTP session of at most `limit` connections: no cookies, and no tokens, which go with each request."""
    # asyncio receives into a quarter of a megabyte at a time, which glibc maps and unmaps anew for every
    # read until a larger block has been freed once. This is that block; it is never touched.
    bytes(1 << 20)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=limit, ssl=ssl, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=list(trace_configs),
    )


class Transport:
    """An aiohttp session, made when it is needed or handed in."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        http: aiohttp.ClientSession | None = None,
        proxy: str | None = None,
        ssl: SSLContext | bool = True,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        self.http = http
        self._given = http
        self._settings = settings
        self._clock = clock
        self._opened = False
        self._own_proxy = proxy
        self._proxy = proxy or _environment_proxy(settings.base_url)
        self._ssl = ssl
        self._traces = trace_configs
        self._timeout = self._limits(settings.timeout.attempt)
        self.closed = False

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._opened and not self.closed

    def open(self) -> None:
        """Make the HTTP session, unless there is one. Raises `ClientClosedError` once closed."""
        if self.closed:
            raise ClientClosedError("this client was closed; make a new one")
        self._opened = True
        if self.http is None:
            self.http = connections(self._settings.concurrency, ssl=self._ssl, trace_configs=self._traces)

    async def close(self) -> None:
        """Close the HTTP session, unless it was handed in."""
        http, self.http = self.http, None
        if http is not None and http is not self._given:
            await http.close()

    def _limits(self, total: float | None) -> aiohttp.ClientTimeout:
        limits = self._settings.timeout
        # aiohttp would round what is longer than `ceil_threshold` up to whole seconds.
        return aiohttp.ClientTimeout(
            total=total, sock_connect=limits.connect, sock_read=limits.read, ceil_threshold=math.inf
        )

    async def send(self, exchange: Exchange[Any], headers: Headers, lease: Lease) -> Answer:
        """One attempt on the wire, whatever the server answers, in the time that is left to it.

        Raises `ConnectionFailedError`, `RequestTimeoutError`, or `ResponseDecodeError` for a body beyond `max_body`.
        """
        timeout = self._timeout
        left = exchange.left(self._clock.now())
        if left is not None and (timeout.total is None or left < timeout.total):
            if left <= 0:
                raise RequestTimeoutError("no time was left to send it")
            timeout = self._limits(left)
        async with self._response(exchange, headers, lease, timeout, self._proxy) as response:
            content = await self._read(response)
            kind, after, coding = (response.headers.get(name, "") for name in _TOLD)
            secret = exchange.secret and response.status == 200
            answer = Answer(response.status, kind, after, content, secret=secret, coding=coding)
        exchange.count_answer(len(content), throttled=answer.status == 429)
        return answer

    async def stream(
        self,
        exchange: Exchange[Any],
        headers: Headers,
        lease: Lease | None,
        write: Callable[[bytes], object] | None,
        *,
        most: int,
    ) -> Streamed:
        """One attempt to fetch a file of at most `most` bytes, piece by piece; only its beginning without `write`.

        Raises `ConnectionFailedError`, also where the end is missing, `RequestTimeoutError` and `ResponseDecodeError`.
        """
        proxy = self._own_proxy or _environment_proxy(str(exchange.url))
        size, start = 0, b""
        try:
            async with self._response(exchange, headers, lease, self._limits(None), proxy) as response:
                fields = response.headers
                async for chunk in response.content.iter_any():
                    start = start or chunk[:64]
                    if write is None or response.status != 200:
                        response.close()  # the rest is not wanted, and the connection can't be used again
                        break
                    size += len(chunk)
                    if size > most:
                        response.close()
                        raise ResponseDecodeError(f"the file is larger than {most:,} bytes (max_bytes)")
                    _write(write, chunk)
        except _Unwritten as unwritten:
            raise unwritten.error from None
        exchange.count_answer(size, throttled=lease is not None and response.status == 429)
        return Streamed(
            status=response.status,
            content_type=fields.get("Content-Type", "").lower(),
            retry_after=fields.get("Retry-After", ""),
            location=fields.get("Location"),
            start=start,
            size=size,
            framed="Content-Length" in fields or fields.get("Transfer-Encoding", "").lower() == "chunked",
        )

    @asynccontextmanager
    async def _response(
        self,
        exchange: Exchange[Any],
        headers: Headers,
        lease: Lease | None,
        timeout: aiohttp.ClientTimeout,
        proxy: str | None,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """The answer to one attempt; what aiohttp raises meanwhile leaves as this package's errors."""
        http = self.http
        if http is None:
            raise ClientClosedError("open the client first: async with TeamUp(...) as teamup")
        sent = 0

        async def counted(request: aiohttp.ClientRequest, send: ClientHandlerType) -> aiohttp.ClientResponse:
            nonlocal sent
            sent += 1
            if sent > 1 and lease is not None and not await lease.resend():
                raise _Resent
            exchange.count_sent(again=sent > 1)
            return await send(request)

        try:
            async with http.request(
                exchange.method,
                exchange.url,
                data=exchange.body,
                headers=headers(exchange),  # in no local: tools show those of a traceback
                allow_redirects=False,
                raise_for_status=False,
                timeout=timeout,
                proxy=proxy,
                ssl=self._ssl if self._given is None else True,
                middlewares=(*_middlewares(self._given), counted),
            ) as response:
                yield response
        except _Resent:
            raise ConnectionFailedError("the server dropped the connection") from None
        except TimeoutError as error:
            text = (
                f"no whole answer in {timeout.total:g} seconds"
                if type(error) is TimeoutError and timeout.total is not None
                else _describe(error)
            )
            raise RequestTimeoutError(text) from _bare(error)
        except aiohttp.ClientSSLError as error:
            raise ConnectionFailedError(_describe(error), retryable=False) from _bare(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ConnectionFailedError(_describe(error)) from _bare(error)
        finally:
            if sent:
                exchange.count_ended()

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


def _environment_proxy(base_url: str) -> str | None:
    """The proxy that the environment names for `base_url`; asked once, since aiohttp would ask for each
    request.
    """
    parts = urlsplit(base_url)
    if is_loopback(parts.hostname or "") or proxy_bypass(parts.netloc):
        return None  # a proxy would look for loopback on its own machine, and see the token in clear
    return getproxies().get(parts.scheme)


class _Resent(Exception):  # noqa: N818 - a signal inside this module
    """aiohttp wants to send a request again, and the quota has no token at hand."""


class _Unwritten(Exception):  # noqa: N818 - a signal inside this module
    """The caller's disk is full, or the like: no fault of the connection, whose errors are of the same class."""

    def __init__(self, error: OSError) -> None:
        self.error = error


def _write(write: Callable[[bytes], object], chunk: bytes) -> None:
    try:
        write(chunk)
    except OSError as error:
        raise _Unwritten(error) from error


def _middlewares(given: aiohttp.ClientSession | None) -> tuple[ClientMiddlewareType, ...]:
    # aiohttp offers no public way to ask; middlewares given with a request replace the session's own.
    return tuple(getattr(given, "_middlewares", ()))


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
