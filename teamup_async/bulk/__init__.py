"""Bulk pulls: many reports, many accounts, straight into files and databases, resumable and incremental."""

from __future__ import annotations

from .accounts import Account, load_accounts
from .checkpoint import CheckpointError
from .estimate import Estimate, estimate
from .many import BulkPull
from .plan import Part, Plan, Window, make_plan
from .pull import pull
from .result import PartProgress, PartResult, PullResult
from .shared import QuotaFile
from .sync import plan_sync, sync

__all__ = [
    "Account",
    "BulkPull",
    "CheckpointError",
    "Estimate",
    "Part",
    "PartProgress",
    "PartResult",
    "Plan",
    "PullResult",
    "QuotaFile",
    "Window",
    "estimate",
    "load_accounts",
    "make_plan",
    "plan_sync",
    "pull",
    "sync",
]
