"""SMS Messages Report, and its grouped twin.

API documents: "SMS Messages Report - Data" and "SMS Messages Report - Grouped Data",
``GET /api/v2/reports/sms_messages/data``,
``GET /api/v2/reports/sms_messages.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary
from ..query import Query, Row, limits

__all__ = [
    "SMS_MESSAGES",
    "SMS_MESSAGES_GROUPED",
    "SmsInteraction",
    "SmsMessage",
    "SmsMessageColumn",
    "SmsMessageGroup",
    "SmsMessageGroupColumn",
    "SmsMessagesGroupedQuery",
    "SmsMessagesQuery",
    "SmsStatus",
    "SmsTrigger",
]

SmsTrigger = Literal[
    "waitlist_added",
    "waitlist_spot_available",
    "waitlist_spot_expired",
    "waitlist_removed",
    "event_cancelled",
    "event_changed",
    "event_registration_confirmed",
    "event_reminder",
    "verification_code",
    "two_factor_authentication",
    "broadcast_message",
    "boxmate_journey",
]

SmsStatus = Literal["queued", "sent", "external_error", "delivered", "failed", "undelivered"]


@attrs.frozen
class SmsInteraction:
    """What set off the message."""

    trigger: SmsTrigger | str | None = None


@attrs.frozen(slots=False)
class SmsMessage:
    """A text message to a customer."""

    customer: CustomerSummary = CustomerSummary()
    status: SmsStatus | str | None = None
    status_updated_at: datetime | None = None
    queued_at: datetime | None = None
    content: str | None = None
    interaction: SmsInteraction = SmsInteraction()


SmsMessageColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "status",
    "status_updated_at",
    "queued_at",
    "content",
    "interaction_trigger",
    "interaction.trigger",
    "interaction",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    interaction_triggers: Sequence[SmsTrigger] | None = attrs.field(
        default=None, metadata=limits("Only messages set off by these.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[SmsStatus] | None = attrs.field(default=None, metadata=limits("Only these statuses."))
    status_updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only messages whose status changed at or after this time.")
    )
    status_updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only messages whose status changed at or before this time.")
    )
    status_updated_at_timeframe: str | None = attrs.field(
        default=None,
        metadata=limits("Only messages whose status changed within this timeframe (syntax not documented)."),
    )


@attrs.frozen(kw_only=True)
class SmsMessagesQuery(_Filters[SmsMessage]):
    """Parameters of ``GET /reports/sms_messages/data``. API document: "SMS Messages Report - Data"."""

    columns: Sequence[SmsMessageColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


SMS_MESSAGES = Endpoint(
    name="sms_messages",
    title="SMS Messages Report - Data",
    path="/reports/sms_messages/data",
    query=SmsMessagesQuery,
    row=SmsMessage,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "interaction_trigger": "interaction.trigger",
    },
    span=TimeSpan(field="status_updated_at", gte="status_updated_at_gte", lte="status_updated_at_lte"),
)


@attrs.frozen(slots=False)
class SmsMessageGroup:
    """A group of text messages: the requested columns, and how many there are."""

    customer: CustomerSummary = CustomerSummary()
    status: SmsStatus | str | None = None
    interaction: SmsInteraction = SmsInteraction()
    count: int | None = None


SmsMessageGroupColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "status",
    "interaction_trigger",
    "interaction.trigger",
    "interaction",
    "count",
]


@attrs.frozen(kw_only=True)
class SmsMessagesGroupedQuery(_Filters[SmsMessageGroup]):
    """Parameters of ``GET /reports/sms_messages.grouped/data``. API document: "SMS Messages Report - Grouped
    Data".
    """

    columns: Sequence[SmsMessageGroupColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))


SMS_MESSAGES_GROUPED = Endpoint(
    name="sms_messages.grouped",
    title="SMS Messages Report - Grouped Data",
    path="/reports/sms_messages.grouped/data",
    query=SmsMessagesGroupedQuery,
    row=SmsMessageGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "interaction_trigger": "interaction.trigger",
    },
    span=TimeSpan(field=None, gte="status_updated_at_gte", lte="status_updated_at_lte"),
)
