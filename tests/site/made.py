"""The pages of the built site as HTML: what they link to, what can be linked to, and which pictures have no words."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

__all__ = ["MadePage", "broken_links"]


class MadePage(HTMLParser):
    """A page as it was built. `wordless`: pictures that say nothing to those who can't see them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.wordless: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    @classmethod
    def all_of(cls, site: Path) -> dict[Path, Self]:
        """Every page below a folder, by its path."""
        return {path: cls(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag is called, where it leads, and what it lacks."""
        said = dict(attrs)
        self.ids |= {said[name] or "" for name in ("id", "name") if name in said and tag != "meta"}
        if tag != "base":
            self.links += [said[name] or "" for name in ("href", "src") if name in said]
        if tag == "img" and not (said.get("alt") or "").strip():
            self.wordless.append(f"<img src={said.get('src')}>")
        if said.get("role") == "img" and tag != "img" and not (said.get("aria-label") or "").strip():
            self.wordless.append(f"<{tag} role=img>")


def broken_links(site: Path, pages: dict[Path, MadePage]) -> list[str]:
    """The links inside of the site that lead to no file, or to no place in a page."""
    broken = []
    for page in pages.values():
        for link in page.links:
            to = urlsplit(link)
            if to.scheme or to.netloc:
                continue
            target = (page.path.parent / unquote(to.path)).resolve() if to.path else page.path
            there = target in pages and (not to.fragment or unquote(to.fragment) in pages[target].ids)
            if not there and (target in pages or not target.is_file()):
                broken.append(f"{page.path.relative_to(site)}: {link}")
    return broken
