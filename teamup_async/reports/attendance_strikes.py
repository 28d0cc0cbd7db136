"""Attendance Strikes Report - Grouped Data.

API document: "Attendance Strikes Report - Grouped Data", ``GET
/api/v2/reports/attendance_strikes.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary, Named
from ..query import Query, limits
from ..rows import NO_COUNTS

__all__ = [
    "ATTENDANCE_STRIKES_GROUPED",
    "AttendanceStrikeGroup",
    "AttendanceStrikesGroupedQuery",
    "Rule",
    "RuleAppliesTo",
    "StrikeColumn",
    "StrikeStatus",
    "StruckAttendance",
    "StruckAttendanceStatus",
    "StruckEvent",
    "StruckMembership",
]


StrikeStatus = Literal[
    "open", "voided", "expired", "in_penalty_sequence", "upcoming_charge", "charged", "charge_skipped"
]
StruckAttendanceStatus = Literal["late_cancel", "no_show"]
RuleAppliesTo = Literal["no_shows", "late_cancels", "late_cancels_or_no_shows"]


@attrs.frozen
class StruckAttendance:
    """The attendance that earned the strike."""

    status: StruckAttendanceStatus | str | None = None


@attrs.frozen
class Rule:
    """The rule that was broken."""

    applies_to: RuleAppliesTo | str | None = None


@attrs.frozen
class StruckEvent:
    """Where and when; `start_time` is a time of day without a date."""

    offering_type: Named = Named()
    venue: Named = Named()
    start_time: str | None = None


@attrs.frozen
class StruckMembership:
    """The membership that was used."""

    membership: Named = Named()


@attrs.frozen(slots=False)
class AttendanceStrikeGroup:
    """A group of strikes: the requested columns, and how many there are.

    With ``pivot=`` the counts of the periods are in `counts`, keyed as in ``page.column_headers``.
    """

    customer: CustomerSummary = CustomerSummary()
    status: StrikeStatus | str | None = None
    attendance: StruckAttendance = StruckAttendance()
    rule: Rule = Rule()
    event: StruckEvent = StruckEvent()
    customer_membership: StruckMembership | None = None
    day_of_week: str | None = None
    count: int | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


StrikeColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "status",
    "attendance_status",
    "attendance.status",
    "attendance",
    "rule_applies_to",
    "rule.applies_to",
    "rule",
    "offering_type_id",
    "event.offering_type.id",
    "event",
    "event.offering_type",
    "offering_type_name",
    "event.offering_type.name",
    "venue_id",
    "event.venue.id",
    "event.venue",
    "venue_name",
    "event.venue.name",
    "membership_id",
    "customer_membership.membership.id",
    "customer_membership",
    "customer_membership.membership",
    "membership_name",
    "customer_membership.membership.name",
    "day_of_week",
    "event_start_time",
    "event.start_time",
    "count",
]


@attrs.frozen(kw_only=True)
class AttendanceStrikesGroupedQuery(Query[AttendanceStrikeGroup]):
    """Parameters of ``GET /reports/attendance_strikes.grouped/data``. API document: "Attendance Strikes
    Report - Grouped Data".
    """

    attendance_status: Sequence[StruckAttendanceStatus] | None = attrs.field(
        default=None, metadata=limits("Only attendances with this status.")
    )
    columns: Sequence[StrikeColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    event_starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only events starting at or after this time.")
    )
    event_starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only events starting at or before this time.")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    max_pivot_columns: int | None = attrs.field(
        default=None, metadata=limits("How many pivoted columns at most.", default=4, maximum=12)
    )
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    penalty: int | None = attrs.field(
        default=None, metadata=limits("Only strikes that led to this penalty (id).")
    )
    pivot: Literal["all", "year", "month", "week"] | None = attrs.field(
        default=None,
        metadata=limits("Period to spread the counts over, one column each.", default="all", min_length=1),
    )
    rule_applies_to: Sequence[RuleAppliesTo] | None = attrs.field(
        default=None, metadata=limits("Only strikes under rules that apply to these.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[StrikeStatus] | None = attrs.field(default=None, metadata=limits("Only these statuses."))
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


ATTENDANCE_STRIKES_GROUPED = Endpoint(
    name="attendance_strikes.grouped",
    title="Attendance Strikes Report - Grouped Data",
    path="/reports/attendance_strikes.grouped/data",
    query=AttendanceStrikesGroupedQuery,
    row=AttendanceStrikeGroup,
    grouped=True,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "attendance_status": "attendance.status",
        "rule_applies_to": "rule.applies_to",
        "offering_type_id": "event.offering_type.id",
        "offering_type_name": "event.offering_type.name",
        "venue_id": "event.venue.id",
        "venue_name": "event.venue.name",
        "membership_id": "customer_membership.membership.id",
        "membership_name": "customer_membership.membership.name",
        "event_start_time": "event.start_time",
    },
    span=TimeSpan(field=None, gte="event_starts_at_gte", lte="event_starts_at_lte"),
)
