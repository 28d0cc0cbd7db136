"""A chart as rectangles and texts, and their SVG and PNG. Pure but for Pillow, which PNG needs."""

from __future__ import annotations

import io
from html import escape
from importlib import import_module
from typing import Any, Final, Literal

import attrs

from .chart_data import Counts
from .failures import OutputError

__all__ = ["Scene", "ink", "png", "scene", "shade", "svg"]

_PALE, _DEEP = (234, 241, 251), (16, 61, 130)
_INK, _PAPER, _FAINT = "#1c2733", "#ffffff", "#5b6b7c"
_CELL: Final = 30
_LETTER: Final = 7.2
"""Width of a letter at 12 pixels, generously."""

Anchor = Literal["start", "middle", "end"]


@attrs.frozen
class Box:
    """A filled rectangle, in pixels; `tip` is shown when pointed at."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    tip: str = ""


@attrs.frozen
class Words:
    """A line of text: `y` is its base line."""

    x: float
    y: float
    text: str
    size: int = 12
    anchor: Anchor = "start"
    fill: str = _INK
    bold: bool = False


@attrs.frozen
class Scene:
    """Everything to draw."""

    width: int
    height: int
    title: str
    boxes: tuple[Box, ...]
    words: tuple[Words, ...]


def shade(part: float) -> str:
    """The colour of a count: `part` is 0 for none, 1 for the largest."""
    mixed = (round(a + (b - a) * part) for a, b in zip(_PALE, _DEEP, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def ink(part: float) -> str:
    """The colour of text on that shade."""
    return _PAPER if part > 0.62 else _INK


def scene(counts: Counts) -> Scene:
    """A heat map of two dimensions, bars of one."""
    return _heat(counts) if len(counts.by) == 2 else _bars(counts)


def _heading(counts: Counts) -> list[Words]:
    by = " and ".join(counts.by)
    rest = f"; {counts.left_out} labels with {counts.rest:,} left out" if counts.left_out else ""
    return [
        Words(16, 28, counts.title, 17, bold=True),
        Words(16, 48, f"{counts.total:,} by {by}{rest}", 12, fill=_FAINT),
    ]


def _wide(labels: tuple[str, ...]) -> float:
    return max((len(_short(label)) for label in labels), default=1) * _LETTER


def _heat(counts: Counts) -> Scene:
    left, top = 28 + _wide(counts.rows), 92.0
    wide = max(44.0, min(120.0, _wide(counts.columns) + 12))
    words, boxes = _heading(counts), list[Box]()
    words.append(Words(left, 68, counts.by[1], 12, fill=_FAINT))
    for j, column in enumerate(counts.columns):
        words.append(Words(left + (j + 0.5) * wide, 86, _short(column), 12, "middle"))
    for i, row in enumerate(counts.rows):
        y = top + i * _CELL
        words.append(Words(left - 8, y + 20, _short(row), 12, "end"))
        for j, column in enumerate(counts.columns):
            count = counts.at(row, column)
            part = count / counts.most if counts.most else 0.0
            x = left + j * wide
            boxes.append(Box(x + 1, y + 1, wide - 2, _CELL - 2, shade(part), f"{row}, {column}: {count:,}"))
            if count:
                words.append(Words(x + wide / 2, y + 20, f"{count:,}", 12, "middle", ink(part)))
    bottom = top + len(counts.rows) * _CELL + 18
    for step in range(10):
        boxes.append(Box(left + step * 16, bottom, 16, 10, shade(step / 9)))
    words += [
        Words(left - 8, bottom + 10, "0", 12, "end", _FAINT),
        Words(left + 168, bottom + 10, f"{counts.most:,}", 12, "start", _FAINT),
    ]
    width = max(left + len(counts.columns) * wide + 16, left + 260, 460)
    return Scene(round(width), round(bottom + 28), counts.title, tuple(boxes), tuple(words))


def _bars(counts: Counts) -> Scene:
    left, top, length = 28 + _wide(counts.rows), 66.0, 420.0
    words, boxes = _heading(counts), list[Box]()
    for i, row in enumerate(counts.rows):
        y, count = top + i * 26, counts.at(row)
        wide = length * count / counts.most if counts.most else 0.0
        words.append(Words(left - 8, y + 16, _short(row), 12, "end"))
        boxes.append(Box(left, y + 3, max(wide, 1.0), 18, shade(0.75), f"{row}: {count:,}"))
        words.append(Words(left + wide + 6, y + 16, f"{count:,}", 12))
    return Scene(
        round(left + length + 90),
        round(top + len(counts.rows) * 26 + 16),
        counts.title,
        tuple(boxes),
        tuple(words),
    )


def _short(label: str) -> str:
    return label if len(label) <= 28 else label[:27] + "…"


def svg(drawn: Scene) -> bytes:
    """The scene as SVG, readable without colours: numbers stand in cells, and each has a tip."""
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.width}" height="{drawn.height}" '
            f'viewBox="0 0 {drawn.width} {drawn.height}" role="img" aria-label="{_text(drawn.title)}" '
            'font-family="system-ui, sans-serif">'
        ),
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
    ]
    for box in drawn.boxes:
        tip = f"<title>{_text(box.tip)}</title>" if box.tip else ""
        lines.append(
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
            f'rx="2" fill="{box.fill}">{tip}</rect>'
        )
    for word in drawn.words:
        weight = ' font-weight="600"' if word.bold else ""
        lines.append(
            f'<text x="{word.x:.1f}" y="{word.y:.1f}" font-size="{word.size}" text-anchor="{word.anchor}" '
            f'fill="{word.fill}"{weight}>{_text(word.text)}</text>'
        )
    return "\n".join([*lines, "</svg>", ""]).encode()


def _text(text: str) -> str:
    return escape(text)


def png(drawn: Scene, scale: int = 2) -> bytes:
    """The scene as PNG. Raises `OutputError` where Pillow is missing."""
    try:
        images: Any = import_module("PIL.Image")
        draws: Any = import_module("PIL.ImageDraw")
        fonts: Any = import_module("PIL.ImageFont")
    except ModuleNotFoundError:
        raise OutputError(
            "PNG needs the package pillow: pip install 'teamup-async[chart]', or write SVG"
        ) from None
    image = images.new("RGB", (drawn.width * scale, drawn.height * scale), _PAPER)
    draw = draws.Draw(image)
    for box in drawn.boxes:
        corners = (box.x, box.y, box.x + box.width, box.y + box.height)
        draw.rounded_rectangle([value * scale for value in corners], 2 * scale, fill=box.fill)
    for word in drawn.words:
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[word.anchor]
        font = fonts.load_default(word.size * scale)
        stroke = 1 if word.bold else 0
        draw.text(
            (word.x * scale, word.y * scale),
            word.text,
            fill=word.fill,
            font=font,
            anchor=anchor,
            stroke_width=stroke,
        )
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
