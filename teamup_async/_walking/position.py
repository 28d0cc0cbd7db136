"""Where a walk stands: frozen values that know their request, what follows, and themselves as JSON.

Pages overlap by a row or more, so that the seam between two of them can be checked (see ``seams``). With
``limit``/``offset`` that is simple; with ``page``/``page_size`` a page can begin only at a multiple of its
size, so the size of each page is chosen such that it begins at or before the last row of the one before.

API documents: "Report - Data" pages (`limit`, `offset`, `page`, `page_size`, `id_gt`); guide "pagination".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any, ClassVar

import attrs

from .._json import is_array, is_object
from .._memo import memo
from ..envelope import MAX_PAGE_SIZE, By
from ..errors import QueryError

__all__ = [
    "IdKeyset",
    "LimitOffset",
    "PageNumber",
    "Position",
    "by_number",
    "first_position",
    "fitting",
    "position_from_json",
    "rewound",
]

Pairs = tuple[tuple[str, str], ...]
Key = int | str
"""The key of a row in a position: an id, a time as ISO 8601 text, or a digest."""


@memo
def _fields(position_class: type[Position]) -> tuple[tuple[str, Any], ...]:
    """The fields of a position with their defaults."""
    return tuple((field.name, field.default) for field in attrs.fields(position_class))


@attrs.frozen(kw_only=True)
class Position(ABC):
    """A position in a walk.

    `size` is the number of new rows wanted a page, `last` the key of the last row yielded (None before the
    first), `seen` the ids of rows yielded that share that key (where keys are times), `since` the key at
    which the present stretch was entered (None: from the beginning), `done` how many rows were yielded,
    `most` the largest page the server gives, `overlap` how many rows a page repeats at least, `whole` 1 where totals
    count the whole report whatever the key.
    """

    by: ClassVar[By]

    size: int
    last: Key | None = None
    seen: tuple[int, ...] = ()
    since: Key | None = None
    done: int = 0
    most: int = MAX_PAGE_SIZE
    overlap: int = 1
    whole: int = 0

    @property
    def start(self) -> int:
        """Index of the page's first row within the present stretch."""
        return 0

    @property
    def asked(self) -> int:
        """How many rows the request asks for."""
        return self.size

    @property
    def entered_at_last(self) -> bool:
        """Whether the page begins right behind (for ids) or at (for times) the last row yielded."""
        return self.last is not None and self.start == 0 and self.since == self.last

    @property
    def at_the_beginning(self) -> bool:
        """Whether no row lies before the page."""
        return self.start == 0 and self.since is None

    @abstractmethod
    def params(self) -> Pairs:
        """The paging parameters of the request."""

    @property
    def query(self) -> str:
        """The same as the end of a URL's query."""
        return "&".join(f"{name}={value}" for name, value in self.params())

    @abstractmethod
    def after(self, received: int, **facts: Any) -> Position:
        """The position after a page of `received` rows, with new values for some fields.

        It has the same request as this one if the page did not advance.
        """

    def entering(self, key: Key) -> Position:
        """A new stretch that begins at `key`."""
        return type(self)(**self._to_enter(key))

    def _to_enter(self, key: Key) -> dict[str, Any]:
        return {
            "size": self.size,
            "last": self.last,
            "seen": self.seen,
            "since": key,
            "done": self.done,
            "most": self.most,
            "overlap": self.overlap,
            "whole": self.whole,
        }

    def clamped(self, received: int) -> Position:
        """The same position, knowing that the server gives no more than `received` rows a page."""
        return attrs.evolve(self, size=min(self.size, received), most=received)

    def to_json(self) -> dict[str, Any]:
        """A small JSON-able value to go on from, for ``start=``."""
        values: dict[str, Any] = {"by": self.by}
        for name, default in _fields(type(self)):
            value = getattr(self, name)
            if value != default:
                values[name] = list(value) if name == "seen" else value
        return values


@attrs.frozen(kw_only=True)
class LimitOffset(Position):
    """``limit`` and ``offset``; every page but the first begins with the last row of the one before."""

    by: ClassVar[By] = "offset"
    offset: int = 0

    @property
    def start(self) -> int:
        return self.offset

    @property
    def asked(self) -> int:
        begins = self.last is None or (self.offset == 0 and self.since == self.last)
        return self.size if begins else min(self.size + 1, self.most)

    def params(self) -> Pairs:
        return (("limit", str(self.asked)), ("offset", str(self.offset)))

    def after(self, received: int, **facts: Any) -> LimitOffset:
        return attrs.evolve(self, offset=self.offset + max(received - 1, 0), **facts)


@attrs.frozen(kw_only=True)
class PageNumber(Position):
    """``page`` and ``page_size``; sizes vary so that pages overlap (at 100 rows by about six rows)."""

    by: ClassVar[By] = "page"
    page: int = 1
    page_size: int = 0

    @property
    def start(self) -> int:
        return (self.page - 1) * self.asked

    @property
    def asked(self) -> int:
        return self.page_size or self.size

    def params(self) -> Pairs:
        return (("page", str(self.page)), ("page_size", str(self.asked)))

    def _to_enter(self, key: Key) -> dict[str, Any]:
        # Many rows may share a time: the largest page holds them all, if any does.
        return {**super()._to_enter(key), "page_size": self.most if isinstance(key, str) else 0}

    def after(self, received: int, **facts: Any) -> PageNumber:
        page, page_size = page_reaching_past(self.start + received, self.size, self.most, self.overlap)
        return attrs.evolve(self, page=page, page_size=page_size, **facts)


@attrs.frozen(kw_only=True)
class IdKeyset(Position):
    """``id_gt``: each request begins after the last id. Exact and sequential."""

    by: ClassVar[By] = "id"

    def params(self) -> Pairs:
        return (("limit", str(self.asked)), ("offset", "0"))

    def after(self, received: int, **facts: Any) -> IdKeyset:  # noqa: ARG002 - the last id says it all
        return attrs.evolve(self, since=facts["last"], **facts)


@lru_cache(maxsize=4096)
def page_reaching_past(end: int, size: int, most: int = MAX_PAGE_SIZE, overlap: int = 1) -> tuple[int, int]:
    """The page (number, size) that begins `overlap` rows or more before row `end` and brings about `size`
    rows from `end` on.

    A page of size s begins at a multiple of s; among the sizes allowed, take the one that brings most, but
    not more than `size` new rows if that can be had.
    """
    best: tuple[bool, int, int] | None = None
    chosen = (end // most + 1, most)  # a server with tiny pages: one without overlap is all there is
    for candidate in range(2, most + 1):
        begins = max(0, end - overlap) // candidate * candidate
        gain = begins + candidate - end
        if gain < 1:
            continue
        fits = gain <= size
        rank = (fits, gain if fits else -gain, -candidate)
        if best is None or rank > best:
            best, chosen = rank, (begins // candidate + 1, candidate)
    if best is None and overlap > 1:
        return page_reaching_past(end, size, most)
    return chosen


_POSITIONS: dict[str, type[Position]] = {"offset": LimitOffset, "page": PageNumber, "id": IdKeyset}


def first_position(by: By, size: int, overlap: int = 1) -> Position:
    """The beginning of a walk."""
    return _POSITIONS[by](size=size, overlap=overlap)


def by_number(position: Position, by: By) -> Position:
    """The position by numbers, counted from the beginning, that begins at or before the last row yielded."""
    facts: dict[str, Any] = {name: getattr(position, name) for name, _ in _fields(IdKeyset)}
    facts |= {"since": None, "whole": 0}
    if by == "offset":
        return LimitOffset(**facts, offset=max(position.done - 1, 0))
    page, page_size = page_reaching_past(
        max(position.done, 1), position.size, position.most, position.overlap
    )
    return PageNumber(**facts, page=page, page_size=page_size)


def rewound(position: Position, rows: int) -> Position:
    """A position of the same stretch that begins `rows` rows earlier, or more."""
    if isinstance(position, LimitOffset):
        return attrs.evolve(position, offset=max(position.offset - rows, 0))
    assert isinstance(position, PageNumber)
    end = max(position.start - rows, 0) + position.overlap
    page, page_size = page_reaching_past(end, position.size, position.most, position.overlap)
    return attrs.evolve(position, page=page, page_size=page_size)


def fitting(position: Position, most: int) -> Position:
    """The same position on a server that refuses to give more than `most` rows a page."""
    smaller = attrs.evolve(position, size=min(position.size, most), most=most)
    if not isinstance(smaller, PageNumber):
        return smaller
    if smaller.page == 1:
        return attrs.evolve(smaller, page_size=min(smaller.page_size, most))
    end = position.start + position.overlap
    page, page_size = page_reaching_past(end, smaller.size, most, position.overlap)
    return attrs.evolve(smaller, page=page, page_size=page_size)


def position_from_json(value: Any, most: int = MAX_PAGE_SIZE) -> Position:
    """The position that `Position.to_json` described, of pages of `most` rows. Raises `QueryError` for anything
    else.
    """
    fields: dict[str, Any] = dict(value) if is_object(value) else {}
    made = _POSITIONS.get(str(fields.pop("by", "")))
    if made is not None and fields.keys() <= {name for name, _ in _fields(made)}:
        seen = fields.pop("seen", [])
        keys, counts = [fields.pop("last", None), fields.pop("since", None)], [*fields.values()]
        if "size" in fields and is_array(seen) and all(type(n) is int for n in (*seen, *counts)):
            position = made(**fields, last=keys[0], since=keys[1], seen=tuple(seen))
            if _is_sound(position, most):
                return position
    raise QueryError(
        "start must be what page.next or an error's position gave", parameter="start", value=value
    )


def _is_sound(position: Position, most: int) -> bool:
    keys = (position.last, position.since)
    sizes = (position.size, position.most, position.asked)
    return (
        all(key is None or type(key) in (int, str) for key in keys)
        and all(1 <= size <= most for size in sizes)
        and min(position.done, position.overlap, position.whole, position.start) >= 0
    )
