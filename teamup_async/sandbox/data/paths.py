"""From dotted paths, such as ``event.venue.name``, to SQL with the joins it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from .clock import milliseconds
from .entities import ENTITIES
from .schema import Derived, Entity, Kind

ROOT: Final = "t"
_PATH: Final = re.compile(r"\{([a-z_0-9.]+)\}")
_PARTS: Final = {"month": "%m", "year": "%Y", "hour": "%H", "date": "%Y-%m-%d"}
_GIVEN: Final = "given."
_NAMES_OF_TIMES: Final = ("", "_at", "_date", "_on")


class UnknownPathError(LookupError):
    """A path that leads nowhere."""


@attrs.frozen
class Resolved:
    """A value in SQL, as it is stored."""

    sql: str
    kind: Kind

    @property
    def output(self) -> str:
        """The SQL that selects it for an answer."""
        if self.kind == "moment":
            return f"strftime('%Y-%m-%dT%H:%M:%fZ', {self.sql} / 1000.0, 'unixepoch')"
        return self.sql

    @property
    def sortable(self) -> bool:
        """Whether rows can be sorted on it."""
        return self.kind != "json"


@attrs.define
class Paths:
    """The paths of one statement. Each that is resolved adds the joins it needs to `source`.

    `derived` are values that only this subject has, `hops` leads from a name to the path that it stands for.
    ``given.x`` is the whole number that was asked for with parameter ``x``, or NULL.
    """

    root: Entity
    hops: Mapping[str, str]
    derived: Mapping[str, Derived]
    now: datetime
    currency: str
    given: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    _joins: dict[str, str] = attrs.field(factory=dict[str, str], init=False)

    @property
    def source(self) -> str:
        """What stands after FROM."""
        return f"{self.root.name} {ROOT}{self.joins}"

    @property
    def joins(self) -> str:
        """The joins alone."""
        return "".join(f" LEFT JOIN {join}" for join in self._joins.values())

    def __call__(self, path: str) -> Resolved:
        """What a path stands for; raises `UnknownPathError`."""
        return self._resolve(path, self.root, ROOT)

    def knows(self, path: str) -> bool:
        """Whether a path leads to a value."""
        try:
            self(path)
        except UnknownPathError:
            return False
        return True

    def render(self, template: str, entity: Entity | None = None, alias: str = ROOT) -> str:
        """SQL with the paths in braces resolved."""
        return _PATH.sub(lambda match: self._resolve(match[1], entity or self.root, alias).sql, template)

    def _resolve(self, path: str, entity: Entity, alias: str) -> Resolved:
        found = self._here(path, entity, alias)
        if found is not None:
            return found
        head, _, rest = path.partition(".")
        if alias == ROOT and head in self.hops:
            return self._resolve(f"{self.hops[head]}{'.' if rest else ''}{rest}", entity, alias)
        if head in entity.references:
            key = self._key(head, entity, alias)
            if not rest or rest == "id":
                return Resolved(key, "key")
            return self._resolve(
                rest, ENTITIES[entity.references[head]], self._join(head, entity, alias, key)
            )
        flat = path.replace(".", "_")
        if flat in entity.columns:
            return Resolved(f"{alias}.{flat}", entity.columns[flat])
        part = self._part_of_time(path, entity, alias)
        if part is None:
            raise UnknownPathError(f"{entity.name} has no {path}")
        return part

    def _here(self, path: str, entity: Entity, alias: str) -> Resolved | None:
        """What the table has under just this name."""
        if path.startswith(_GIVEN):
            number = self.given.get(path.removeprefix(_GIVEN))
            return Resolved("NULL" if number is None else str(int(number)), "key")
        if path in ("now", "today", "studio_currency"):
            return self._special(path)
        derived = (self.derived.get(path) if alias == ROOT else None) or entity.derived.get(path)
        if derived is not None:
            return Resolved(f"({self.render(derived.sql, entity, alias)})", derived.kind)
        if path in entity.columns:
            return Resolved(f"{alias}.{path}", entity.columns[path])
        return None

    def _special(self, path: str) -> Resolved:
        if path == "now":
            return Resolved(str(milliseconds(self.now)), "moment")
        return Resolved(f"'{self.now.astimezone(UTC).date() if path == 'today' else self.currency}'", "day")

    def _key(self, head: str, entity: Entity, alias: str) -> str:
        derived = entity.derived.get(f"{head}_id")
        return f"({self.render(derived.sql, entity, alias)})" if derived else f"{alias}.{head}_id"

    def _join(self, head: str, entity: Entity, alias: str, key: str) -> str:
        other = f"{alias}_{head}"
        self._joins.setdefault(other, f"{entity.references[head]} {other} ON {other}.id = {key}")
        return other

    def _part_of_time(self, path: str, entity: Entity, alias: str) -> Resolved | None:
        """``created_month`` is the month of ``created_at``."""
        stem, _, part = path.rpartition("_")
        if not stem or part not in _PARTS:
            return None
        for name in self._names(stem, entity):
            found = self._here(name, entity, alias)
            if found is not None and found.kind in ("moment", "day"):
                time = f"{found.sql} / 1000, 'unixepoch'" if found.kind == "moment" else found.sql
                text = f"strftime('{_PARTS[part]}', {time})"
                return (
                    Resolved(text, "day") if part == "date" else Resolved(f"CAST({text} AS INTEGER)", "key")
                )
        return None

    @staticmethod
    def _names(stem: str, entity: Entity) -> Iterable[str]:
        return (f"{stem}{end}" for end in _NAMES_OF_TIMES if f"{stem}{end}" != f"{entity.name}")
