"""Customer Issues - List.

API document: "Customer Issues - List", ``GET /api/v2/customer_issues``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits
from ..rows import DEFERRED

__all__ = ["CUSTOMER_ISSUES", "CustomerIssue", "CustomerIssuesQuery", "IssueCaseType", "IssueStatus"]


@attrs.frozen
class IssueStatus:
    """How serious an issue is (``expand=status``)."""

    importance: Literal["Flag on Profiles", "Normal", "Consider case closed"] | str | None = None


@attrs.frozen
class IssueCaseType:
    """What kind of issue it is; sent only when asked for through ``expand``."""

    name: str | None = None


@attrs.frozen(slots=False)
class CustomerIssue:
    """An issue about a customer; `status` is an id until expanded, `customer` always."""

    id: int | None = None
    object: Literal["customer_issue"] | str | None = None
    name: str | None = None
    customer: int | None = None
    status: int | IssueStatus | None = None
    case_type: IssueCaseType | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(kw_only=True)
class CustomerIssuesQuery(ListQuery[CustomerIssue]):
    """Parameters of ``GET /customer_issues``. API document: "Customer Issues - List"."""

    customer: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only of these customers (ids).", comma=True)
    )
    importance: Sequence[Literal["flag_on_profile", "normal", "closed"]] | None = attrs.field(
        default=None, metadata=limits("Only issues of this importance.")
    )
    status: int | None = attrs.field(default=None, metadata=limits("Only issues with this status (id)."))


CUSTOMER_ISSUES = Endpoint(
    name="customer_issues",
    title="Customer Issues - List",
    path="/customer_issues",
    query=CustomerIssuesQuery,
    row=CustomerIssue,
    envelope=LIST,
    retrieve=True,
)
