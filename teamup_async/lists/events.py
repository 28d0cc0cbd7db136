"""Events - List.

API document: "Events - List", ``GET /api/v2/events``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, KeyOrder, Recent, TimeSpan
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.events import Event

__all__ = ["EVENTS", "Event", "EventsQuery"]


@attrs.frozen(kw_only=True)
class EventsQuery(ListQuery[Event]):
    """Parameters of ``GET /events``. API document: "Events - List"."""

    active_customer: int | None = attrs.field(
        default=None, metadata=limits("The customer whose registration status is told (id).")
    )
    applicable_to_recurring_reservation: int | None = attrs.field(
        default=None, metadata=limits("Only events that a recurring reservation matches (its id).")
    )
    category: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these categories (ids).", comma=True)
    )
    ends_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only ending at or after this time.")
    )
    ends_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only ending at or before this time.")
    )
    ids: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these (ids).", comma=True))
    instructors: Sequence[int | str] | None = attrs.field(
        default=None,
        metadata=limits(
            "Only what these instructors teach: ids, or ``me`` for the caller.",
            pattern=r"^(\d+|me)$",
            comma=True,
        ),
    )
    local_starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only starting at or after this time on the venue's clock.", local=True)
    )
    local_starts_at_lte: datetime | None = attrs.field(
        default=None,
        metadata=limits("Only starting at or before this time on the venue's clock.", local=True),
    )
    max_allowed_age: int | None = attrs.field(
        default=None, metadata=limits("Only with this maximum age, in years.")
    )
    min_allowed_age: int | None = attrs.field(
        default=None, metadata=limits("Only with this minimum age, in years.")
    )
    occupancy_status: (
        Sequence[Literal["full", "has_registrations", "has_waitlist", "empty", "not_full"]] | None
    ) = attrs.field(default=None, metadata=limits("Only events this full."))
    offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these offering types (ids).", comma=True)
    )
    registration_timelines: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only with these registration timelines (ids).", comma=True)
    )
    sort: Sequence[Literal["-end", "-start", "end", "start"]] | None = attrs.field(
        default=None, metadata=limits("Fields to order by; a leading - means descending.")
    )
    start_gte: datetime | None = attrs.field(default=None, metadata=limits("Like starts_at_gte; deprecated."))
    start_lte: datetime | None = attrs.field(default=None, metadata=limits("Like starts_at_lte; deprecated."))
    starts_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only starting at or after this time.")
    )
    starts_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only starting at or before this time.")
    )
    status: Sequence[Literal["active", "cancelled"]] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )
    venues: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only at these venues (ids).", comma=True)
    )


EVENTS = Endpoint(
    name="events",
    title="Events - List",
    path="/events",
    query=EventsQuery,
    row=Event,
    envelope=LIST,
    max_page_size=250,
    retrieve=True,
    order=KeyOrder(field="starts_at", sort="start", gte="starts_at_gte", lte="starts_at_lte"),
    span=TimeSpan(field="starts_at", gte="starts_at_gte", lte="starts_at_lte"),
    sync=Recent(),
)
