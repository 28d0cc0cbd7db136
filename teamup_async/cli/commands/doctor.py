"""``teamup doctor``: how an account's API answers where the documents are silent."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import json as text
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import App, Parameter

from ...config_file import FILE_NAME
from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..line import Line
from ..options import HOW, OUTPUT, place
from ..running import execute
from ..saying import say

if TYPE_CHECKING:
    from ...doctor import Diagnosis

__all__ = ["build"]

EXAMPLES = """Examples:

  teamup doctor
  teamup doctor --save
  teamup doctor --report doctor.md
  teamup doctor --record answers/

It sends at most 40 small requests, within the quota, and changes nothing at TeamUp. --verbose shows the requests \
behind each finding."""


def build(_: Line) -> App:
    """The command."""
    made = Command(name="doctor", help_epilogue=EXAMPLES, help_format="plaintext")

    def doctor(
        *,
        save: Annotated[
            bool,
            Parameter(
                group=OUTPUT,
                negative=(),
                help="Write what is not the default into teamup.toml, where the other commands read it, and correct "
                "what is wrong there.",
            ),
        ] = False,
        report: Annotated[
            str | None,
            Parameter(
                group=OUTPUT,
                metavar="FILE",
                validator=place,
                help="Write what was found into a Markdown file to attach to an issue: no token, no customer's data.",
            ),
        ] = None,
        json: Annotated[
            bool,
            Parameter(group=OUTPUT, negative=(), help="Print what was found as JSON on standard output."),
        ] = False,
        record: Annotated[
            str | None,
            Parameter(
                group=OUTPUT,
                metavar="DIR",
                validator=place,
                help=(
                    "Write a page of every endpoint into this folder, with made-up values instead of real ones: some "
                    "100 requests more. `pytest --teamup-recorded DIR` tests this package on them."
                ),
            ),
        ] = None,
        quota: Annotated[
            bool,
            Parameter(
                group=HOW,
                negative=(),
                help="Also spend the whole quota of this minute, to see what a 429 says.",
            ),
        ] = False,
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
    ) -> int:
        async def work() -> int:
            diagnosis = await _diagnosed(connection, quota=quota, record=record, shown=verbosity.shown)
            if not json:
                from ..findings import show

                settled = connection.settled()
                told = settled.values.get("dialect")
                show(
                    diagnosis,
                    settings=told.deviations() if told else {},
                    variable=settled.origins.get("dialect") == "TEAMUP_DIALECT",
                    whole=verbosity.verbose,
                )
            if report is not None:
                _write(Path(report), diagnosis)
            if record is not None:
                _recorded(Path(record))
            if save:
                _save(connection, diagnosis)
            if json:  # one object, also where a file could not be written
                print(text.dumps(diagnosis.to_json()))
            return 0

        about = attrs.evolve(situation(connection, verbosity), diagnosing=True)
        return execute(work(), about, json=json)

    made.default(doctor)
    return made


async def _diagnosed(connection: Connection, *, quota: bool, record: str | None, shown: bool) -> "Diagnosis":
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, highlight=False)
    async with connection.client() as teamup:
        if not (shown and sys.stderr.isatty()):
            return await teamup.diagnose(quota=quota, record=record)
        with console.status("teamup doctor") as status:
            return await teamup.diagnose(
                quota=quota,
                record=record,
                told=lambda sent, what: status.update(escape(f"{sent} requests sent: {what}")),
            )


def _write(file: Path, diagnosis: "Diagnosis") -> None:
    from ..failures import OutputError

    try:
        file.write_text(diagnosis.report(), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror or error}") from None
    say(f"{file}: written; it holds no token and no data of customers")


def _recorded(folder: Path) -> None:
    from ...doctor.recordings import read_recordings
    from ...endpoints import ENDPOINTS

    _, recordings = read_recordings(folder)
    answered = {one.endpoint for one in recordings}
    pages = f"{len(recordings)} pages of {len(answered)} endpoints"
    missing = [one.full_name for one in ENDPOINTS if one.full_name not in answered]
    if missing:
        pages = f"{pages} (no answer from {', '.join(missing)})"
    say(f"{folder}: {pages}, with made-up values; test them with: pytest --teamup-recorded {folder}")


def _save(connection: Connection, diagnosis: "Diagnosis") -> None:
    from ..config_edit import save_dialect

    settled = connection.settled()
    file = settled.config.path or Path(connection.config or os.environ.get("TEAMUP_CONFIG") or FILE_NAME)
    changed = save_dialect(file, settled.account, diagnosis.found, diagnosis.deviations)
    whose = "" if settled.account is None else f" for the account {settled.account}"
    if changed:
        say(f"{file}: the dialect was saved{whose}")
    else:
        say(f"{file}: nothing to save{whose}, what was found is there or is the default")
