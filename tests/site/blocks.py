"""The blocks of code in a page, and what the comments before them say: CONTRIBUTING.md, "Code in documents"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import attrs

from tests.docs import ROOT

__all__ = ["SHOWN", "Block", "blocks_of", "commands_of", "pages"]

SHOWN = ("ini", "json", "sql", "text", "toml", "xml", "yaml")
"""What a page may show beside ``python`` and ``sh``. Nothing of it runs, so no command may hide in it."""

FENCE = re.compile(r"^( *)(`{3,}|:{3,})(.*)$")
COMMENT = re.compile(r"^ *<!-- (not run|file): *(.*?) *-->$")
EXTRAS = frozenset(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
)


@attrs.frozen
class Block:
    """A fence of a page. `line`: the one of its first line of code. `reason`: why it is not run; `file`: its name."""

    page: Path
    line: int
    language: str
    text: str
    reason: str | None = None
    file: str | None = None

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """README.md and all pages of the site that people wrote; those of the reference are made."""
    written = (
        path for path in (ROOT / "docs").rglob("*.md") if path.parts[len(ROOT.parts) + 1] != "reference"
    )
    return [ROOT / "README.md", *sorted(path for path in written if "_build" not in path.parts)]


def blocks_of(page: Path) -> Iterator[Block]:
    """Every fence of a page, those of Sphinx (``{toctree}``) left out."""
    lines = page.read_text(encoding="utf-8").splitlines()
    number = 0
    said: tuple[str, str] | None = None
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if fence is None:
            comment = COMMENT.match(lines[number])
            said = (comment[1], comment[2]) if comment else said if not lines[number].strip() else None
            number += 1
            continue
        indent, mark, language = fence.groups()
        end = next(at for at in range(number + 1, len(lines)) if lines[at].strip() == mark)
        text = "".join(f"{line.removeprefix(indent)}\n" for line in lines[number + 1 : end])
        if not language.startswith("{"):
            what, value = said or ("", "")
            yield Block(
                page,
                number + 2,
                language.strip(),
                text,
                reason=value if what == "not run" else None,
                file=value if what == "file" else None,
            )
        said = None
        number = end + 1


def commands_of(block: Block) -> Iterator[str]:
    """The commands of a block: its lines without comments; a line that ends with a backslash goes on."""
    for line in re.sub(r"\\\n\s*", "", block.text).splitlines():
        command = re.sub(r"(^|\s{2,})#.*", "", line).strip()
        if command:
            yield command


def unknown_extras(command: str) -> set[str]:
    """Extras that a line names and the package does not have: ``pip install 'teamup-async[clo]'``."""
    named = (name for found in re.findall(r"teamup-async\[(.*?)\]", command) for name in found.split(","))
    return set(named) - EXTRAS
