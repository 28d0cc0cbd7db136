"""Customer Credits Report - Data.

API document: "Customer Credits Report - Data", ``GET /api/v2/reports/customer_credits/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary, Money
from ..query import Query, limits

__all__ = [
    "CUSTOMER_CREDITS",
    "CustomerCredit",
    "CustomerCreditColumn",
    "CustomerCreditsQuery",
]


@attrs.frozen(slots=False)
class CustomerCredit:
    """A credit on a customer's account."""

    customer: CustomerSummary = CustomerSummary()
    created_at: datetime | None = None
    amount: Money | None = None
    balance: Money | None = None
    memo: str | None = None


CustomerCreditColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "created_at",
    "amount",
    "balance",
    "memo",
]


@attrs.frozen(kw_only=True)
class CustomerCreditsQuery(Query[CustomerCredit]):
    """Parameters of ``GET /reports/customer_credits/data``. API document: "Customer Credits Report - Data"."""

    columns: Sequence[CustomerCreditColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )
    created_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only credits created at or after this time.")
    )
    created_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only credits created at or before this time.")
    )
    created_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only credits created within this timeframe (syntax not documented).")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )


CUSTOMER_CREDITS = Endpoint(
    name="customer_credits",
    title="Customer Credits Report - Data",
    path="/reports/customer_credits/data",
    query=CustomerCreditsQuery,
    row=CustomerCredit,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
    },
    span=TimeSpan(field="created_at", gte="created_at_gte", lte="created_at_lte"),
)
