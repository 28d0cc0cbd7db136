"""What an endpoint reads: a table, and what its names mean where the schema does not say so by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from ..parameters import Selection
from ..problems import invalid
from .entities import ENTITIES
from .filters import Filter
from .paths import Paths
from .schema import Derived, derive


def _derive(values: Mapping[str, str]) -> dict[str, Derived]:
    return {path: derive(text) for path, text in values.items()}


@attrs.frozen(kw_only=True)
class Subject:
    """One table as endpoints show it: a report, its grouped twin, a list.

    `hops` leads from a name to the path it stands for, `names` from a parameter's stem to a path (``""`` is what
    ``timeframe`` is about). `derived` are values that only this subject has, `measures` what grouped rows are not
    grouped by; `grouped` says that the report groups without being called so. `filters` are those that names do not
    explain, `always` the values of those that also apply when absent. `pivot` is the day or time whose periods become
    columns, `active` a condition on a period (``$``) instead. `extra` is a parameter that adds columns by id, what
    their keys begin with, and their values for an id (``$``).
    """

    root: str
    hops: Mapping[str, str] = attrs.field(factory=dict[str, str])
    names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    derived: Mapping[str, Derived] = attrs.field(factory=dict[str, Derived], converter=_derive)
    measures: Mapping[str, Derived] = attrs.field(factory=dict[str, Derived], converter=_derive)
    filters: Mapping[str, Filter] = attrs.field(factory=dict[str, Filter])
    always: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    grouped: bool = False
    pivot: str = ""
    active: str = ""
    extra: tuple[str, str, str] | None = None

    def paths(
        self,
        now: datetime,
        currency: str,
        columns: Iterable[str] = (),
        given: Mapping[str, Any] | None = None,
    ) -> Paths:
        """A fresh statement's paths, those of extra `columns` included; `given` are parameters to depend on."""
        derived = dict(self.derived)
        if self.extra is not None:
            _, prefix, value = self.extra
            extra = [column for column in columns if column.startswith(prefix)]
            derived |= {column: derive(value.replace("$", column.removeprefix(prefix))) for column in extra}
        return Paths(ENTITIES[self.root], self.hops, derived, now, currency, given or {})

    def with_extra(self, selection: Selection) -> Selection:
        """The selection with the columns that a parameter adds to it; raises `ProblemError` (400)."""
        given = dict(selection.filters)
        if self.extra is None or self.extra[0] not in given:
            return selection
        name, prefix, _ = self.extra
        ids = str(given.pop(name)).split(",")
        if not all(key.isascii() and key.isdecimal() for key in ids):
            raise invalid(name, "Give ids, separated by commas.")
        columns = dict.fromkeys((*selection.columns, *(f"{prefix}{int(key)}" for key in ids)))
        return attrs.evolve(selection, filters=tuple(given.items()), columns=tuple(columns))
