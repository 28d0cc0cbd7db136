"""Waivers."""

from __future__ import annotations

from typing import Literal

import attrs

__all__ = ["Waiver"]


@attrs.frozen(slots=False)
class Waiver:
    """A waiver that customers sign."""

    id: int | None = None
    name: str | None = None
    text: str | None = None
    object: Literal["waiver"] | str | None = None
    status: Literal["Active", "Archived"] | str | None = None
    when_required: list[Literal["signup", "all_memberships", "all_offering_types"] | str] | None = None
    signature_image_required: bool | None = None
