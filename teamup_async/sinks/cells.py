"""Text that a spreadsheet would take for a formula, made into text for it, and back. Pure.

A spreadsheet that opens a CSV file runs what begins with one of `STARTS`: a customer who calls herself
``=HYPERLINK(...)`` would have her formula run by whoever looks at the report. A telephone number, ``+44 20 ...``,
would become a number.
"""

from __future__ import annotations

import re
from typing import Final, Literal

__all__ = ["FIRST", "STARTS", "Cells", "guarded", "unguarded"]

Cells = Literal["text", "raw"]
"""How text goes into CSV: ``text`` so that spreadsheets take it for text, ``raw`` as it is."""

STARTS: Final = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - some spreadsheets take the wide signs of East Asia for these
"""What a formula begins with, and what spreadsheets drop in front of one."""

_FORMULA: Final = re.compile(f"'*[{re.escape(STARTS)}]")
_GUARDED: Final = re.compile(f"''*[{re.escape(STARTS)}]")
FIRST: Final = frozenset(f"'{STARTS}")
"""What text begins with that may need an apostrophe."""


def guarded(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would run it, or where `unguarded` would take one off."""
    return f"'{text}" if text[:1] in FIRST and _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text
