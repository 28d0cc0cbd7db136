"""Pages fetched ahead: a bounded number of tasks, in the order in which they will be wanted.

What follows a page is guessed as soon as that can be done, at the latest when the page has arrived; the guess is
fetched. When the walk turns out to go on elsewhere (rows moved, the server gives smaller pages), all of it is
dropped and begun anew there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import ref

from ..errors import ClientClosedError
from .position import Position

__all__ = ["Prefetcher"]

T = TypeVar("T")


class Prefetcher(Generic[T]):
    """At most `size` pages in flight or waiting to be taken.

    `fetch` starts a task that is kept alive elsewhere. `ahead` guesses what follows a position, and is given the
    page there if that has arrived. Nothing here refers to the stream, and when a prefetcher is dropped without
    being closed its tasks are cancelled all the same.
    """

    def __init__(
        self,
        size: int,
        fetch: Callable[[Position], asyncio.Task[T]],
        ahead: Callable[[Position, T | None], Position | None],
    ) -> None:
        self._size = size
        self._fetch_at = fetch
        self._ahead = ahead
        self._awaited: asyncio.Task[T] | None = None
        self._pages: deque[tuple[Position, asyncio.Task[T]]] = deque()
        self._loop = asyncio.get_running_loop()

    @property
    def next(self) -> Position | None:
        """The position of the first page that was fetched ahead, if there is one."""
        return self._pages[0][0] if self._pages else None

    async def take(self, position: Position, timeout: float | None) -> T:
        """The page at `position`. Raises `TimeoutError` after `timeout` seconds.

        The page stays here until it has arrived, so a cancelled call may simply be made again.
        """
        pages = self._pages
        if not pages or not _same_request(pages[0][0], position):
            self.clear()
            self._fetch(position)
        self._fill()
        task = pages[0][1]
        if not task.done():
            self._awaited = task
            try:
                await self._wait(task, timeout)
            finally:
                self._awaited = None
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

    def fill(self, position: Position | None) -> None:
        """Fetch ahead from `position` on, the next to be taken."""
        if position is None:
            self.clear()
            return
        if not self._pages or not _same_request(self._pages[0][0], position):
            self.clear()
            self._fetch(position)
        self._fill()

    def _fill(self) -> None:
        pages = self._pages
        while len(pages) < self._size:
            position = self._ahead(pages[-1][0], _result(pages[-1][1]))
            if position is None:
                return
            self._fetch(position)

    def _fetch(self, position: Position) -> None:
        task = self._fetch_at(position)
        self._pages.append((position, task))
        prefetcher = ref(self)  # a task in flight keeps no prefetcher alive that was dropped

        def arrived(task: asyncio.Task[T]) -> None:
            if (here := prefetcher()) is not None:
                here._arrived(task)  # noqa: SLF001 - itself

        task.add_done_callback(arrived)

    def _arrived(self, task: asyncio.Task[T]) -> None:
        """Go on behind a page that has arrived, unless the walk is about to take it, and tells better."""
        if task is not self._awaited and self._pages and self._pages[-1][1] is task:
            self._fill()

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


def _result(task: asyncio.Task[T]) -> T | None:
    return task.result() if task.done() and not task.cancelled() and task.exception() is None else None


def _same_request(a: Position, b: Position) -> bool:
    return a.start == b.start and a.asked == b.asked and a.since == b.since
