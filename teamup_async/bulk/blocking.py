"""An async generator for code that is not async: tasks of engines, which may run in any thread."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, suppress
from typing import Any, Final, TypeVar

__all__ = ["iterated", "result_of"]

T = TypeVar("T")

_AHEAD: Final = 4
"""Items that are made ahead."""


class _End:
    """What comes after the last item: the error that ended them, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def iterated(make: Callable[[], AsyncGenerator[T]]) -> Generator[T]:
    """The items of the generator that `make` makes, which runs in an event loop and a thread of its own.

    It goes on while an item is worked on, and ends with whoever takes them.
    """
    items: queue.SimpleQueue[Any] = queue.SimpleQueue()
    room = asyncio.Semaphore(_AHEAD)
    loop = asyncio.new_event_loop()

    async def work() -> None:
        async with aclosing(make()) as made:
            async for item in made:
                await room.acquire()
                items.put((item,))

    task = loop.create_task(work())

    def run() -> None:
        asyncio.set_event_loop(loop)
        error: BaseException | None = None
        try:
            loop.run_until_complete(task)
        except BaseException as raised:  # noqa: BLE001 - it is for the thread that takes the items
            error = raised
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            items.put(_End(error))

    thread = threading.Thread(target=run, name="teamup-shard", daemon=True)
    thread.start()
    try:
        while not isinstance(got := items.get(), _End):
            yield got[0]
            with suppress(RuntimeError):  # the loop may have ended by itself
                loop.call_soon_threadsafe(room.release)
        if got.error is not None:
            raise got.error
    finally:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(task.cancel)
        thread.join()


def result_of(make: Callable[[], Any]) -> Any:
    """What the coroutine that `make` makes returns, run in an event loop and a thread of its own."""

    async def one() -> AsyncGenerator[Any]:
        yield await make()

    [result] = iterated(one)
    return result
