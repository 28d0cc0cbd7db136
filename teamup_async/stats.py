"""What a walk, or a whole client, has done so far."""

from __future__ import annotations

import attrs

__all__ = ["Meter", "Stats"]


@attrs.frozen(kw_only=True)
class Stats:
    """A snapshot. `waited` is seconds spent waiting for the quota, `total` the rows the server announced.

    `requests` counts what went over the wire, retries included; `detours` the pages that were to become columns
    (``batches()``, or a pull into Parquet, Arrow or DuckDB), did not fit, and became row objects first.
    """

    rows: int = 0
    pages: int = 0
    requests: int = 0
    retries: int = 0
    waited: float = 0.0
    bytes: int = 0
    total: int | None = None
    detours: int = 0


@attrs.define
class Meter:
    """The counters behind `Stats`. `answering`: seconds until answers came, waits for slots and quota left out."""

    rows: int = 0
    pages: int = 0
    requests: int = 0
    retries: int = 0
    waited: float = 0.0
    bytes: int = 0
    total: int | None = None
    answering: float = 0.0
    detours: int = 0

    def snapshot(self) -> Stats:
        """The counters as they stand."""
        return Stats(**{field.name: getattr(self, field.name) for field in attrs.fields(Stats)})
