"""Discount codes and their groups.

API documents: "Discount Codes - List" (``GET /api/v2/discount_codes``), "Discount Code Groups - List"
(``GET /api/v2/discount_code_groups``).
"""

from __future__ import annotations

from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.payments import DiscountCode

__all__ = [
    "DISCOUNT_CODES",
    "DISCOUNT_CODE_GROUPS",
    "DiscountCode",
    "DiscountCodeGroup",
    "DiscountCodeGroupsQuery",
    "DiscountCodesQuery",
]


@attrs.frozen(slots=False)
class DiscountCodeGroup:
    """A group of discount codes."""

    id: int | None = None
    name: str | None = None


@attrs.frozen(kw_only=True)
class DiscountCodesQuery(ListQuery[DiscountCode]):
    """Parameters of ``GET /discount_codes``. API document: "Discount Codes - List"."""

    group: int | None = attrs.field(default=None, metadata=limits("Only of this group (id)."))
    query: str | None = attrs.field(default=None, metadata=limits("Text to look for."))
    status: Literal["active", "inactive"] | None = attrs.field(
        default=None, metadata=limits("Only with this status.")
    )


@attrs.frozen(kw_only=True)
class DiscountCodeGroupsQuery(ListQuery[DiscountCodeGroup]):
    """Parameters of ``GET /discount_code_groups``. API document: "Discount Code Groups - List"."""


DISCOUNT_CODES = Endpoint(
    name="discount_codes",
    title="Discount Codes - List",
    path="/discount_codes",
    query=DiscountCodesQuery,
    row=DiscountCode,
    envelope=LIST,
    retrieve=True,
)


DISCOUNT_CODE_GROUPS = Endpoint(
    name="discount_code_groups",
    title="Discount Code Groups - List",
    path="/discount_code_groups",
    query=DiscountCodeGroupsQuery,
    row=DiscountCodeGroup,
    envelope=LIST,
)
