"""Course sessions as objects: ids and collection URLs, or whole objects where ``expand`` asks for them.

API document: guide "expanding-responses": dotted paths, at most four levels, deferred fields only on request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ...rows import expandable_paths, field_paths
from ..problems import invalid
from .studio import Object, Studio

Tree = Mapping[str, Any]
"""Expanded names, each with what is expanded below it."""

_DEFERRED = frozenset(
    {
        "availability_schedules",
        "icalendar_links",
        "availability_schedule_offering_types",
        "memberships",
        "registration_timelines",
    }
)


@attrs.define
class Resources:
    """Builds the objects of one account."""

    row: type
    studio: Studio
    sessions: Callable[[int], list[Object]]

    def expansion(self, paths: tuple[str, ...]) -> Tree:
        """The paths as a tree; raises `ProblemError` (400) for one that cannot be expanded."""
        known = expandable_paths(self.row)
        tree: dict[str, Any] = {}
        for path in paths:
            if path not in known:
                raise invalid("expand", f'"{path[:100]}" cannot be expanded.')
            node = tree
            for name in path.split("."):
                node = node.setdefault(name, {})
        return tree

    def check_fields(self, paths: tuple[str, ...]) -> None:
        """Raises `ProblemError` (400) for a field there is not."""
        known = field_paths(self.row)
        for path in paths:
            if path not in known:
                raise invalid("fields", f'"{path[:100]}" is not a field.')

    def session(self, row: Object, tree: Tree) -> Object:
        """One course session, from its row (`instructors` holds ids)."""
        made = dict(row)
        if "venue" in tree:
            made["venue"] = self._venue(row["venue"], tree["venue"])
        ids = [key for key in row["instructors"] if key is not None]
        made["instructors"] = (
            [self._instructor(key, tree["instructors"]) for key in ids]
            if "instructors" in tree
            else f"https://goteamup.com/api/v2/instructors?course_session={row['id']}"
        )
        if "course" in tree:
            made["course"] = self._course(row["course"], tree["course"])
        return made

    def _venue(self, key: int, tree: Tree) -> Object:
        made = dict(self.studio.venues[key])
        if "venue_rooms" in tree:
            below: Tree = tree["venue_rooms"]
            made["venue_rooms"] = [
                {**room, "venue": self._venue(key, below["venue"])} if "venue" in below else room
                for room in self.studio.rooms.values()
                if room["venue"] == key
            ]
        return made

    def _instructor(self, key: int, tree: Tree) -> Object:
        return _without_deferred(self.studio.instructors[key], tree)

    def _course(self, key: int, tree: Tree) -> Object:
        made = dict(self.studio.courses[key])
        if "offering_type" in tree:
            made["offering_type"] = self._offering_type(made["offering_type"], tree["offering_type"])
        if "course_sessions" in tree:
            below: Tree = tree["course_sessions"]
            made["course_sessions"] = [self.session(row, below) for row in self.sessions(key)]
        return made

    def _offering_type(self, key: int, tree: Tree) -> Object:
        made = _without_deferred(self.studio.offering_types[key], tree)
        if "category" in tree and made["category"] is not None:
            made["category"] = self.studio.categories[made["category"]]
        if "instructors" in tree:
            below: Tree = tree["instructors"]
            made["instructors"] = [self._instructor(other, below) for other in self.studio.instructors]
        if "memberships" in tree:
            made["memberships"] = list(self.studio.memberships.values())
        return made


def _without_deferred(value: Object, tree: Tree) -> Object:
    return {name: part for name, part in value.items() if name not in _DEFERRED or name in tree}
