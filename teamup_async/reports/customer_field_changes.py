"""Customer Field Changes Report - Data.

API document: "Customer Field Changes Report - Data", ``GET /api/v2/reports/customer_field_changes/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary
from ..query import Query, limits

__all__ = [
    "CUSTOMER_FIELD_CHANGES",
    "CustomerField",
    "CustomerFieldChange",
    "CustomerFieldChangeColumn",
    "CustomerFieldChangesQuery",
]


@attrs.frozen
class CustomerField:
    """The field that was changed."""

    id: int | None = None
    label: str | None = None


@attrs.frozen(slots=False)
class CustomerFieldChange:
    """A change of one field of a customer."""

    customer: CustomerSummary = CustomerSummary()
    field: CustomerField = CustomerField()
    changed_at: datetime | None = None
    previous_value: str | None = None
    new_value: str | None = None


CustomerFieldChangeColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "field_id",
    "field.id",
    "field",
    "field_label",
    "field.label",
    "changed_at",
    "previous_value",
    "new_value",
]


@attrs.frozen(kw_only=True)
class CustomerFieldChangesQuery(Query[CustomerFieldChange]):
    """Parameters of ``GET /reports/customer_field_changes/data``. API document: "Customer Field Changes Report
    - Data".
    """

    changed_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only fields changed at or after this time.")
    )
    changed_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only fields changed at or before this time.")
    )
    changed_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only fields changed within this timeframe (syntax not documented).")
    )
    columns: Sequence[CustomerFieldChangeColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )
    customer_fields: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these fields (ids).")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )


CUSTOMER_FIELD_CHANGES = Endpoint(
    name="customer_field_changes",
    title="Customer Field Changes Report - Data",
    path="/reports/customer_field_changes/data",
    query=CustomerFieldChangesQuery,
    row=CustomerFieldChange,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "field_id": "field.id",
        "field_label": "field.label",
    },
    span=TimeSpan(field="changed_at", gte="changed_at_gte", lte="changed_at_lte"),
)
