"""What type checkers know of lists: rows, expanded objects, and one object by its id. Nobody runs this."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_type

from teamup_async import RowStream, TeamUp
from teamup_async.lists.customers import CUSTOMERS, Customer
from teamup_async.lists.discount_codes import DiscountCode
from teamup_async.lists.events import Event
from teamup_async.lists.invoices import Invoice, InvoiceLineItem
from teamup_async.lists.objects.customer_fields import CustomerFieldAnswer, CustomerFieldValue
from teamup_async.lists.objects.customers import LeadSource
from teamup_async.lists.objects.events import Attendance
from teamup_async.lists.objects.instructors import Instructor
from teamup_async.lists.payments import PaymentMethod
from teamup_async.lists.venues import Venue


def methods(teamup: TeamUp, since: datetime) -> None:
    """Every list is a method with the parameters of its document; one that shares a report's name is in `lists`."""
    assert_type(teamup.events(starts_at_gte=since, venues=[1], expand=["venue"]), RowStream[Event])
    assert_type(teamup.events(instructors=[7, "me"]), RowStream[Event])
    assert_type(teamup.venues(status="active"), RowStream[Venue])
    assert_type(teamup.lists.customers(ids=[1, 2], fields=["id", "email"]), RowStream[Customer])
    assert_type(teamup.lists.invoices(sort=["-due_date"]), RowStream[Invoice])
    assert_type(teamup.payment_methods(), RowStream[PaymentMethod])
    assert_type(teamup.stream(CUSTOMERS, deleted=False), RowStream[Customer])
    teamup.business_closures(closure_date_gte=date(2025, 1, 1))
    teamup.waivers(status=2)

    teamup.events(venues=[1], expnd=["venue"])  # type: ignore[call-arg]
    teamup.venues(status="closed")  # type: ignore[arg-type]
    teamup.waivers(status=1)  # type: ignore[arg-type]
    teamup.business_closures(closure_date_gte="2025-01-01")  # type: ignore[arg-type]
    teamup.payment_methods(expand=["profile"])  # type: ignore[call-arg]
    teamup.customers()  # type: ignore[attr-defined]


async def one(teamup: TeamUp) -> None:
    """One object has the type of the list's rows; lists that document no way to it have no ``get``."""
    assert_type(await teamup.lists.customers.get(7), Customer)
    assert_type(await teamup.venues.get(12, expand=["venue_rooms"], fields=["id"]), Venue)
    assert_type(await teamup.retrieve(CUSTOMERS, 7), Customer)

    await teamup.venues.get("12")  # type: ignore[arg-type]
    await teamup.venues.get(12, status="active")  # type: ignore[call-arg]
    await teamup.payment_methods.get(1)  # type: ignore[attr-defined]


def rows(customer: Customer, event: Event, code: DiscountCode, invoice: Invoice) -> None:
    """References are ids or objects, deferred objects are objects, values of several types all of them."""
    assert_type(customer.lead_source, int | LeadSource | None)
    assert_type(customer.field_values, list[CustomerFieldValue] | None)
    assert_type(event.instructors, str | list[Instructor] | None)
    assert_type(event.small_session_attendances, list[int | Attendance] | None)
    assert_type(code.discount_amount, Mapping[str, Any] | Decimal | None)
    assert_type(invoice.line_items, list[InvoiceLineItem] | None)


def values(value: CustomerFieldValue) -> None:
    """An answer has the type of its field."""
    assert_type(value.value, str | int | list[str] | CustomerFieldAnswer | None)
