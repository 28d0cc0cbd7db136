"""Waivers, and who signed them.

API documents: "Waivers - List" (``GET /api/v2/waivers``), "Waiver Agreements - List" (``GET
/api/v2/waiver_agreements``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.customers import Customer
from .objects.waivers import Waiver

__all__ = [
    "WAIVERS",
    "WAIVER_AGREEMENTS",
    "Waiver",
    "WaiverAgreement",
    "WaiverAgreementsQuery",
    "WaiversQuery",
]


@attrs.frozen(slots=False)
class WaiverAgreement:
    """A customer's signature under a waiver; references are ids until expanded."""

    id: int | None = None
    object: Literal["waiver_agreement"] | str | None = None
    waiver: int | Waiver | None = None
    customer: int | Customer | None = None
    signed_at: datetime | None = None
    signature_image: str | None = None


@attrs.frozen(kw_only=True)
class WaiversQuery(ListQuery[Waiver]):
    """Parameters of ``GET /waivers``. API document: "Waivers - List"."""

    applicable_to: Sequence[Literal["all_offering_types", "all_memberships"]] | None = attrs.field(
        default=None, metadata=limits("Only waivers that apply to these.")
    )
    status: Literal[0, 2] | None = attrs.field(
        default=None,
        metadata=limits("Only with this status; 0 and 2 are what rows call Active and Archived, presumably."),
    )


@attrs.frozen(kw_only=True)
class WaiverAgreementsQuery(ListQuery[WaiverAgreement]):
    """Parameters of ``GET /waiver_agreements``. API document: "Waiver Agreements - List"."""

    sort: Sequence[Literal["-signed_at", "signed_at"]] | None = attrs.field(
        default=None, metadata=limits("Fields to order by; a leading - means descending.")
    )


WAIVERS = Endpoint(
    name="waivers",
    title="Waivers - List",
    path="/waivers",
    query=WaiversQuery,
    row=Waiver,
    envelope=LIST,
    retrieve=True,
)


WAIVER_AGREEMENTS = Endpoint(
    name="waiver_agreements",
    title="Waiver Agreements - List",
    path="/waiver_agreements",
    query=WaiverAgreementsQuery,
    row=WaiverAgreement,
    envelope=LIST,
    retrieve=True,
)
