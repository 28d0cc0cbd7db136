"""Invoice Line Items Report, and its grouped twin.

API documents: "Invoice Line Items Report - Data" and "Invoice Line Items Report - Grouped Data",
``GET /api/v2/reports/invoice_line_items/data``,
``GET /api/v2/reports/invoice_line_items.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Changed, Endpoint, TimeSpan
from ..envelope import REPORT_WITHOUT_LIMITS
from ..objects import CustomerAtVenue, DiscountCodeSummary, Money
from ..query import Query, Row, limits
from ..rows import ONE_COLUMN

__all__ = [
    "INVOICE_LINE_ITEMS",
    "INVOICE_LINE_ITEMS_GROUPED",
    "BilledItem",
    "InvoiceLineItem",
    "InvoiceLineItemColumn",
    "InvoiceLineItemGroup",
    "InvoiceLineItemGroupColumn",
    "InvoiceLineItemType",
    "InvoiceLineItemsGroupedQuery",
    "InvoiceLineItemsQuery",
    "InvoiceOfLineItem",
]

InvoiceLineItemType = Literal[
    "pack_membership",
    "prepaid_plan_membership",
    "recurring_plan_membership",
    "membership_purchase",
    "event_registration",
    "course",
    "course_session",
    "store_order",
    "flat_fee",
    "service_fee",
]


@attrs.frozen
class InvoiceOfLineItem:
    """The invoice that the line belongs to."""

    id: int | None = None
    due_date: date | None = None
    number: str | None = None
    confirmed_at: datetime | None = None
    paid_at: datetime | None = None
    updated_at: datetime | None = None
    status: str | None = None
    is_credit_note: bool | None = None
    discount_code: DiscountCodeSummary | None = None


@attrs.frozen
class BilledItem:
    """What is billed: the kind of object, and its id."""

    object: (
        Literal[
            "event",
            "event_registration",
            "appointment_slot",
            "room_rental_slot",
            "course",
            "course_session",
            "customer_membership",
            "customer_membership_setup",
            "purchase_fee",
            "store_order_item",
        ]
        | str
        | None
    ) = None
    id: int | None = None


@attrs.frozen(slots=False)
class InvoiceLineItem:
    """A line of an invoice."""

    id: int | None = None
    invoice: InvoiceOfLineItem = InvoiceOfLineItem()
    customer: CustomerAtVenue = CustomerAtVenue()
    amount: Money | None = None
    type: InvoiceLineItemType | str | None = None
    billed_item: BilledItem | None = attrs.field(default=None, metadata=ONE_COLUMN)
    description: str | None = None
    tax_amount: Money | None = None
    discount_amount: Money | None = None
    credit_amount: Money | None = None
    refund_amount: Money | None = None


InvoiceLineItemColumn = Literal[
    "id",
    "invoice_id",
    "invoice.id",
    "invoice",
    "due_date",
    "invoice.due_date",
    "invoice_number",
    "invoice.number",
    "invoice_confirmed_at",
    "invoice.confirmed_at",
    "paid_at",
    "invoice.paid_at",
    "invoice_updated_at",
    "invoice.updated_at",
    "invoice_status",
    "invoice.status",
    "invoice_is_credit_note",
    "invoice.is_credit_note",
    "discount_code_name",
    "invoice.discount_code.name",
    "invoice.discount_code",
    "discount_code",
    "invoice.discount_code.code",
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
    "amount",
    "type",
    "billed_item",
    "description",
    "tax_amount",
    "discount_amount",
    "credit_amount",
    "refund_amount",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    invoice_confirmed_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices confirmed at or after this time.")
    )
    invoice_confirmed_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices confirmed at or before this time.")
    )
    invoice_due_date_gte: date | None = attrs.field(
        default=None, metadata=limits("Only invoices due on or after this day.")
    )
    invoice_due_date_lte: date | None = attrs.field(
        default=None, metadata=limits("Only invoices due on or before this day.")
    )
    invoice_paid_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices paid at or after this time.")
    )
    invoice_paid_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices paid at or before this time.")
    )
    invoice_status: str | None = attrs.field(
        default=None, metadata=limits("Only lines of invoices with this status.")
    )
    invoice_updated_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices updated at or after this time.")
    )
    invoice_updated_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only invoices updated at or before this time.")
    )
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )


@attrs.frozen(kw_only=True)
class InvoiceLineItemsQuery(_Filters[InvoiceLineItem]):
    """Parameters of ``GET /reports/invoice_line_items/data``. API document: "Invoice Line Items Report -
    Data".
    """

    columns: Sequence[InvoiceLineItemColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


INVOICE_LINE_ITEMS = Endpoint(
    name="invoice_line_items",
    title="Invoice Line Items Report - Data",
    path="/reports/invoice_line_items/data",
    query=InvoiceLineItemsQuery,
    row=InvoiceLineItem,
    envelope=REPORT_WITHOUT_LIMITS,
    aliases={
        "invoice_id": "invoice.id",
        "due_date": "invoice.due_date",
        "invoice_number": "invoice.number",
        "invoice_confirmed_at": "invoice.confirmed_at",
        "paid_at": "invoice.paid_at",
        "invoice_updated_at": "invoice.updated_at",
        "invoice_status": "invoice.status",
        "invoice_is_credit_note": "invoice.is_credit_note",
        "discount_code_name": "invoice.discount_code.name",
        "discount_code": "invoice.discount_code.code",
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "customer_venue_id": "customer.venue.id",
        "customer_venue_name": "customer.venue.name",
    },
    span=TimeSpan(
        field="invoice.confirmed_at", gte="invoice_confirmed_at_gte", lte="invoice_confirmed_at_lte"
    ),
    sync=Changed(field="invoice.updated_at", gte="invoice_updated_at_gte"),
)


@attrs.frozen(slots=False)
class InvoiceLineItemGroup:
    """A group of lines of invoices: the requested columns, and what they add up to."""

    total_amount: Money | None = None
    type: InvoiceLineItemType | str | None = None


InvoiceLineItemGroupColumn = Literal[
    "total_amount",
    "type",
]


@attrs.frozen(kw_only=True)
class InvoiceLineItemsGroupedQuery(_Filters[InvoiceLineItemGroup]):
    """Parameters of ``GET /reports/invoice_line_items.grouped/data``. API document: "Invoice Line Items Report
    - Grouped Data".
    """

    columns: Sequence[InvoiceLineItemGroupColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


INVOICE_LINE_ITEMS_GROUPED = Endpoint(
    name="invoice_line_items.grouped",
    title="Invoice Line Items Report - Grouped Data",
    path="/reports/invoice_line_items.grouped/data",
    query=InvoiceLineItemsGroupedQuery,
    row=InvoiceLineItemGroup,
    envelope=REPORT_WITHOUT_LIMITS,
    grouped=True,
    measures=("total_amount",),
    span=TimeSpan(field=None, gte="invoice_confirmed_at_gte", lte="invoice_confirmed_at_lte"),
)
