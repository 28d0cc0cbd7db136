"""Where leads come from.

API documents: "Crm Lead Forms - List" (``GET /api/v2/crm/lead_forms``), "Crm Lead Sources - List" (``GET
/api/v2/crm/lead_sources``).
"""

from __future__ import annotations

from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery
from .objects.customers import LeadSource

__all__ = [
    "CRM_LEAD_FORMS",
    "CRM_LEAD_SOURCES",
    "CrmLeadFormsQuery",
    "CrmLeadSourcesQuery",
    "LeadForm",
    "LeadSource",
]


@attrs.frozen(slots=False)
class LeadForm:
    """A form by which people become leads; `lead_source` is an id until expanded."""

    id: int | None = None
    object: Literal["lead_form"] | str | None = None
    uuid: str | None = None
    name: str | None = None
    description: str | None = None
    lead_source: int | LeadSource | None = None
    redirect_url: str | None = None
    send_invite_email: bool | None = None


@attrs.frozen(kw_only=True)
class CrmLeadFormsQuery(ListQuery[LeadForm]):
    """Parameters of ``GET /crm/lead_forms``. API document: "Crm Lead Forms - List"."""


@attrs.frozen(kw_only=True)
class CrmLeadSourcesQuery(ListQuery[LeadSource]):
    """Parameters of ``GET /crm/lead_sources``. API document: "Crm Lead Sources - List"."""


CRM_LEAD_FORMS = Endpoint(
    name="crm.lead_forms",
    title="Crm Lead Forms - List",
    path="/crm/lead_forms",
    query=CrmLeadFormsQuery,
    row=LeadForm,
    envelope=LIST,
    retrieve=True,
)


CRM_LEAD_SOURCES = Endpoint(
    name="crm.lead_sources",
    title="Crm Lead Sources - List",
    path="/crm/lead_sources",
    query=CrmLeadSourcesQuery,
    row=LeadSource,
    envelope=LIST,
    retrieve=True,
)
