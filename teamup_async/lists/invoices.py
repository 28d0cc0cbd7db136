"""Invoices - List.

API document: "Invoices - List", ``GET /api/v2/invoices``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..objects import Money, Named
from ..query import ListQuery, limits
from ..rows import DEFERRED
from .objects.payments import DiscountCode, PaymentProcessor

__all__ = [
    "INVOICES",
    "AppliedCredit",
    "BilledItem",
    "Invoice",
    "InvoiceAdjustment",
    "InvoiceCharge",
    "InvoiceDiscount",
    "InvoiceLineItem",
    "InvoiceTax",
    "InvoicesQuery",
    "PurchaseFee",
]


@attrs.frozen
class InvoiceCharge:
    """A charge of an invoice; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["invoice_charge"] | str | None = None
    payment_processor: int | PaymentProcessor | None = None


@attrs.frozen
class BilledItem:
    """What a line bills (``expand=line_items.billed_item``).

    The documents know nine kinds, told apart by `type`; `quantity` and `memo` come with store products only.
    """

    id: int | None = None
    name: str | None = None
    type: (
        Literal[
            "billed_course_session_registration",
            "billed_event_registration",
            "billed_flat_fee",
            "billed_membership",
            "billed_course_registration",
            "billed_store_product",
            "billed_membership_penalty",
            "billed_joining_fee",
            "billed_gift_card",
        ]
        | str
        | None
    ) = None
    quantity: int | None = None
    memo: str | None = None


@attrs.frozen
class InvoiceLineItem:
    """A line of an invoice; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["invoice_line_item"] | str | None = None
    billed_item: int | BilledItem | None = None
    type: (
        Literal[
            "flat_fee",
            "course_session",
            "store_order",
            "course",
            "event_registration",
            "recurring_plan_membership",
            "prepaid_plan_membership",
            "pack_membership",
            "membership_penalty_fee",
            "joining_fee",
            "gift_card",
        ]
        | str
        | None
    ) = None
    price: Money | None = None
    total_amount_due: Money | None = None


@attrs.frozen
class InvoiceDiscount:
    """A discount on an invoice; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["invoice_discount"] | str | None = None
    discount_code: int | DiscountCode | None = None
    amount: Money | None = None


@attrs.frozen
class InvoiceAdjustment:
    """An adjustment of an invoice; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["invoice_adjustment"] | str | None = None
    amount: Money | None = None


@attrs.frozen
class AppliedCredit:
    """A credit used on an invoice; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["invoice_credit"] | str | None = None
    amount: Money | None = None


@attrs.frozen
class PurchaseFee:
    """The fee behind a tax line (``expand=taxes.purchase_fee``)."""

    id: int | None = None
    object: Literal["purchase_fee"] | str | None = None
    name: str | None = None
    description: str | None = None
    type: Literal["percent", "flat"] | str | None = None


@attrs.frozen
class InvoiceTax:
    """A tax or fee of an invoice; sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["invoice_tax"] | str | None = None
    amount: Money | None = None
    purchase_fee: int | PurchaseFee | None = None


@attrs.frozen(slots=False)
class Invoice:
    """An invoice.

    `payer` is an id until expanded; the fields from `charges` on are sent only when asked for through ``expand``.
    `credit_notes` has no documented form.
    """

    id: int | None = None
    object: Literal["invoice"] | str | None = None
    status: (
        Literal[
            "open",
            "paid",
            "pending_offline",
            "pending",
            "failed",
            "voided",
            "retrying",
            "retry_failed",
            "upcoming",
            "draft",
            "skipped",
        ]
        | str
        | None
    ) = None
    due_date: date | None = None
    created_at: datetime | None = None
    is_credit_note: bool | None = None
    total_amount_due: Money | None = None
    payer: int | Named | None = None
    legacy_invoice_key: str | None = None
    charges: list[InvoiceCharge] | None = attrs.field(default=None, metadata=DEFERRED)
    line_items: list[InvoiceLineItem] | None = attrs.field(default=None, metadata=DEFERRED)
    discounts: list[InvoiceDiscount] | None = attrs.field(default=None, metadata=DEFERRED)
    adjustments: list[InvoiceAdjustment] | None = attrs.field(default=None, metadata=DEFERRED)
    applied_credits: list[AppliedCredit] | None = attrs.field(default=None, metadata=DEFERRED)
    taxes: list[InvoiceTax] | None = attrs.field(default=None, metadata=DEFERRED)
    credit_notes: list[Any] | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(kw_only=True)
class InvoicesQuery(ListQuery[Invoice]):
    """Parameters of ``GET /invoices``. API document: "Invoices - List"."""

    sort: Sequence[Literal["-due_date", "due_date"]] | None = attrs.field(
        default=None, metadata=limits("Fields to order by; a leading - means descending.")
    )
    status: (
        Sequence[
            Literal[
                "open",
                "paid",
                "pending_offline",
                "pending",
                "failed",
                "voided",
                "retrying",
                "retry_failed",
                "upcoming",
                "draft",
                "skipped",
            ]
        ]
        | None
    ) = attrs.field(default=None, metadata=limits("Only these statuses."))
    store_order: float | None = attrs.field(default=None, metadata=limits("Only of this store order (id)."))


INVOICES = Endpoint(
    name="invoices",
    title="Invoices - List",
    path="/invoices",
    query=InvoicesQuery,
    row=Invoice,
    envelope=LIST,
    retrieve=True,
    shared_name=True,
)
