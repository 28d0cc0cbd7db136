"""Forms for customers, and what they filled in.

API documents: "Customer Forms - List" (``GET /api/v2/customer_forms``), "Customer Form Submissions - List"
(``GET /api/v2/customer_form_submissions``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.customer_fields import CustomerField, CustomerFieldValue
from .objects.customers import Customer
from .objects.memberships import Membership
from .objects.offerings import OfferingType

__all__ = [
    "CUSTOMER_FORMS",
    "CUSTOMER_FORM_SUBMISSIONS",
    "CustomerForm",
    "CustomerFormSubmission",
    "CustomerFormSubmissionsQuery",
    "CustomerFormsQuery",
]


@attrs.frozen(slots=False)
class CustomerForm:
    """A form for customers.

    `offering_types`, `memberships` and `fields` are URLs of collections until expanded.
    """

    id: int | None = None
    name: str | None = None
    created_at: datetime | None = None
    order: int | None = None
    offering_types_applies_to: Literal["all", "only", "all_except", "none"] | str | None = None
    offering_types: str | list[OfferingType] | None = None
    memberships_applies_to: Literal["all", "only", "all_except", "none"] | str | None = None
    memberships: str | list[Membership] | None = None
    submissions_expire_after: str | None = None
    force_stale_updates: bool | None = None
    fields: str | list[CustomerField] | None = None


@attrs.frozen(slots=False)
class CustomerFormSubmission:
    """A form that a customer filled in, with the latest answers to its fields."""

    id: int | None = None
    latest_values: list[CustomerFieldValue] | None = None
    customer: int | Customer | None = None
    created_at: datetime | None = None
    form: int | None = None


@attrs.frozen(kw_only=True)
class CustomerFormsQuery(ListQuery[CustomerForm]):
    """Parameters of ``GET /customer_forms``. API document: "Customer Forms - List"."""

    applicable_to: (
        Sequence[
            Literal[
                "all_offering_types",
                "all_memberships",
                "at_least_one_membership",
                "at_least_one_offering_type",
            ]
        ]
        | None
    ) = attrs.field(default=None, metadata=limits("Only forms that apply to these."))
    applicable_to_memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only forms that apply to these memberships (ids).")
    )
    applicable_to_offering_types: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only forms that apply to these offering types (ids).")
    )
    no_signup: bool | None = attrs.field(
        default=None, metadata=limits("Only forms that are not asked at signup.")
    )
    submitted_by: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only forms that these customers filled in (ids).")
    )


@attrs.frozen(kw_only=True)
class CustomerFormSubmissionsQuery(ListQuery[CustomerFormSubmission]):
    """Parameters of ``GET /customer_form_submissions``. API document: "Customer Form Submissions - List"."""


CUSTOMER_FORMS = Endpoint(
    name="customer_forms",
    title="Customer Forms - List",
    path="/customer_forms",
    query=CustomerFormsQuery,
    row=CustomerForm,
    envelope=LIST,
    retrieve=True,
)


CUSTOMER_FORM_SUBMISSIONS = Endpoint(
    name="customer_form_submissions",
    title="Customer Form Submissions - List",
    path="/customer_form_submissions",
    query=CustomerFormSubmissionsQuery,
    row=CustomerFormSubmission,
    envelope=LIST,
    retrieve=True,
)
