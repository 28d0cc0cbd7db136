"""What differs between declarations and recorded answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import attrs

from ..endpoint import Endpoint
from ..hints import class_in, hints_of, read
from ..rows import EXTRA, extra_fields, run_time_field

__all__ = ["missing_fields", "odd_values", "unknown_fields"]


def unknown_fields(rows: Iterable[Any]) -> dict[str, str]:
    """The dotted paths that rows have and their class does not know, each with the type of its first value.

    The rows are those of a stream with ``extra="keep"``.
    """
    found: dict[str, str] = {}
    for row in rows:
        for path, value in extra_fields(row).items():
            if path not in found or found[path] == "null":
                found[path] = _type(value)
    return found


def _type(value: Any) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (Mapping, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def missing_fields(
    endpoint: Endpoint[..., Any], body: Mapping[str, Any], expanded: Iterable[str]
) -> list[str]:
    """The declared columns, or fields of a list, that no row has.

    Fields that come only when they are asked for (``expand``) are not missing unless they were.
    """
    rows: list[dict[str, Any]] = body[endpoint.envelope.rows]
    if not rows:
        return []
    if endpoint.envelope.headed:
        keys = [str(header.get("key")) for header in body.get("column_headers", ())]
        flat = {path.replace(".", "_"): path for path in endpoint.paths}
        present = {flat.get(key, endpoint.canonical(key)) for key in keys}
        return [path for path in endpoint.paths if path in endpoint.columns and not _covered(path, present)]
    seen = {name for row in rows for name in row}
    asked = set(expanded)
    return [
        name
        for name in hints_of(endpoint.row)
        if name not in seen and (name in asked or not _deferred(endpoint.row, name))
    ]


def _covered(path: str, present: set[str]) -> bool:
    return any(key == path or path.startswith(f"{key}.") or key.startswith(f"{path}.") for key in present)


def _deferred(row_class: type[Any], name: str) -> bool:
    metadata: Mapping[str, Any] = getattr(attrs.fields(row_class), name).metadata
    return name == run_time_field(row_class) or any("deferred" in str(key) for key in metadata)


def odd_values(rows: Iterable[Any]) -> list[str]:
    """The paths of enums with a value that no document names."""
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys(_odd(row, "")))
    return list(found)


def _odd(value: Any, prefix: str) -> Iterator[str]:
    for name, hint in hints_of(cast("type[Any]", value.__class__)).items():
        item = getattr(value, name)
        said = read(hint)
        if said.values and isinstance(item, str) and item not in said.values:
            yield prefix + name
        elif class_in(hint) is not None and name != EXTRA:
            for part in _objects(item):
                yield from _odd(part, f"{prefix}{name}.")


def _objects(value: Any) -> list[Any]:
    """The objects that a field holds."""
    parts: list[Any] = [*cast("Iterable[Any]", value)] if isinstance(value, (list, tuple)) else [value]
    return [part for part in parts if attrs.has(cast("type[Any]", part.__class__))]
