"""One event loop in a thread of its own, for code that is not async: whoever calls waits here, the loop works there.

There is one for the whole process, begun when it is first needed. It ends with the interpreter; a process that was
forked gets another.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import aclosing, suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from .errors import ClientClosedError, ConfigurationError

__all__ = ["Background", "background", "iterated"]

T = TypeVar("T")

_AHEAD: Final = 4
"""Items that `iterated` makes ahead."""
_LAST: Final = 5.0
"""Seconds that the end of the interpreter waits for connections to close."""
_CLOSED: Final = "the client was closed while something waited for it"
_LOOK: Final = 0.2 if sys.platform == "win32" else None
"""How often a wait looks whether Ctrl-C was pressed, where that does not end a wait by itself."""


class Background:
    """The loop and its thread."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._ended = False
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing: set[Callable[[], Coroutine[Any, Any, None]]] = set()
        self._thread = threading.Thread(target=self._work, name="teamup-loop", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._ended:
            with suppress(
                BaseException
            ):  # what a callback raises is for whoever waits, and not the end of the loop
                self._loop.run_forever()

    @property
    def is_here(self) -> bool:
        """Whether the loop runs in this process, and goes on."""
        return not self._ended and self._process == os.getpid()

    @property
    def is_mine(self) -> bool:
        """Whether the caller's thread is the loop's."""
        return threading.get_ident() == self._thread.ident

    @property
    def busy(self) -> int:
        """How many calls it works on."""
        return len(self._tasks)

    def run(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the coroutine that `make` makes returns or raises; it runs in the loop, in the caller's context.

        Ctrl-C cancels it, and waits until it has ended. Raises `ClientClosedError` where the loop is not in this
        process any more, and `ConfigurationError` for a call from the loop itself.
        """
        if self.is_mine:
            raise ConfigurationError(
                "a callback runs where answers come in, and can't wait for one there: leave that to another thread"
            )
        done: SimpleQueue[asyncio.Task[T]] = SimpleQueue()
        cancel = self.start(make, done.put)
        try:
            task = _taken(done)
        except BaseException:
            cancel()
            _taken(done)  # what was read is being saved; a second Ctrl-C ends this wait
            raise
        try:
            return task.result()
        except asyncio.CancelledError:
            raise ClientClosedError(_CLOSED) from None

    def start(
        self, make: Callable[[], Coroutine[Any, Any, T]], done: Callable[[asyncio.Task[T]], object]
    ) -> Callable[[], None]:
        """Begin a coroutine, and call `done` in the loop with its task when it has ended; gives what cancels it."""
        if self._process != os.getpid():
            raise ClientClosedError("it was made before this process was forked off: make one here")
        if self._ended:
            raise ClientClosedError("the interpreter is ending")
        context, started = copy_context(), list[asyncio.Task[T]]()

        def begin() -> None:
            task = self._loop.create_task(make(), context=context)
            started.append(task)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(done)

        def cancel() -> None:
            self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in started])

        self._loop.call_soon_threadsafe(begin)
        return cancel

    def soon(self, make: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Do something without waiting for it; what goes wrong is nobody's business. For finalizers of any thread."""
        if self.is_here:
            with suppress(RuntimeError, ClientClosedError):
                self.start(make, lambda task: task.cancelled() or task.exception())

    def call(self, function: Callable[[], object]) -> None:
        """Call a function in the loop, without waiting for it."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)

    def close_at_exit(self, close: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        """Have `close` run at the end of the interpreter; gives what takes that back."""
        self._closing.add(close)
        return lambda: self._closing.discard(close)

    def end(self) -> None:
        """Close what is open, cancel what is left, and stop. At the end of the interpreter."""
        if not self.is_here:
            return

        async def close() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST):
                    await asyncio.gather(*(close() for close in list(self._closing)), return_exceptions=True)
                    left = [task for task in self._tasks if task is not asyncio.current_task()]
                    for task in left:
                        task.cancel()
                    await asyncio.gather(*left, return_exceptions=True)
                    await self._loop.shutdown_asyncgens()

        with suppress(BaseException):
            self.run(close)
        self._ended = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_LAST)
        if not self._thread.is_alive():
            self._loop.close()


def _taken(done: SimpleQueue[T]) -> T:
    while True:
        with suppress(Empty):
            return done.get(timeout=_LOOK)


_beginning = threading.Lock()
_current: Background | None = None


def background() -> Background:
    """The loop of this process, begun if it is not there."""
    global _current  # noqa: PLW0603 - one for the process is what this is
    with _beginning:
        if _current is None or not _current.is_here:
            _current = Background()
            atexit.register(_current.end)
        return _current


def _forked() -> None:
    """In a process that was forked off: the thread is not there, and the lock may be held by one that is not."""
    global _beginning, _current
    _beginning, _current = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _End:
    """What comes after the last item: the error that ended them, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def iterated(make: Callable[[], AsyncGenerator[T]]) -> Generator[T]:
    """The items of the generator that `make` makes, which runs in the loop as one task.

    It goes on while an item is worked on, and ends with whoever takes them.
    """
    items: SimpleQueue[Any] = SimpleQueue()
    room = asyncio.Semaphore(_AHEAD)
    there = background()

    async def work() -> None:
        async with aclosing(make()) as made:
            async for item in made:
                await room.acquire()
                items.put((item,))

    ended = threading.Event()

    def end(task: asyncio.Task[None]) -> None:
        items.put(_End(ClientClosedError(_CLOSED) if task.cancelled() else task.exception()))
        ended.set()

    cancel = there.start(work, end)
    try:
        while not isinstance(got := _taken(items), _End):
            yield got[0]
            there.call(room.release)
        if got.error is not None:
            raise got.error
    finally:
        cancel()
        if not there.is_mine:  # a finalizer may run in any thread
            ended.wait()
