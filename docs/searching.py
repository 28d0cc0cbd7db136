"""Let the search of the site find numbers that readers look for: statuses of HTTP, such as 429."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STATUS = re.compile(r"[1-5]\d\d")


class English(SearchEnglish):
    """English words, and numbers that can be a status; Sphinx itself leaves out all numbers."""

    def word_filter(self, word: str) -> bool:
        """Whether the index takes a word."""
        return STATUS.fullmatch(word) is not None or super().word_filter(word)


def _add_script(app: Sphinx, page: str, *_: Any) -> None:
    if page == "search":
        app.add_js_file("search-numbers.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Take the index's words from `English`, and let the page of the search ask for numbers too."""
    app.add_search_language(English)
    app.connect("html-page-context", _add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
