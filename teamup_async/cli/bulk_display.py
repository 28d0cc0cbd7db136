"""Many walks at once, told: a line for each while they run, and a summary at the end."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .._bulk.result import PartProgress, PullResult
from .failures import Situation, advised
from .progress import describe, duration
from .running import say
from .tables import counted
from .ticking import Ticking

__all__ = ["BulkDisplay", "tell"]

_EVERY = 0.25
"""Seconds between two looks."""


class BulkDisplay(Ticking):
    """Lines of progress on stderr; does nothing unless `shown` and stderr is a terminal.

    `rate` is requests a minute of each of `callers`, to say how much of the quota is used.
    """

    def __init__(
        self, *, shown: bool, rate: int | None, callers: int = 1, console: Console | None = None
    ) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._parts: Sequence[PartProgress] = ()
        self._rate = None if rate is None else rate * callers
        self._live = (
            Live(console=self._console, auto_refresh=False, transient=True)
            if shown and self._console.is_terminal
            else None
        )
        super().__init__(self._live, _EVERY)

    def watch(self, parts: Sequence[PartProgress]) -> None:
        """Look at these parts from now on."""
        self._parts = parts

    def look(self) -> None:
        """Bring the lines up to date."""
        if self._live is not None:
            self._live.update(self.draw(), refresh=True)

    def draw(self) -> Group:
        """The lines as they stand: running parts, as many as fit, and the total."""
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(width=16)
        table.add_column(no_wrap=True, overflow="ellipsis")
        running = [part for part in self._parts if part.status == "running"]
        for part in running[: max(1, self._console.height - 4)]:
            total = part.total
            rows = part.resumed + part.stats.rows
            bar = ProgressBar(total=total, completed=rows, width=16, pulse=total is None)
            table.add_row(escape(part.part.id), bar, _numbers(part, rows, total))
        return Group(table, self.total())

    def total(self) -> Text:
        """The line of the whole."""
        done = sum(part.status == "complete" for part in self._parts)
        failed = sum(part.status == "incomplete" for part in self._parts)
        requests = sum(part.stats.requests for part in self._parts)
        rows = sum(max(part.rows, part.resumed + part.stats.rows) for part in self._parts)
        pieces = [f"{done} of {len(self._parts)} parts", counted(rows, "row"), counted(requests, "request")]
        if self._rate is not None and self.seconds > 1:
            allowed = self._rate * max(1.0, self.seconds / 60)
            pieces.append(f"{min(1.0, requests / allowed):.0%} of the quota")
        if failed:
            pieces.append(f"{failed} failed")
        return Text(", ".join([*pieces, duration(self.seconds)]), style="bold")


def _numbers(part: PartProgress, rows: int, total: int | None) -> str:
    return describe(part.stats, rows, total, max(monotonic() - part.began, 1e-3))


def tell(result: PullResult, seconds: float, situation: Situation, *, whole: bool) -> None:
    """The summary on stderr: what is not complete, why, and what to do about it; with `whole`, everything."""
    for part in result.parts:
        if part.complete and whole:
            resumed = f" ({part.resumed:,} of them before)" if part.resumed else ""
            place = f" in {part.place}" if part.place else ""
            say(
                f"{part.part.id}: {counted(part.rows, 'row')}{resumed}{place}, "
                f"{counted(part.stats.requests, 'request')}"
            )
        elif not part.complete:
            say(f"teamup: {part.part.id} is incomplete after {counted(part.rows, 'row')}: {part.reason}")
    if whole:
        requests = sum(part.stats.requests for part in result.parts)
        say(f"{counted(result.rows, 'row')} in all, {counted(requests, 'request')}, {duration(seconds)}")
    if not result.ok:
        advice = (advised(part.error, situation) for part in result.incomplete if part.error is not None)
        say(*(f"  {line}" for line in dict.fromkeys(filter(None, advice))))
        say(
            f"  {len(result.incomplete)} of {counted(len(result.parts), 'part')} incomplete. "
            "The same command goes on with what is missing."
        )
