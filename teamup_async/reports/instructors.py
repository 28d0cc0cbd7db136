"""Instructors Report - Data.

API document: "Instructors Report - Data", ``GET /api/v2/reports/instructors/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..query import Query, limits

__all__ = [
    "INSTRUCTORS",
    "Instructor",
    "InstructorsQuery",
]


@attrs.frozen(slots=False)
class Instructor:
    """What an instructor taught and earned in the period that was asked for."""

    id: int | None = None
    name: str | None = None
    total_sessions: int | None = None
    total_hours: float | None = None
    total_pay: str | None = None


@attrs.frozen(kw_only=True)
class InstructorsQuery(Query[Instructor]):
    """Parameters of ``GET /reports/instructors/data``. API document: "Instructors Report - Data"."""

    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    instructors: str | int | None = attrs.field(
        default=None, metadata=limits("Only what these instructors teach.")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    pay_rates: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these pay rates (ids).")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions starting at or after this time.")
    )
    starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only sessions starting at or before this time.")
    )
    timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only sessions within this timeframe (syntax not documented).")
    )
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


INSTRUCTORS = Endpoint(
    name="instructors",
    title="Instructors Report - Data",
    path="/reports/instructors/data",
    query=InstructorsQuery,
    row=Instructor,
    span=TimeSpan(field=None, gte="starts_at_gte", lte="starts_at_lte"),
)
