"""Charts as SVG and PNG, drawn by matplotlib, which brings fonts for the letters of most alphabets."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

import attrs

from ..failures import OutputError
from .colours import BAR, FAINT, INK, ink, shade
from .data import BINS, Counts

__all__ = ["Size", "figure"]

_FONTS: Final = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
)
"""matplotlib brings the first, with Latin, Greek and Cyrillic letters; of the others those are used that are there."""
_TEXT: Final = 10
"""Points of ordinary text."""
_LETTER: Final = 0.62 * _TEXT / 72
"""Inches of a letter, generously."""
_LONGEST: Final = 36
"""Letters of a label."""
_EDGE: Final = 0.2
"""Inches around everything."""
_SCALE_BAR: Final = 0.9
"""Inches of the scale beside a heat map."""
_DOTS: Final = 100
"""Pixels of an inch."""


@attrs.frozen(kw_only=True)
class Size:
    """How large a picture is, in pixels at `scale` 1; None: as the content asks for."""

    width: int | None = None
    height: int | None = None
    scale: float = 2.0


def figure(arranged: Callable[[int], Counts], kind: str, size: Size) -> bytes:
    """The counts that `arranged` gives for so many hours a bin, as ``"svg"`` or ``"png"``.

    Raises `OutputError` where matplotlib or a font is missing.
    """
    try:
        matplotlib: Any = import_module("matplotlib")
        figures: Any = import_module("matplotlib.figure")
        managers: Any = import_module("matplotlib.font_manager")
    except ModuleNotFoundError:
        raise OutputError(
            "a picture needs the package matplotlib: pip install 'teamup-async[chart]'; without -o the chart is drawn "
            "in the terminal"
        ) from None
    there = {font.name for font in managers.fontManager.ttflist}
    settings = {
        "font.family": [font for font in _FONTS if font in there],
        "font.size": _TEXT,
        "text.color": INK,
        "text.parse_math": False,  # a dollar is a dollar
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "svg.fonttype": "none",  # text stays text: it can be searched, read aloud and copied
        "svg.hashsalt": "teamup",
    }
    counts = _fitted(arranged, size)
    out = io.BytesIO()
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing from", category=UserWarning)
        try:
            drawn = (_heat if len(counts.by) == 2 else _bars)(counts, size, figures.Figure)
            dpi = 72 if kind == "svg" else _DOTS * size.scale
            drawn.savefig(out, format=kind, dpi=dpi, metadata={"Date": None} if kind == "svg" else None)
        except UserWarning as warning:
            letter = str(warning).partition("(")[2].partition(")")[0] or "a letter"
            raise OutputError(
                f"no font here has the letter {letter}: install the Noto fonts, or write SVG, whose reader brings fonts"
            ) from None
    return out.getvalue()


def _fitted(arranged: Callable[[int], Counts], size: Size) -> Counts:
    """The finest bins of hours that the width asked for has room for."""
    finest = arranged(BINS[0])
    if size.width is None or len(finest.by) < 2:
        return finest
    room = size.width / _DOTS - 2 * _EDGE
    for hours in BINS:
        counts = arranged(hours)
        if _Grid.of(counts).wide <= room:
            return counts
    return finest


def _short(label: str, letters: int = _LONGEST) -> str:
    return label if len(label) <= letters else f"{label[: letters - 1].rstrip()}…"


def _wide(labels: Iterable[str]) -> float:
    """Inches of the longest label."""
    return max(len(_short(label)) for label in labels) * _LETTER


@attrs.frozen
class _Grid:
    """Inches that a heat map asks for: of all, of a cell, and letters of the longest number."""

    wide: float
    cell: float
    number: int

    @classmethod
    def of(cls, counts: Counts) -> _Grid:
        """What `counts` ask for."""
        number = max(len(f"{cell:,}") for cell in counts.cells.values())
        longest = max(len(_short(column)) for column in counts.columns)
        # Much longer labels than numbers stand at an angle.
        letters = number + 1 if longest > number + 3 else max(number, longest) + 1
        cell = max(0.34, letters * _LETTER)
        return cls(_wide(counts.rows) + cell * len(counts.columns) + _SCALE_BAR, cell, number)


def _framed(counts: Counts, wide: float, high: float, size: Size, make: Any) -> tuple[Any, Any]:
    """A figure with what it shows above and the sums below; `wide` and `high` are inches of what is between."""
    width = size.width / _DOTS if size.width else max(5.0, wide + 2 * _EDGE)
    letters = max(16, int((width - 2 * _EDGE) / _LETTER))
    title = textwrap.wrap(counts.title, max(12, int(letters / 1.35)))
    subtitle = textwrap.wrap(counts.subtitle, letters)
    footer = textwrap.wrap(counts.footer, letters)
    line = _TEXT / 72 * 1.45
    top = _EDGE + len(title) * line * 1.35 + len(subtitle) * line + 0.1
    bottom = _EDGE + len(footer) * line
    height = size.height / _DOTS if size.height else high + top + bottom
    drawn = make(figsize=(width, height), facecolor="white")
    drawn.set_layout_engine(
        "constrained", rect=(0, bottom / height, 1, 1 - (top + bottom) / height), w_pad=_EDGE, h_pad=0.05
    )
    y = height - _EDGE
    for text, points, weight, colour in (
        ("\n".join(title), _TEXT * 1.35, "bold", INK),
        ("\n".join(subtitle), _TEXT, "normal", FAINT),
    ):
        drawn.text(
            _EDGE / width,
            y / height,
            text,
            size=points,
            weight=weight,
            color=colour,
            va="top",
            linespacing=1.3,
        )
        y -= (text.count("\n") + 1) * line * points / _TEXT
    drawn.text(_EDGE / width, _EDGE / height, "\n".join(footer), color=FAINT, va="bottom", linespacing=1.3)
    return drawn, drawn.add_subplot()


def _bars(counts: Counts, size: Size, make: Any) -> Any:
    drawn, axes = _framed(counts, _wide(counts.rows) + 5.0, 0.3 * len(counts.rows) + 0.2, size, make)
    # Where a width was asked for, bars get at least half of it.
    letters = max(8, min(_LONGEST, int(drawn.get_figwidth() * 0.42 / _LETTER)))
    labels = [_short(row, letters) for row in counts.rows]
    values = [float(counts.at(row)) for row in counts.rows]
    numbers = [counts.text(row) for row in counts.rows]
    places = range(len(labels))
    bars = axes.barh(places, values, height=0.72, color=BAR)
    axes.bar_label(bars, numbers, padding=4)
    axes.set_yticks(places, labels, va="center")
    axes.set_ylim(len(labels) - 0.4, -0.6)
    most = float(counts.most) or 1.0
    room = max(1.0, drawn.get_figwidth() - (max(map(len, labels)) * _LETTER + 2 * _EDGE))
    axes.set_xlim(0, most / max(0.3, 1 - (max(map(len, numbers)) + 1.5) * _LETTER / room))
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(FAINT)
    return drawn


def _heat(counts: Counts, size: Size, make: Any) -> Any:
    colours: Any = import_module("matplotlib.colors")
    rows, columns, grid = counts.rows, counts.columns, _Grid.of(counts)
    labels = [_short(column) for column in columns]
    width = grid.wide if size.width is None else size.width / _DOTS - 2 * _EDGE
    cell = (width - _wide(rows) - _SCALE_BAR) / len(columns)
    angle = 0 if max(map(len, labels)) * _LETTER < cell else 50 if cell > 0.25 else 90
    high = 0.34 * len(rows) + (_wide(columns) * (0.8 if angle else 0) + 0.3) + 0.4
    drawn, axes = _framed(counts, grid.wide, high, size, make)
    values = [[float(counts.at(row, column)) for column in columns] for row in rows]
    most = float(counts.most) or 1.0
    palette = colours.LinearSegmentedColormap.from_list("counts", [shade(0), shade(1)])
    mesh = axes.pcolormesh(values, cmap=palette, vmin=0, vmax=most, edgecolors="white", linewidth=1.5)
    axes.set_xticks(
        [n + 0.5 for n in range(len(columns))],
        labels,
        rotation=angle,
        ha="left" if angle else "center",
        va="center" if angle == 90 else "bottom",
        rotation_mode="anchor",
    )
    axes.set_yticks([n + 0.5 for n in range(len(rows))], [_short(row) for row in rows], va="center")
    axes.xaxis.tick_top()
    axes.invert_yaxis()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    shrink = min(1.0, 3 / max(1, len(rows) * 0.34))
    bar = drawn.colorbar(mesh, ax=axes, shrink=shrink, pad=0.02, format="{x:,.0f}")
    bar.outline.set_visible(False)
    _numbers(counts, axes, drawn, grid.number, most)
    return drawn


def _numbers(counts: Counts, axes: Any, drawn: Any, number: int, most: float) -> None:
    """The counts in their cells, as large as cells have room for; none where they could not be read."""
    drawn.draw_without_rendering()  # the layout is known only then
    box = axes.get_window_extent().transformed(drawn.dpi_scale_trans.inverted())
    cell = box.width / len(counts.columns), box.height / len(counts.rows)
    points = min(_TEXT, cell[0] * 72 / (0.62 * (number + 0.6)), cell[1] * 72 / 1.3)
    if points < 5:
        return
    for y, row in enumerate(counts.rows):
        for x, column in enumerate(counts.columns):
            count = counts.at(row, column)
            if count:
                colour = ink(float(count) / most)
                axes.text(x + 0.5, y + 0.5, f"{count:,}", ha="center", va="center", size=points, color=colour)
