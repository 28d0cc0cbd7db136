"""Invoices Report, and its grouped twin.

API documents: "Invoices Report - Data" and "Invoices Report - Grouped Data",
``GET /api/v2/reports/invoices/data``,
``GET /api/v2/reports/invoices.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from ..endpoint import Changed, Endpoint, TimeSpan
from ..envelope import REPORT_WITHOUT_LIMITS
from ..objects import CustomerAtVenue, CustomerSummary, DiscountCodeSummary, Money
from ..query import Query, Row, limits

__all__ = [
    "INVOICES",
    "INVOICES_GROUPED",
    "AppliedAmount",
    "AppliedCredit",
    "Charge",
    "ChargedAmount",
    "Invoice",
    "InvoiceColumn",
    "InvoiceGroup",
    "InvoiceGroupColumn",
    "InvoiceStatus",
    "InvoicesGroupedQuery",
    "InvoicesQuery",
    "PurchaseType",
    "RefundedInvoice",
]

PurchaseType = Literal["class", "course", "course_session", "membership", "store"]

InvoiceStatus = Literal[
    "open",
    "paid",
    "pending_offline",
    "pending_online",
    "failed",
    "voided",
    "upcoming",
    "skipped",
    "retrying",
    "retry_failed",
]


@attrs.frozen
class RefundedInvoice:
    """The invoice that a credit note refunds."""

    id: int | None = None


@attrs.frozen
class AppliedAmount:
    """An amount without its currency. TeamUp sends it as text."""

    decimal: Decimal | None = None


@attrs.frozen
class AppliedCredit:
    """A credit that was used to pay."""

    amount: AppliedAmount = AppliedAmount()


@attrs.frozen
class ChargedAmount:
    """An amount and the code of its currency. TeamUp sends it as text."""

    decimal: Decimal | None = None
    currency: str | None = None


@attrs.frozen
class Charge:
    """A charge for the invoice."""

    created_at: datetime | None = None
    amount: ChargedAmount = ChargedAmount()
    confirmed_at: datetime | None = None


@attrs.frozen(slots=False)
class Invoice:
    """An invoice or a credit note."""

    id: int | None = None
    due_date: date | None = None
    confirmed_at: datetime | None = None
    paid_at: datetime | None = None
    status: InvoiceStatus | str | None = None
    is_credit_note: bool | None = None
    refunded_invoice: RefundedInvoice | None = None
    number: str | None = None
    customer: CustomerAtVenue = CustomerAtVenue()
    total_amount: Money | None = None
    subtotal_amount: Money | None = None
    discount_amount: Money | None = None
    tax_amount: Money | None = None
    credit_amount: Money | None = None
    adjustment_amount: Money | None = None
    expected_payment_amount: Money | None = None
    refund_amount: Money | None = None
    refund_date: date | None = None
    discount_code: DiscountCodeSummary | None = None
    payment_processor: str | None = None
    purchase_type: str | None = None
    purchase_items: str | None = None
    payout: str | None = None
    applied_credits: tuple[AppliedCredit, ...] = ()
    charges: tuple[Charge, ...] = ()
    updated_at: datetime | None = None
    legacy_mapping: Mapping[str, Any] | None = None


InvoiceColumn = Literal[
    "id",
    "due_date",
    "confirmed_at",
    "paid_at",
    "status",
    "is_credit_note",
    "refunded_invoice_id",
    "refunded_invoice.id",
    "refunded_invoice",
    "number",
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "customer_venue_id",
    "customer.venue.id",
    "customer.venue",
    "customer_venue_name",
    "customer.venue.name",
    "total_amount",
    "subtotal_amount",
    "discount_amount",
    "tax_amount",
    "credit_amount",
    "adjustment_amount",
    "expected_payment_amount",
    "refund_amount",
    "refund_date",
    "discount_code_name",
    "discount_code.name",
    "discount_code",
    "discount_code.code",
    "payment_processor",
    "purchase_type",
    "purchase_items",
    "payout",
    "applied_credits",
    "charges",
    "updated_at",
    "legacy_mapping",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    confirmed_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices confirmed at or after this time.")
    )
    confirmed_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices confirmed at or before this time.")
    )
    credit_applied: bool | None = attrs.field(
        default=None, metadata=limits("Only invoices paid with credit, or none of them.")
    )
    customer_memberships: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only invoices for these memberships of customers (ids).")
    )
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    discount_applied: bool | None = attrs.field(
        default=None, metadata=limits("Only invoices with a discount, or none of them.")
    )
    due_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only invoices due on or after this day.")
    )
    due_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only invoices due on or before this day.")
    )
    due_date_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only invoices due within this timeframe (syntax not documented).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    paid_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices paid at or after this time.")
    )
    paid_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices paid at or before this time.")
    )
    paid_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only invoices paid within this timeframe (syntax not documented).")
    )
    payment_processors: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these payment processors (ids).")
    )
    purchase_types: Sequence[PurchaseType] | None = attrs.field(
        default=None, metadata=limits("Only invoices for these kinds of purchase.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    status: str | None = attrs.field(default=None, metadata=limits("Only this status."))
    updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or after this time.")
    )
    updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only rows updated at or before this time.")
    )


@attrs.frozen(kw_only=True)
class InvoicesQuery(_Filters[Invoice]):
    """Parameters of ``GET /reports/invoices/data``. API document: "Invoices Report - Data"."""

    columns: Sequence[InvoiceColumn] | None = attrs.field(default=None, metadata=limits("Columns to return."))


INVOICES = Endpoint(
    name="invoices",
    title="Invoices Report - Data",
    path="/reports/invoices/data",
    query=InvoicesQuery,
    row=Invoice,
    envelope=REPORT_WITHOUT_LIMITS,
    aliases={
        "refunded_invoice_id": "refunded_invoice.id",
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "customer_venue_id": "customer.venue.id",
        "customer_venue_name": "customer.venue.name",
        "discount_code_name": "discount_code.name",
    },
    span=TimeSpan(field="confirmed_at", gte="confirmed_at_gte", lte="confirmed_at_lte"),
    sync=Changed(field="updated_at", gte="updated_at_gte"),
)


@attrs.frozen(slots=False)
class InvoiceGroup:
    """A group of invoices: the requested columns, and how many there are."""

    status: InvoiceStatus | str | None = None
    customer: CustomerSummary = CustomerSummary()
    purchase_type: str | None = None
    payment_processor: str | None = None
    due_date_month: str | None = None
    due_date_year: str | None = None
    payment_month: int | None = None
    payment_year: int | None = None
    payout_month: str | None = None
    payout_year: str | None = None
    purchased_item: Mapping[str, Any] | None = None
    purchase_fee_type: str | None = None
    count: str | None = None


InvoiceGroupColumn = Literal[
    "status",
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "purchase_type",
    "payment_processor",
    "due_date_month",
    "due_date_year",
    "payment_month",
    "payment_year",
    "payout_month",
    "payout_year",
    "purchased_item",
    "purchase_fee_type",
    "count",
]


@attrs.frozen(kw_only=True)
class InvoicesGroupedQuery(_Filters[InvoiceGroup]):
    """Parameters of ``GET /reports/invoices.grouped/data``. API document: "Invoices Report - Grouped Data"."""

    columns: Sequence[InvoiceGroupColumn] = attrs.field(metadata=limits("Columns to return.", min_items=1))


INVOICES_GROUPED = Endpoint(
    name="invoices.grouped",
    title="Invoices Report - Grouped Data",
    path="/reports/invoices.grouped/data",
    query=InvoicesGroupedQuery,
    row=InvoiceGroup,
    envelope=REPORT_WITHOUT_LIMITS,
    grouped=True,
    measures=("count",),
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
    },
    span=TimeSpan(field=None, gte="confirmed_at_gte", lte="confirmed_at_lte"),
)
