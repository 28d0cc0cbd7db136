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
    tree: dict[tuple[str, str], Any] = {}
    counted: list[tuple[str, str]] = []
    extra = False
    for column in schema.columns:
        if column.source != "path":
            extra = extra or column.source == "extra"
            counted += [(column.name, column.path)] if column.source == "counts" else []
            continue
        *above, leaf = zip(column.name.split("."), column.path.split("."), strict=True)
        branch = tree
        for step in above:
            branch = branch.setdefault(step, {})
        branch[leaf] = None
    fill = _filler(tree)
    field = str(run_time_field(schema.row))

    def nest(row: Any) -> dict[str, Any]:
        made: dict[str, Any] = fill(row)
        if counted:
            found = getattr(row, field, NO_COUNTS)
            made.update((name, found.get(key)) for name, key in counted)
        if extra:
            made["extra"] = extra_fields(row) or None
        return made

    return nest


def _filler(tree: dict[tuple[str, str], Any]) -> Callable[[Any], Any]:
    fields = [(*step, plain if branch is None else _filler(branch)) for step, branch in tree.items()]

    def fill(value: Any) -> Any:
        # A reference that was not expanded is written as it came.
        if not attrs.has(value.__class__):
            return plain(value)
        return {name: inner(getattr(value, field)) for name, field, inner in fields}

    return fill


def objects(schema: Schema, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Rows as the objects that TeamUp sent, of the schema's columns only."""
    return map(_nester(schema), rows)


class Jsonl(LineSink):
    """JSON lines, UTF-8. Money and decimals are exact numbers, times ISO 8601.

    * `path`: a folder, or a file that ends in ``.jsonl``; also an address such as ``s3://bucket/folder/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `storage_options`: what fsspec is told of an object store, where the environment does not say it.
    """

    format = "jsonl"
    suffix = ".jsonl"
    nested = True

    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A line for each row."""
        return ENCODER.encode_lines(objects(schema, rows))
