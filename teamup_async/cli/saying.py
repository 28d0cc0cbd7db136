"""What is said on stderr, and what is never said: tokens."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

__all__ = ["clean", "forget", "invocation", "say", "speaking"]

_secrets: set[str] = set()
"""Tokens of this process: never shown, whatever a message is made of."""
_arguments: list[str] = []
"""What the command line was called with."""
_written: list[Callable[[str], None] | None] = [None]
"""What writes lines where ``--log`` is given."""


@contextmanager
def speaking(arguments: Sequence[str], write: Callable[[str], None] | None) -> Generator[None]:
    """Say what one run of the command line says: without the tokens of `arguments`, and by `write` if there is one."""
    _secrets.clear()
    _secrets.update(_tokens(arguments))
    _arguments[:] = arguments
    _written[0] = write
    try:
        yield
    finally:
        _written[0] = None


def invocation() -> list[str]:
    """What the command line was called with, without the token."""
    shown = list(_arguments)
    for place, argument in enumerate(shown[:-1]):
        if argument == "--token":
            shown[place + 1] = "***"
    return ["--token=***" if argument.startswith("--token=") else argument for argument in shown]


def forget(secret: str) -> None:
    """Never show `secret`, whatever a message is made of."""
    _secrets.add(secret)


def say(*lines: str) -> None:
    """Print lines on stderr, without any token; on a terminal they are broken between words."""
    for line in lines:
        if (write := _written[0]) is not None:
            write(clean(line))
        else:
            print(_broken(clean(line)), file=sys.stderr)


def _broken(line: str) -> str:
    """`line` as a terminal can show it. What is to be pasted stays in one piece."""
    if not sys.stderr.isatty() or " --start '" in line:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    width = max(20, shutil.get_terminal_size().columns)
    return textwrap.fill(
        line,
        width,
        subsequent_indent=indent,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )


def clean(text: str) -> str:
    """`text` without any token."""
    for secret in _secrets:
        text = text.replace(secret, "***")
    return text


def _tokens(arguments: Sequence[str]) -> set[str]:
    found = {os.environ.get("TEAMUP_TOKEN", "")}
    for place, argument in enumerate(arguments):
        if argument == "--token":
            found.update(arguments[place + 1 : place + 2])
        elif argument.startswith("--token="):
            found.add(argument.partition("=")[2])
    # Something as short as "wrong" is no token, and replacing it would spoil every message.
    return {token for token in found if len(token) > 7}
