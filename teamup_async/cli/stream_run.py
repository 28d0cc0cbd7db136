"""A pull to standard output, or into one file as it comes, as a run that can be reported."""

from __future__ import annotations

from time import monotonic

from .._bulk.plan import Part
from .._bulk.result import PartResult, PullResult
from .._report.document import RunFacts
from ..client import TeamUp
from ..stream import RowStream
from .places import Stream
from .requests import Asked

__all__ = ["StreamRun"]


class StreamRun:
    """How far a stream of rows has come. `limited`: not all rows are wanted, so that nothing is to be proved."""

    def __init__(
        self, one: Asked, place: Stream, client: TeamUp, stream: RowStream[object], *, limited: bool
    ) -> None:
        self.rows = 0
        self.done = False
        self._part = Part.of(one.endpoint, one.query, name=one.endpoint.python_name)
        self._place = "standard output" if place.path is None else str(place.path)
        self._format = place.format
        self._client, self._stream, self._limited = client, stream, limited
        self._began = monotonic()

    def result(self) -> PullResult:
        """The result at this moment."""
        part = PartResult(
            part=self._part,
            complete=self.done,
            rows=self.rows,
            resumed=0,
            seconds=monotonic() - self._began,
            stats=self._stream.stats,
            place=self._place if self.done else None,
            state="complete" if self.done else "running",
            integrity=None if self._limited else self._stream.integrity,
        )
        target = f"{self._format}:{self._place}"
        return PullResult((part,), {None: self._client.stats}, run=RunFacts(target=target, resumes=False))
