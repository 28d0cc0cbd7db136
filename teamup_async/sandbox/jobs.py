"""Export jobs: ``POST /reports/X/export`` starts one, ``GET /jobs/{id}`` tells how far it is.

API documents: "Report - Export" and the ``Job`` object of "Bulk Actions - Retrieve". They show neither a status nor an
error of a job, nor what its ``result_url`` answers before it is done; `Jobs` says what this one does.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, cast

import attrs

from ..dialect import Dialect
from ..endpoint import Endpoint
from . import parameters, render
from .data.sources import Answer
from .dialects.requests import understood
from .parameters import Page, Selection
from .problems import ProblemError, invalid
from .wire import Reply

__all__ = ["EVERYTHING", "EXPORT", "JOBS", "RESULTS", "Jobs", "export_request"]

Result = Literal["ready", "early", "late", "never"]
EXPORT: Final = "/export"
JOBS: Final = "/jobs/"
RESULTS: Final = "/results/"
"""Where the files lie: outside of the API, open to whoever knows their name."""
EVERYTHING: Final = Page(0, 1 << 62)
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@attrs.define
class _Job:
    """A job. `key` is the unguessable part of its result's URL; `polls` counts how often it was asked for."""

    id: int
    account: int
    format: str
    key: str
    answer: Answer
    write: Callable[[], bytes]
    polls: int = 0
    asked: int = 0


@attrs.define
class Jobs:
    """How export jobs proceed. May be changed while the sandbox runs.

    `polls`: how often a job is asked for before it is complete (0: it is complete at once).
    `stalls_at`: the share of its items at which it stops for good, None if it does not.
    `counts`: whether a job says how many items are complete (the documents call the field optional).
    `result`: when its ``result_url`` answers with the file, and not with 404. ``"ready"``: once all items are
    complete. ``"early"``: from the beginning. ``"late"``: then, but for the first two requests. ``"never"``: never.
    Faults make other answers of it:
    ``sandbox.faults.add(faults.html(), when=lambda request: request.path.startswith("/results/"))``.
    `elsewhere`: whether ``result_url`` lies on another origin (``localhost`` instead of ``127.0.0.1``), where no
    token belongs.
    """

    polls: int = 2
    stalls_at: float | None = None
    counts: bool = True
    result: Result = "ready"
    elsewhere: bool = False
    _made: dict[int, _Job] = attrs.field(factory=dict[int, _Job], init=False, repr=False)
    _ids: itertools.count[int] = attrs.field(factory=lambda: itertools.count(9001), init=False, repr=False)

    def start(
        self, account: int, form: str, answer: Answer, write: Callable[[], bytes], *, as_text: bool
    ) -> Reply:
        """A new job for the rows in `answer`, as they are now; `write` makes the file of them.

        `as_text`: whether the answer names the job in text.
        """
        number = next(self._ids)
        key = f"{number:x}-{account}-{len(answer.rows):x}"
        self._made[number] = _Job(number, account, form, key, answer, write)
        return _json({"job": str(number) if as_text else number})

    def look(self, number: str, account: int, origin: str) -> Reply:
        """How far a job is."""
        job = self._made.get(int(number)) if number.isdecimal() else None
        if job is None or job.account != account:
            raise ProblemError(404, "not_found", "Not found.")
        job.polls += 1
        total = len(job.answer.rows)
        if self.elsewhere:
            origin = origin.replace("127.0.0.1", "localhost")
        state: dict[str, Any] = {
            "id": job.id,
            "object": "job",
            "result_url": f"{origin}{RESULTS}{job.key}.{job.format}",
            "total_items": total,
        }
        if self.counts:
            state["complete_items"] = self._complete(job)
        return _json(state)

    def _complete(self, job: _Job) -> int:
        total = len(job.answer.rows)
        share = 1.0 if job.polls > self.polls else job.polls / (self.polls + 1)
        if self.stalls_at is not None:
            share = min(share, self.stalls_at)
        return int(total * share)

    def result_of(self, name: str) -> Reply:
        """The file of a job; whoever knows its URL may have it."""
        key, _, form = name.rpartition(".")
        job = next((job for job in self._made.values() if (job.key, job.format) == (key, form)), None)
        if job is None or not self._answers(job):
            raise ProblemError(404, "not_found", "Not found.")
        return Reply(200, job.write(), {"Content-Type": _TYPES[job.format]})

    def _answers(self, job: _Job) -> bool:
        if self.result == "early":
            return True
        if self.result == "never" or self._complete(job) < len(job.answer.rows):
            return False
        job.asked += 1
        return self.result != "late" or job.asked > 2


def export_request(
    dialect: Dialect,
    endpoint: Endpoint[..., Any],
    query: list[tuple[str, str]],
    body: bytes,
    content_type: str,
) -> tuple[Selection, str]:
    """What an export is asked for; raises `ProblemError` (400). JSON has lists of its own, whatever the dialect."""
    if body and content_type != "application/json":
        raise ProblemError(415, "unsupported_media_type", f'Unsupported media type "{content_type}".')
    try:
        content: Any = json.loads(body or b"{}")
    except ValueError:
        raise ProblemError(400, "parse_error", "JSON parse error.") from None
    if not isinstance(content, dict):
        raise invalid("non_field_errors", "Not an object.")
    known = {parameter.name: parameter for parameter in endpoint.filters}
    pairs: list[tuple[str, str]] = []
    form: Any = dict(query).get("format", "csv")
    for name, value in cast("dict[str, Any]", content).items():
        if name == "format":
            form = value
        elif name not in known:
            if dialect.unknown_parameters == "refused":
                raise invalid(name, "Unknown parameter.")
        elif isinstance(value, list):
            texts = [_text(each) for each in cast("Sequence[Any]", value)]
            pairs += [(name, ",".join(texts))] if known[name].comma else [(name, text) for text in texts]
        else:
            pairs.append((name, _text(value)))
    if form not in _TYPES:
        raise invalid("format", f'"{form}" is not a valid choice.')
    plain = attrs.evolve(dialect, arrays="repeat", list_arrays="repeat")
    values = parameters.check(endpoint, understood(plain, endpoint, pairs))
    return parameters.selection(endpoint, values), str(form)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _json(value: Any) -> Reply:
    return Reply(200, render.to_json(value), {"Content-Type": "application/json"})
