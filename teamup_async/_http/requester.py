"""What sends the requests of a client: opened and closed with it, and asked by walks, exports and the doctor."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any, Self, TypeVar

from yarl import URL

from ..auth import Credentials
from ..errors import RequestError
from ..stats import Meter
from .answer import Answer, retry_after
from .download import Fetched, Files
from .exchange import Where
from .policy import OncePolicy, RetryPolicy
from .retry import RetryBudget
from .sending import Sending
from .throttle import Throttle

__all__ = ["Requester"]

T = TypeVar("T")


class Requester(Sending):
    """Sends requests for one client. Not for use from several event loops."""

    def with_policy(self, policy: RetryPolicy) -> Self:
        """The same requester, with the same connections, quota, token and statistics, that retries in another way."""
        same = policy.budget == self._policy.budget  # the server is left alone by the client as a whole
        other = copy.copy(self)
        vars(other).update(_policy=policy, _budget=self._budget if same else RetryBudget(policy.budget))
        return other

    def metered(self) -> Self:
        """The same requester with a meter of its own, below this one's."""
        return self._with(self.ledger.metered())

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._transport.is_open

    @property
    def credentials(self) -> Credentials:
        """The credentials of the present: those of the latest token refresh, if there was one."""
        return self._token.credentials

    def open(self) -> None:
        """Make the HTTP session, unless one was handed in. Raises `ClientClosedError` once closed."""
        self._transport.open()

    async def close(self) -> None:
        """End what is in flight; close the HTTP session unless it was handed in."""
        self._transport.closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        try:
            if tasks:
                await asyncio.gather(*tasks, return_exceptions=True)
            await self._token.aclose()
        finally:
            await self._transport.close()

    def now(self) -> float:
        """Seconds on this requester's clock."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Wait on this requester's clock."""
        await self._clock.sleep(seconds)

    @property
    def quota(self) -> tuple[int, float] | None:
        """How many requests the quota allows in how many seconds; None where it is left to the server."""
        return self._throttle.quota

    @property
    def readers(self) -> MutableMapping[object, bool]:
        """Who reads under the same quota, and whether they fetch many pages ahead. Holds nobody alive."""
        return self._throttle.readers

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a task that belongs to this requester, not to whoever waits for it."""
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
        meter: Meter | None = None,
        failed: RequestError | None = None,
        *,
        where: Where | None = None,
        overall: float | None = None,
    ) -> T:
        """GET `path` with `query` (both percent-encoded), and what `parse` makes of the body; retried as the
        policy says.

        `meter`, which has this requester's above it, counts it; requests of one meter share their turns in the
        throttle. `failed` is what became of a first attempt, where its body was found wanting later. `where`
        tells the position of a walk, for the log. `overall` is how many seconds the call may take in all, waits
        for the quota included.

        Raises `RequestError`, with method, path, attempts and why there was no further one.
        """
        mark = "?" if query else ""
        url = URL(f"{self._settings.base_url}{path}{mark}{query}", encoded=True)
        exchange = self._exchange("GET", path, url, parse, meter)
        exchange.where = where
        if overall is not None:
            exchange.deadline = exchange.started + overall
        return await self._carry_out(exchange, failed)

    async def look(self, path: str, query: str, credentials: Credentials, *, metered: bool = True) -> Answer:
        """GET `path` once with these credentials, whatever the server answers; for who asks how it answers.

        A 429 closes the gate, as always; a request that is not `metered` does not wait for the quota. Raises
        `RequestError` where no answer came.
        """
        mark = "?" if query else ""
        url = URL(f"{self._settings.base_url}{path}{mark}{query}", encoded=True)
        exchange = self._exchange("GET", path, url, bytes)
        began = self._clock.now()
        throttle = self._throttle if metered else Throttle(None, clock=self._clock)
        try:
            with self.ledger.watching(exchange), exchange.attempt() as attempt:
                async with throttle.lease(exchange.meters[0]) as lease:
                    answer = await self._send(exchange, lambda _: credentials.headers(), lease, attempt)
                    if answer.status == 429:
                        lease.refused(retry_after(answer.retry_after, self._clock.epoch()))
        except RequestError as error:
            self._note(exchange, error, self._clock.now() - began)
            exchange.tell(error)
            raise
        return answer

    async def post(self, path: str, body: bytes, parse: Callable[[bytes], T]) -> T:
        """POST a JSON `body` to `path`, and what `parse` makes of the answer. It is sent again only after a 429: after
        any other failure the server may have carried it out.

        Raises `RequestError`, with method, path, attempts and why there was no further one.
        """
        url = URL(self._settings.base_url + path, encoded=True)
        exchange = self._exchange("POST", path, url, parse)
        exchange.body = body
        return await self.with_policy(OncePolicy.like(self._policy))._carry_out(exchange)  # noqa: SLF001 - itself

    async def fetch(self, url: str, write: Callable[[bytes], object] | None, *, most: int) -> Fetched:
        """GET a file at a `url` that the API named, on whatever origin; one attempt. See `_http.download`.

        Raises `RequestError`, with method, path and attempts.
        """
        exchange = self._exchange("GET", "", URL(), bytes)
        exchange.file = True
        exchange.within = None  # a file takes as long as it takes; silence is bounded by the time for a read
        files = Files(self._settings.base_url, self._transport, self._throttle, self._token)
        try:
            with self.ledger.watching(exchange):
                return await files.fetch(exchange, url, write, most=most)
        except RequestError as error:
            self._note(exchange, error, self._clock.now() - exchange.started)
            raise self._given_up(exchange, error, "not retryable") from error.__cause__
