"""On-demand content, its collections and filters.

API documents: "Content - List" (``GET /api/v2/content``), "Content Collections - List" (``GET
/api/v2/content_collections``), "Content Filters - List" (``GET /api/v2/content_filters``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..objects import Image
from ..query import ListQuery, limits
from ..rows import DEFERRED
from .objects.content import ContentFilter, ContentTag
from .objects.instructors import Instructor
from .objects.memberships import Membership

__all__ = [
    "CONTENT",
    "CONTENT_COLLECTIONS",
    "CONTENT_FILTERS",
    "Content",
    "ContentCollection",
    "ContentCollectionsQuery",
    "ContentFilter",
    "ContentFiltersQuery",
    "ContentQuery",
    "ContentThumbnail",
]


@attrs.frozen(slots=False)
class Content:
    """A piece of on-demand content; `instructors` and `tags` are sent only when asked for through ``expand``."""

    id: int | None = None
    object: Literal["content"] | str | None = None
    name: str | None = None
    description: str | None = None
    collection: int | None = None
    thumbnail: Image | None = None
    instructors: list[Instructor] | None = attrs.field(default=None, metadata=DEFERRED)
    tags: list[ContentTag] | None = attrs.field(default=None, metadata=DEFERRED)
    is_favorited_by_active_customer: bool | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen
class ContentThumbnail:
    """A picture of the content in a collection; sent only when asked for through ``expand``."""

    url: str | None = None
    original_width: int | None = None
    original_height: int | None = None


@attrs.frozen(slots=False)
class ContentCollection:
    """A collection of on-demand content."""

    id: int | None = None
    object: Literal["content_collection"] | str | None = None
    name: str | None = None
    description: str | None = None
    order: int | None = None
    thumbnail: Image | None = None
    content_count: int | None = None
    memberships: list[Membership] | None = attrs.field(default=None, metadata=DEFERRED)
    active_customer_has_access: bool | None = attrs.field(default=None, metadata=DEFERRED)
    content_thumbnail: ContentThumbnail | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(kw_only=True)
class ContentQuery(ListQuery[Content]):
    """Parameters of ``GET /content``. API document: "Content - List"."""

    active_customer: int | None = attrs.field(
        default=None, metadata=limits("The customer whose access is told (id).")
    )
    collection: int | None = attrs.field(default=None, metadata=limits("Only in this collection (id)."))
    favorited_by: float | None = attrs.field(
        default=None, metadata=limits("Only what this customer likes (id).")
    )
    instructor: Sequence[int] | None = attrs.field(
        default=None, metadata=limits("Only by these instructors (ids).")
    )
    query: str | None = attrs.field(default=None, metadata=limits("Text to look for."))
    tags: Sequence[int] | None = attrs.field(default=None, metadata=limits("Only with these tags (ids)."))


@attrs.frozen(kw_only=True)
class ContentCollectionsQuery(ListQuery[ContentCollection]):
    """Parameters of ``GET /content_collections``. API document: "Content Collections - List"."""

    active_customer: int | None = attrs.field(
        default=None, metadata=limits("The customer whose access is told (id).")
    )
    membership: int | None = attrs.field(
        default=None, metadata=limits("Only what this membership opens (id).")
    )


@attrs.frozen(kw_only=True)
class ContentFiltersQuery(ListQuery[ContentFilter]):
    """Parameters of ``GET /content_filters``. API document: "Content Filters - List"."""

    collection: float | None = attrs.field(
        default=None, metadata=limits("Only filters with a tag that this collection uses (id).")
    )


CONTENT = Endpoint(
    name="content",
    title="Content - List",
    path="/content",
    query=ContentQuery,
    row=Content,
    envelope=LIST,
    retrieve=True,
)


CONTENT_COLLECTIONS = Endpoint(
    name="content_collections",
    title="Content Collections - List",
    path="/content_collections",
    query=ContentCollectionsQuery,
    row=ContentCollection,
    envelope=LIST,
    retrieve=True,
)


CONTENT_FILTERS = Endpoint(
    name="content_filters",
    title="Content Filters - List",
    path="/content_filters",
    query=ContentFiltersQuery,
    row=ContentFilter,
    envelope=LIST,
)
