"""Progress, on stderr and only where that is a terminal: rows, speed, time left, requests, retries, waits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol

import attrs
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .._report.words import counted, duration
from ..stats import Stats
from .ticking import Ticking

if TYPE_CHECKING:
    from .._bulk.result import PartProgress

__all__ = ["Display", "Reading", "Watched", "describe", "duration", "seconds_left"]

_EVERY = 0.2
"""Seconds between two looks."""
_IDLE = 2.0
"""Seconds without anything new after which a line says that it waits."""
_MINUTE = 60.0


class Watched(Protocol):
    """A stream, as far as progress is concerned."""

    @property
    def stats(self) -> Stats:
        """What it has done so far."""
        ...


@attrs.frozen(kw_only=True)
class Reading:
    """How far something is at this moment. `rows` include those of earlier runs; `total` is None where unknown."""

    rows: int = 0
    total: int | None = None
    stats: Stats = attrs.field(factory=Stats)
    running: bool = True
    failed: bool = False


@attrs.define
class _Line:
    title: str
    read: Callable[[], Reading]
    began: float
    moved: float
    seen: tuple[int, int] = (0, 0)


class Display(Ticking):
    """Lines of progress; does nothing unless `shown` and stderr is a terminal.

    `rate` is requests a minute of each of `callers`, None for no limit: time left depends on it.
    """

    def __init__(
        self,
        *,
        shown: bool = True,
        rate: int | None = None,
        callers: int = 1,
        console: Console | None = None,
    ) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._lines: list[_Line] = []
        self._rate = None if rate is None else rate * callers
        self._live = (
            Live(console=self._console, auto_refresh=False, transient=True)
            if shown and self._console.is_terminal
            else None
        )
        super().__init__(self._live, _EVERY)

    def watch(self, title: str, stream: Watched, limit: int | None = None) -> None:
        """Add a line for `stream`, of which at most `limit` rows are wanted."""

        def read() -> Reading:
            stats = stream.stats
            total = stats.total if limit is None or stats.total is None else min(limit, stats.total)
            rows = stats.rows if total is None else min(stats.rows, total)
            return Reading(rows=rows, total=total, stats=stats, running=rows != total)

        self._add(title, read)

    def watch_parts(self, parts: Sequence[PartProgress]) -> None:
        """Look at these parts of a bulk pull from now on."""
        for part in parts:
            self._add(part.part.id, partial(_of_part, part))

    def _add(self, title: str, read: Callable[[], Reading]) -> None:
        now = monotonic()
        self._lines.append(_Line(title, read, began=now, moved=now))

    def look(self) -> None:
        """Bring the lines up to date."""
        if self._live is not None:
            self._live.update(self.draw(), refresh=True)

    def draw(self) -> Group:
        """The lines as they stand: what runs, as much as fits, and the whole."""
        now = monotonic()
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=max(12, self._console.width // 3))
        table.add_column(width=min(16, self._console.width // 5))
        table.add_column(overflow="fold")
        readings = [(line, line.read()) for line in self._lines]
        running = [(line, found) for line, found in readings if found.running]
        for line, found in running[: max(1, (self._console.height - 4) // 2)]:
            if (seen := (found.rows, found.stats.requests)) != line.seen:
                line.seen, line.moved = seen, now
            left = self._left([found]) if len(self._lines) == 1 else None
            told = describe(found, now - line.began, left=left, idle=now - line.moved)
            bar = ProgressBar(total=found.total, completed=found.rows, pulse=found.total is None)
            table.add_row(escape(line.title), bar, told)
        return Group(table, *([self._whole([found for _, found in readings])] if len(readings) > 1 else []))

    def _left(self, readings: Sequence[Reading]) -> float | None:
        return seconds_left(readings, self.seconds, self._rate)

    def _whole(self, readings: Sequence[Reading]) -> Text:
        done = sum(not found.running and not found.failed and found.total is not None for found in readings)
        failed = sum(found.failed for found in readings)
        requests = sum(found.stats.requests for found in readings)
        pieces = [
            f"{done} of {len(readings)} done",
            counted(sum(found.rows for found in readings), "row"),
            counted(requests, "request"),
        ]
        if failed:
            pieces.insert(1, f"{failed} failed")
        left = self._left(readings)
        if left:
            pieces.append(f"{duration(left)} left")
        return Text(" · ".join([*pieces, duration(self.seconds)]), style="bold")


def _of_part(part: PartProgress) -> Reading:
    stats = part.stats
    return Reading(
        rows=max(part.rows, part.resumed + stats.rows),
        total=part.total,
        stats=stats,
        running=part.status == "running",
        failed=part.status == "incomplete",
    )


def seconds_left(readings: Sequence[Reading], seconds: float, rate: int | None) -> float | None:
    """How long it will take yet, after `seconds`; None where that can't be told.

    Two things bound it: how fast rows came so far, and `rate` requests a minute. The quota lets a burst through at once
    and then none until the minute is over, so the speed of the burst says nothing about the rest.
    """
    totals = [found.total for found in readings if not found.failed]
    if None in totals or seconds <= 0:
        return None
    read = sum(found.stats.rows for found in readings)
    left = sum(max(0, (found.total or 0) - found.rows) for found in readings if not found.failed)
    if not left:
        return 0.0
    if not read:
        return None
    by_speed = left * seconds / read
    if rate is None:
        return by_speed
    requests = sum(found.stats.requests for found in readings)
    needed = requests + math.ceil(left * requests / read)
    return max(by_speed, (math.ceil(needed / rate) - 1) * _MINUTE - seconds)


def describe(found: Reading, seconds: float, *, left: float | None = None, idle: float = 0.0) -> str:
    """The numbers of a line; `idle` is the seconds since they last changed."""
    rows, total, stats = found.rows, found.total, found.stats
    parts = [f"{rows:,} of {total:,} rows" if total is not None else counted(rows, "row")]
    if stats.rows and seconds > 0 and (total is None or rows < total):
        parts.append(f"{stats.rows / seconds:,.0f} a second")
    if left:
        parts.append(f"{duration(left)} left")
    parts.append(counted(stats.requests, "request"))
    if stats.retries:
        parts.append(f"{stats.retries:,} {'retry' if stats.retries == 1 else 'retries'}")
    if idle > _IDLE and rows != total:
        parts.append(f"waiting for the quota or an answer, {duration(idle)}")
    elif stats.waited >= 1:
        parts.append(f"waited {duration(stats.waited)} for the quota")
    return " · ".join(parts)
