"""Requests with all their tries: each attempt takes a slot and a permit of the quota, and gives both back before
anything is waited for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import attrs
from yarl import URL

from ..auth import RefreshedToken
from ..config import Settings
from ..errors import AuthenticationError, ClientClosedError, RequestError
from ..stats import Meter
from .answer import error_from
from .clock import Clock
from .exchange import Exchange, log
from .redact import conceal
from .retry import RetryBudget, RetryPolicy, Tries
from .throttle import Throttle
from .token_refresh import REFRESH_PATH, Renewal, read_token
from .transport import Transport

__all__ = ["Session"]

T = TypeVar("T")


class Session:
    """Sends requests for one client. Not for use from several event loops."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        *,
        throttle: Throttle,
        policy: RetryPolicy,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._throttle = throttle
        self._policy = policy
        self._clock = clock
        self._budget = RetryBudget(policy.budget)
        self._renewal = Renewal(settings.credentials)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.meter = Meter()

    def open(self) -> None:
        """Make the HTTP session, unless one was handed in. Raises `ClientClosedError` once closed."""
        if self._closed:
            raise ClientClosedError("this client was closed; make a new one")
        self._transport.open()

    async def close(self) -> None:
        """End what is under way; close the HTTP session unless it was handed in."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._transport.close()

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
        return await self._carry_out(Exchange("GET", path, url, parse, meter), failed)

    async def _carry_out(self, exchange: Exchange[T], first: RequestError | None = None) -> T:
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

    async def _attempt(self, exchange: Exchange[T]) -> T:
        """One attempt; a second with a new access token where the old one has expired."""
        seen = self._renewal.count
        try:
            return await self._try(exchange)
        except AuthenticationError as error:
            if exchange.body is not None or not await self._renewal.renew(seen, error, self._ask_anew):
                raise
            exchange.meter.retries += 1
            return await self._try(exchange)

    async def _try(self, exchange: Exchange[T]) -> T:
        clock = self._clock
        arrived = began = clock.now()
        try:
            async with self._throttle.place(exchange.meter) as quota:
                exchange.meter.waited += quota
                began = clock.now()
                exchange.waited += began - arrived
                answer = await self._transport.send(exchange, self._renewal.headers_for)
            if exchange.body is not None and answer.status == 200:
                answer = attrs.evolve(answer, secret=True)  # tokens
            error = error_from(answer, clock.epoch())
            if error is not None:
                raise error
            result = exchange.parse(answer.body)
        except RequestError as error:
            self._note(exchange, error, clock.now() - began)
            raise
        if log.isEnabledFor(logging.DEBUG):
            log.debug(
                "%s %s: %d bytes in %.3f s",
                exchange.method,
                exchange.path,
                len(answer.body),
                clock.now() - began,
            )
        self._budget.earn()
        return result

    def _note(self, exchange: Exchange[Any], error: RequestError, elapsed: float) -> None:
        conceal(error, self._renewal.credentials.secrets)  # a server may send back what it was sent
        exchange.note_failure(error, elapsed)

    async def _ask_anew(self) -> RefreshedToken:
        url = URL(self._settings.base_url + REFRESH_PATH, encoded=True)
        return await self._carry_out(
            Exchange("POST", REFRESH_PATH, url, read_token, self.meter, self._renewal.body())
        )
