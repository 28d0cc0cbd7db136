"""What those see who watch a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, overload

from .result import PartProgress, PullResult

__all__ = ["RunProgress", "Watch"]


class _Run(Protocol):
    """A run, as far as it is watched."""

    @property
    def progress(self) -> list[PartProgress]: ...
    def result(self) -> PullResult: ...


class RunProgress(Sequence[PartProgress]):
    """The parts of a run while it goes on, and its result as far as it is known at this moment."""

    def __init__(self, run: _Run) -> None:
        self._run = run

    @overload
    def __getitem__(self, index: int) -> PartProgress: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PartProgress]: ...
    def __getitem__(self, index: int | slice) -> PartProgress | Sequence[PartProgress]:
        """The parts, in the order of the plan."""
        return self._run.progress[index]

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._run.progress)

    def result(self) -> PullResult:
        """How the run is going; after it was cancelled or has failed, how far it came."""
        return self._run.result()


Watch = Callable[[RunProgress], object]
"""Told once, at the start, what to look at for progress."""
