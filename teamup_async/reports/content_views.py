"""Content Views Report, and its grouped twin.

API documents: "Content Views Report - Data" and "Content Views Report - Grouped Data",
``GET /api/v2/reports/content_views/data``,
``GET /api/v2/reports/content_views.grouped/data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from ..endpoint import Endpoint, TimeSpan
from ..objects import CustomerSummary, Named
from ..query import Query, Row, limits

__all__ = [
    "CONTENT_VIEWS",
    "CONTENT_VIEWS_GROUPED",
    "ContentView",
    "ContentViewColumn",
    "ContentViewGroup",
    "ContentViewGroupColumn",
    "ContentViewsGroupedQuery",
    "ContentViewsQuery",
]


@attrs.frozen(slots=False)
class ContentView:
    """A view of on-demand content."""

    customer: CustomerSummary = CustomerSummary()
    content: Named = Named()
    viewed_at: str | None = None


ContentViewColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "content_id",
    "content.id",
    "content",
    "content_name",
    "content.name",
    "viewed_at",
]


@attrs.frozen(kw_only=True)
class _Filters(Query[Row]):
    """The filters that the report and its grouped twin share."""

    content: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only this content (ids)."))
    customers: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only these customers (ids).")
    )
    id_gt: int | None = attrs.field(default=None, metadata=limits("Only rows whose id is greater than this."))
    sort: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Columns to order by; a leading - means descending.", min_length=1)
    )
    viewed_at_gte: datetime | None = attrs.field(
        default=None, metadata=limits("Only content viewed at or after this time.")
    )
    viewed_at_lte: datetime | None = attrs.field(
        default=None, metadata=limits("Only content viewed at or before this time.")
    )
    viewed_at_timeframe: str | None = attrs.field(
        default=None, metadata=limits("Only content viewed within this timeframe (syntax not documented).")
    )


@attrs.frozen(kw_only=True)
class ContentViewsQuery(_Filters[ContentView]):
    """Parameters of ``GET /reports/content_views/data``. API document: "Content Views Report - Data"."""

    columns: Sequence[ContentViewColumn] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )


CONTENT_VIEWS = Endpoint(
    name="content_views",
    title="Content Views Report - Data",
    path="/reports/content_views/data",
    query=ContentViewsQuery,
    row=ContentView,
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "content_id": "content.id",
        "content_name": "content.name",
    },
    span=TimeSpan(field="viewed_at", gte="viewed_at_gte", lte="viewed_at_lte"),
)


@attrs.frozen(slots=False)
class ContentViewGroup:
    """A group of views of content: the requested columns, and how many there are."""

    customer: CustomerSummary = CustomerSummary()
    content: Named = Named()
    month: int | None = None
    year: int | None = None
    count: int | None = None


ContentViewGroupColumn = Literal[
    "customer_id",
    "customer.id",
    "customer",
    "customer_name",
    "customer.name",
    "customer_email",
    "customer.email",
    "content_id",
    "content.id",
    "content",
    "content_name",
    "content.name",
    "month",
    "year",
    "count",
]


@attrs.frozen(kw_only=True)
class ContentViewsGroupedQuery(_Filters[ContentViewGroup]):
    """Parameters of ``GET /reports/content_views.grouped/data``. API document: "Content Views Report - Grouped
    Data".
    """

    columns: Sequence[ContentViewGroupColumn] = attrs.field(
        metadata=limits("Columns to return.", min_items=1)
    )


CONTENT_VIEWS_GROUPED = Endpoint(
    name="content_views.grouped",
    title="Content Views Report - Grouped Data",
    path="/reports/content_views.grouped/data",
    query=ContentViewsGroupedQuery,
    row=ContentViewGroup,
    grouped=True,
    measures=("count",),
    aliases={
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "customer_email": "customer.email",
        "content_id": "content.id",
        "content_name": "content.name",
    },
    span=TimeSpan(field=None, gte="viewed_at_gte", lte="viewed_at_lte"),
)
