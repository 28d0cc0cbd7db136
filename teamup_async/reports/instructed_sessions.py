"""Instructed Sessions Report - Data.

API document: "Instructed Sessions Report - Data", ``GET /api/v2/reports/instructed_sessions/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import attrs

from ..endpoint import Endpoint, Recent, TimeSpan
from ..objects import Money, Named
from ..query import Query, limits

__all__ = [
    "INSTRUCTED_SESSIONS",
    "CompedCounts",
    "CustomerAmount",
    "InstructedSession",
    "InstructedSessionColumn",
    "InstructedSessionsQuery",
    "PayRate",
    "PayRateTier",
    "PayRateType",
    "SessionInstructor",
]


PayRateType = Literal["per_customer", "per_hour", "per_customer_tiered"]


@attrs.frozen
class SessionInstructor:
    """Who taught."""

    id: int | None = None
    name: str | None = None
    thumbnail_url: str | None = None


@attrs.frozen
class CompedCounts:
    """How many came for free."""

    attended: int | None = None


@attrs.frozen
class CustomerAmount:
    """Pay for each customer of a tier."""

    amount: Decimal | None = None
    currency: str | None = None


@attrs.frozen
class PayRateTier:
    """A step of a tiered pay rate; `upper_bound` is None in the last one."""

    upper_bound: float | None = None
    lower_bound: float | None = None
    per_customer_amount: CustomerAmount = CustomerAmount()


@attrs.frozen
class PayRate:
    """How the instructor is paid; `base` is text, as TeamUp sends it."""

    id: int | None = None
    name: str | None = None
    type: PayRateType | str | None = None
    base: str | None = None
    tiers: tuple[PayRateTier, ...] = ()


@attrs.frozen(slots=False)
class InstructedSession:
    """A session that an instructor taught, with what it earned them.

    `starts_at` is text: the API document states no format for it.
    """

    id: int | None = None
    name: str | None = None
    offering_type: Named = Named()
    instructor: SessionInstructor = SessionInstructor()
    starts_at: str | None = None
    venue: Named = Named()
    venue_timezone: str | None = None
    max_occupancy: int | None = None
    hours: float | None = None
    attended_count: int | None = None
    no_show_count: int | None = None
    late_cancel_count: int | None = None
    comped_counts: CompedCounts = CompedCounts()
    session_type: Literal["class", "course_session"] | str | None = None
    instructor_pay_rate: PayRate | None = None
    instructor_pay: Money | None = None
    instructor_pay_calculation_pending: bool | None = None


InstructedSessionColumn = Literal[
    "id",
    "name",
    "offering_type_id",
    "offering_type.id",
    "offering_type",
    "offering_type_name",
    "offering_type.name",
    "instructor_id",
    "instructor.id",
    "instructor",
    "instructor_name",
    "instructor.name",
    "instructor_thumbnail_url",
    "instructor.thumbnail_url",
    "starts_at",
    "venue_id",
    "venue.id",
    "venue",
    "venue_name",
    "venue.name",
    "venue_timezone",
    "max_occupancy",
    "hours",
    "attended_count",
    "no_show_count",
    "late_cancel_count",
    "attended_comped_count",
    "comped_counts.attended",
    "comped_counts",
    "session_type",
    "instructor_pay_rate_id",
    "instructor_pay_rate.id",
    "instructor_pay_rate",
    "instructor_pay_rate_name",
    "instructor_pay_rate.name",
    "instructor_pay_rate_type",
    "instructor_pay_rate.type",
    "instructor_pay_rate_base",
    "instructor_pay_rate.base",
    "instructor_pay",
    "pay_rate_tiers",
    "instructor_pay_rate.tiers",
    "instructor_pay_calculation_pending",
]


@attrs.frozen(kw_only=True)
class InstructedSessionsQuery(Query[InstructedSession]):
    """Parameters of ``GET /reports/instructed_sessions/data``. API document: "Instructed Sessions Report -
    Data".
    """

    columns: Sequence[InstructedSessionColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )
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
    session_types: Sequence[Literal["class", "course_session"]] | None = attrs.field(
        default=None, metadata=limits("Only classes, or only course sessions.")
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


INSTRUCTED_SESSIONS = Endpoint(
    name="instructed_sessions",
    title="Instructed Sessions Report - Data",
    path="/reports/instructed_sessions/data",
    query=InstructedSessionsQuery,
    row=InstructedSession,
    aliases={
        "offering_type_id": "offering_type.id",
        "offering_type_name": "offering_type.name",
        "instructor_id": "instructor.id",
        "instructor_name": "instructor.name",
        "instructor_thumbnail_url": "instructor.thumbnail_url",
        "venue_id": "venue.id",
        "venue_name": "venue.name",
        "attended_comped_count": "comped_counts.attended",
        "instructor_pay_rate_id": "instructor_pay_rate.id",
        "instructor_pay_rate_name": "instructor_pay_rate.name",
        "instructor_pay_rate_type": "instructor_pay_rate.type",
        "instructor_pay_rate_base": "instructor_pay_rate.base",
        "pay_rate_tiers": "instructor_pay_rate.tiers",
    },
    span=TimeSpan(field="starts_at", gte="starts_at_gte", lte="starts_at_lte"),
    sync=Recent(),
)
