"""Colours of counts, the same in a terminal and in a picture."""

from __future__ import annotations

__all__ = ["BAR", "FAINT", "INK", "ink", "shade"]

_PALE, _DEEP = (234, 241, 251), (16, 61, 130)
INK, FAINT, BAR = "#1c2733", "#5b6b7c", "#4069a0"


def shade(part: float) -> str:
    """The colour of a count: `part` is 0 for none, 1 for the largest."""
    mixed = (round(a + (b - a) * part) for a, b in zip(_PALE, _DEEP, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def ink(part: float) -> str:
    """The colour of text on that shade."""
    return "#ffffff" if part > 0.5 else INK
