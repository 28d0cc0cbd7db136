"""Tables of on-demand content: what there is to watch, how it is sorted, who watches and likes it."""

from __future__ import annotations

from typing import Final

from .maker import Maker
from .reference import documents, links
from .schema import Entity, entity
from .statements import for_each


def _views(maker: Maker) -> str:
    return for_each(maker, 63_003, "view", "content", "other AS content_id, at AS viewed_at", share=(3, 10))


def _favorites(maker: Maker) -> str:
    return for_each(maker, 77_003, "favorite", "content", "other AS content_id", share=(1, 10))


CONTENT: Final[tuple[Entity, ...]] = (
    entity(
        "content_collections",
        "name text, doc json",
        documents("collections"),
        derived={"content_count": "key: (SELECT count(*) FROM content AS c WHERE c.collection_id = {id})"},
        collections={"memberships": "collection_memberships.collection -> membership"},
    ),
    entity(
        "collection_memberships",
        "collection -> content_collections, membership -> memberships",
        links("collections", "memberships", "collection_id", "membership_id"),
    ),
    entity(
        "content",
        "name text, collection -> content_collections, instructor -> instructors, doc json",
        documents("content"),
        derived={"instructors_ids": "json: json_array({instructor_id})"},
        collections={"tags": "content_taggings.content -> tag"},
    ),
    entity("content_tags", "name text, filter -> content_filters, doc json", documents("content_tags")),
    entity(
        "content_taggings",
        "content -> content, tag -> content_tags",
        links("content", "tags", "content_id", "tag_id"),
    ),
    entity(
        "content_filters",
        "name text, doc json",
        documents("content_filters"),
        collections={"tags": "content_tags.filter"},
    ),
    entity("content_favorites", "customer -> customers, content -> content", _favorites),
    entity("content_views", "customer -> customers, content -> content, viewed_at moment", _views),
)
