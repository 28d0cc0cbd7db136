"""``--log json`` and ``--log text``: everything that is said on stderr becomes lines of a log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Final

from ..logs import JsonFormatter, about

__all__ = ["log", "log_lines"]

log: Final = logging.getLogger("teamup_async.cli")
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Text(logging.Formatter):
    """Log lines for people, without what must not be shown."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__(_TEXT)
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        return self._clean(super().format(record))


@contextmanager
def log_lines(
    arguments: Sequence[str], clean: Callable[[str], str]
) -> Generator[Callable[[str], None] | None]:
    """A block in which log lines are written, where `arguments` ask for them: gives what writes another; else None.

    `clean` takes tokens out of a text. Warnings, and what other packages log as warnings, become lines too.
    """
    form = _asked(arguments)
    if form is None:
        yield None
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(clean) if form == "json" else _Text(clean))
    root, own = logging.getLogger(), logging.getLogger("teamup_async")
    before = own.level
    root.addHandler(handler)
    own.setLevel(_level(arguments))
    logging.captureWarnings(True)
    try:
        yield _say
    finally:
        logging.captureWarnings(False)
        own.setLevel(before)
        root.removeHandler(handler)


def _say(line: str) -> None:
    """Write what would be said to a person."""
    failed = line.startswith("teamup: ")
    text = line.removeprefix("teamup: ").strip()
    level = logging.WARNING if text.startswith("warning: ") else logging.ERROR if failed else logging.INFO
    log.log(level, text.removeprefix("warning: "), extra=about(None))


def _asked(arguments: Sequence[str]) -> str | None:
    """The form that the command line asks for. What it says else is looked at later: even errors of it are lines."""
    found: str | None = None
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--log":
            found = (*arguments[place + 1 : place + 2], None)[0]
        elif argument.startswith("--log="):
            found = argument.partition("=")[2]
    return found if found in ("json", "text") else None


def _level(arguments: Sequence[str]) -> int:
    if {"--quiet", "-q"} & set(arguments):
        return logging.WARNING
    return logging.DEBUG if {"--verbose", "-v"} & set(arguments) else logging.INFO
