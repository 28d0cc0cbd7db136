"""What a 429 says: for those who allow that the whole quota is spent on it."""

from __future__ import annotations

from urllib.parse import urlencode

from .desk import Desk
from .diagnosis import Finding, undecided
from .probes.refusals import told_by
from .reply import Reply

__all__ = ["provoke"]

_MORE = 1.2
"""How many more requests than the quota allows are sent at most."""


async def provoke(desk: Desk) -> Finding:
    """Send the smallest request until a 429 comes, past the client's own quota. Raises `RequestError`."""
    path = desk.endpoint("lists.venues").path
    most = round((desk.settings.rate or 250) * _MORE) + 1
    for _ in range(most):
        desk.sent += 1
        answer = await desk.requester.look(path, urlencode({"page_size": 1}), desk.credentials, metered=False)
        if answer.status == 429:
            return told_by(Reply(f"GET {path}", 429, answer.content_type, after=answer.retry_after))
        if answer.status >= 400:
            return undecided("retry_after", f"the server answers {answer.status} before a 429")
    return undecided("retry_after", f"{most} requests at once brought no 429")
