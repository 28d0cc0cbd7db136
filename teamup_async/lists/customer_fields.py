"""The questions that customers are asked, and their answers.

API documents: "Customer Fields - List" (``GET /api/v2/customer_fields``), "Customer Field Values - List"
(``GET /api/v2/customer_field_values``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, Query, limits
from .objects.customer_fields import CustomerField, CustomerFieldValue

__all__ = [
    "CUSTOMER_FIELDS",
    "CUSTOMER_FIELD_VALUES",
    "CustomerField",
    "CustomerFieldValue",
    "CustomerFieldValuesQuery",
    "CustomerFieldsQuery",
]


@attrs.frozen(kw_only=True)
class CustomerFieldsQuery(ListQuery[CustomerField]):
    """Parameters of ``GET /customer_fields``. API document: "Customer Fields - List"."""

    applicable_scenario: (
        Literal[
            "child_signup",
            "customer_registration",
            "learn_to_skate",
            "non_participating_parent",
            "participating_parent",
            "provider_new_customer_form",
        ]
        | None
    ) = attrs.field(default=None, metadata=limits("Only what one scenario asks for."))
    forms: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only of these forms (ids)."))
    include_virtual: bool | None = attrs.field(default=None, metadata=limits("Virtual fields, too."))
    system_use: Literal["date_of_birth", "marketing_preference"] | None = attrs.field(
        default=None, metadata=limits("Only those that the system uses for this.")
    )


@attrs.frozen(kw_only=True)
class CustomerFieldValuesQuery(Query[CustomerFieldValue]):
    """Parameters of ``GET /customer_field_values``. API document: "Customer Field Values - List"."""

    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these customers (ids).")
    )
    field: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only of these fields (ids)."))


CUSTOMER_FIELDS = Endpoint(
    name="customer_fields",
    title="Customer Fields - List",
    path="/customer_fields",
    query=CustomerFieldsQuery,
    row=CustomerField,
    envelope=LIST,
    retrieve=True,
)


CUSTOMER_FIELD_VALUES = Endpoint(
    name="customer_field_values",
    title="Customer Field Values - List",
    path="/customer_field_values",
    query=CustomerFieldValuesQuery,
    row=CustomerFieldValue,
    envelope=LIST,
    retrieve=True,
)
