"""All tables of a studio, and the indexes that some values are looked up by."""

from __future__ import annotations

from typing import Final

from .contact import CONTACT
from .content import CONTENT
from .forms import FORMS
from .money import MONEY
from .paying import PAYING
from .people import PEOPLE
from .schema import Entity
from .timetable import TIMETABLE

ENTITIES: Final[dict[str, Entity]] = {
    entity.name: entity for entity in (*TIMETABLE, *PEOPLE, *MONEY, *PAYING, *CONTENT, *FORMS, *CONTACT)
}
INDEXES: Final = {
    "attendances_of_event": "attendances (event_id)",
    "attendances_of_customer": "attendances (customer_id)",
    "pupils_of_session": "course_session_attendances (course_session_id)",
    "customers_of_family": "customers (family_id)",
    "memberships_of_customer": "customer_memberships (customer_id)",
    "holders_of_membership": "customer_memberships (membership_id)",
    "holds_of_membership": "customer_membership_holds (customer_membership_id)",
    "invoices_of_customer": "invoices (customer_id)",
    "invoices_of_held": "invoices (customer_membership_id)",
    "invoices_of_code": "invoices (discount_code_id)",
    "items_of_invoice": "invoice_line_items (invoice_id)",
    "answers_of_customer": "customer_field_values (customer_id)",
    "credits_of_invoice": "customer_credits (invoice_id)",
    "credits_of_customer": "customer_credits (customer_id)",
}
"""Made when a statement first names them (``INDEXED BY``)."""
