"""How errors are written, and what a 429 says."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from ..._json import is_array, is_object
from ..desk import Desk
from ..diagnosis import Finding, found, skipped, undecided
from ..reply import Reply
from .base import OpenError, probe
from .rows import REPORT

__all__ = ["error_body", "retry_after"]


@probe("error_body")
async def error_body(desk: Desk) -> Sequence[Finding]:
    """What the errors that came look like; one is asked for where none came."""
    if not _errors(desk):
        await desk.ask(desk.endpoint(REPORT), limit="many")
    errors = _errors(desk)
    seen = {_form(reply) for reply in errors}
    if not seen:
        raise OpenError("no error came")
    if len(seen) == 1 and "other" not in seen:
        return [found("error_body", seen.pop(), f"{len(errors)} errors are written so", *errors[:2])]
    raise OpenError("errors are written in several ways, or in another one", *errors[:3])


def _errors(desk: Desk) -> list[Reply]:
    return [reply for reply in desk.replies if 400 <= reply.status < 500 and reply.status != 429]


def _form(reply: Reply) -> str:
    """The value of `error_body` that an error shows."""
    data = reply.data
    if not reply.body.strip():
        return "empty"
    if is_object(data):
        if "message" in data and ("code" in data or "field_errors" in data):
            return "documented"
        if "detail" in data or (data and all(map(is_array, data.values()))):
            return "detail"
        return "other"
    if is_array(data):
        return "messages" if all(isinstance(text, str) for text in data) else "other"
    return "html" if reply.kind == "text/html" or reply.body.lstrip()[:1] == b"<" else "other"


@probe("retry_after")
async def retry_after(desk: Desk) -> Sequence[Finding]:
    """What a 429 said, if one came; none is asked for."""
    refused = [reply for reply in desk.replies if reply.status == 429]
    if not refused:
        return [skipped("retry_after", "a 429 would take the whole quota; --quota spends it")]
    return [told_by(refused[-1])]


def told_by(reply: Reply) -> Finding:
    """What the header of a 429 says."""
    text = reply.after.strip()
    if not text:
        return found("retry_after", "none", "the 429 has no Retry-After", reply)
    if text.isascii() and text.isdecimal():
        return found("retry_after", "seconds", "the 429 has a number", reply)
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return undecided("retry_after", "the 429 has something else", reply)
    return found("retry_after", "date", "the 429 has a date", reply)
