"""What a probe is: the fields it decides, and how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import attrs

from ..desk import Desk
from ..diagnosis import Finding, undecided
from ..reply import Reply

__all__ = ["OpenError", "Probe", "answered", "needed", "probe"]

Run = Callable[[Desk], Awaitable[Sequence[Finding]]]


class OpenError(Exception):
    """What a probe can't decide, and why; `evidence` are the answers that show it."""

    def __init__(self, reason: str, *evidence: Reply) -> None:
        super().__init__(reason)
        self.evidence = evidence


@attrs.frozen
class Probe:
    """Asks what it needs, and gives a finding for each of its `fields`."""

    fields: tuple[str, ...]
    _run: Run

    async def run(self, desk: Desk) -> Sequence[Finding]:
        """The findings. Raises `SpentError`."""
        try:
            return await self._run(desk)
        except OpenError as error:
            return [undecided(field, str(error), *error.evidence) for field in self.fields]


def probe(*fields: str) -> Callable[[Run], Probe]:
    """Make a probe of a function that decides these fields, or raises `OpenError`."""
    return lambda run: Probe(fields, run)


def answered(reply: Reply) -> str:
    """What the server did, behind a subject."""
    return f"answers {reply.status}" if reply.status else "gives no answer"


def needed(reply: Reply) -> None:
    """Raise `OpenError` unless an answer is a page of rows."""
    if reply.ok:
        return
    if reply.status == 200:
        raise OpenError(f"the report comes as {reply.kind or 'nothing'}, not as JSON", reply)
    raise OpenError(f"the report {answered(reply)}", reply)
