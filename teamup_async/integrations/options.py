"""What engines can be told of how shards are read: JSON-able, and without secrets."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["EngineOptions"]


class EngineOptions(TypedDict, total=False):
    """How the shards of an engine are read.

    * `quota`: where the quota is shared with other processes: ``redis://HOST``, ``file:PATH`` on one machine, or
      ``"environment"`` (each worker has ``TEAMUP_QUOTA_REDIS``). Without it a task that is repeated within a minute
      does not know what the one before it sent, and may get a 429, which it obeys.
    * `rate`, `rate_window`: requests in so many seconds for each caller, by default 250 in 60; a rate of None leaves
      the quota to the server.
    * `concurrency`: requests in flight of one caller, 8.
    * `cap`: requests in flight of one task, 32.
    """

    quota: str | None
    rate: int | None
    rate_window: float
    concurrency: int
    cap: int
