"""Memberships that can be bought, their categories and payment plans.

API documents: "Memberships - List" (``GET /api/v2/memberships``), "Membership Categories - List" (``GET
/api/v2/membership_categories``), "Membership Payment Plans - List" (``GET
/api/v2/membership_payment_plans``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.memberships import Membership, MembershipPaymentPlan

__all__ = [
    "MEMBERSHIPS",
    "MEMBERSHIP_CATEGORIES",
    "MEMBERSHIP_PAYMENT_PLANS",
    "Membership",
    "MembershipCategoriesQuery",
    "MembershipCategory",
    "MembershipPaymentPlan",
    "MembershipPaymentPlansQuery",
    "MembershipsQuery",
]


@attrs.frozen(slots=False)
class MembershipCategory:
    """A category of memberships."""

    id: int | None = None
    object: Literal["membership_category"] | str | None = None
    name: str | None = None
    order: int | None = None


@attrs.frozen(kw_only=True)
class MembershipsQuery(ListQuery[Membership]):
    """Parameters of ``GET /memberships``. API document: "Memberships - List"."""

    allow_repeat_purchases: bool | None = attrs.field(
        default=None, metadata=limits("Only memberships that can (or can't) be bought again.")
    )
    categories: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these categories (ids).")
    )
    for_sale: bool | None = attrs.field(
        default=None, metadata=limits("Only memberships that are (or are not) for sale.")
    )
    forms: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only of these forms (ids)."))
    is_dropin: bool | None = attrs.field(default=None, metadata=limits("Only drop-ins (or none of them)."))
    offering_type: str | None = attrs.field(default=None, metadata=limits("Only for this offering type."))
    permits_registration_for_event: int | None = attrs.field(
        default=None, metadata=limits("Only memberships that admit to this event (id).")
    )
    visible_to_customers: bool | None = attrs.field(
        default=None, metadata=limits("Only memberships that customers see (or don't).")
    )


@attrs.frozen(kw_only=True)
class MembershipCategoriesQuery(ListQuery[MembershipCategory]):
    """Parameters of ``GET /membership_categories``. API document: "Membership Categories - List"."""


@attrs.frozen(kw_only=True)
class MembershipPaymentPlansQuery(ListQuery[MembershipPaymentPlan]):
    """Parameters of ``GET /membership_payment_plans``. API document: "Membership Payment Plans - List"."""

    membership: int | None = attrs.field(default=None, metadata=limits("Only of this membership (id)."))


MEMBERSHIPS = Endpoint(
    name="memberships",
    title="Memberships - List",
    path="/memberships",
    query=MembershipsQuery,
    row=Membership,
    envelope=LIST,
    retrieve=True,
)


MEMBERSHIP_CATEGORIES = Endpoint(
    name="membership_categories",
    title="Membership Categories - List",
    path="/membership_categories",
    query=MembershipCategoriesQuery,
    row=MembershipCategory,
    envelope=LIST,
)


MEMBERSHIP_PAYMENT_PLANS = Endpoint(
    name="membership_payment_plans",
    title="Membership Payment Plans - List",
    path="/membership_payment_plans",
    query=MembershipPaymentPlansQuery,
    row=MembershipPaymentPlan,
    envelope=LIST,
    retrieve=True,
)
