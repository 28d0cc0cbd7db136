"""Bulk pulls: many reports, many accounts, straight into files and databases, resumable and incremental."""

from __future__ import annotations

from .._bulk.changes import SyncOptions
from .._bulk.checkpoint import CheckpointError
from .._bulk.estimates import Estimate
from .._bulk.plan import Part, Plan, Window, make_plan
from .._bulk.queries import Request
from .._bulk.result import PartProgress, PartResult, PullResult, RowCounts
from .._bulk.verification import VerificationError
from .._bulk.watching import RunProgress, Watch
from .._report.document import RunFacts
from .._report.page import page as report_page
from .accounts import Account, load_accounts
from .many import BulkPull
from .redis_quota import RedisQuota
from .shard_files import Written, write
from .shards import NotExactError, Shard, read, shards
from .shared import QuotaFile, SharedQuota

__all__ = [
    "Account",
    "BulkPull",
    "CheckpointError",
    "Estimate",
    "NotExactError",
    "Part",
    "PartProgress",
    "PartResult",
    "Plan",
    "PullResult",
    "QuotaFile",
    "RedisQuota",
    "Request",
    "RowCounts",
    "RunFacts",
    "RunProgress",
    "Shard",
    "SharedQuota",
    "SyncOptions",
    "VerificationError",
    "Watch",
    "Window",
    "Written",
    "load_accounts",
    "make_plan",
    "read",
    "report_page",
    "shards",
    "write",
]
