"""The reports, one file each: row, query and endpoint of a report, and of its grouped twin.

Every row and query class can be imported from here; a file is loaded when one of its names is used.
"""

from typing import TYPE_CHECKING, Final

from .._lazy import loader

if TYPE_CHECKING:
    from .attendance_strikes import *
    from .attendances import *
    from .classes import *
    from .content_views import *
    from .course_session_attendances import *
    from .customer_credits import *
    from .customer_field_changes import *
    from .customer_membership_holds import *
    from .customer_memberships import *
    from .customer_referrals import *
    from .customers import *
    from .discount_code_uses import *
    from .gift_cards import *
    from .instructed_sessions import *
    from .instructors import *
    from .invoice_line_items import *
    from .invoices import *
    from .sms_messages import *
    from .waiver_signatures import *

FILES: Final = {
    "attendances": ("ATTENDANCES", "ATTENDANCES_GROUPED"),  # what people try first; the others by name
    "attendance_strikes": ("ATTENDANCE_STRIKES", "ATTENDANCE_STRIKES_GROUPED"),
    "classes": ("CLASSES", "CLASSES_GROUPED"),
    "content_views": ("CONTENT_VIEWS", "CONTENT_VIEWS_GROUPED"),
    "course_session_attendances": ("COURSE_SESSION_ATTENDANCES", "COURSE_SESSION_ATTENDANCES_GROUPED"),
    "customer_credits": ("CUSTOMER_CREDITS",),
    "customer_field_changes": ("CUSTOMER_FIELD_CHANGES",),
    "customer_membership_holds": ("CUSTOMER_MEMBERSHIP_HOLDS", "CUSTOMER_MEMBERSHIP_HOLDS_GROUPED"),
    "customer_memberships": ("CUSTOMER_MEMBERSHIPS", "CUSTOMER_MEMBERSHIPS_GROUPED"),
    "customer_referrals": ("CUSTOMER_REFERRALS", "CUSTOMER_REFERRALS_GROUPED"),
    "customers": ("CUSTOMERS", "CUSTOMERS_GROUPED"),
    "discount_code_uses": ("DISCOUNT_CODE_USES", "DISCOUNT_CODE_USES_GROUPED"),
    "gift_cards": ("GIFT_CARDS",),
    "instructed_sessions": ("INSTRUCTED_SESSIONS",),
    "instructors": ("INSTRUCTORS",),
    "invoice_line_items": ("INVOICE_LINE_ITEMS", "INVOICE_LINE_ITEMS_GROUPED"),
    "invoices": ("INVOICES", "INVOICES_GROUPED"),
    "sms_messages": ("SMS_MESSAGES", "SMS_MESSAGES_GROUPED"),
    "waiver_signatures": ("WAIVER_SIGNATURES",),
}
"""The table of reports: the endpoints that each file declares. A new report is a file and a line here."""

__getattr__ = loader(__name__, FILES)
