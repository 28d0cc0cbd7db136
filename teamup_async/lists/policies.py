"""Policies: their versions, and who agreed.

API documents: "Policy Agreements - List" (``GET /api/v2/policy_agreements``), "Policy Versions - List"
(``GET /api/v2/policy_versions``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from .objects.customers import Customer
from .objects.policies import Policy, PolicyVersion

__all__ = [
    "POLICY_AGREEMENTS",
    "POLICY_VERSIONS",
    "PolicyAgreement",
    "PolicyAgreementsQuery",
    "PolicyVersion",
    "PolicyVersionsQuery",
]


@attrs.frozen(slots=False)
class PolicyAgreement:
    """A customer's agreement to a version of a policy; references are ids until expanded."""

    id: int | None = None
    policy: int | Policy | None = None
    version: int | PolicyVersion | None = None
    customer: int | Customer | None = None
    agreed_at: datetime | None = None


@attrs.frozen(kw_only=True)
class PolicyAgreementsQuery(ListQuery[PolicyAgreement]):
    """Parameters of ``GET /policy_agreements``. API document: "Policy Agreements - List"."""

    sort: Sequence[Literal["-agreed_at", "agreed_at"]] | None = attrs.field(
        default=None, metadata=limits("Fields to order by; a leading - means descending.")
    )


@attrs.frozen(kw_only=True)
class PolicyVersionsQuery(ListQuery[PolicyVersion]):
    """Parameters of ``GET /policy_versions``. API document: "Policy Versions - List"."""


POLICY_AGREEMENTS = Endpoint(
    name="policy_agreements",
    title="Policy Agreements - List",
    path="/policy_agreements",
    query=PolicyAgreementsQuery,
    row=PolicyAgreement,
    envelope=LIST,
)


POLICY_VERSIONS = Endpoint(
    name="policy_versions",
    title="Policy Versions - List",
    path="/policy_versions",
    query=PolicyVersionsQuery,
    row=PolicyVersion,
    envelope=LIST,
)
