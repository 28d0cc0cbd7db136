"""Rows as jsonl and csv: the vendor's names, the columns of the page, numbers and times without loss."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import attrs

from ..endpoint import Endpoint
from ..errors import PaginationDriftError
from ..objects import Money
from ..rows import NO_COUNTS, flattener
from ..sinks.extract import plain
from ..sinks.text import ENCODER, cell
from .failures import OutputError
from .output import Sink

if TYPE_CHECKING:
    from ..stream import Page

__all__ = ["Csv", "Format", "JsonLines", "RowWriter", "known_columns"]

Format = Literal["jsonl", "csv", "table"]

_ATOMS = frozenset({str, int, float, bool, type(None), Decimal, datetime, date, time})
_COUNTS = "counts"

Tree = dict[str, Any]
"""Names of a row's fields; a field that divides holds a tree, others None."""


class RowWriter(Protocol):
    """Takes the pages of a walk, one after another."""

    def page(self, page: Page[Any], rows: Sequence[Any]) -> None:
        """Write `rows`, which are the page's, or as many of them as are wanted."""
        ...

    def finish(self) -> None:
        """Write what is left."""
        ...


class JsonLines:
    """One JSON object a line, nested as TeamUp sends it."""

    def __init__(self, endpoint: Endpoint[..., Any], sink: Sink) -> None:
        self._endpoint = endpoint
        self._sink = sink
        self._columns: tuple[str, ...] | None = None
        self._plain: Callable[[Any], dict[str, Any]] = dict

    def page(self, page: Page[Any], rows: Sequence[Any]) -> None:
        """Write a line for each row."""
        if page.columns != self._columns:
            self._columns = page.columns
            self._plain = _nester(self._endpoint, page.columns)
        if rows:
            self._sink.write(self._encoded(rows))

    def _encoded(self, rows: Sequence[Any]) -> bytes:
        try:
            return ENCODER.encode_lines([self._plain(row) for row in rows])
        except (ValueError, OverflowError) as error:
            raise OutputError(f"a row can't be written as JSON: {error}") from error

    def finish(self) -> None:
        """Nothing is left."""


class Csv:
    """A line of dotted column keys, then one line for each row; lists and objects as JSON."""

    def __init__(self, endpoint: Endpoint[..., Any], sink: Sink) -> None:
        self._endpoint = endpoint
        self._sink = sink
        self._columns: tuple[str, ...] | None = None
        self._flat: Callable[[Any], tuple[Any, ...]] = tuple

    def page(self, page: Page[Any], rows: Sequence[Any]) -> None:
        """Write the head before the first page, and the rows. Raises `PaginationDriftError` if the columns change."""
        known = known_columns(self._endpoint, page.columns)
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        if self._columns is None:
            self._columns = known
            self._flat = flattener(self._endpoint.row, known)
            if known:
                lines.writerow(known)
        elif known != self._columns and rows:
            raise PaginationDriftError("the columns of the report changed while it was read")
        lines.writerows([_cell(value) for value in self._flat(row)] for row in rows)
        self._sink.write(text.getvalue().encode("utf-8", "replace"))

    def finish(self) -> None:
        """Nothing is left."""


def known_columns(endpoint: Endpoint[..., Any], columns: Iterable[str]) -> tuple[str, ...]:
    """Those of `columns` that rows hold: paths that begin with a field, and the counts of a pivoted report."""
    return tuple(c for c in columns if _is_path(endpoint, c) or _COUNTS in attrs.fields_dict(endpoint.row))


def _is_path(endpoint: Endpoint[..., Any], column: str) -> bool:
    name = column.partition(".")[0]
    return name != _COUNTS and name in attrs.fields_dict(endpoint.row)


def _nester(endpoint: Endpoint[..., Any], columns: Iterable[str]) -> Callable[[Any], dict[str, Any]]:
    """A function that makes a row into the object TeamUp sent, of `columns` only."""
    tree: Tree = {}
    counted: list[str] = []
    for column in known_columns(endpoint, columns):
        if not _is_path(endpoint, column):
            counted.append(column)
            continue
        *parents, leaf = column.split(".")
        branch: Tree | None = tree
        for name in parents:
            # A parent that is a column itself is whole already.
            branch = branch.setdefault(name, {}) if branch is not None else None
        if branch is not None:
            branch[leaf] = None
    fill = _filler(tree)

    def plain(row: Any) -> dict[str, Any]:
        made: dict[str, Any] = fill(row)
        if counted:
            counts = getattr(row, "counts", NO_COUNTS)
            made.update((key, counts.get(key)) for key in counted)
        return made

    return plain


def _filler(tree: Tree) -> Callable[[Any], Any]:
    fields = [(name, None if branch is None else _filler(branch)) for name, branch in tree.items()]

    def fill(value: Any) -> Any:
        if not attrs.has(value.__class__):
            return [*map(fill, cast("list[Any]", value))] if isinstance(value, (list, tuple)) else value
        made: dict[str, Any] = {}
        for name, inner in fields:
            item = getattr(value, name)
            if inner is not None:
                item = inner(item)
            elif type(item) not in _ATOMS:
                item = plain(item)
            made[name] = item
        return made

    return fill


def _cell(value: Any) -> Any:
    """A value as text for csv; an amount of money is its number."""
    return cell(value.decimal if isinstance(value, Money) else value)
