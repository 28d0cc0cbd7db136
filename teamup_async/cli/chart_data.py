"""Counts of a grouped report, arranged by one dimension or two. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from ..endpoint import Endpoint
from ..errors import QueryError, nearest
from ..rows import flattener

__all__ = ["Counts", "arrange", "dimensions"]

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NONE: Final = "(none)"


@attrs.frozen(kw_only=True)
class Counts:
    """Counts by label. With one dimension there is one column, called "".

    `left_out` is the number of labels, and `rest` the sum of their counts, for which there is no room.
    """

    title: str
    by: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], int]
    left_out: int = 0
    rest: int = 0

    def at(self, row: str, column: str = "") -> int:
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
    def most(self) -> int:
        """The largest count."""
        return max(self.cells.values(), default=0)

    @property
    def total(self) -> int:
        """All counts together, those left out included."""
        return sum(self.cells.values()) + self.rest


def dimensions(endpoint: Endpoint[..., Any], by: Sequence[str]) -> tuple[str, ...]:
    """The paths to group by. Raises `QueryError` for what can't be drawn."""
    if not endpoint.grouped:
        raise QueryError(
            f"{endpoint.command_name} is not a grouped report; a chart draws counts of groups",
            parameter="report",
        )
    if not 1 <= len(by) <= 2:
        raise QueryError("give one or two --by", parameter="by", value=list(by))
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
        raise QueryError("the two --by are the same", parameter="by", value=list(by))
    return tuple(paths)


def arrange(
    endpoint: Endpoint[..., Any], by: tuple[str, ...], rows: Iterable[Any], *, most: int = 40
) -> Counts:
    """Sum the counts of `rows`; keep the `most` largest labels of each dimension."""
    flat = flattener(endpoint.row, (*by, *endpoint.measures))
    cells: dict[tuple[str, str], int] = {}
    for row in rows:
        *labels, count = flat(row)
        key = (_label(labels[0]), _label(labels[1]) if len(labels) > 1 else "")
        cells[key] = cells.get(key, 0) + (count or 0)
    firsts, seconds = _largest(cells, 0, most), _largest(cells, 1, most)
    kept = {key: count for key, count in cells.items() if key[0] in firsts and key[1] in seconds}
    left = {key[0] for key in cells} - set(firsts) | {key[1] for key in cells} - set(seconds)
    # With one dimension the largest come first, unless there is a natural order.
    order = firsts if len(by) == 1 and not _natural(firsts) else sorted(firsts, key=_rank)
    return Counts(
        title=endpoint.title.removesuffix(" - Grouped Data"),
        by=by,
        rows=tuple(order),
        columns=tuple(sorted(seconds, key=_rank)),
        cells=kept,
        left_out=len(left),
        rest=sum(cells.values()) - sum(kept.values()),
    )


def _largest(cells: dict[tuple[str, str], int], place: int, most: int) -> list[str]:
    sums: dict[str, int] = {}
    for key, count in cells.items():
        sums[key[place]] = sums.get(key[place], 0) + count
    return sorted(sums, key=lambda label: (-sums[label], label))[:most]


def _natural(labels: Sequence[str]) -> bool:
    return all(_rank(label)[0] in (0, 1) for label in labels)


def _rank(label: str) -> tuple[int, float, str]:
    """Days as in a week, numbers and times by size, then the rest by name."""
    if label.lower() in _DAYS:
        return 0, _DAYS.index(label.lower()), label
    for form in ("%H:%M:%S", "%H:%M"):
        try:
            time = datetime.strptime(label, form)  # noqa: DTZ007 - a time of day
        except ValueError:
            continue
        return 1, time.hour * 3600 + time.minute * 60 + time.second, label
    return (1, float(label), label) if label.isascii() and label.isdigit() else (2, 0.0, label)


def _label(value: Any) -> str:
    text = _NONE if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)
