"""Pages fetched ahead: a bounded number of tasks, in the order in which they will be wanted.

What follows a page is guessed as soon as the total is known; the guess is fetched. When the walk turns out to
go on elsewhere (rows moved, the server gives smaller pages), all of it is dropped and begun anew there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import ClientClosedError
from .position import Position

__all__ = ["Prefetcher"]

T = TypeVar("T")


class Prefetcher(Generic[T]):
    """At most `size` pages in flight or waiting to be taken.

    `fetch` starts a task that is kept alive elsewhere. Nothing here refers to the stream, and when a window
    is dropped without being closed its tasks are cancelled all the same.
    """

    def __init__(self, size: int, fetch: Callable[[Position], asyncio.Task[T]]) -> None:
        self._size = size
        self._fetch = fetch
        self._pages: deque[tuple[Position, asyncio.Task[T]]] = deque()
        self._loop = asyncio.get_running_loop()

    async def take(
        self, position: Position, ahead: Callable[[Position], Position | None], timeout: float | None
    ) -> T:
        """The page at `position`; `ahead` guesses what follows. Raises `TimeoutError` after `timeout` seconds.

        The page stays here until it has arrived, so a cancelled call may simply be made again.
        """
        pages = self._pages
        if not pages or not _same_request(pages[0][0], position):
            self.clear()
            pages.append((position, self._fetch(position)))
        self._fill(ahead)
        task = pages[0][1]
        if not task.done():
            await self._wait(task, timeout)
        pages.popleft()
        if task.cancelled():
            raise ClientClosedError("the client was closed while its rows were read")
        return task.result()

    async def _wait(self, task: asyncio.Task[T], timeout: float | None) -> None:
        """Wait until `task` is done, without cancelling it when this wait is cancelled."""
        if timeout is not None:
            await asyncio.wait((task,), timeout=timeout)
            if not task.done():
                raise TimeoutError
            return
        # What asyncio.wait() does, at a fifth of its cost.
        done: asyncio.Future[None] = self._loop.create_future()

        def wake(_: asyncio.Task[T]) -> None:
            if not done.done():
                done.set_result(None)

        task.add_done_callback(wake)
        try:
            await done
        finally:
            task.remove_done_callback(wake)

    def fill(self, position: Position | None, ahead: Callable[[Position], Position | None]) -> None:
        """Fetch ahead from `position` on, the next to be taken."""
        if position is None:
            self.clear()
            return
        if not self._pages or not _same_request(self._pages[0][0], position):
            self.clear()
            self._pages.append((position, self._fetch(position)))
        self._fill(ahead)

    def _fill(self, ahead: Callable[[Position], Position | None]) -> None:
        pages = self._pages
        while len(pages) < self._size:
            position = ahead(pages[-1][0])
            if position is None:
                return
            pages.append((position, self._fetch(position)))

    def put_back(self, position: Position, task: asyncio.Task[T]) -> None:
        """Let `task` bring the page at `position`, which is to be taken again, before all others."""
        self._pages.appendleft((position, task))

    def clear(self) -> None:
        """Cancel what is in flight and forget what has arrived."""
        while self._pages:
            _, task = self._pages.popleft()
            task.cancel()

    async def aclose(self) -> None:
        """Cancel what is in flight, and wait until it has ended."""
        tasks = [task for _, task in self._pages]
        self.clear()
        if tasks:
            await asyncio.wait(tasks)

    def __del__(self) -> None:
        if self._pages and not self._loop.is_closed():
            # Perhaps in another thread, by the garbage collector.
            for _, task in self._pages:
                self._loop.call_soon_threadsafe(task.cancel)


def _same_request(a: Position, b: Position) -> bool:
    return a.start == b.start and a.asked == b.asked and a.since == b.since
