"""What a walk has counted and checked, as it goes on (`Record`) and as users see it (`Integrity`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import attrs

from ..stats import Meter

__all__ = ["Integrity", "OnDrift", "Record"]

_MOST_NAMES: Final = 100
OnDrift = Literal["heal", "raise", "warn"]


@attrs.frozen(kw_only=True)
class Integrity:
    """What a walk checked, and what it can promise.

    `exact` is the whole promise; where it is False, `unproved` says why, and `steady` whether the smaller promise
    holds.
    """

    rows: int = 0
    """Rows yielded."""
    total_at_start: int | None = None
    """Rows that the server announced with the first page; None where it announced none."""
    total_at_end: int | None = None
    """Rows that the server announced with the last page."""
    seams: int = 0
    """Seams between pages that were checked."""
    repairs: int = 0
    """Positions entered again after rows had moved."""
    rereads: int = 0
    """Times everything was read again after rows had moved."""
    repeats: int = 0
    """Rows that came again, because they were moved while the walk went on, and were left out."""
    doubts: int = 0
    """Moves let pass with ``on_drift="warn"``."""
    unproved: tuple[str, ...] = ()
    """What could not be proved, in sentences; empty where everything was."""
    ordered: bool = True
    """Whether rows came in an order that could be checked."""
    adapted: tuple[str, ...] = ()
    """What the walk found out of the server's dialect, and went on in: ``"sort_by_id=ignored"``."""
    confirmed: bool = False
    """Whether two whole readings agreed (``confirm=True``)."""
    finished: bool = False
    """Whether the walk came to its end."""

    @property
    def exact(self) -> bool:
        """Whether the walk has finished, and every row that existed throughout was yielded exactly once.

        For grouped reports it also means that all counts are of one moment.
        """
        return self.finished and not self.doubts and not self.unproved

    @property
    def steady(self) -> bool:
        """Whether the walk has finished, and every row that existed throughout and kept its place in the order was
        yielded exactly once.

        Always so where `exact` is True. Counts of a grouped report may be of several moments.
        """
        return self.finished and not self.doubts and (self.ordered or not self.unproved)


@attrs.define
class Record:
    """What a walk of an `account` has counted and checked; outlives it. The fields are those of `Integrity`."""

    meter: Meter = attrs.field(factory=Meter)
    account: str = ""
    rows: int = 0
    total_at_start: int | None = None
    total_at_end: int | None = None
    seams: int = 0
    repairs: int = 0
    rereads: int = 0
    repeats: int = 0
    doubts: int = 0
    unproved: tuple[str, ...] = ()
    ordered: bool = True
    adapted: tuple[str, ...] = ()
    confirmed: bool = False
    finished: bool = False
    unknown: dict[str, int] = attrs.field(factory=dict[str, int])

    @property
    def integrity(self) -> Integrity:
        """What was checked, as it stands."""
        return Integrity(**{field.name: getattr(self, field.name) for field in attrs.fields(Integrity)})

    def note(self, rows: int, total: int | None, *, seam: bool, finished: bool) -> None:
        """Count a page that is yielded."""
        self.meter.count_page(rows, total)
        self.rows += rows
        self.seams += seam
        self.finished = finished
        self.total_at_end = total
        if self.total_at_start is None:
            self.total_at_start = total

    def note_repair(self) -> None:
        """A position is entered again, because rows have moved."""
        self.repairs += 1
        self.meter.count_repair()

    def note_reread(self) -> None:
        """Everything is read again, because rows have moved."""
        self.rereads += 1
        self.meter.count_repair()

    def note_unknown(self, names: Iterable[str]) -> None:
        """Count the pages that have fields which no row class knows; of the first hundred names only."""
        for name in names:
            if name in self.unknown or len(self.unknown) < _MOST_NAMES:
                self.unknown[name] = self.unknown.get(name, 0) + 1

    def doubt_proof(self, reason: str) -> None:
        """Note what can't be proved."""
        if reason not in self.unproved:
            self.unproved = (*self.unproved, reason)

    def begin_anew(self) -> None:
        """Forget what was read so far."""
        self.meter.take_back_pages()
        self.rows = self.seams = 0
        self.total_at_start = self.total_at_end = None
        self.unproved = ()
        self.finished = False
