"""Bulk pulls: many reports, many accounts, straight into files and databases, resumable and incremental."""

from __future__ import annotations

from .._bulk.changes import SyncOptions
from .._bulk.checkpoint import CheckpointError
from .._bulk.estimates import Estimate
from .._bulk.plan import Part, Plan, Window, make_plan
from .._bulk.queries import Request
from .._bulk.result import PartProgress, PartResult, PullResult, RowCounts
from .._bulk.runner import Watch
from .._bulk.verification import VerificationError
from .accounts import Account, load_accounts
from .many import BulkPull
from .redis_quota import RedisQuota
from .shared import QuotaFile, SharedQuota

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
    "RedisQuota",
    "Request",
    "RowCounts",
    "SharedQuota",
    "SyncOptions",
    "VerificationError",
    "Watch",
    "Window",
    "load_accounts",
    "make_plan",
]
