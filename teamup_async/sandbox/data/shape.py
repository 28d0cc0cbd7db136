"""Flat values to nested objects: ``customer.id`` becomes ``{"customer": {"id": ...}}``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from ..._memo import memo
from ...hints import hints_of, is_class, read

_DEEPEST: Final = 4
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


@memo
def nullable_groups(row_class: type) -> frozenset[str]:
    """The dotted paths of nested objects that a row may lack."""
    return frozenset(
        path
        for path, hint in _walk(row_class, "")
        if read(hint).optional and any(map(is_class, read(hint).forms))
    )


@memo
def text_paths(row_class: type) -> frozenset[str]:
    """The dotted paths of what a row holds as text and nothing else."""
    return frozenset(
        path for path, hint in _walk(row_class, "") if all(form is str for form in read(hint).forms)
    )


def _walk(row_class: type, prefix: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, hint in hints_of(row_class).items():
        yield prefix + name, hint
        inner = next(filter(is_class, read(hint).forms), None)
        if inner is not None and depth < _DEEPEST:
            yield from _walk(inner, f"{prefix}{name}.", depth + 1)
