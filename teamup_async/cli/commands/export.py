"""``teamup export REPORT -o FILE``: TeamUp writes a whole report into one file, which is fetched."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from ...errors import QueryError
from ...exports import Done, ExportFormat, ExportProgress
from ...sinks.named import without_password
from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..failures import OutputError
from ..filters import filter_options, with_options
from ..line import Line, report_argument
from ..options import HOW, OUTPUT, What
from ..requests import asked
from ..running import execute
from ..saying import say
from ..tables import counted

__all__ = ["build"]

EXAMPLES = """Examples:

  teamup export attendances --since 2025-01 -o attendances.csv
  teamup export attendances --job 4711 -o attendances.csv

An export takes a handful of requests, however long the report is. TeamUp decides how long it takes. A job goes on \
there when this command is stopped, and --job fetches its file later."""


def build(line: Line) -> App:
    """The command, with the filters of the report that `line` names."""
    made = Command(name="export", help_epilogue=EXAMPLES, help_format="plaintext")

    def export(
        report: str,
        /,
        *,
        output: Annotated[
            Path,
            Parameter(
                name=("--output", "-o"),
                group=OUTPUT,
                metavar="FILE",
                help="The file, a.csv or a.json. It appears whole or not at all.",
            ),
        ],
        format: Annotated[
            ExportFormat | None,
            Parameter(group=OUTPUT, help="What the file holds, if its ending does not say it."),
        ] = None,
        job: Annotated[
            int | None,
            Parameter(
                group=HOW,
                metavar="NUMBER",
                help="Fetch the file of this job instead of starting another one.",
            ),
        ] = None,
        wait: Annotated[
            float | None,
            Parameter(
                group=HOW,
                metavar="SECONDS",
                help="How long to wait until TeamUp has written the file (default: as long as it makes progress).",
            ),
        ] = None,
        done: Annotated[
            Done,
            Parameter(
                group=HOW,
                help="When a job is done: all of its items are complete, its file is there, or both.",
            ),
        ] = "both",
        check: Annotated[
            bool,
            Parameter(
                group=HOW, help="Compare the number of rows in the file with the number that TeamUp says."
            ),
        ] = True,
        what: What = What(),
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
        **filters: Any,
    ) -> int:
        async def work() -> int:
            form = _form(output, format)
            if not output.parent.is_dir():
                raise OutputError(f"cannot write {output}: there is no folder {output.parent}")
            (one,) = asked(line, [report], filters, what.zoned(connection))
            shown = verbosity.shown and sys.stderr.isatty()
            async with connection.client() as teamup:
                if job is None:
                    started = await teamup.stream(one.endpoint, one.query).export(format=form)
                    if not verbosity.quiet:
                        again = f"teamup export {one.endpoint.command_name} --job {started.id} -o {output}"
                        say(
                            f"TeamUp has started job {started.id}. If this is interrupted, go on with: {again}"
                        )
                else:
                    saved = {"job": job, "report": one.endpoint.full_name, "format": form}
                    started = teamup.export_job(saved)
                with _bar(shown=shown) as tell:
                    await started.wait(timeout=wait, done=done, progress=tell)
                try:
                    path = await started.download(output, check=check)
                except OSError as error:
                    raise OutputError(f"cannot write {output}: {error.strerror or error}") from None
                requests = teamup.stats.requests
            if not verbosity.quiet:
                say(f"{path}: {path.stat().st_size:,} bytes, {counted(requests, 'request')}")
            return 0

        return execute(work(), situation(connection, verbosity))

    export.__annotations__["report"] = report_argument(line)
    made.default(with_options(export, filter_options(line.named)))
    return made


def _form(output: Path, given: ExportFormat | None) -> ExportFormat:
    ending = output.suffix.lower().removeprefix(".")
    if ending == "csv" or (ending == "json" and given in (None, "json")):
        found: ExportFormat = "csv" if ending == "csv" else "json"
        if given in (None, found):
            return found
    elif given is not None and ending == "":
        return given
    named = without_password(str(output).replace(":/", "://", 1))  # a path has no two slashes together
    raise QueryError(
        f"{named}: an export is a csv or a json file; end its name in .csv or .json (and leave --format out), "
        "or let `teamup pull` write other formats",
        parameter="output",
        value=str(output),
    )


class _bar:  # noqa: N801 - used like a function, as context managers are
    """Progress on a terminal; the block is given what to tell it."""

    def __init__(self, *, shown: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("TeamUp writes"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self._task = self._progress.add_task("export", total=None)

    def __enter__(self) -> Any:
        self._progress.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def _tell(self, now: ExportProgress) -> None:
        self._progress.update(self._task, completed=now.complete or 0, total=now.total)
