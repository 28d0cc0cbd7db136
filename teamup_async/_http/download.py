"""Files at URLs that the API names: streamed, also from another origin, which never sees the token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from yarl import URL

from ..errors import ConnectionFailedError, ResponseDecodeError
from ..telemetry.hooks import Try
from .answer import Answer, error_from
from .exchange import Exchange
from .throttle import Throttle
from .token_refresh import TokenRefresh
from .transport import Streamed, Transport

__all__ = ["Fetched", "Files"]

Fetched = Streamed

_HOPS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Files:
    """Fetches files for one client.

    On the origin of ``base_url`` a request carries the token and counts against the quota; elsewhere neither.
    Redirects are followed by the same rules, five of them at most, and never from https to http.
    """

    def __init__(self, base_url: str, transport: Transport, throttle: Throttle, token: TokenRefresh) -> None:
        self._base = URL(base_url)
        self._transport = transport
        self._throttle = throttle
        self._token = token

    async def fetch(
        self, exchange: Exchange[Any], url: str, write: Callable[[bytes], object] | None, *, most: int
    ) -> Fetched:
        """One attempt to fetch the file at `url`, of at most `most` bytes; without `write` only its beginning.

        Raises `ConnectionFailedError`, `RequestTimeoutError`, `ResponseDecodeError`; `AuthenticationError`,
        `RateLimitError` and the like only for answers from TeamUp itself. Other answers are returned.
        """
        for _ in range(_HOPS + 1):
            exchange.url = self._checked(url)
            exchange.path = exchange.url.path
            fetched = await self._stream(exchange, write, most)
            if fetched.status not in _REDIRECTS or fetched.location is None:
                return fetched
            url = str(exchange.url.join(URL(fetched.location)))
        raise ConnectionFailedError(f"more than {_HOPS} redirects", retryable=False)

    async def _stream(
        self, exchange: Exchange[Any], write: Callable[[bytes], object] | None, most: int
    ) -> Fetched:
        with exchange.attempt() as attempt:
            fetched = await self._sent(exchange, write, most, attempt)
            if attempt is not None:
                attempt.answered(fetched.status)
        return fetched

    async def _sent(
        self,
        exchange: Exchange[Any],
        write: Callable[[bytes], object] | None,
        most: int,
        attempt: Try | None,
    ) -> Fetched:
        begin = _nothing if attempt is None else attempt.begin
        if exchange.url.origin() != self._base.origin():
            begin()
            return await self._transport.stream(exchange, self._token.anonymous, None, write, most=most)
        async with self._throttle.lease(exchange.meters[0]) as lease:
            headers = self._token.headers_for
            begin()
            fetched = await self._transport.stream(exchange, headers, lease, write, most=most)
            if fetched.status == 429:
                answer = Answer(429, fetched.content_type, fetched.retry_after, fetched.start)
                lease.refused(getattr(error_from(answer, 0.0), "retry_after", None))
        return fetched

    def _checked(self, text: str) -> URL:
        try:
            url = URL(text)
            url.origin()
        except ValueError:
            raise ResponseDecodeError("TeamUp names a file at something that is no URL") from None
        if url.scheme not in {self._base.scheme, "https"}:
            raise ResponseDecodeError(
                f"TeamUp names a file at a URL with {url.scheme}, which is not followed"
            )
        return url


def _nothing() -> None:
    """What is done where nobody watches."""
