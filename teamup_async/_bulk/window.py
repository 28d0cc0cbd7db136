"""Which rows belong to a window of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from ..errors import ResponseDecodeError
from .plan import Window

__all__ = ["inside", "moment_of"]


def moment_of(value: Any) -> datetime:
    """A time of a row; some reports send text. Raises ValueError for what is no moment."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{value!r} is no time with a zone")
    return moment


def inside(window: Window | None) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """A function that keeps the rows of a window: the API's bounds include their ends, those of windows must not."""
    if window is None or window.until is None:
        return lambda rows: rows
    until, get = datetime.fromisoformat(window.until), attrgetter(window.field)

    def keep(rows: Sequence[Any]) -> Sequence[Any]:
        try:
            return [row for row in rows if moment_of(get(row)) < until]
        except ValueError as error:
            raise ResponseDecodeError(f"{window.field} can't be compared: {error}") from None

    return keep
