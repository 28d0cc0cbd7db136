"""Moments as sinks hold them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

__all__ = ["as_moment"]


def as_moment(value: Any) -> datetime:
    """A time, or text that means one; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ValueError(  # noqa: TRY004 - text that means no time raises the same
            f"{value!r} is no time"
        )
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
