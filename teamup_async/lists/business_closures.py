"""Business Closures - List.

API document: "Business Closures - List", ``GET /api/v2/business_closures``.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits

__all__ = ["BUSINESS_CLOSURES", "BusinessClosure", "BusinessClosuresQuery"]


@attrs.frozen(slots=False)
class BusinessClosure:
    """A day on which the business is closed."""

    id: int | None = None
    object: Literal["business_closure"] | str | None = None
    closure_date: date | None = None


@attrs.frozen(kw_only=True)
class BusinessClosuresQuery(ListQuery[BusinessClosure]):
    """Parameters of ``GET /business_closures``. API document: "Business Closures - List"."""

    closure_date_gte: date | None = attrs.field(default=None, metadata=limits("Only on or after this day."))
    closure_date_lte: date | None = attrs.field(default=None, metadata=limits("Only on or before this day."))


BUSINESS_CLOSURES = Endpoint(
    name="business_closures",
    title="Business Closures - List",
    path="/business_closures",
    query=BusinessClosuresQuery,
    row=BusinessClosure,
    envelope=LIST,
)
