"""Filters of on-demand content and their tags, which point at each other."""

from __future__ import annotations

import attrs

from ...rows import DEFERRED

__all__ = ["ContentFilter", "ContentTag"]


@attrs.frozen
class ContentTag:
    """A tag of on-demand content; sent only when asked for through ``expand``."""

    id: int | None = None
    name: str | None = None
    order: int | None = None
    filter: int | ContentFilter | None = None


@attrs.frozen(slots=False)
class ContentFilter:
    """A filter of on-demand content, and its tags (``expand=tags``)."""

    id: int | None = None
    name: str | None = None
    order: int | None = None
    tags: list[ContentTag] | None = attrs.field(default=None, metadata=DEFERRED)
