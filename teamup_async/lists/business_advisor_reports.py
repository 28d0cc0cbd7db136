"""Ai Business Advisor Reports - List.

API document: "Ai Business Advisor Reports - List", ``GET /api/v2/ai/business_advisor_reports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, limits

__all__ = ["AI_BUSINESS_ADVISOR_REPORTS", "AiBusinessAdvisorReportsQuery", "BusinessAdvisorReport"]


@attrs.frozen(slots=False)
class BusinessAdvisorReport:
    """A report by TeamUp's business advisor; `content` is the URL of its text."""

    id: int | None = None
    object: Literal["business_advisor_report"] | str | None = None
    start_date: date | None = None
    end_date: date | None = None
    available_at: datetime | None = None
    headline: str | None = None
    content: str | None = None


@attrs.frozen(kw_only=True)
class AiBusinessAdvisorReportsQuery(ListQuery[BusinessAdvisorReport]):
    """Parameters of ``GET /ai/business_advisor_reports``. API document: "Ai Business Advisor Reports - List"."""

    sort: Sequence[Literal["-available_at", "available_at"]] | None = attrs.field(
        default=None, metadata=limits("Fields to order by; a leading - means descending.")
    )


AI_BUSINESS_ADVISOR_REPORTS = Endpoint(
    name="ai.business_advisor_reports",
    title="Ai Business Advisor Reports - List",
    path="/ai/business_advisor_reports",
    query=AiBusinessAdvisorReportsQuery,
    row=BusinessAdvisorReport,
    envelope=LIST,
)
