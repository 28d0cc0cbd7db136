"""Family Invites - List.

API document: "Family Invites - List", ``GET /api/v2/family_invites``.
"""

from __future__ import annotations

from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits

__all__ = ["FAMILY_INVITES", "FamilyInvite", "FamilyInvitesQuery"]


@attrs.frozen(slots=False)
class FamilyInvite:
    """An invitation to join a family."""

    id: int | None = None
    object: Literal["family_invite"] | str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    claim_url: str | None = None
    claimed_by: int | None = None


@attrs.frozen(kw_only=True)
class FamilyInvitesQuery(ListQuery[FamilyInvite]):
    """Parameters of ``GET /family_invites``. API document: "Family Invites - List"."""

    claimed: bool | None = attrs.field(
        default=None, metadata=limits("Only invitations that are (or are not) claimed.")
    )


FAMILY_INVITES = Endpoint(
    name="family_invites",
    title="Family Invites - List",
    path="/family_invites",
    query=FamilyInvitesQuery,
    row=FamilyInvite,
    envelope=LIST,
)
