"""Venues and their rooms, which point at each other."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

__all__ = ["PhysicalAddress", "RoomThumbnail", "Venue", "VenueRoom"]


@attrs.frozen
class PhysicalAddress:
    """A venue's address."""

    street: str | None = None
    street_secondary: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    lat: float | None = None
    lng: float | None = None


@attrs.frozen(slots=False)
class Venue:
    """A venue.

    `venue_rooms` is the URL of a collection until expanded.
    """

    id: int | None = None
    object: Literal["venue"] | str | None = None
    name: str | None = None
    description: str | None = None
    address: str | None = None
    physical_address: PhysicalAddress | None = None
    timezone: str | None = None
    video_url: str | None = None
    zoom_user: int | None = None
    venue_type: Literal["physical", "online"] | str | None = None
    venue_rooms: str | list[VenueRoom] | None = None
    lat: float | None = None
    lng: float | None = None
    archived: bool | None = None
    is_online: bool | None = None
    video_url_type: Literal["static", "zoom"] | str | None = None


@attrs.frozen
class RoomThumbnail:
    """The picture of a room."""

    id: int | None = None
    object: Literal["image"] | str | None = None
    url: str | None = None
    profile: int | None = None
    original_width: int | None = None
    original_height: int | None = None
    user: int | None = None
    created_at: datetime | None = None


@attrs.frozen(slots=False)
class VenueRoom:
    """A room of a venue; `venue` is an id until expanded."""

    id: int | None = None
    object: Literal["venue_room"] | str | None = None
    status: Literal["active", "archived"] | str | None = None
    name: str | None = None
    venue: int | Venue | None = None
    thumbnail: RoomThumbnail | None = None
