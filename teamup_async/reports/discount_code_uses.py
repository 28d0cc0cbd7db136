"""Discount Code Uses Report, and its grouped twin.

API documents: "Discount Code Uses Report - Data" and "Discount Code Uses Report - Grouped Data",
``GET /api/v2/reports/discount_code_uses/data``,
``GET /api/v2/reports/discount_code_uses.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary, Named
from ..query import Query, Row, limits
from ..rows import ONE_COLUMN

__all__ = [
    "DISCOUNT_CODE_USES",
    "DISCOUNT_CODE_USES_GROUPED",
    "DiscountCodeUse",
    "DiscountCodeUseColumn",
    "DiscountCodeUseGroup",
    "DiscountCodeUseGroupColumn",
    "DiscountCodeUsesGroupedQuery",
    "DiscountCodeUsesQuery",
    "DiscountUse",
    "DiscountUseFilter",
    "DiscountUsedFor",
    "UsedDiscountCode",
]

DiscountUseFilter = Literal["class", "course", "membership", "store_order"]

DiscountUse = Literal["class", "course", "membership", "store_order", "unknown"]


@attrs.frozen
class UsedDiscountCode:
    """The discount code."""

    id: int | None = None
    name: str | None = None
    code: str | None = None


@attrs.frozen
class DiscountUsedFor:
    """What was bought with the code."""

    id: int | None = None
    label: str | None = None
    type: str | None = None


@attrs.frozen(slots=False)
class DiscountCodeUse:
    """A use of a discount code."""

    customer: CustomerSummary = CustomerSummary()
    discount_code: UsedDiscountCode | None = None
    group: Named | None = None
    use_type: DiscountUse | str | None = None
    used_for: DiscountUsedFor | None = attrs.field(default=None, metadata=ONE_COLUMN)
    used_at: datetime | None = None


DiscountCodeUseColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "discount_code_id",
    "discount_code.id",
    "discount_code",
    "discount_code_name",
    "discount_code.name",
    "discount_code_code",
    "discount_code.code",
    "group_id",
    "group.id",
    "group",
    "group_name",
    "group.name",
    "use_type",
    "used_for",
    "used_at",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    discount_codes: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these discount codes (ids).")
    )
    groups: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these groups of discount codes (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    use_types: Sequence[DiscountUseFilter] | None = attrs.field(
        default=None, metadata=limits("Only uses for these kinds of purchase.")
    )
    used_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only codes used at or after this time.")
    )
    used_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only codes used at or before this time.")
    )
    used_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only codes used within this timeframe (syntax not documented).")
    )


@attrs.frozen(kw_only=True)
class DiscountCodeUsesQuery(_Filters[DiscountCodeUse]):
    """Parameters of ``GET /reports/discount_code_uses/data``. API document: "Discount Code Uses Report -
    Data".
    """

    columns: Sequence[DiscountCodeUseColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


DISCOUNT_CODE_USES = Endpoint(
    name="discount_code_uses",
    title="Discount Code Uses Report - Data",
    path="/reports/discount_code_uses/data",
    query=DiscountCodeUsesQuery,
    row=DiscountCodeUse,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "discount_code_id": "discount_code.id",
        "discount_code_name": "discount_code.name",
        "discount_code_code": "discount_code.code",
        "group_id": "group.id",
        "group_name": "group.name",
    },
    span=TimeSpan(field="used_at", gte="used_at_gte", lte="used_at_lte"),
)


@attrs.frozen(slots=False)
class DiscountCodeUseGroup:
    """A group of uses of discount codes: the requested columns, and how many there are."""

    customer: CustomerSummary = CustomerSummary()
    discount_code: UsedDiscountCode | None = None
    group: Named | None = None
    use_type: DiscountUse | str | None = None
    month: int | None = None
    year: int | None = None
    count: int | None = None


DiscountCodeUseGroupColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "discount_code_id",
    "discount_code.id",
    "discount_code",
    "discount_code_name",
    "discount_code.name",
    "discount_code_code",
    "discount_code.code",
    "group_id",
    "group.id",
    "group",
    "group_name",
    "group.name",
    "use_type",
    "month",
    "year",
    "count",
]


@attrs.frozen(kw_only=True)
class DiscountCodeUsesGroupedQuery(_Filters[DiscountCodeUseGroup]):
    """Parameters of ``GET /reports/discount_code_uses.grouped/data``. API document: "Discount Code Uses Report
    - Grouped Data".
    """

    columns: Sequence[DiscountCodeUseGroupColumn] = attrs.field(
        metadata=limits("Columns to return.", min_items=1)
    )


DISCOUNT_CODE_USES_GROUPED = Endpoint(
    name="discount_code_uses.grouped",
    title="Discount Code Uses Report - Grouped Data",
    path="/reports/discount_code_uses.grouped/data",
    query=DiscountCodeUsesGroupedQuery,
    row=DiscountCodeUseGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "discount_code_id": "discount_code.id",
        "discount_code_name": "discount_code.name",
        "discount_code_code": "discount_code.code",
        "group_id": "group.id",
        "group_name": "group.name",
    },
    span=TimeSpan(field=None, gte="used_at_gte", lte="used_at_lte"),
)
