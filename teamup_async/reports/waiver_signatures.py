"""Waiver Signatures Report - Data.

API document: "Waiver Signatures Report - Data", ``GET /api/v2/reports/waiver_signatures/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary, Named
from ..query import Query, limits

__all__ = [
    "WAIVER_SIGNATURES",
    "WaiverSignature",
    "WaiverSignatureColumn",
    "WaiverSignaturesQuery",
]


@attrs.frozen(slots=False)
class WaiverSignature:
    """A waiver that a customer signed."""

    customer: CustomerSummary = CustomerSummary()
    waiver: Named = Named()
    signed_at: datetime | None = None
    download_url: str | None = None


WaiverSignatureColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "waiver_id",
    "waiver.id",
    "waiver",
    "waiver_name",
    "waiver.name",
    "signed_at",
    "download_url",
]


@attrs.frozen(kw_only=True)
class WaiverSignaturesQuery(Query[WaiverSignature]):
    """Parameters of ``GET /reports/waiver_signatures/data``. API document: "Waiver Signatures Report - Data"."""

    columns: Sequence[WaiverSignatureColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    signed_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only signed at or after this time.")
    )
    signed_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only signed at or before this time.")
    )
    signed_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only signed within this timeframe (syntax not documented).")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    waivers: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these waivers (ids)."))


WAIVER_SIGNATURES = Endpoint(
    name="waiver_signatures",
    title="Waiver Signatures Report - Data",
    path="/reports/waiver_signatures/data",
    query=WaiverSignaturesQuery,
    row=WaiverSignature,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "waiver_id": "waiver.id",
        "waiver_name": "waiver.name",
    },
    span=TimeSpan(field="signed_at", gte="signed_at_gte", lte="signed_at_lte"),
)
