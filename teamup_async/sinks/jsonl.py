"""JSON lines: one object a line, nested as TeamUp sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from .._memo import memo
from ..rows import NO_COUNTS, extra_fields, run_time_field
from .extract import plain
from .lines import LineSink
from .schema import Schema
from .text import ENCODER

__all__ = ["Jsonl", "objects"]


@memo
def _nester(schema: Schema) -> Callable[[Any], dict[str, Any]]:
    """A function that makes a row into the object TeamUp sent, of the schema's columns only."""
    tree: dict[str, Any] = {}
    counted: list[str] = []
    extra = False
    for column in schema.columns:
        if column.source != "path":
            extra = extra or column.source == "extra"
            counted += [column.path] if column.source == "counts" else []
            continue
        *above, leaf = column.path.split(".")
        branch = tree
        for name in above:
            branch = branch.setdefault(name, {})
        branch[leaf] = None
    fill = _filler(tree)
    field = str(run_time_field(schema.row))

    def nest(row: Any) -> dict[str, Any]:
        made: dict[str, Any] = fill(row)
        if counted:
            found = getattr(row, field, NO_COUNTS)
            made.update((key, found.get(key)) for key in counted)
        if extra:
            made["extra"] = extra_fields(row) or None
        return made

    return nest


def _filler(tree: dict[str, Any]) -> Callable[[Any], Any]:
    fields = [(name, plain if branch is None else _filler(branch)) for name, branch in tree.items()]

    def fill(value: Any) -> Any:
        # A reference that was not expanded is written as it came.
        if not attrs.has(value.__class__):
            return plain(value)
        return {name: inner(getattr(value, name)) for name, inner in fields}

    return fill


def objects(schema: Schema, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Rows as the objects that TeamUp sent, of the schema's columns only."""
    return map(_nester(schema), rows)


class Jsonl(LineSink):
    """JSON lines, UTF-8. Money and decimals are exact numbers, times ISO 8601."""

    format = "jsonl"
    suffix = ".jsonl"

    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A line for each row."""
        return ENCODER.encode_lines(objects(schema, rows))
