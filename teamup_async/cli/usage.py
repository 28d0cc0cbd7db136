"""A command line that is wrong, explained: what is wrong with it, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

__all__ = ["misused"]


def misused(error: CycloptsError, arguments: Sequence[str]) -> list[str]:
    """What is wrong with the command line, in a line or two."""
    from cyclopts import MissingArgumentError, UnknownCommandError, UnknownOptionError, UnusedCliTokensError

    text = " ".join(str(error).split())
    argument = error.argument
    if (
        isinstance(error, MissingArgumentError)
        and argument is not None
        and argument.name in ("REPORT", "REPORTS")
    ):
        text = "name a report; `teamup reports` lists them"
    elif isinstance(error, MissingArgumentError) and argument is not None and not argument.tokens:
        mistyped = text.partition("Did you mean ")[2]
        text = f"{argument.name} is required. {argument.parameter.help or ''}".strip()
        if mistyped:
            text = f"{text} Did you mean {mistyped}"
    elif isinstance(error, UnusedCliTokensError):
        text = f"unexpected: {' '.join(error.unused_tokens or ())}"
    elif isinstance(error, UnknownCommandError) and error.app is not None and error.unused_tokens:
        text = _unknown_command(error.unused_tokens[0], error.app)
    elif isinstance(error, UnknownOptionError):
        given = (error.token.keyword or error.token.value).partition("=")[0]
        text = _no_option((error.command_chain or ("",))[0], given) or text
    words = list(takewhile(lambda word: not word.startswith("-"), arguments)) if error.command_chain else []
    command = " ".join(("teamup", *words))
    return [f"teamup: {text}", f"  See {command} --help"]


def _no_option(command: str, option: str) -> str | None:
    """The advice for an option that is a filter of a report which is not named."""
    from .app import NAMING

    if command not in NAMING:
        return None
    from ..endpoints import ENDPOINTS

    name = option.removeprefix("--").replace("-", "_")
    having = [
        endpoint.command_name
        for endpoint in ENDPOINTS
        if any(parameter.name == name for parameter in endpoint.filters)
    ]
    if not having:
        return None
    some = ", ".join(having[:3]) + (" and others" if len(having) > 3 else "")
    return f"{option} is a filter of {some}, but not of what is named here"


def _unknown_command(given: str, app: App) -> str:
    from ..errors import nearest

    # Other spellings of a report are commands too, which are not shown.
    known = [name for name in app if not name.startswith("-") and app[name].show]
    near = nearest(given, known)
    hint = f"; did you mean {near!r}?" if near else "."
    return f"there is no command {given!r}{hint} Known: {', '.join(known)}"
