"""JSON lines: one object a line, nested as TeamUp sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs

from .._memo import memo
from ..hints import alternatives, is_class
from ..rows import NO_COUNTS, extra_fields, run_time_field
from .extract import field_hints, holds_objects, is_twin, made, plain
from .lines import LineSink
from .schema import Schema
from .text import ENCODER

__all__ = ["Jsonl", "objects"]

_Tree = dict[tuple[str, str], Any]
"""What is written of an object: names and fields, with the tree of each object in it, or None."""


def objects(schema: Schema, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Rows, or twins of them, as the objects that TeamUp sent, of the schema's columns only."""
    if not rows:
        return iter(())
    kind: Any = type(rows[0])  # pyright: ignore[reportUnknownVariableType]
    nested = _nester(schema, kind)(rows)
    counted = [(column.name, column.path) for column in schema.columns if column.source == "counts"]
    extra = any(column.source == "extra" for column in schema.columns)
    return _with_others(nested, rows, counted, extra=extra) if counted or extra else nested


def _with_others(
    nested: Iterable[dict[str, Any]], rows: Sequence[Any], counted: Iterable[tuple[str, str]], *, extra: bool
) -> Iterator[dict[str, Any]]:
    """The same objects with what only the answer names: counts, and what the row class does not know."""
    field = run_time_field(rows[0].__class__) if counted else None
    for one, row in zip(nested, rows, strict=True):
        found = NO_COUNTS if field is None else getattr(row, field, NO_COUNTS)
        one.update((name, found.get(key)) for name, key in counted)
        if extra:
            one["extra"] = extra_fields(row) or None
        yield one


@memo
def _nester(schema: Schema, kind: type[Any]) -> Callable[[Iterable[Any]], Iterator[dict[str, Any]]]:
    """A function that makes objects of rows of class `kind`; its code is made for these columns."""
    tree: _Tree = {}
    for column in schema.columns:
        if column.source == "path":
            *above, leaf = zip(column.name.split("."), column.path.split("."), strict=True)
            branch = tree
            for step in above:
                branch = branch.setdefault(step, {})
            branch[leaf] = None
    names: dict[str, Any] = {"plain": plain}

    def shape(tree: _Tree, kind: Any, one: str) -> str:
        hints = field_hints(kind)
        parts: list[str] = []
        for (name, field), branch in tree.items():
            value, hint = f"{one}.{field}", hints.get(field, Any)
            inner = next((form for form in alternatives(hint) if is_class(form) or is_twin(form)), None)
            if branch is not None:
                here = f"object_{len(names)}"
                names[f"fill_{here}"] = _filler(branch)
                whole = f"fill_{here}({here} := {value})"
                if inner is not None:
                    names[f"class_{here}"] = inner
                    # A reference that was not expanded is written as it came.
                    is_object = f"({here} := {value}).__class__ is class_{here}"
                    whole = f"{shape(branch, inner, here)} if {is_object} else fill_{here}({here})"
                value = whole
            elif holds_objects(hint) or hint is Any:
                value = f"plain({value})"
            parts.append(f"{name!r}: {value}")
        return f"{{{', '.join(parts)}}}"

    code = f"def read(objects):\n    for one in objects:\n        yield {shape(tree, kind, 'one')}"
    nest: Callable[[Iterable[Any]], Iterator[dict[str, Any]]] = made(code, names)
    return nest


def _filler(tree: _Tree) -> Callable[[Any], Any]:
    """The same for what may be no object of the expected class."""
    fields = [(*step, plain if branch is None else _filler(branch)) for step, branch in tree.items()]

    def fill(value: Any) -> Any:
        if not (attrs.has(value.__class__) or is_twin(value.__class__)):
            return plain(value)
        return {name: inner(getattr(value, field)) for name, field, inner in fields}

    return fill


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
