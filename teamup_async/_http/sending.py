"""Requests with all their tries: each attempt takes a slot and a token of the quota, and gives the slot back before
anything is waited for.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, Self, TypeVar

import attrs
from yarl import URL

from ..auth import RefreshedToken
from ..config import Settings, Timeouts
from ..errors import (
    AuthenticationError,
    PermissionDeniedError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    StatusError,
)
from ..stats import Meter
from ..telemetry.hooks import Telemetry, Try
from .answer import Answer, error_from
from .clock import Clock
from .exchange import Exchange, failure_of, log
from .ledger import Ledger
from .policy import RetryPolicy
from .redact import conceal
from .retry import OnRetry, RetryBudget, Tries, announce
from .suspects import is_token_refused, suspects
from .throttle import Lease, Throttle
from .token_refresh import REFRESH_PATH, TokenRefresh, read_token
from .transport import Headers, Transport

__all__ = ["Sending"]

T = TypeVar("T")

_REQUEST: Final = attrs.fields(Timeouts).request.default
"""The default of ``Timeouts(request=)``, which gives way to a policy's patience."""


class Sending:
    """Sends the requests of a client, one by one; `Requester` says which."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        *,
        throttle: Throttle,
        policy: RetryPolicy,
        clock: Clock,
        on_retry: OnRetry | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._throttle = throttle
        self._policy = policy
        self._clock = clock
        self._on_retry = on_retry
        self._budget = RetryBudget(policy.budget)
        bare = settings.dialect.report_headers == "refused"
        self._token = TokenRefresh(settings.credentials, clock, bare_reports=bare, account=settings.account)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.ledger = Ledger(account=settings.account, telemetry=telemetry)

    def of(self, endpoint: str) -> Self:
        """The same requester for what concerns one endpoint, which telemetry and the log name."""
        return self._with(self.ledger.of(endpoint))

    def _with(self, ledger: Ledger) -> Self:
        other = copy.copy(self)
        other.ledger = ledger
        return other

    def _exchange(
        self, method: str, path: str, url: URL, parse: Callable[[bytes], T], meter: Meter | None = None
    ) -> Exchange[T]:
        endpoint = self.ledger.named(path)
        within = self._settings.timeout.request
        if self._policy.patience is not None and within == _REQUEST:
            within = None
        return Exchange(
            method,
            path,
            url,
            parse,
            (meter or self.ledger.meter_of(endpoint)).chain,
            account=self.ledger.account,
            endpoint=endpoint,
            started=self._clock.now(),
            within=within,
        )

    # What is rare stands in coroutines of its own: each one that a request passes through costs it something.

    def _carry_out(self, exchange: Exchange[T], failed: RequestError | None = None) -> Coroutine[Any, Any, T]:
        """An exchange with all its tries."""
        told = self.ledger.telemetry is not None
        return self._watched(exchange, failed) if told else self._in_time(exchange, failed)

    async def _watched(self, exchange: Exchange[T], failed: RequestError | None) -> T:
        with self.ledger.watching(exchange):
            return await self._in_time(exchange, failed)

    def _in_time(self, exchange: Exchange[T], failed: RequestError | None) -> Coroutine[Any, Any, T]:
        """An exchange with all its tries, before its deadline."""
        if exchange.deadline is None:
            return self._all_tries(exchange, failed)
        return self._before(exchange.deadline - exchange.started, exchange, failed)

    async def _before(self, overall: float, exchange: Exchange[T], failed: RequestError | None) -> T:
        try:
            async with asyncio.timeout(overall):
                return await self._all_tries(exchange, failed)
        except TimeoutError:
            late = RequestTimeoutError(f"it took longer than {overall:g} seconds")
            raise self._given_up(exchange, late, "no time left") from None

    async def _all_tries(self, exchange: Exchange[T], failed: RequestError | None) -> T:
        if failed is not None:
            self._note(exchange, failed, 0.0)
        else:
            try:
                return await self._attempt(exchange)
            except RequestError as error:
                failed = error
        if not self._policy.retryable(failed):
            raise self._given_up(exchange, failed, "not retryable")
        tries = Tries(
            exchange,
            lambda: self._attempt(exchange),
            policy=self._policy,
            budget=self._budget,
            clock=self._clock,
            on_retry=self._on_retry,
        )
        try:
            return await tries.go_on(failed)
        except RequestError as error:
            raise self._given_up(exchange, error, error.gave_up) from error.__cause__

    def _given_up(self, exchange: Exchange[Any], error: RequestError, why: Any) -> RequestError:
        """`error` as it leaves here: it says what was asked, what happened, and why there is no further try."""
        error.gave_up = why
        if isinstance(error, StatusError) and not error.suspects:
            credentials = self._token.credentials
            error.suspects = suspects(error, exchange.path, exchange.url.raw_query_string, credentials)
        exchange.tell(error)
        if log.isEnabledFor(logging.INFO):
            told = exchange.about(attempt=len(exchange.attempts), **failure_of(error), gave_up=why)
            log.info("%s: gave up after %d attempts: %s", exchange, len(exchange.attempts), why, extra=told)
        return error

    async def _attempt(self, exchange: Exchange[T]) -> T:
        """One attempt; a second with a new access token where the old one has expired."""
        token = self._token
        seen = token.count
        try:
            return await self._try(exchange)
        except (AuthenticationError, PermissionDeniedError) as error:
            if not is_token_refused(error, self._settings.dialect):
                raise
            left = exchange.left(self._clock.now())
            if exchange.secret or not await token.refreshed(seen, error, self._ask_anew, left):
                raise
            announce(exchange, error, 0.0, self._on_retry)
        return await self._try(exchange)

    def _try(self, exchange: Exchange[T]) -> Coroutine[Any, Any, T]:
        return self._tried(exchange, None) if exchange.watch is None else self._watched_try(exchange)

    async def _watched_try(self, exchange: Exchange[T]) -> T:
        with exchange.attempt() as attempt:
            return await self._tried(exchange, attempt)

    async def _tried(self, exchange: Exchange[T], attempt: Try | None) -> T:
        clock = self._clock
        arrived = began = clock.now()
        try:
            async with self._throttle.lease(exchange.meters[0]) as lease:
                began = clock.now()
                exchange.waited += began - arrived
                exchange.count_waited(lease.waited)
                seen = self._token.count
                answer = await self._send(exchange, self._token.headers_for, lease, attempt)
                problem = error_from(answer, clock.epoch())
                if isinstance(problem, RateLimitError):
                    exchange.gate = lease.refused(problem.retry_after)
            refused = isinstance(problem, StatusError) and is_token_refused(problem, self._settings.dialect)
            if not exchange.secret and not refused:
                self._token.answered(seen, answer.status)
            if problem is not None:
                raise problem
            result = exchange.parse(answer.body)
        except RequestError as error:
            self._note(exchange, error, clock.now() - began)
            raise
        took = clock.now() - began
        exchange.count_answering(took)
        if log.isEnabledFor(logging.DEBUG):
            told = exchange.about(
                attempt=exchange.tries + 1,
                status=answer.status,
                bytes=len(answer.body),
                seconds=round(took, 3),
            )
            log.debug("%s: %d bytes in %.3f s", exchange, len(answer.body), took, extra=told)
        self._budget.earn()
        return result

    def _send(
        self, exchange: Exchange[Any], headers: Headers, lease: Lease, attempt: Try | None
    ) -> Coroutine[Any, Any, Answer]:
        if attempt is None:
            return self._transport.send(exchange, headers, lease)
        return self._watched_send(exchange, headers, lease, attempt)

    async def _watched_send(
        self, exchange: Exchange[Any], headers: Headers, lease: Lease, attempt: Try
    ) -> Answer:
        attempt.begin()
        answer = await self._transport.send(exchange, headers, lease)
        attempt.answered(answer.status)
        return answer

    def _note(self, exchange: Exchange[Any], error: RequestError, elapsed: float) -> None:
        conceal(error, self._token.credentials.secrets)  # a server may send back what it was sent
        exchange.note_failure(error, elapsed)

    async def _ask_anew(self) -> RefreshedToken:
        url = URL(self._settings.base_url + REFRESH_PATH, encoded=True)
        own = self.of("")  # whatever endpoint was asked when the token turned out to have expired
        exchange = own._exchange("POST", REFRESH_PATH, url, read_token)  # noqa: SLF001 - itself
        exchange.body, exchange.secret = self._token.body(), True
        return await own._carry_out(exchange)  # noqa: SLF001 - itself
