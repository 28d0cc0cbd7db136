"""The pages of a walk as they come from the server: fetched ahead, decoded, within the walk's time."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any, Generic, Protocol, TypeVar

from .._decoding.fast import decode
from .._decoding.page import Decoded
from ..errors import NotFoundError, RequestError, RequestTimeoutError, ResponseDecodeError
from ..stats import Meter
from .plan import Plan
from .position import Position
from .prefetch import Prefetcher

__all__ = ["Pages", "Requester"]

Row = TypeVar("Row")
T = TypeVar("T")


class Requester(Protocol):
    """What a walk needs of whoever sends its requests."""

    @property
    def quota(self) -> tuple[int, float] | None:
        """How many requests are allowed in how many seconds; None where that is left to the server."""
        ...

    @property
    def readers(self) -> MutableMapping[object, bool]:
        """Who reads under the same quota, and whether they fetch many pages ahead. Holds nobody alive."""
        ...

    def now(self) -> float:
        """Seconds on the requester's clock."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the requester's clock."""
        ...

    def spawn(self, work: Coroutine[Any, Any, T]) -> Task[T]:
        """Run `work` as a task that belongs to the requester."""
        ...

    async def get(
        self,
        path: str,
        query: str,
        parse: Callable[[bytes], T],
        meter: Meter | None = None,
        failed: RequestError | None = None,
        *,
        where: Callable[[], dict[str, Any]] | None = None,
        overall: float | None = None,
    ) -> T:
        """What `parse` makes of the answer, with all tries."""
        ...


class Pages(Generic[Row]):
    """The pages of one walk."""

    def __init__(
        self,
        plan: Plan[Row],
        requester: Requester,
        meter: Meter,
        ahead: Callable[[Position, bytes | None], Position | None],
    ) -> None:
        self._plan = plan
        self._requester = requester
        self._meter = meter
        self._prefetcher = Prefetcher(plan.window, _fetcher(plan, requester, meter), ahead)
        self._deadline = None if plan.timeout is None else requester.now() + plan.timeout

    @property
    def ahead(self) -> Position | None:
        """The position of the page that was fetched ahead and will be taken next, if there is one."""
        return self._prefetcher.next

    def replanned(
        self, plan: Plan[Row], ahead: Callable[[Position, bytes | None], Position | None]
    ) -> Pages[Row]:
        """The pages of the same walk by another plan, in the time that is left to it."""
        self.forget()
        pages = Pages(plan, self._requester, self._meter, ahead)
        pages._deadline = self._deadline
        return pages

    async def take(self, position: Position) -> Decoded[Row]:
        """The page at `position`. Raises `TeamUpError`."""
        try:
            body = await self._prefetcher.take(position, self._time_left())
            try:
                return self._decoded(body)
            except ResponseDecodeError as error:
                self._prefetcher.put_back(position, self._reread(position, error))
            body = await self._prefetcher.take(position, self._time_left())
            return self._decoded(body)
        except TimeoutError:
            late = RequestTimeoutError(f"the walk took longer than {self._plan.timeout} seconds")
            late.gave_up = "no time left"
            raise late from None
        except NotFoundError:
            # A page past the end, where rows were deleted meanwhile. No document says that a report answers so.
            if position.start == 0:
                raise
            return Decoded([], None, ())

    def _decoded(self, body: bytes) -> Decoded[Row]:
        decoded = self._plan.decode(body)
        if self._plan.schema is not None and not decoded.twins:
            self._meter.count_detour()
        return decoded

    async def pause(self, seconds: float) -> None:
        """Wait before something is asked again, no longer than the walk may take."""
        if seconds:
            try:
                left = self._time_left()
            except TimeoutError:
                left = 0.0
            await self._requester.sleep(seconds if left is None else min(seconds, left))

    def fetch_ahead(self, position: Position | None) -> None:
        """Fetch from `position` on, the next to be taken."""
        self._prefetcher.fill(position)

    def forget(self) -> None:
        """Cancel what is in flight and drop what has arrived."""
        self._prefetcher.clear()

    async def aclose(self) -> None:
        """Cancel what is in flight, and wait until it has ended."""
        await self._prefetcher.aclose()

    def _time_left(self) -> float | None:
        """Seconds left for this walk. Raises `TimeoutError` when there are none, be the next page there or not."""
        if self._deadline is None:
            return None
        left = self._deadline - self._requester.now()
        if left <= 0:
            raise TimeoutError
        return left

    def _reread(self, position: Position, error: ResponseDecodeError) -> Task[bytes]:
        """Fetch a page once more that could not be decoded, with the retries that are left to it."""
        plan, requester = self._plan, self._requester

        def decodable(body: bytes) -> bytes:
            decode(plan.endpoint, body)
            return body

        query = plan.query(position)
        return requester.spawn(
            requester.get(
                plan.endpoint.path, query, decodable, self._meter, failed=error, where=position.to_json
            )
        )


def _fetcher(plan: Plan[Any], requester: Requester, meter: Meter) -> Callable[[Position], Task[bytes]]:
    # Pages wait as bytes: rows that are made, used and dropped at once take a third less time than rows
    # of many pages that lie in memory side by side.
    path = plan.endpoint.path

    def fetch(position: Position) -> Task[bytes]:
        return requester.spawn(
            requester.get(path, plan.query(position), bytes, meter, where=position.to_json)
        )

    return fetch
