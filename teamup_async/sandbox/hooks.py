"""What a test may do while requests are answered."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import attrs

from .record import Received

Hook = Callable[[Received], Awaitable[None] | None]
"""Called with a request; sync or async. It may change the data, let time pass, or wait."""
Total = Callable[[int, Received], int | None]
"""From the exact number of rows and the request to the number that the answer states, None for none at
all.
"""


@attrs.define(eq=False, repr=False)
class Hooks:
    """The hooks of a sandbox; each may be set and reset while it runs.

    All run in the event loop that serves. A hook that raises makes the answer a 500, and the sandbox's log
    says why.
    """

    before_request: Hook | None = None
    """Called with each request before it is answered, after its latency. One that waits lets pages in flight
    at the same time see different moments.
    """
    between_count_and_rows: Hook | None = None
    """Called after the total was computed and before the rows are selected, as Django's paginator does it in
    two statements; numbered pages then end where the total does. Without it a page and its total are of one
    moment.
    """
    before_reply: Hook | None = None
    """Called when the answer was made and before it is sent. One that waits makes it an answer of an earlier
    moment.
    """
    total: Total | None = None
    """Replaces the number of rows in answers, for totals that lie. Rows, ``next`` and 404 stay true."""


async def run(hook: Hook | None, request: Received) -> None:
    """Call a hook, where there is one, and wait for it."""
    if hook is not None:
        outcome = hook(request)
        if inspect.isawaitable(outcome):
            await outcome
