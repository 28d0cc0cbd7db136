"""What is told of a request: neither the values of its query, nor ids, nor the place of a file. Pure."""

from __future__ import annotations

import re
from typing import Final

from yarl import URL

__all__ = ["METRICS", "route", "shown"]

METRICS: Final = {
    "rows": ("teamup.client.rows", "{row}", "Rows yielded."),
    "pages": ("teamup.client.pages", "{page}", "Pages yielded."),
    "requests": ("teamup.client.requests", "{request}", "Requests sent, each try counted."),
    "retries": ("teamup.client.retries", "{retry}", "Tries after the first one of a request."),
    "throttled": ("teamup.client.throttled", "{answer}", "Answers with status 429."),
    "waited": ("teamup.client.quota.wait", "s", "Stretches of time lost to the quota."),
    "bytes": ("teamup.client.received", "By", "Bytes of the answers' bodies, after decompression."),
    "repairs": ("teamup.client.repairs", "{repair}", "Times that a walk went back because rows had moved."),
    "detours": ("teamup.client.detours", "{page}", "Pages that became row objects on their way to columns."),
    "in_flight": ("teamup.client.in_flight", "{request}", "Requests sent and not yet answered."),
}
"""For each number of `Stats`: the metric, its unit and what it counts."""

_WORD: Final = re.compile(r"[a-z]{1,30}([_.-][a-z]{1,30}){0,5}")
_WORD_OR_VERSION: Final = re.compile(rf"{_WORD.pattern}|v\d")
_SHORT: Final = re.compile(r"json|csv|\d{1,9}")
_HIDDEN: Final = "REDACTED"
_PLAIN: Final = frozenset({"format", "limit", "offset", "page", "page_size"})
"""Parameters whose values say nothing of anybody."""


def route(path: str, *, file: bool = False) -> str:
    """`path` with ``{id}`` for whatever is no plain word: there are few of them, and none names anybody."""
    return "/{file}" if file else _words(path, "{id}")


def shown(url: URL, *, file: bool = False) -> str:
    """The URL with ``REDACTED`` for whatever is no plain word of its path, and for the values of its query.

    Values that say which page was asked for are told. Of a file only its origin is: who has the URL of a file may have
    the file.
    """
    origin = str(url.origin())
    if file:
        return f"{origin}/{_HIDDEN}"
    pairs = [_pair(*pair.partition("=")) for pair in url.raw_query_string.split("&") if pair]
    return f"{origin}{_words(url.raw_path, _HIDDEN, versions=True)}" + (
        f"?{'&'.join(pairs)}" if pairs else ""
    )


def _words(path: str, instead: str, *, versions: bool = False) -> str:
    known = _WORD_OR_VERSION if versions else _WORD
    return "/".join(part if not part or known.fullmatch(part) else instead for part in path.split("/"))


def _pair(name: str, mark: str, value: str) -> str:
    told = value if name in _PLAIN and _SHORT.fullmatch(value) else _HIDDEN
    return f"{name if _WORD.fullmatch(name) else _HIDDEN}{mark}{told}"
