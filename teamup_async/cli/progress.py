"""Progress, on stderr and only where that is a terminal: rows, rate, time left, requests, retries, waits."""

from __future__ import annotations

from time import monotonic
from typing import Protocol

import attrs
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from ..stats import Stats
from .tables import counted
from .ticking import Ticking

__all__ = ["Display", "Watched", "describe", "duration"]

_EVERY = 0.15
"""Seconds between two looks."""
_IDLE = 2.0
"""Seconds without anything new after which a line says that it waits."""


class Watched(Protocol):
    """A stream, as far as progress is concerned."""

    @property
    def stats(self) -> Stats:
        """What it has done so far."""
        ...


@attrs.define
class _Line:
    task: TaskID
    stream: Watched
    limit: int | None
    moved: float
    seen: tuple[int, int] = (0, 0)


class Display(Ticking):
    """Lines of progress for streams; does nothing unless `shown` and stderr is a terminal."""

    def __init__(self, *, shown: bool = True, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._lines: list[_Line] = []
        self._progress: Progress | None = None
        if shown and self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[told]}", markup=False),
                console=self._console,
                auto_refresh=False,
                transient=True,
            )
        super().__init__(self._progress, _EVERY)

    def watch(self, title: str, stream: Watched, limit: int | None = None) -> None:
        """Add a line for `stream`, of which at most `limit` rows are wanted."""
        if self._progress is not None:
            task = self._progress.add_task(title, total=None, told="")
            self._lines.append(_Line(task, stream, limit, moved=monotonic()))

    def look(self) -> None:
        """Bring the lines up to date."""
        if self._progress is None:
            return
        now = monotonic()
        for line in self._lines:
            stats = line.stream.stats
            total = stats.total if line.limit is None or stats.total is None else min(line.limit, stats.total)
            rows = stats.rows if total is None else min(stats.rows, total)
            if (seen := (rows, stats.requests)) != line.seen:
                line.seen, line.moved = seen, now
            told = describe(stats, rows, total, self.seconds, idle=now - line.moved)
            self._progress.update(line.task, completed=rows, total=total, told=told)
        self._progress.refresh()


def describe(stats: Stats, rows: int, total: int | None, seconds: float, *, idle: float = 0.0) -> str:
    """The numbers of a line; `idle` is the seconds since they last changed."""
    rate = rows / seconds if seconds > 0 else 0.0
    parts = [f"{rows:,}/{total:,} rows" if total is not None else f"{rows:,} rows"]
    if rows and (total is None or rows < total):
        parts.append(f"{rate:,.0f}/s")
        if total is not None:
            parts.append(f"{duration((total - rows) / rate)} left")
    parts.append(counted(stats.requests, "request"))
    if stats.retries:
        parts.append(f"{stats.retries:,} {'retry' if stats.retries == 1 else 'retries'}")
    if stats.waited >= 1:
        parts.append(f"waited {duration(stats.waited)} for the quota")
    if idle > _IDLE and rows != total:
        parts.append(f"waiting for the quota or an answer, {duration(idle)}")
    return " · ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as people say them: ``1 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
