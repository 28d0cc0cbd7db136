"""Results of runs, made by hand: for tests of reports that need no run."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from teamup_async import Integrity, Stats
from teamup_async.bulk import CheckpointError, Part, PartResult, PullResult, RowCounts, RunFacts
from teamup_async.errors import AuthenticationError, TeamUpError

BEGAN = datetime(2026, 3, 7, 2, 0, 3, tzinfo=timezone(timedelta(hours=1)))
EXACT = Integrity(rows=5, finished=True)


def part(name: str = "attendances", **values: Any) -> PartResult:
    """A part that is complete, unless `values` say otherwise."""
    made = {
        "part": Part(name=name, endpoint=name, query={}, account=values.pop("account", None)),
        "complete": True,
        "rows": 5,
        "resumed": 0,
        "seconds": 1.25,
        "stats": Stats(rows=5, pages=1, requests=2, waited=3.0),
        "place": f"gym.db table {name}",
        "integrity": EXACT,
    }
    return PartResult(**{**made, **values})


def counts(
    new: int = 0, changed: int = 0, removed: int = 0, table: int = 5, total: int | None = 5
) -> RowCounts:
    """What a sync did."""
    return RowCounts(new=new, changed=changed, removed=removed, table=table, total=total)


def failed(error: Exception, name: str = "attendances", **values: Any) -> PartResult:
    """A part that failed."""
    checked = Integrity(rows=2)
    wrong = {"complete": False, "state": "incomplete", "rows": 2, "place": None, "integrity": checked}
    return part(name, **{**wrong, "error": error, **values})


def result(*parts: PartResult, accounts: dict[str | None, Stats] | None = None, **facts: Any) -> PullResult:
    """A run of 4 minutes and 7 seconds with these parts."""
    run = {"kind": "sync", "call": "TeamUp.sync", "target": "sqlite:gym.db", "began": BEGAN}
    run |= {"ended": BEGAN + timedelta(seconds=247)}
    return PullResult(parts, accounts or {}, run=RunFacts(**{**run, **facts}))


def earlier(count: int, **values: Any) -> tuple[dict[str, Any], ...]:
    """Runs that were remembered, a day apart."""
    first = datetime(2026, 2, 1, 2, tzinfo=UTC)
    return tuple(
        {
            "series": "sync attendances",
            "began": (first + timedelta(days=day)).isoformat(),
            "seconds": 200.0 + day,
            "outcome": "complete",
            "incomplete": 0,
            "rows": 10 + day,
            "new": day,
            "changed": 1,
            "removed": 0,
            "table": 100 + day,
            "requests": 5,
            "waited": 0.0,
            **values,
        }
        for day in range(count)
    )


AGAIN = "Run the same command again: it goes on with what is missing."
REFUSED = AuthenticationError("401 invalid token", status=401)
OUTCOMES: dict[str, tuple[PullResult, str, str]] = {
    "complete": (
        result(part(counts=counts(new=3, changed=1))),
        "All is well.",
        "All is well: 3 new, 1 changed, 0 removed, 5 rows in all; 2 requests, 4 min 07 s",
    ),
    "pull": (
        result(part(), part("customers", rows=1), kind="pull"),
        "All is well.",
        "All is well: 6 rows in all; 4 requests, 4 min 07 s",
    ),
    "unchanged": (
        result(part(counts=counts())),
        "All is well, and nothing is new.",
        "All is well, and nothing is new: 5 rows in all, 2 requests, 4 min 07 s",
    ),
    "difference": (
        result(part(counts=counts(total=7)), part("customers", counts=counts())),
        "Everything was read, but 1 of 2 tables differs from TeamUp's total.",
        "Complete, but 1 of 2 tables differs from TeamUp's total: 4 requests, 4 min 07 s",
    ),
    "incomplete": (
        result(failed(TeamUpError("no")), part("customers", counts=counts())),
        "1 of 2 reports is incomplete. The rest is well.",
        "1 of 2 reports is incomplete. Run the same command again: it goes on with what is missing.",
    ),
    "incomplete and different": (
        result(failed(TeamUpError("no")), part("customers", counts=counts(total=3))),
        "1 of 2 reports is incomplete. Of the rest, 1 of 1 table differs from TeamUp's total.",
        "1 of 2 reports is incomplete. Run the same command again: it goes on with what is missing.",
    ),
    "incomplete in one account": (
        result(part(account="north", counts=counts(new=1)), failed(REFUSED, account="south")),
        "1 of 2 reports is incomplete, in 1 of 2 accounts. The rest is well.",
        f"1 of 2 reports is incomplete, in 1 of 2 accounts. {AGAIN}",
    ),
    "incomplete in one window": (
        result(part(), failed(TeamUpError("no")), part("customers", rows=1), kind="pull"),
        "1 of 2 reports is incomplete. The rest is well.",
        "1 of 2 reports is incomplete. Run the same command again: it goes on with what is missing.",
    ),
    "nothing": (
        result(failed(REFUSED), failed(REFUSED, "customers")),
        "Nothing is complete.",
        "2 of 2 reports are incomplete. Run the same command again: it goes on with what is missing.",
    ),
    "refused again": (
        result(failed(CheckpointError("another account"))),
        "The run is incomplete.",
        "1 of 1 report is incomplete.",
    ),
    "interrupted": (
        result(part(), part("customers", complete=False, state="running", place=None), interrupted=True),
        "The run was stopped before it was complete.",
        "stopped after 10 rows, 1 of 2 reports complete. Run the same command again: it goes on with what is missing.",
    ),
}
"""Runs by what came of them, with the first sentence of their page and their last line."""
