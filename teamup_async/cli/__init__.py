"""The command line: ``teamup``, also ``python -m teamup_async``.

It needs the extra ``cli`` (cyclopts and rich). Nothing of it is imported with the package, and each command loads
what it needs when it runs.

    app.py        the commands, by name; only the one that is called is made in full
    running.py    one run: arguments in, exit code out
    tuning.py     the garbage collector while much is read
    failures.py   errors as lines a person can act on
    line.py       which endpoints there are, and which the command line names
    command.py    what every command is made of
    options.py    the options that commands share, each written once
    filters.py    options made from the declarations of the endpoints that are named
    values.py     text of the command line -> values of a query (pure)
    times.py      days, months and words -> stretches of time (pure)
    requests.py   names, filters and --since -> queries
    places.py     -o and --format -> where rows go (pure)
    streaming.py  one report, written as it comes
    bulk_run.py, bulk_preview.py   pulls and syncs that keep checkpoints, and what they would take
    formats.py    rows as jsonl and csv
    tables.py     rows and facts as tables for a terminal
    output.py     the terminal, a pipe, a file that appears whole or not at all
    ticking.py    what is drawn again and again while something runs
    progress.py   progress on a terminal's stderr
    summary.py    how a bulk pull went, in sentences
    charts/       counts as pictures
    commands/     one file each
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["main"]

MISSING = """\
teamup: the command line needs more packages; run: pip install "teamup-async[cli]"
teamup: or, without installing it: uvx "teamup-async[cli]" --help"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (`arguments`: without the program's name; None for those of the process).

    Returns the exit code: 0 done, 1 the API, the network or the output failed, 2 wrong usage, 130 interrupted.
    """
    if find_spec("cyclopts") is None or find_spec("rich") is None:
        print(MISSING, file=sys.stderr)
        return 2
    _open_what_is_closed()
    from .running import run

    # A terminal that can't show a letter is no reason to fail; files and pipes of rows get UTF-8 in any case.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    return run(sys.argv[1:] if arguments is None else arguments)


def _open_what_is_closed() -> None:
    """Give the process the streams that its parent closed (``>&-``): Python has None for them.

    What is written to standard output then fails as on any other output that can't be written, instead of getting
    lost; and no file or socket gets the number of a stream, in which prints would end up.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
