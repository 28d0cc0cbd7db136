"""Flat values to nested objects: ``customer.id`` becomes ``{"customer": {"id": ...}}``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

Shape = Callable[[Sequence[Any]], dict[str, Any]]


def shaper(paths: Sequence[str], nullable: Iterable[str] = (), *, flat: Iterable[str] = ()) -> Shape:
    """A function from the values of `paths` (in that order) to an object.

    A group in `nullable` is None when all of it is; a path in `flat` keeps its dots.
    """
    whole = set(flat)
    tree: dict[str, Any] = {}
    for index, path in enumerate(paths):
        names = [path] if path in whole else path.split(".")
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
        node[names[-1]] = index
    return _shape(tree, "", frozenset(nullable))


def _shape(tree: Mapping[str, Any], prefix: str, nullable: frozenset[str]) -> Shape:
    leaves = [(name, index) for name, index in tree.items() if isinstance(index, int)]
    if len(leaves) == len(tree):
        return lambda values: {name: values[index] for name, index in leaves}
    parts: list[tuple[str, Shape]] = []
    for name, node in tree.items():
        if isinstance(node, int):
            parts.append((name, _value(node)))
        else:
            inner = _shape(node, f"{prefix}{name}.", nullable)
            parts.append((name, _or_none(inner) if prefix + name in nullable else inner))
    return lambda values: {name: part(values) for name, part in parts}


def _value(index: int) -> Callable[[Sequence[Any]], Any]:
    return lambda values: values[index]


def _or_none(shape: Shape) -> Callable[[Sequence[Any]], Any]:
    def shaped(values: Sequence[Any]) -> Any:
        made = shape(values)
        return None if _empty(made) else made

    return shaped


def _empty(value: Any) -> bool:
    return all(map(_empty, as_object(value).values())) if isinstance(value, dict) else value is None


def at_path(value: Any, path: str) -> Any:
    """The value at a dotted path of nested objects; None where there is none."""
    for name in path.split("."):
        value = as_object(value).get(name)
    return value


def as_object(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def prune(value: Any, fields: Iterable[str]) -> Any:
    """Only the parts of an object (or of each in a list) that dotted `fields` name."""
    wanted: dict[str, list[str]] = {}
    for path in fields:
        name, _, rest = path.partition(".")
        wanted.setdefault(name, []).append(rest)
    return _prune(value, wanted)


def _prune(value: Any, wanted: Mapping[str, list[str]]) -> Any:
    if isinstance(value, list):
        return [_prune(item, wanted) for item in cast("Sequence[Any]", value)]
    if not isinstance(value, dict):
        return value
    parts = as_object(value)
    return {
        name: parts[name] if "" in rests else prune(parts[name], rests)
        for name, rests in wanted.items()
        if name in parts
    }
