"""External Calendars Events - List.

API document: "External Calendars Events - List", ``GET /api/v2/external_calendars/events``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from ..rows import DEFERRED

__all__ = [
    "EXTERNAL_CALENDARS_EVENTS",
    "CalendarSourceAccount",
    "ExternalCalendarEvent",
    "ExternalCalendarsEventsQuery",
]


@attrs.frozen
class CalendarSourceAccount:
    """The account that a calendar belongs to; sent only when asked for through ``expand``."""

    id: int | None = None
    calendar_source: Literal["GOOG", "MSFT"] | str | None = None
    account_id: str | None = None
    username: str | None = None


@attrs.frozen(slots=False)
class ExternalCalendarEvent:
    """An event in a calendar outside of TeamUp. It has no id of its own."""

    base64_calendar_source_calendar_id: str | None = None
    calendar_is_primary: str | None = None
    calendar_name: str | None = None
    calendar_source_calendar_id: str | None = None
    calendar_source_created_at: datetime | None = None
    calendar_source_event_id: str | None = None
    calendar_source_updated_at: datetime | None = None
    calendar_timezone: str | None = None
    description: str | None = None
    end_datetime_utc: datetime | None = None
    etag: str | None = None
    is_all_day: bool | None = None
    is_busy: bool | None = None
    link: str | None = None
    location_address: str | None = None
    location_latitude: float | None = None
    location_longitude: float | None = None
    location_name: str | None = None
    start_datetime_utc: datetime | None = None
    status: Literal["CONF", "TENT", "CANC", "UNKN"] | str | None = None
    timezone: str | None = None
    title: str | None = None
    visibility: Literal["DEFT", "PUBL", "PRIV", "UNKN"] | str | None = None
    calendar_source_account: CalendarSourceAccount | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(kw_only=True)
class ExternalCalendarsEventsQuery(ListQuery[ExternalCalendarEvent]):
    """Parameters of ``GET /external_calendars/events``. API document: "External Calendars Events - List"."""

    happens_after: datetime | None = attrs.field(
        default=None, metadata=limits("Only what happens after this time.")
    )
    happens_before: datetime | None = attrs.field(
        default=None, metadata=limits("Only what happens before this time.")
    )
    instructor_id: float | None = attrs.field(default=None, metadata=limits("Only of this instructor (id)."))


# No span: the document does not say what happens_after and happens_before mean for events across their border.
EXTERNAL_CALENDARS_EVENTS = Endpoint(
    name="external_calendars.events",
    title="External Calendars Events - List",
    path="/external_calendars/events",
    query=ExternalCalendarsEventsQuery,
    row=ExternalCalendarEvent,
    envelope=LIST,
)
