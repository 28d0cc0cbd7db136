"""HTML put together from pieces that escape themselves: text can't become markup by accident. Pure.

A template engine would escape as well. For one page it would be one more package for everyone who writes reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

__all__ = ["Markup", "join", "tag"]

_VOID: Final = frozenset({"meta", "link", "br"})


class Markup(str):
    """Text that is HTML already. Only `tag` and `join` make it, and whoever writes a constant."""

    __slots__ = ()


def join(pieces: Iterable[str | None]) -> Markup:
    """Pieces one after the other; what is no `Markup` is escaped, and None is left out."""
    return Markup("".join(_safe(piece) for piece in pieces if piece is not None))


def tag(name: str, /, *children: str | None, **attributes: str | None) -> Markup:
    """An element. An attribute that is None is left out; ``class_`` is ``class``, ``aria_label`` ``aria-label``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def _safe(piece: str) -> str:
    if isinstance(piece, Markup):
        return piece
    # Characters that HTML does not allow (NUL, escape codes of terminals) show as what they are: not printable.
    return escape("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in piece))
