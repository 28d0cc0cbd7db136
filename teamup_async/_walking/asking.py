"""Whether a server understood what it was asked for, where its rows can't tell.

A server that takes lists of values in another form than they were sent in ignores a filter, or takes its last value:
it answers with other rows, and with no error. Before the first rows are yielded, the first page is looked at: the
headers of a report tell which columns and which order were understood. Where they don't, one small request or a few
find out, once for a client.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import urlencode

import attrs

from .._decoding.fast import decode
from .._decoding.page import Decoded
from ..endpoint import Endpoint
from ..errors import BadRequestError
from ..query import ArrayEncoding, Parameter, Query, encode_pairs
from .learned import Told
from .pages import Requester
from .plan import Plan

__all__ = ["Asker", "Form", "form_of", "needed"]

Row = TypeVar("Row")
Form = Literal["arrays", "list_arrays"]
_FORMS: Final[tuple[ArrayEncoding, ...]] = ("repeat", "comma", "brackets")
_CHOOSING: Final = ("columns", "fields", "expand")
_FAR: Final = 2_147_483_647
"""An id that nothing has."""
_MOST_VALUES: Final = 8


def form_of(endpoint: Endpoint[..., Any]) -> Form:
    """The field of `Dialect` that says how an endpoint takes lists of values."""
    return "arrays" if endpoint.envelope.headed else "list_arrays"


def given_arrays(
    endpoint: Endpoint[..., Any], query: Query[Any]
) -> Iterator[tuple[Parameter, tuple[Any, ...]]]:
    """The lists of values of a query whose form no document states, but for those that choose columns."""
    for parameter in endpoint.filters:
        values = getattr(query, parameter.name)
        if parameter.array and not parameter.comma and parameter.name not in _CHOOSING and values:
            yield parameter, tuple(values)


def needed(endpoint: Endpoint[..., Any], query: Query[Any]) -> Told:
    """What must be known before the rows of a query can be trusted."""
    lists = [values for _, values in given_arrays(endpoint, query)]
    return Told(read=bool(lists), several=any(len(values) > 1 for values in lists))


@attrs.frozen
class _Rows:
    """A first page, to be compared with others."""

    total: int | None
    rows: frozenset[str]


@attrs.frozen
class Asker(Generic[Row]):
    """Asks the server of one plan."""

    plan: Plan[Row]
    query: Query[Row]
    requester: Requester

    async def form(self, need: Told) -> ArrayEncoding | None:
        """The form in which lists of values are understood; None where none is."""
        current: ArrayEncoding = getattr(self.plan.dialect, form_of(self.plan.endpoint))
        forms: list[ArrayEncoding] = [current, *(form for form in _FORMS if form != current)]
        for form in forms:
            if await self._is_understood(form, need):
                return form
        return None

    async def ignores_id_gt(self) -> bool:
        """Whether rows come behind an id that nothing has."""
        pairs = [pair for pair in self.plan.pairs if pair[0] not in ("id_gt", "format")]
        page = await self._page([*pairs, ("id_gt", str(_FAR))], 1)
        return page is not None and bool(page.rows)

    async def _is_understood(self, form: ArrayEncoding, need: Told) -> bool:
        columns = next((p for p in self.plan.endpoint.filters if p.name == "columns"), None)
        if columns is not None:
            return await self._chooses(columns, form)
        lists = list(given_arrays(self.plan.endpoint, self.query)) or [
            (parameter, ()) for parameter in self.plan.endpoint.filters if parameter.name == "sort"
        ]
        if not lists:
            return False
        parameter, values = max(lists, key=lambda one: len(one[1]))
        if not await self._looks_at(parameter, form):
            return False
        return not need.several or await self._takes_all(parameter, values, form)

    async def _chooses(self, columns: Parameter, form: ArrayEncoding) -> bool:
        """Whether a report answers with the two columns that it is asked for."""
        known = [path for path in self.plan.endpoint.paths if path in columns.enum]
        plain = [path for path in known if "." not in path and path != "id"]
        asked = (plain if len(plain) > 1 else known)[-2:]
        page = await self._page(list(encode_pairs(columns, asked, form)), 1)
        if page is None:
            return False
        wanted = set(self.plan.endpoint.leaves(asked))
        return {
            header.key for header in page.headers if header.key in wanted or not header.required
        } == wanted

    async def _looks_at(self, parameter: Parameter, form: ArrayEncoding) -> bool:
        """Whether a filter is looked at: with a value that nothing has, no row comes."""
        nothing: Any = _FAR if parameter.kind == "integer" and not parameter.enum else "no-such-value"
        page = await self._page(list(encode_pairs(parameter, [nothing], form)), 1)
        return page is None or not page.rows

    async def _takes_all(self, parameter: Parameter, values: Sequence[Any], form: ArrayEncoding) -> bool:
        """Whether all values of a filter count, and not only the last: the order in which they come is no matter."""
        forth, back = [await self._rows(parameter, each, form) for each in (values, values[::-1])]
        if forth is None or back is None or forth.total != back.total:
            return False
        full = len(forth.rows) >= self.plan.first.most
        if (full and not forth.rows & back.rows) or (not full and forth.rows != back.rows):
            return False
        if forth.rows or len(values) == 2:
            return True
        inner = [await self._rows(parameter, [value], form) for value in values[1:-1][:_MOST_VALUES]]
        return not any(found is not None and found.rows for found in inner)

    async def _rows(self, parameter: Parameter, values: Sequence[Any], form: ArrayEncoding) -> _Rows | None:
        """The total of a filter, and the rows of its first page; None where it is refused."""
        page = await self._page(list(encode_pairs(parameter, values, form)), self.plan.first.most)
        return None if page is None else _Rows(page.total, frozenset(map(repr, page.rows)))

    async def _page(self, pairs: list[tuple[str, str]], size: int) -> Decoded[Row] | None:
        """One page; None where it is refused."""
        endpoint = self.plan.endpoint
        by_number = not endpoint.envelope.headed or self.plan.dialect.paging == "page"
        sized = ("page_size" if by_number else "limit", str(size))
        query = urlencode([*pairs, ("format", "json"), sized])
        try:
            return await self.requester.get(endpoint.path, query, lambda body: decode(endpoint, body))
        except BadRequestError:
            return None
