"""Bulk pulls: many reports, many accounts, straight into files and databases, resumable and incremental."""

from __future__ import annotations

from .._bulk.changes import plan_sync, sync
from .._bulk.checkpoint import CheckpointError
from .._bulk.estimate import Estimate, estimate
from .._bulk.plan import Part, Plan, Window, make_plan
from .._bulk.result import PartProgress, PartResult, PullResult
from .._bulk.run import pull
from .accounts import Account, load_accounts
from .many import BulkPull
from .shared import QuotaFile

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
