"""The command line: ``teamup``, also ``python -m teamup_async``.

It needs the extra ``cli`` (cyclopts and rich). Nothing of it is imported with the package, and each command loads
what it needs when it runs.

    app.py        the commands, by name; what is loaded lazily
    running.py    one run: arguments in, exit code out
    failures.py   errors as lines a person can act on
    options.py    the options that every command takes
    report_app.py a command with a subcommand for each report
    filters.py    options made from an endpoint's declaration
    values.py     text of the command line -> values of a query (pure)
    formats.py    rows as jsonl and csv
    tables.py     rows and facts as tables for a terminal
    output.py     where output goes: the terminal, a pipe, a file that appears whole or not at all
    ticking.py    what is drawn again and again while something runs
    progress.py   progress on a terminal's stderr
    commands/     one file each
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["main"]

MISSING = 'teamup: the command line needs two more packages; run: pip install "teamup-async[cli]"'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (`arguments`: without the program's name; None for those of the process).

    Returns the exit code: 0 done, 1 the API, the network or the output failed, 2 wrong usage, 130 interrupted.
    """
    if find_spec("cyclopts") is None or find_spec("rich") is None:
        print(MISSING, file=sys.stderr)
        return 2
    from .running import run

    # A terminal that can't show a letter is no reason to fail; files and pipes of rows get UTF-8 in any case.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    return run(sys.argv[1:] if arguments is None else arguments)
