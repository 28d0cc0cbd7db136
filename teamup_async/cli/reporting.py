"""The report of a run of the command line (``--report``, ``--json``), also where it failed or was stopped."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from .._report.document import Failure, RunFacts, document
from ..errors import QueryError
from .failures import FAILED, OutputError, Situation, advised
from .options import Bulk
from .output import opened
from .saying import clean, invocation, say

if TYPE_CHECKING:
    from .._bulk.result import PartResult, PullResult
    from .._bulk.watching import RunProgress

__all__ = ["Reporter", "report_files", "reporter_for"]


def page(report: dict[str, Any]) -> str:
    """The page of a report."""
    from .._report.page import page as made

    return made(report)


_WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    ".json": lambda report: json.dumps(report, ensure_ascii=False, indent=1) + "\n",
    ".html": page,
    ".htm": page,
}


class Going(Protocol):
    """A run that goes on."""

    def result(self) -> PullResult:
        """How far it has come."""
        ...


def reporter_for(kind: str, bulk: Bulk, situation: Situation, output: str | None) -> Reporter | None:
    """The reporter of a pull or a sync into `output`; None for a dry run, which has nothing to report.

    Raises `QueryError`.
    """
    files = report_files(bulk.report, output)
    if not bulk.dry_run:
        return Reporter(kind, files, situation, json=bulk.json, target=output)
    if files:
        raise QueryError("report goes with a run, and --dry-run is none", parameter="report")
    return None


def report_files(given: Sequence[str] | None, output: str | None) -> tuple[Path, ...]:
    """The files that ``--report`` names. Raises `QueryError` for what can't be written, before anything is read."""
    files: dict[Path, Path] = {}
    taken = _folder(output)
    for name in given or ():
        path = Path(name)
        wrong = None
        if path.suffix.lower() not in _WRITERS:
            wrong = "must end in .json or .html"
        elif path.is_dir():
            wrong = "is a directory"
        elif not path.absolute().parent.is_dir():
            wrong = f"can't be written: there is no folder {path.absolute().parent}"
        elif path.absolute() == taken:
            wrong = "is where the rows go: give another file"
        elif path.absolute() in files:
            wrong = "is named twice"
        if wrong is not None:
            raise QueryError(f"report {name} {wrong}", parameter="report", value=name)
        files[path.absolute()] = path
    return tuple(files.values())


class Reporter:
    """Writes the report of one run, however it ends.

    `files` are those of ``--report``, `json` says whether standard output gets the document, `target` is where rows go,
    as it was given.
    """

    def __init__(
        self, kind: str, files: Sequence[Path], situation: Situation, *, json: bool, target: str | None
    ) -> None:
        self._files = files
        self._json = json
        self._situation = situation
        self._facts = RunFacts(
            kind=kind, call=shlex.join(("teamup", *invocation())), target=target, began=_now()
        )
        self._progress: Going | None = None
        self._result: PullResult | None = None

    @property
    def remembers(self) -> bool:
        """Whether the place is to remember the run: where somebody reads reports."""
        return bool(self._files)

    def watch(self, progress: RunProgress) -> None:
        """The run has begun. Raises `QueryError` where a report would replace the rows of one of its targets."""
        self._progress = progress
        folder = _folder(self._facts.target)
        rows = {(folder / (part.part.account or "") / f"{part.part.name}.json") for part in progress}
        for file in self._files:
            if folder.is_dir() and file.absolute() in rows:
                self._files = [other for other in self._files if other != file]
                raise QueryError(f"report {file} is where the rows go: give another file", parameter="report")

    def watch_stream(self, going: Going) -> None:
        """The same, of a pull that goes to standard output or into one file as it comes."""
        self._progress = going

    def report_of(self, result: PullResult) -> dict[str, Any]:
        """The report of a run that came to its end."""
        self._result = result
        return self._document()

    def stopped(self, code: int) -> str:
        """Write the report of a run that was stopped; gives the last line."""
        if self._progress is None and not (self._files or self._json):
            return "teamup: stopped"
        return f"teamup: {self.write(self._document(failure=Failure.stopped(), exit_code=code))['last_line']}"

    def failed(self, error: BaseException, lines: Sequence[str], code: int) -> int:
        """Write the report of a run without a result; `lines` are what was said of it. Gives the exit code."""
        said = [line.strip().removeprefix("teamup: ") for line in lines]
        failure = Failure(type=type(error).__name__, message=said[0], advice=" ".join(said[1:]) or None)
        report = self._document(failure=failure, exit_code=code, closing=said[-1])
        written = self.write(report)
        if written["last_line"] != report["last_line"]:
            say(f"teamup: {written['last_line']}")
        return code

    def write(self, report: dict[str, Any]) -> dict[str, Any]:
        """Write everything; where a file can't be written, the other ones say so. Gives the report that was written."""
        missing = [problem for problem in map(partial(_write, report), self._files) if problem is not None]
        if missing:
            report = {
                **report,
                "ok": False,
                "exit_code": report["exit_code"] or FAILED,
                "notes": [*report["notes"], *missing],
                "last_line": missing[-1],
            }
            for file in self._files:
                _write(report, file)
        if self._json:
            sys.stdout.write(json.dumps(report) + "\n")
            sys.stdout.flush()
        return report

    def _document(self, **how: Any) -> dict[str, Any]:
        from .._bulk.result import PullResult

        result = self._result
        if result is None and self._progress is not None:
            result = self._progress.result()
        if result is None:
            result = PullResult((), run=self._facts)
        run = attrs.evolve(
            result.run,
            call=self._facts.call,
            began=self._facts.began,
            ended=_now() if result.run.ended is None else result.run.ended,
        )
        report = document(attrs.evolve(result, run=run), advise=self._advise, **how)
        cleaned: dict[str, Any] = _without_secrets(report)
        return cleaned

    def _advise(self, part: PartResult) -> str | None:
        assert part.error is not None
        return part.advice or advised(part.error, self._situation)


def _write(report: dict[str, Any], path: Path) -> str | None:
    """Write a file whole or not at all; gives why it could not be written."""
    try:
        with opened(path) as file:
            file.write(_WRITERS[path.suffix.lower()](report).encode("utf-8", "replace"))
    except OutputError as error:
        return f"the report is missing: {error}"
    return None


def _folder(output: str | None) -> Path:
    """The path in ``FORMAT:PATH``."""
    return Path((output or "").rpartition(":")[2]).absolute()


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _without_secrets(value: Any) -> Any:
    """`value` without any token, in whatever text it is."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _without_secrets(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value
