"""What is understood of a request, in a dialect: its parameters as the documents have them.

Misunderstandings are those of a server on Django: of a parameter that takes one value and came twice, the last
counts; what no parameter is called is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from ...dialect import Dialect
from ...endpoint import Endpoint
from ...query import Parameter
from ..parameters import Selection
from ..problems import ProblemError, invalid

__all__ = ["LESS", "clamp_of", "selected", "understood"]

Pairs = list[tuple[str, str]]
_Step = Callable[[Dialect, Endpoint[..., Any], Pairs], Pairs]
LESS: Final = 50
"""The largest page of a server that gives fewer rows than documented."""
_SIZES: Final = ("limit", "page_size")


def understood(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    """The parameters of a request as the default dialect would have them; raises `ProblemError` (400)."""
    for step in _STEPS:
        pairs = step(dialect, endpoint, pairs)
    return pairs


def _is_report(endpoint: Endpoint[..., Any]) -> bool:
    return endpoint.envelope.name == "report"


def _without(pairs: Pairs, *names: str) -> Pairs:
    return [pair for pair in pairs if pair[0] not in names]


def _arrays(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    """`arrays`, `list_arrays`: lists as repeated names."""
    form = dialect.arrays if _is_report(endpoint) else dialect.list_arrays
    names = {parameter.name for parameter in endpoint.filters if parameter.array and not parameter.comma}
    if form == "comma":
        last = {name: text for name, text in pairs if name in names}
        return [
            *_without(pairs, *names),
            *((name, part) for name, text in last.items() if text for part in text.split(",")),
        ]
    if form == "brackets":
        return [
            (name[:-2] if name.endswith("[]") and name[:-2] in names else name, text)
            for name, text in pairs
            if name not in names
        ]
    return pairs


def _unknown_parameters(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    if dialect.unknown_parameters == "refused":
        return pairs
    known = {parameter.name for parameter in endpoint.parameters}
    return [pair for pair in pairs if pair[0] in known]


def _paging(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    if not _is_report(endpoint) or dialect.paging == "both":
        return pairs
    ignored = ("limit", "offset") if dialect.paging == "page" else ("page", "page_size")
    return _without(pairs, *ignored)


def _largest_page(dialect: Dialect, _: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    if dialect.largest_page == "refused":
        for name, text in pairs:
            if name in _SIZES and text.isascii() and text.isdecimal() and int(text) > LESS:
                raise invalid(name, f"Ensure this value is less than or equal to {LESS}.")
    return pairs


def clamp_of(dialect: Dialect, fault: int | None) -> int | None:
    """The size that pages are cut to, by the dialect or by a fault."""
    sizes = [
        size for size in (fault, None if dialect.largest_page == "documented" else LESS) if size is not None
    ]
    return min(sizes, default=None)


def _column_names(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    if dialect.column_names == "flat" and endpoint.columns:
        flat = set(endpoint.aliases.values()) - set(endpoint.aliases)
        for name, text in pairs:
            if name in ("columns", "sort") and text.removeprefix("-") in flat:
                raise invalid(name, f'"{text[:100]}" is not a valid choice.')
    return pairs


def _default_columns(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    columns: Parameter | None = next((p for p in endpoint.filters if p.name == "columns"), None)
    if dialect.default_columns == "all" or columns is None or columns.required:
        return pairs
    if any(name == "columns" for name, _ in pairs):
        return pairs
    others = [path for path in endpoint.paths if path != "id" and path in columns.enum]
    return [*pairs, *(("columns", path) for path in others[: max(1, len(others) // 2)])]


def _format_json(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    ignored = _is_report(endpoint) and dialect.format_json == "ignored"
    return _without(pairs, "format") if ignored else pairs


def _id_gt(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    """`id_gt`, and `grouped_id_gt` where rows have no id."""
    given = next((text for name, text in pairs if name == "id_gt"), None)
    if given is None or not given.isascii() or not given.isdecimal():
        return pairs
    does = dialect.id_gt if endpoint.has_id else dialect.grouped_id_gt
    if does == "refused":
        raise invalid("id_gt", "This report has no id.")
    if does == "ignored":
        return _without(pairs, "id_gt")
    return [*_without(pairs, "id_gt"), ("id_gt", str(int(given) - 1))] if does == "inclusive" else pairs


def _sort(dialect: Dialect, endpoint: Endpoint[..., Any], pairs: Pairs) -> Pairs:
    """`sort_by_id` and `sort_priority`."""
    if not _is_report(endpoint):
        return pairs
    sort = [pair for pair in pairs if pair[0] == "sort"]
    by_id = [pair for pair in sort if pair[1].removeprefix("-") == "id"]
    if by_id and dialect.sort_by_id == "refused":
        raise ProblemError(400, "invalid", "sort: Not sortable.", {"sort": ['"id" is not sortable.']})
    if dialect.sort_by_id == "ignored":
        sort = [pair for pair in sort if pair not in by_id]
    if dialect.sort_priority == "last":
        sort.reverse()
    return [*_without(pairs, "sort"), *sort]


_STEPS: Final[tuple[_Step, ...]] = (
    _arrays,
    _unknown_parameters,
    _paging,
    _largest_page,
    _column_names,
    _default_columns,
    _format_json,
    _id_gt,
    _sort,
)


def selected(dialect: Dialect, endpoint: Endpoint[..., Any], selection: Selection, number: int) -> Selection:
    """The selection of request `number` with the order that rows have where no ``sort`` says it: `ties`, `sort_by_id`.

    Where sorting by id is ignored, the newest rows come first.
    """
    newest_first = dialect.sort_by_id == "ignored" and _is_report(endpoint) and not selection.sort
    turned = dialect.ties == "changing" and number % 2 == 1
    return attrs.evolve(selection, newest_first=newest_first is not turned)
