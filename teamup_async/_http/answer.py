"""From ``(status, headers, body)`` to a page, or to the right error. Pure."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from math import isnan
from typing import Any

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


@attrs.frozen
class _ErrorBody:
    """API document: guide "errors"."""

    code: Any = None
    message: Any = None
    type: Any = None
    field_errors: Any = None


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
    body = _read_error(answer.body)
    fields = _field_errors(body.field_errors)
    code = _text(body.code)
    message = _text(body.message)
    said = message or excerpt(answer.body) or "no further word"
    parts = [f"{answer.status}{f' {code}' if code else ''}: {said}"]
    parts += [f"{name}: {'; '.join(texts)}" for name, texts in list(fields.items())[:10]]
    return error_for_status(answer.status)(
        clip(" | ".join(parts), 1000),
        status=answer.status,
        code=code,
        message=message,
        type=_text(body.type),
        field_errors=fields,
        retry_after=retry_after(answer.retry_after, epoch),
    )


def _read_error(body: bytes) -> _ErrorBody:
    import msgspec  # errors are rare; a client that was only imported needs none of it

    try:
        return msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _ErrorBody()


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
