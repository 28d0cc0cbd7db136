"""Counts of a grouped report, arranged by one dimension or two. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

import attrs

from ...endpoint import Endpoint
from ...errors import QueryError, nearest
from ...query import Query
from ...rows import flattener
from .words import column_words, query_words, report_words, value_words

__all__ = ["BINS", "Counts", "Number", "arrange", "dimensions", "is_month", "months"]

Number = int | Decimal

_NO_TEXTS: Final[Mapping[str, str]] = {}

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BINS: Final = (1, 2, 3, 4, 6, 12)
"""Hours of a bin: each divides a day."""
_MOST_MONTHS: Final = 600


@attrs.frozen(kw_only=True)
class Counts:
    """Counts by label. With one dimension there is one column, called "".

    `title` and `subtitle` say what is counted: the report, its dimensions, the stretch of time and the filters.
    `left_out` is the number of labels for which there is no room, `rest` the sum of their counts. `texts` are what the
    bars of rows are labelled with where a bare number does not say it (money, shares), `summary` the footer where a
    sum does not.
    """

    title: str
    subtitle: str
    by: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], Number]
    left_out: int = 0
    rest: Number = 0
    texts: Mapping[str, str] = _NO_TEXTS
    summary: str = ""

    def text(self, row: str) -> str:
        """What the bar of a row is labelled with."""
        return self.texts.get(row) or f"{self.at(row):,}"

    def at(self, row: str, column: str = "") -> Number:
        """The count of a cell."""
        return self.cells.get((row, column), 0)

    def narrowed(self, count: int) -> Counts:
        """The `count` columns with the largest sums; the others are left out."""
        sums = {column: sum(self.at(row, column) for row in self.rows) for column in self.columns}
        kept = set(sorted(self.columns, key=lambda column: -sums[column])[:count])
        dropped = [column for column in self.columns if column not in kept]
        return attrs.evolve(
            self,
            columns=tuple(column for column in self.columns if column in kept),
            cells={key: cell for key, cell in self.cells.items() if key[1] in kept},
            left_out=self.left_out + len(dropped),
            rest=self.rest + sum(sums[column] for column in dropped),
        )

    @property
    def most(self) -> Number:
        """The largest count."""
        return max(self.cells.values(), default=0)

    @property
    def total(self) -> Number:
        """All counts together, those left out included."""
        return sum(self.cells.values()) + self.rest

    @property
    def footer(self) -> str:
        """The sum, and what is not drawn."""
        if self.summary:
            groups = "group is" if self.left_out == 1 else "groups are"
            return (
                f"{self.summary}; {self.left_out:,} smaller {groups} not shown"
                if self.left_out
                else self.summary
            )
        if not self.left_out:
            return f"{self.total:,} in all"
        if self.left_out == 1:
            return f"{self.total:,} in all; 1 smaller group with {self.rest:,} is not shown"
        return f"{self.total:,} in all; {self.left_out:,} smaller groups with {self.rest:,} together are not shown"


def dimensions(endpoint: Endpoint[..., Any], by: Sequence[str]) -> tuple[str, ...]:
    """The paths to group by. Raises `QueryError` for what can't be drawn."""
    if not endpoint.grouped:
        raise QueryError(
            f"{endpoint.command_name} is not a grouped report; a chart draws counts of groups",
            parameter="report",
        )
    if not 1 <= len(by) <= 2:
        raise QueryError("by takes one column or two", parameter="by", value=list(by))
    paths: list[str] = []
    for name in by:
        wanted = name.replace("-", "_")
        leaves = endpoint.leaves([wanted])
        names = [path for path in endpoint.paths if path not in endpoint.measures]
        if len(leaves) != 1 or leaves[0] not in names:
            near = nearest(wanted, [*names, *endpoint.aliases])
            hint = (
                f"; pick one of {', '.join(leaves)}"
                if len(leaves) > 1
                else f"; did you mean {near!r}?"
                if near
                else "."
            )
            raise QueryError(
                f"by does not know {name!r}{hint} Allowed: {', '.join(names)}",
                parameter="by",
                value=name,
                allowed=names,
            )
        paths.append(leaves[0])
    if len(set(paths)) < len(paths):
        raise QueryError("by has the same column twice", parameter="by", value=list(by))
    return tuple(paths)


def arrange(
    endpoint: Endpoint[..., Any],
    by: tuple[str, ...],
    rows: Iterable[Any],
    *,
    query: Query[Any] | None = None,
    most: int = 40,
    hours: int = 1,
) -> Counts:
    """Sum the counts of `rows`; keep the `most` largest labels of each dimension.

    Times of day go into bins of so many `hours`, days of the week and months in their order; bins, days and months
    between the first and the last are there although nothing was counted.
    """
    flat = flattener(endpoint.row, (*by, *endpoint.measures[:1]))
    found: list[tuple[list[Any], Number]] = []
    for row in rows:
        *values, count = flat(row)
        found.append((values, count or 0))
    axes = [_axis(path, [values[n] for values, _ in found], hours) for n, path in enumerate(by)]
    cells: dict[tuple[str, str], Number] = {}
    for values, count in found:
        labels = [axis.label(value) for axis, value in zip(axes, values, strict=True)]
        key = (labels[0], labels[1] if len(labels) > 1 else "")
        cells[key] = cells.get(key, 0) + count
    firsts = axes[0].kept(_sums(cells, 0), most)
    seconds = axes[1].kept(_sums(cells, 1), most) if len(axes) > 1 else [""]
    kept = {key: count for key, count in cells.items() if key[0] in firsts and key[1] in seconds}
    left = {key[0] for key in cells} - set(firsts) | {key[1] for key in cells} - set(seconds)
    names = [column_words(path).lower() for path in by]
    return Counts(
        title=f"{report_words(endpoint)} by {' and '.join(names)}",
        subtitle="All time" if query is None else query_words(endpoint, query),
        by=tuple(column_words(path) for path in by),
        rows=tuple(firsts),
        columns=tuple(seconds),
        cells=kept,
        left_out=len(left),
        rest=sum(cells.values()) - sum(kept.values()),
    )


def _sums(cells: dict[tuple[str, str], Number], place: int) -> dict[str, Number]:
    sums: dict[str, Number] = {}
    for key, count in cells.items():
        sums[key[place]] = sums.get(key[place], 0) + count
    return sums


@attrs.frozen
class _Axis:
    """A dimension: how its values are called, and `order`, its labels where they have one of their own."""

    path: str
    order: tuple[str, ...] = ()
    hours: int = 0

    def label(self, value: Any) -> str:
        """The label of a value."""
        moment = _time(value) if self.hours else None
        if moment is not None:
            return _bin(moment.hour, self.hours)
        return value_words(self.path, value)

    def kept(self, sums: dict[str, Number], most: int) -> list[str]:
        """The labels to draw: in their own order, else the largest first."""
        largest = sorted(sums, key=lambda label: (-sums[label], label))
        if not self.order:
            return largest[:most]
        others = [label for label in largest if label not in self.order]
        if len(self.order) + len(others) <= most:
            return [*self.order, *others]
        kept = set(largest[:most])
        return [
            *(label for label in self.order if label in kept),
            *(label for label in others if label in kept),
        ]


def _axis(path: str, values: Sequence[Any], hours: int) -> _Axis:
    known = [value for value in values if value is not None and value != ""]
    times = [_time(value) for value in known]
    if known and all(moment is not None for moment in times):
        found = [moment.hour // hours for moment in times if moment is not None]
        order = tuple(_bin(n * hours, hours) for n in range(min(found), max(found) + 1))
        return _Axis(path, order, hours)
    texts = [str(value).lower() for value in known]
    if known and all(text in _DAYS for text in texts):
        return _Axis(path, tuple(value_words(path, day) for day in _DAYS))
    if known and all(is_month(value) for value in known):
        return _Axis(path, months(sorted(str(value) for value in known)))
    if known and all(isinstance(value, (int, Decimal, date)) for value in known):
        return _Axis(path, tuple(dict.fromkeys(value_words(path, value) for value in sorted(known))))
    return _Axis(path)


def _time(value: Any) -> time | None:
    """A time of day, also where it is text."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or len(value) < 4 or ":" not in value:
        return None
    try:
        return time.fromisoformat(value.zfill(5) if value.count(":") == 1 else value)
    except ValueError:
        return None


def _bin(hour: int, hours: int) -> str:
    first = hour // hours * hours
    return f"{first:02}:00" if hours == 1 else f"{first:02}-{first + hours:02} h"


def is_month(value: Any) -> bool:
    """Whether a value is a month as ``2025-01``."""
    text = str(value)
    return (
        len(text) == 7
        and text[4] == "-"
        and text[:4].isdigit()
        and text[5:].isdigit()
        and 1 <= int(text[5:]) <= 12
    )


def months(texts: Sequence[str]) -> tuple[str, ...]:
    """The months from the first to the last of `texts`, which are sorted; those between are there too."""
    numbers = [int(text[:4]) * 12 + int(text[5:]) - 1 for text in texts]
    if numbers[-1] - numbers[0] > _MOST_MONTHS:
        return tuple(dict.fromkeys(texts))
    return tuple(f"{n // 12:04}-{n % 12 + 1:02}" for n in range(numbers[0], numbers[-1] + 1))
