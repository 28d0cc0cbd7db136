"""The lists that TeamUp offers, one file each: row, query and endpoint.

Every row and query class can be imported from here; a file is loaded when one of its names is used.
"""

from typing import TYPE_CHECKING, Final

from .._lazy import loader

if TYPE_CHECKING:
    from .attendances import *
    from .business_advisor_reports import *
    from .business_closures import *
    from .content import *
    from .course_sessions import *
    from .courses import *
    from .crm import *
    from .customer_fields import *
    from .customer_forms import *
    from .customer_issues import *
    from .customer_memberships import *
    from .customer_registration_blocks import *
    from .customers import *
    from .discount_codes import *
    from .events import *
    from .external_calendars import *
    from .family_invites import *
    from .invoices import *
    from .memberships import *
    from .payments import *
    from .policies import *
    from .providers import *
    from .venues import *
    from .waivers import *

FILES: Final = {
    "attendances": (
        "ATTENDANCES",
        "COURSE_SESSION_ATTENDANCES",
    ),
    "business_advisor_reports": ("AI_BUSINESS_ADVISOR_REPORTS",),
    "business_closures": ("BUSINESS_CLOSURES",),
    "content": (
        "CONTENT",
        "CONTENT_COLLECTIONS",
        "CONTENT_FILTERS",
    ),
    "course_sessions": ("COURSE_SESSIONS",),
    "courses": ("COURSES",),
    "crm": (
        "CRM_LEAD_FORMS",
        "CRM_LEAD_SOURCES",
    ),
    "customer_fields": (
        "CUSTOMER_FIELDS",
        "CUSTOMER_FIELD_VALUES",
    ),
    "customer_forms": (
        "CUSTOMER_FORMS",
        "CUSTOMER_FORM_SUBMISSIONS",
    ),
    "customer_issues": ("CUSTOMER_ISSUES",),
    "customer_memberships": (
        "CUSTOMER_MEMBERSHIPS",
        "CUSTOMER_MEMBERSHIP_HOLDS",
    ),
    "customer_registration_blocks": ("CUSTOMER_REGISTRATION_BLOCKS",),
    "customers": ("CUSTOMERS",),
    "discount_codes": (
        "DISCOUNT_CODES",
        "DISCOUNT_CODE_GROUPS",
    ),
    "events": ("EVENTS",),
    "external_calendars": ("EXTERNAL_CALENDARS_EVENTS",),
    "family_invites": ("FAMILY_INVITES",),
    "invoices": ("INVOICES",),
    "memberships": (
        "MEMBERSHIPS",
        "MEMBERSHIP_CATEGORIES",
        "MEMBERSHIP_PAYMENT_PLANS",
    ),
    "payments": (
        "PAYMENT_METHODS",
        "PAYMENT_PROCESSORS",
        "PAYMENT_SUBSCRIPTIONS",
    ),
    "policies": (
        "POLICY_AGREEMENTS",
        "POLICY_VERSIONS",
    ),
    "providers": ("PROVIDERS",),
    "venues": (
        "VENUES",
        "VENUE_ROOMS",
    ),
    "waivers": (
        "WAIVERS",
        "WAIVER_AGREEMENTS",
    ),
}
"""The table of lists: the endpoints that each file declares. A new list is a file and a line here."""

__getattr__ = loader(__name__, FILES)
