"""Customers - List.

API document: "Customers - List", ``GET /api/v2/customers``.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.customers import Customer

__all__ = ["CUSTOMERS", "Customer", "CustomersQuery"]


@attrs.frozen(kw_only=True)
class CustomersQuery(ListQuery[Customer]):
    """Parameters of ``GET /customers``. API document: "Customers - List"."""

    active_memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only customers who hold these memberships actively (ids).", comma=True)
    )
    age_gte: float | None = attrs.field(
        default=None, metadata=limits("Only customers of this age or older, in years.")
    )
    age_lte: float | None = attrs.field(
        default=None, metadata=limits("Only customers of this age or younger, in years.")
    )
    autocomplete: str | None = attrs.field(
        default=None, metadata=limits("Only customers whose email or name begins like this.")
    )
    broadcast_message_non_recipients: float | None = attrs.field(
        default=None,
        metadata=limits("Only customers that a broadcast message is meant for but does not reach (its id)."),
    )
    broadcast_message_recipients: float | None = attrs.field(
        default=None, metadata=limits("Only customers that a broadcast message reaches (its id).")
    )
    can_delete: bool | None = attrs.field(
        default=None, metadata=limits("Only customers that can (or can't) be deleted.")
    )
    deleted: bool | None = attrs.field(
        default=None, metadata=limits("Only customers that are (or are not) deleted.")
    )
    family: float | None = attrs.field(default=None, metadata=limits("Only members of this family (id)."))
    ids: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only these (ids).", comma=True))
    query: str | None = attrs.field(default=None, metadata=limits("Text to look for in email and name."))


CUSTOMERS = Endpoint(
    name="customers",
    title="Customers - List",
    path="/customers",
    query=CustomersQuery,
    row=Customer,
    envelope=LIST,
    retrieve=True,
    shared_name=True,
)
