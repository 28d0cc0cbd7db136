"""How a run went: what is complete, what is not, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from .._report.document import RunFacts, document, part_of
from .._report.outcome import missing
from .._walking.record import Integrity
from ..errors import AuthenticationError, PermissionDeniedError
from ..stats import Stats
from .checkpoint import CheckpointError
from .plan import Part

__all__ = ["PartProgress", "PartResult", "PullResult", "RowCounts", "Status"]

Status = Literal["waiting", "running", "complete", "incomplete"]


def _nothing_checked() -> None:
    """No walk of this run has read the part."""


@attrs.define(kw_only=True)
class PartProgress:
    """A part while it is pulled, for those who watch: look at it as often as you like.

    `rows` are safe in the sink, `resumed` of them were so before this run; `total` is what the server announced.
    """

    part: Part
    status: Status = "waiting"
    rows: int = 0
    resumed: int = 0
    error: Exception | None = None
    read: Callable[[], Stats] = Stats
    check: Callable[[], Integrity | None] = _nothing_checked
    began: float = 0.0
    ended: float = 0.0

    @property
    def stats(self) -> Stats:
        """Rows, requests, retries and waits of this run."""
        return self.read()

    @property
    def total(self) -> int | None:
        """Rows that the server announced, None before the first page."""
        if self.status == "complete":
            return self.rows
        return self.stats.total


@attrs.frozen(kw_only=True)
class RowCounts:
    """What a sync did to a table: `new`, `changed` and `removed` rows, and how many are in the `table` now.

    `total` is how many TeamUp said there are for the same query, right after the sync; None where it did not say.
    """

    new: int
    changed: int
    removed: int
    table: int
    total: int | None = None

    @property
    def difference(self) -> int:
        """Rows that TeamUp has more than the table; below 0 if the table has more. 0 where TeamUp did not say."""
        return 0 if self.total is None else self.total - self.table


@attrs.frozen(kw_only=True)
class PartResult:
    """A part after the run.

    `rows` were read, `resumed` of them by earlier runs. `place` is where the rows can be read (None if the target
    is not complete yet). `counts` says what a sync did to the table; where a table was brought up to date by
    several parts, they stand with the first. `integrity` is what the walk of this run has checked (None where nothing
    was left to read). `notes` are worth reading although nothing failed. `error` is why the part is incomplete;
    without one, `state` says whether it was being read (``"running"``) or had not begun (``"waiting"``) when the run
    was stopped.
    """

    part: Part
    complete: bool
    rows: int
    resumed: int
    seconds: float
    stats: Stats
    place: str | None = None
    counts: RowCounts | None = None
    notes: tuple[str, ...] = ()
    error: Exception | None = None
    state: Status = "complete"
    integrity: Integrity | None = None

    @property
    def resumable(self) -> bool:
        """Whether the same run again is of use; what is of another account or query would be refused again."""
        return not isinstance(self.error, CheckpointError)

    @property
    def reason(self) -> str | None:
        """Why it is incomplete, in one line."""
        if self.error is None:
            return None
        return " ".join(f"{type(self.error).__name__}: {self.error}".split())

    @property
    def advice(self) -> str | None:
        """What to do about it, where there is anything to say that the reason does not."""
        who = "the token" if self.part.account is None else f"the token of account {self.part.account!r}"
        if isinstance(self.error, AuthenticationError):
            return (
                f"TeamUp does not accept {who}: it was revoked, has expired, or is mistyped. Give a new one."
            )
        if isinstance(self.error, PermissionDeniedError):
            return (
                f"TeamUp knows {who}, which may not read this: check its rights, its provider and its mode."
            )
        return None

    def to_json(self) -> dict[str, Any]:
        """The result as JSON-able values: a part of the run's report."""
        return part_of(self)


@attrs.frozen
class PullResult:
    """The results of all parts, in the order of the plan.

    `accounts` has what the run did for each account (None: the client's only one), by its name. Besides the parts these
    are the requests that find out what changed, whose rows they are, and how many there must be. `run` says when
    that was, and what was asked for.
    """

    parts: tuple[PartResult, ...]
    accounts: Mapping[str | None, Stats] = attrs.field(factory=dict[str | None, Stats])
    run: RunFacts = attrs.field(default=RunFacts(), kw_only=True)

    @property
    def complete(self) -> tuple[PartResult, ...]:
        """The parts that are complete."""
        return tuple(result for result in self.parts if result.complete)

    @property
    def incomplete(self) -> tuple[PartResult, ...]:
        """The parts that are not; the same run again goes on with them."""
        return tuple(result for result in self.parts if not result.complete)

    @property
    def ok(self) -> bool:
        """Whether everything is complete."""
        return not self.incomplete

    @property
    def stats(self) -> Stats:
        """What the run did, for all accounts together."""
        return Stats.sum(self.accounts.values())

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(result.rows for result in self.parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of all parts, each with the name of its part."""
        return tuple(f"{result.part.id}: {note}" for result in self.parts for note in result.notes)

    def raise_on_error(self) -> None:
        """Raise an `ExceptionGroup` of what went wrong, if anything did."""
        errors = [result.error for result in self.incomplete if result.error is not None]
        if errors:
            raise ExceptionGroup(missing(self.to_json()), errors)

    def to_json(self) -> dict[str, Any]:
        """The report of the run as JSON-able values; docs/run-reports.md describes them."""
        return document(self)

    def to_html(self) -> str:
        """The report of the run as a page for a person: one HTML file that loads nothing."""
        from .._report.page import page

        return page(self.to_json())
