"""Venues and their rooms.

API documents: "Venues - List" (``GET /api/v2/venues``), "Venue Rooms - List" (``GET /api/v2/venue_rooms``).
"""

from __future__ import annotations

from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.venues import Venue, VenueRoom

__all__ = ["VENUES", "VENUE_ROOMS", "Venue", "VenueRoom", "VenueRoomsQuery", "VenuesQuery"]


@attrs.frozen(kw_only=True)
class VenuesQuery(ListQuery[Venue]):
    """Parameters of ``GET /venues``. API document: "Venues - List"."""

    has_active_sessions: bool | None = attrs.field(
        default=None,
        metadata=limits("Only venues with (or without) events or course sessions that are not cancelled."),
    )
    status: Literal["active", "archived"] | None = attrs.field(
        default=None, metadata=limits("Only with this status.")
    )


@attrs.frozen(kw_only=True)
class VenueRoomsQuery(ListQuery[VenueRoom]):
    """Parameters of ``GET /venue_rooms``. API document: "Venue Rooms - List"."""

    status: Literal["active", "archived"] | None = attrs.field(
        default=None, metadata=limits("Only with this status.")
    )
    venue: str | None = attrs.field(default=None, metadata=limits("Only of this venue."))


VENUES = Endpoint(
    name="venues",
    title="Venues - List",
    path="/venues",
    query=VenuesQuery,
    row=Venue,
    envelope=LIST,
    retrieve=True,
)


VENUE_ROOMS = Endpoint(
    name="venue_rooms",
    title="Venue Rooms - List",
    path="/venue_rooms",
    query=VenueRoomsQuery,
    row=VenueRoom,
    envelope=LIST,
    retrieve=True,
)
