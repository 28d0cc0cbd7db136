"""The picture of a terminal in README.md: ``python docs/terminal.py`` draws what ``teamup demo`` prints.

With ``--check`` it compares the words of the picture with those of a new run, seconds left out.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

__all__ = ["drawn", "main", "printed", "words"]

_FILE: Final = Path(__file__).parent / "_static" / "terminal.svg"
_WIDTH: Final = 100
_END: Final = "Where to go next"
_FORMAT: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""
"""As rich draws it, with fonts that the reader has."""


def printed() -> str:
    """What ``teamup demo`` prints on a terminal, up to its advice, with the colours."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEAMUP_")}
    environment |= {"COLUMNS": str(_WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "teamup_async", "demo"]
    done = subprocess.run(  # noqa: S603 - the package itself
        command, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    kept: list[str] = []
    for line in done.stdout.splitlines():
        if _END in line:
            break
        kept.append(line)
    return "\n".join(kept).strip("\n")


def drawn(text: str) -> str:
    """A picture of a terminal with that text in it."""
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text("$ teamup demo", style="bold"))
    console.print(Text.from_ansi(text))
    made = console.export_svg(title="teamup demo", code_format=_FORMAT, unique_id="terminal")
    return "\n".join(line.rstrip() for line in made.splitlines()) + "\n"


def words(picture: str) -> list[str]:
    """The words in a picture; seconds differ from run to run, and are left out."""
    text = " ".join(re.findall(r"<text [^>]*>(.*?)</text>", picture))
    text = html.unescape(text).replace("\xa0", " ")
    return re.sub(r"\d+\.\d+ s\b", "... s", text).split()


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture anew, or compare; the exit status: 0 done or the same, 1 not."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    made = drawn(printed())
    if given == ["--check"]:
        if words(made) == words(_FILE.read_text(encoding="utf-8")):
            return 0
        sys.stdout.write(f"{_FILE.name}: out of date; run: python docs/terminal.py\n")
        return 1
    _FILE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
