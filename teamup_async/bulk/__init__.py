"""Bulk pulls: many reports, many accounts, straight into files and databases, resumable and incremental."""

from __future__ import annotations

from .checkpoint import CheckpointError
from .plan import Part, Plan, Window, make_plan
from .pull import pull
from .result import PartProgress, PartResult, PullResult

__all__ = [
    "CheckpointError",
    "Part",
    "PartProgress",
    "PartResult",
    "Plan",
    "PullResult",
    "Window",
    "make_plan",
    "pull",
]
