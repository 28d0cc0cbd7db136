"""Customer Registration Blocks - List.

API document: "Customer Registration Blocks - List", ``GET /api/v2/customer_registration_blocks``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits

__all__ = ["CUSTOMER_REGISTRATION_BLOCKS", "CustomerRegistrationBlock", "CustomerRegistrationBlocksQuery"]


@attrs.frozen(slots=False)
class CustomerRegistrationBlock:
    """A customer's ban from registering."""

    id: int | None = None
    customer: int | None = None
    is_active: bool | None = None
    created_at: datetime | None = None
    deactivated_at: datetime | None = None


@attrs.frozen(kw_only=True)
class CustomerRegistrationBlocksQuery(ListQuery[CustomerRegistrationBlock]):
    """Parameters of ``GET /customer_registration_blocks``. API document: "Customer Registration Blocks - List"."""

    customer: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these customers (ids).")
    )
    is_active: bool | None = attrs.field(default=None, metadata=limits("Only active (or ended) ones."))


CUSTOMER_REGISTRATION_BLOCKS = Endpoint(
    name="customer_registration_blocks",
    title="Customer Registration Blocks - List",
    path="/customer_registration_blocks",
    query=CustomerRegistrationBlocksQuery,
    row=CustomerRegistrationBlock,
    envelope=LIST,
    retrieve=True,
)
