"""Values as text, for the formats without types of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from .base import SinkError
from .extract import plain
from .schema import Schema

__all__ = ["ENCODER", "TextBatch", "cell", "decimal_text", "json_text"]

_AS_PYTHON = frozenset({str, int, float})
_MANY = 100
ENCODER = msgspec.json.Encoder(decimal_format="number")


class TextBatch:
    """Lines of text, made page by page."""

    def __init__(self, schema: Schema, lines: Callable[[Schema, Sequence[Any]], bytes]) -> None:
        self.schema = schema
        self._lines = lines
        self._chunks: list[bytes] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: Sequence[Any]) -> None:
        """Take the rows of a page."""
        if rows:
            try:
                self._chunks.append(self._lines(self.schema, rows))
            except (TypeError, AttributeError, UnicodeError) as error:
                raise SinkError(f"a row can't be written: {error}") from None
            self._rows += len(rows)

    def content(self) -> bytes:
        """All lines."""
        return b"".join(self._chunks)


def json_text(value: Any) -> str | None:
    """A value as JSON; None stays None."""
    return None if value is None else ENCODER.encode(plain(value)).decode()


def decimal_text(value: Decimal) -> str:
    """The digits of a decimal. One of a hundred digits or more keeps its exponent: it may mean a billion zeros."""
    text = str(value)
    return format(value, "f") if "E" in text and abs(value.adjusted()) < _MANY else text


def cell(value: Any) -> str:
    """A value as text for csv; None is empty."""
    if value is None or value.__class__ in _AS_PYTHON:
        return "" if value is None else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, (datetime, date, time)):
        text = value.isoformat()
        return f"{text[:-6]}Z" if text.endswith("+00:00") else text
    return json_text(value) or ""


def moments(values: Sequence[datetime | None]) -> list[str]:
    """The same for a column of moments, one at least, in a fifth of the time."""
    texts = ENCODER.encode(values)[1:-1].decode().split(",")
    return ["" if text == "null" else text[1:-1] for text in texts]
