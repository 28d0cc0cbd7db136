"""From ``(status, headers, body)`` to a page, or to the right error. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from math import isnan
from typing import Any, Final

import attrs

from .._json import is_array, is_object
from ..errors import ResponseDecodeError, StatusError, clip, error_for_status
from .redact import excerpt, printable

__all__ = ["Answer", "error_from", "retry_after"]


@attrs.frozen
class Answer:
    """What came over the wire: the status, the headers that matter (empty if missing), the whole body.

    `secret`: the body holds tokens, and is quoted nowhere.
    """

    status: int
    content_type: str = attrs.field(repr=False)
    retry_after: str = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    secret: bool = False
    coding: str = ""


def retry_after(value: str, epoch: float) -> float | None:
    """Seconds that a ``Retry-After`` of `value` asks for, given in seconds or as an HTTP date, if any."""
    if not value.strip():
        return None
    if not value.isascii():
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - epoch
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), 3600.0) if not isnan(seconds) else None


def error_from(answer: Answer, epoch: float) -> StatusError | ResponseDecodeError | None:
    """The error that an answer stands for, or None when it is a success with a JSON body."""
    if answer.status == 200:
        if not answer.body:
            return ResponseDecodeError("the answer is empty", retryable=True)
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind == "text/csv":
            wrong = ResponseDecodeError("the answer is CSV, although JSON was asked for")
            wrong.suspects = ("format_json",)
            return wrong
        if kind and kind != "application/json" and not kind.endswith("+json"):
            quoted = "" if answer.secret else excerpt(answer.body)
            return ResponseDecodeError(
                f"the answer is {printable(kind, 100)}, not JSON: {quoted!r}",
                excerpt=quoted,
                retryable=True,
            )
        return None
    if 300 <= answer.status < 400:
        return StatusError(
            f"{answer.status}: the API answers with a redirect, which is not followed; check base_url",
            status=answer.status,
        )
    return _status_error(answer, epoch)


def _status_error(answer: Answer, epoch: float) -> StatusError:
    said = _read_error(answer)
    message = said.message or excerpt(answer.body)
    parts = [f"{answer.status}{f' {said.code}' if said.code else ''}: {message or 'no further word'}"]
    parts += [
        f"{name}: {'; '.join(texts)}"
        for name, texts in list(said.field_errors.items())[:10]
        if not all(text in (said.message or "") for text in texts)
    ]
    return error_for_status(answer.status)(
        clip(" | ".join(parts), 1000),
        status=answer.status,
        code=said.code,
        message=said.message,
        type=said.type,
        field_errors=said.field_errors,
        retry_after=retry_after(answer.retry_after, epoch),
    )


@attrs.frozen(kw_only=True)
class _Said:
    """What the body of an error says."""

    code: str | None = None
    message: str | None = None
    type: str | None = None
    field_errors: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]])


def _read_error(answer: Answer) -> _Said:
    """What an error says, in the documented form, in those of Django REST framework, or in a web page."""
    import msgspec  # errors are rare; a client that was only imported needs none of it

    try:
        content = msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _Said(message=_of_page(answer))
    if is_array(content):
        texts = [text for item in content[:20] if (text := _text(item))]
        return _Said(message="; ".join(texts) or None)
    if not is_object(content):
        return _Said()
    message = _text(content.get("message")) or _text(content.get("detail"))
    fields = content.get("field_errors")
    if fields is None and message is None:
        fields = content
        message = "; ".join(_texts(content)) or None
    return _Said(
        code=_text(content.get("code")),
        message=message,
        type=_text(content.get("type")),
        field_errors=_field_errors(fields),
    )


def _texts(content: dict[str, Any]) -> Iterator[str]:
    """What the fields of an error say that has no message."""
    for name, texts in _field_errors(content).items():
        yield " ".join(texts) if name == "non_field_errors" else f"{name}: {' '.join(texts)}"


def _of_page(answer: Answer) -> str | None:
    """The text of a web page."""
    if b"<" not in answer.body[:_BEGINNING]:
        return None
    from html import unescape  # with the table of all entities, for pages that should have been JSON

    text = answer.body[: 20 * _BEGINNING].decode("utf-8", "replace")
    text = _TAG.sub(" ", _UNSEEN.sub(" ", text))
    return printable(" ".join(unescape(text).split()), 500) or None


_BEGINNING: Final = 1000
_UNSEEN: Final = re.compile(r"<(script|style|title)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")


def _text(value: Any) -> str | None:
    return printable(str(value), 500) if isinstance(value, (str, int)) else None


def _field_errors(value: Any) -> dict[str, tuple[str, ...]]:
    if not is_object(value):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, texts in list(value.items())[:50]:
        listed: list[Any] = texts if is_array(texts) else [texts]
        found[printable(name, 100)] = tuple(printable(str(text), 300) for text in listed[:20])
    return found
