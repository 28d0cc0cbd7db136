"""Numbers in the words of a sentence. Pure."""

from __future__ import annotations

from typing import Any

__all__ = ["compared", "counted", "duration"]


def counted(number: int, noun: str) -> str:
    """``1 page``, ``2 pages``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """Seconds as people say them: ``1 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def compared(counts: Any) -> str:
    """What is said of a table whose number of rows (`RowCounts`) is not the one that TeamUp says."""
    many = f"{abs(counts.difference):,} {'missing' if counts.difference > 0 else 'too many'}"
    return f"the table has {counts.table:,} rows, and TeamUp says {counts.total:,}: {many}"
