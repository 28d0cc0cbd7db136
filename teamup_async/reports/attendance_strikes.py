"""Attendance Strikes Report, and its grouped twin.

API documents: "Attendance Strikes Report - Data" and "Attendance Strikes Report - Grouped Data",
``GET /api/v2/reports/attendance_strikes/data``,
``GET /api/v2/reports/attendance_strikes.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerCard, CustomerSummary, Money, Named
from ..query import Query, Row, limits
from ..rows import NO_COUNTS

__all__ = [
    "ATTENDANCE_STRIKES",
    "ATTENDANCE_STRIKES_GROUPED",
    "AttendanceStrike",
    "AttendanceStrikeGroup",
    "AttendanceStrikesGroupedQuery",
    "AttendanceStrikesQuery",
    "Penalty",
    "PenaltyCharge",
    "Rule",
    "RuleAppliesTo",
    "StrikeColumn",
    "StrikeEvent",
    "StrikeGroupColumn",
    "StrikeRule",
    "StrikeStatus",
    "StruckAttendance",
    "StruckAttendanceStatus",
    "StruckEvent",
    "StruckMembership",
]

StruckAttendanceStatus = Literal["late_cancel", "no_show"]

RuleAppliesTo = Literal["no_shows", "late_cancels", "late_cancels_or_no_shows"]

StrikeStatus = Literal[
    "open", "voided", "expired", "in_penalty_sequence", "upcoming_charge", "charged", "charge_skipped"
]


@attrs.frozen
class StrikeRule:
    """The rule that was broken: so many infractions in so many days."""

    applies_to: RuleAppliesTo | str | None = None
    max_infractions: int | None = None
    days: int | None = None
    system: Named | None = None


@attrs.frozen
class StrikeEvent:
    """The event that was missed."""

    offering_type: Named = Named()
    type: Literal["course_session", "appointment", "class", "room_rental"] | str | None = None
    starts_at: datetime | None = None
    venue: Named = Named()


@attrs.frozen
class StruckMembership:
    """The membership that was used."""

    membership: Named = Named()


@attrs.frozen
class StruckAttendance:
    """The attendance that earned the strike."""

    status: StruckAttendanceStatus | str | None = None


@attrs.frozen
class PenaltyCharge:
    """What the penalty costs, and when it is due."""

    amount: Money | None = None
    due_date: date | None = None


@attrs.frozen
class Penalty:
    """What the strikes of a sequence led to."""

    charge: PenaltyCharge | None = None
    id: int | None = None


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


@attrs.frozen(slots=False)
class AttendanceStrike:
    """A strike that a customer earned by not coming, or by cancelling late."""

    id: int | None = None
    customer: CustomerCard = CustomerCard()
    status: StrikeStatus | str | None = None
    rule: StrikeRule = StrikeRule()
    event: StrikeEvent = StrikeEvent()
    customer_membership: StruckMembership | None = None
    attendance: StruckAttendance = StruckAttendance()
    sequence_position: int | None = None
    penalty: Penalty | None = None


StrikeColumn = Literal[
    "id",
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "customer_thumbnail_url",
    "customer.thumbnail_url",
    "status",
    "rule_applies_to",
    "rule.applies_to",
    "rule",
    "penalty_rule_max_infractions",
    "rule.max_infractions",
    "penalty_rule_days",
    "rule.days",
    "penalty_system_id",
    "rule.system.id",
    "rule.system",
    "penalty_system_name",
    "rule.system.name",
    "offering_type_id",
    "event.offering_type.id",
    "event",
    "event.offering_type",
    "offering_type_name",
    "event.offering_type.name",
    "membership_id",
    "customer_membership.membership.id",
    "customer_membership",
    "customer_membership.membership",
    "membership_name",
    "customer_membership.membership.name",
    "event_type",
    "event.type",
    "event_starts_at",
    "event.starts_at",
    "attendance_status",
    "attendance.status",
    "attendance",
    "venue_id",
    "event.venue.id",
    "event.venue",
    "venue_name",
    "event.venue.name",
    "sequence_position",
    "penalty_charge_amount",
    "penalty.charge.amount",
    "penalty",
    "penalty.charge",
    "penalty_charge_due_date",
    "penalty.charge.due_date",
    "penalty_id",
    "penalty.id",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    attendance_status: Sequence[StruckAttendanceStatus] | None = attrs.field(
        default=None, metadata=limits("Only attendances with this status.")
    )
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
    memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these memberships (ids).")
    )
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).")
    )
    penalty: int | None = attrs.field(
        default=None, metadata=limits("Only strikes that led to this penalty (id).")
    )
    rule_applies_to: Sequence[RuleAppliesTo] | None = attrs.field(
        default=None, metadata=limits("Only strikes under rules that apply to these.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[StrikeStatus] | None = attrs.field(default=None, metadata=limits("Only these statuses."))
    venues: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these venues (ids)."))


@attrs.frozen(kw_only=True)
class AttendanceStrikesQuery(_Filters[AttendanceStrike]):
    """Parameters of ``GET /reports/attendance_strikes/data``. API document: "Attendance Strikes Report -
    Data".
    """

    columns: Sequence[StrikeColumn] | None = attrs.field(default=None, metadata=limits("Columns to return."))


ATTENDANCE_STRIKES = Endpoint(
    name="attendance_strikes",
    title="Attendance Strikes Report - Data",
    path="/reports/attendance_strikes/data",
    query=AttendanceStrikesQuery,
    row=AttendanceStrike,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "customer_thumbnail_url": "customer.thumbnail_url",
        "rule_applies_to": "rule.applies_to",
        "penalty_rule_max_infractions": "rule.max_infractions",
        "penalty_rule_days": "rule.days",
        "penalty_system_id": "rule.system.id",
        "penalty_system_name": "rule.system.name",
        "offering_type_id": "event.offering_type.id",
        "offering_type_name": "event.offering_type.name",
        "membership_id": "customer_membership.membership.id",
        "membership_name": "customer_membership.membership.name",
        "event_type": "event.type",
        "event_starts_at": "event.starts_at",
        "attendance_status": "attendance.status",
        "venue_id": "event.venue.id",
        "venue_name": "event.venue.name",
        "penalty_charge_amount": "penalty.charge.amount",
        "penalty_charge_due_date": "penalty.charge.due_date",
        "penalty_id": "penalty.id",
    },
    span=TimeSpan(field="event.starts_at", gte="event_starts_at_gte", lte="event_starts_at_lte"),
)


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


StrikeGroupColumn = Literal[
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
class AttendanceStrikesGroupedQuery(_Filters[AttendanceStrikeGroup]):
    """Parameters of ``GET /reports/attendance_strikes.grouped/data``. API document: "Attendance Strikes Report
    - Grouped Data".
    """

    columns: Sequence[StrikeGroupColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))
    max_pivot_columns: int | None = attrs.field(
        default=None, metadata=limits("How many pivoted columns at most.", default=4, maximum=12)
    )
    pivot: Literal["all", "year", "month", "week"] | None = attrs.field(
        default=None,
        metadata=limits("Period to spread the counts over, one column each.", default="all", min_length=1),
    )


ATTENDANCE_STRIKES_GROUPED = Endpoint(
    name="attendance_strikes.grouped",
    title="Attendance Strikes Report - Grouped Data",
    path="/reports/attendance_strikes.grouped/data",
    query=AttendanceStrikesGroupedQuery,
    row=AttendanceStrikeGroup,
    grouped=True,
    measures=("count",),
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
