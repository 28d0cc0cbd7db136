"""What is drawn again and again while something runs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

__all__ = ["Screen", "Ticking"]


class Screen(Protocol):
    """What rich draws on: begun, and ended."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Ticking(ABC):
    """Draws on `screen`, every so many seconds, between entering and leaving; without a screen it only counts time."""

    def __init__(self, screen: Screen | None, every: float) -> None:
        self._screen = screen
        self._every = every
        self._ticker: asyncio.Task[None] | None = None
        self._began = monotonic()

    async def __aenter__(self) -> Self:
        self._began = monotonic()
        if self._screen is not None:
            self._screen.start()
            self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticker
        if self._screen is not None:
            self._screen.stop()

    @property
    def seconds(self) -> float:
        """Since the display was entered."""
        return monotonic() - self._began

    @abstractmethod
    def look(self) -> None:
        """Draw what there is to see now."""

    async def _tick(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(self._every)
