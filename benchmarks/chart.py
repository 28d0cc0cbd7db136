"""The chart: what a walk of 500 pages costs, as an SVG that reads well on light and on dark."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

TITLES = {
    "floor: read": "aiohttp, bodies only read",
    "floor: orjson": "aiohttp + orjson, dicts",
    "floor: msgspec": "aiohttp + msgspec, same rows",
    "ours": "teamup_async",
}
WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 880, 232, 204, 84, 30, 18

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #57606a }
  .title { font-size: 17px; font-weight: 600; fill: #24292f }
  .name { fill: #24292f }
  .small { font-size: 11px }
  .strong { font-weight: 600 }
  .grid { stroke: #8c959f; stroke-opacity: .3 }
  .spread { stroke: #57606a; stroke-width: 1.5 }
  .ours { fill: #1f6feb } .floor { fill: #8c959f } .peer { fill: #d4a24c }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title, .name { fill: #e6edf3 } .spread { stroke: #c9d1d9 }
    .ours { fill: #4493f8 } .floor { fill: #6e7681 } .peer { fill: #b8873a }
  }
"""


def _kind(name: str) -> str:
    return "ours" if name == "ours" else "floor" if name.startswith("floor") else "peer"


def _tick(highest: float) -> float:
    return next(step for step in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0) if highest / step <= 8)


def _text(words: str, x: float, y: float, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _bar(kind: str, y: float, width: float) -> str:
    return f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'


def svg(walks: Mapping[str, Mapping[str, Any]], caption: Sequence[str]) -> str:
    """Horizontal bars of CPU seconds, the quickest first; whiskers are the quickest and the slowest run."""
    names = sorted((name for name in walks if name != "ours, by page"), key=lambda name: walks[name]["cpu"])
    ours, rows = walks["ours"]["cpu"], walks["ours"]["rows"]
    highest = max(max(walks[name]["cpu_all"]) for name in names) * 1.02
    scale = (WIDTH - LEFT - RIGHT) / highest
    bottom = TOP + STEP * len(names)
    height = bottom + 46 + 16 * len(caption)
    title = f"CPU time to pull {rows:,} attendances ({rows // 100:,} pages)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        _text(title, 16, 30, "title"),
        _text("User and system seconds of the client process, median; shorter is better.", 16, 52),
    ]
    step = _tick(highest)
    for number in range(int(highest / step) + 1):
        x = LEFT + number * step * scale
        parts.append(_line("grid", (x, TOP - 8), (x, bottom)))
        parts.append(_text(f"{number * step:g} s", x, bottom + 16, "small", "middle"))
    for place, name in enumerate(names):
        cpu, spread = walks[name]["cpu"], walks[name]["cpu_all"]
        y = TOP + STEP * place
        middle = y + BAR / 2
        low, high = LEFT + min(spread) * scale, LEFT + max(spread) * scale
        strong = " strong" if name == "ours" else ""
        figures = f"{cpu:.2f} s, {rows / cpu / 1000:,.0f}k rows/s, {cpu / ours:.2f}x"
        parts += [
            _text(TITLES.get(name, name), LEFT - 10, middle + 4.5, f"name{strong}", "end"),
            _bar(_kind(name), y, cpu * scale),
            _line("spread", (low, middle), (high, middle)),
            _text(figures, high + 8, middle + 4.5, f"name{strong}"),
        ]
    parts += [_text(line, 16, bottom + 44 + 16 * number, "small") for number, line in enumerate(caption)]
    return "\n".join([*parts, "</svg>", ""])


def caption(results: Mapping[str, Any]) -> list[str]:
    """The machine and the versions, in lines that fit the chart."""
    machine = results["machine"]
    place = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    lines = [
        f"{place}, {machine['date']}. Server in a process of its own, over loopback.",
        f"{results['rounds']} rounds, the contenders in turn; whiskers: the fastest and the slowest run.",
    ]
    versions = [f"{name} {version}" for name, version in results["versions"].items()]
    return lines + textwrap.wrap(", ".join(versions), 128, break_on_hyphens=False)
