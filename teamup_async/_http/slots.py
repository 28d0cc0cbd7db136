"""Slots: room for a request in flight, given to streams in fair turns, and a cap that several throttles share."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["Slots", "cap_of"]


class Slots:
    """Room for `count` requests in flight.

    The next slot goes to the stream with the fewest requests in flight; of several, to the one that has had
    so few for longest. In order of arrival, a stream that asks for one page at a time would wait behind all
    pages that another stream fetches ahead.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._in_flight: dict[int, int] = {}
        # For each number in flight, the streams that wait, with their requests.
        self._waiting: list[OrderedDict[int, deque[asyncio.Future[None]]]] = [
            OrderedDict() for _ in range(count + 1)
        ]

    async def acquire(self, stream: object) -> None:
        """Wait for a slot for a request of `stream`."""
        key = id(stream)  # of something that lives while its request does
        if self._free:
            self._free -= 1
            self._in_flight[key] = self._in_flight.get(key, 0) + 1
            return
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[self._in_flight.get(key, 0)].setdefault(key, deque()).append(given)
        try:
            await given
        except asyncio.CancelledError:
            if given.cancelled():
                self._forget(key, given)
            else:
                self.release(stream)
            raise

    def release(self, stream: object) -> None:
        """Give a slot of `stream` to the next."""
        key = id(stream)
        count = self._in_flight.pop(key)
        if count > 1:
            self._in_flight[key] = count - 1
        if line := self._waiting[count].pop(key, None):
            self._waiting[count - 1][key] = line
        self._free += 1
        for count, streams in enumerate(self._waiting):
            while streams:
                key, line = streams.popitem(last=False)
                while line and line[0].cancelled():
                    line.popleft()
                if not line:
                    continue
                self._free -= 1
                self._in_flight[key] = count + 1
                line.popleft().set_result(None)
                if line:
                    self._waiting[count + 1][key] = line
                return

    def _forget(self, key: int, given: asyncio.Future[None]) -> None:
        streams = self._waiting[self._in_flight.get(key, 0)]
        line = streams.get(key)
        if line is not None and given in line:
            line.remove(given)
            if not line:
                del streams[key]


def cap_of(connector: Any) -> asyncio.Semaphore | None:
    """The cap for all throttles whose requests share `connector`, an aiohttp connector; None where it has no limit.

    A connector makes requests wait when its connections are all in use: behind the quota, where no request may wait.
    """
    limits = (getattr(connector, "limit", 0), getattr(connector, "limit_per_host", 0))
    limit = min(filter(None, limits), default=0)
    if not limit:
        return None
    return _caps.setdefault(connector, asyncio.Semaphore(limit))


_caps: WeakKeyDictionary[Any, asyncio.Semaphore] = WeakKeyDictionary()
