"""Gift Cards Report - Data.

API document: "Gift Cards Report - Data", ``GET /api/v2/reports/gift_cards/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import Money
from ..query import Query, limits

__all__ = [
    "GIFT_CARDS",
    "GiftCard",
    "GiftCardColumn",
    "GiftCardsQuery",
]


@attrs.frozen(slots=False)
class GiftCard:
    """A gift card that was bought."""

    id: int | None = None
    purchased_at: datetime | None = None
    purchaser_id: int | None = None
    purchaser_name: str | None = None
    recipient_email: str | None = None
    recipient_name: str | None = None
    amount: Money | None = None
    redeem_by: datetime | None = None
    deliver_on_date: date | None = None
    is_delivered: bool | None = None
    delivered_at: datetime | None = None
    is_redeemed: bool | None = None
    redeemed_at: datetime | None = None
    status: str | None = None
    is_paid: bool | None = None


GiftCardColumn = Literal[
    "id",
    "purchased_at",
    "purchaser_pk",
    "purchaser_id",
    "purchaser_name",
    "recipient_email",
    "recipient_name",
    "amount",
    "redeem_by",
    "deliver_on_date",
    "is_delivered",
    "delivered_at",
    "is_redeemed",
    "redeemed_at",
    "status",
    "is_paid",
]


@attrs.frozen(kw_only=True)
class GiftCardsQuery(Query[GiftCard]):
    """Parameters of ``GET /reports/gift_cards/data``. API document: "Gift Cards Report - Data"."""

    columns: Sequence[GiftCardColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    purchased_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only gift cards bought at or after this time.")
    )
    purchased_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only gift cards bought at or before this time.")
    )
    purchased_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only gift cards bought within this timeframe (syntax not documented).")
    )
    purchasers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only gift cards bought by these customers (ids).")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: Sequence[Literal["scheduled", "delivered", "redeemed", "expired"]] | None = attrs.field(
        default=None, metadata=limits("Only these statuses.")
    )


GIFT_CARDS = Endpoint(
    name="gift_cards",
    title="Gift Cards Report - Data",
    path="/reports/gift_cards/data",
    query=GiftCardsQuery,
    row=GiftCard,
    aliases={
        "purchaser_pk": "purchaser_id",
    },
    span=TimeSpan(field="purchased_at", gte="purchased_at_gte", lte="purchased_at_lte"),
)
