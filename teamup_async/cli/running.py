"""One run of the command line: arguments in, exit code out; and one run of a command's work."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from .app import build_app
from .values import option_name

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

    from ..endpoint import Endpoint
    from .failures import Situation

__all__ = ["execute", "forget", "run", "say"]

DONE, FAILED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
_UNWRITABLE = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What writing to standard output may fail with; files have errors of their own, which name them."""

_FOLDER_OPTIONS = {"--since", "--until", "--set", "--window-days", "--quota-file", "--restart", "--json"}
"""Options of pulls into a folder, which those who leave `--out` away will try."""

_secrets: set[str] = set()
"""Tokens of this process: never shown, whatever a message is made of."""


def run(arguments: Sequence[str], *, endpoints: Iterable[Endpoint[..., Any]] | None = None) -> int:
    """Run the command line for `endpoints` (default: all declared ones); returns the exit code."""
    from cyclopts import CycloptsError

    _secrets.clear()
    _secrets.update(_tokens(arguments))
    try:
        app = build_app(endpoints)
        code = app(_routed(_commands_first(arguments)), exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        say(*_usage(error))
        return USAGE
    except BrokenPipeError:
        _drop_output()  # the reader has seen enough, as `head` does
        return DONE
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        _drop_output()
        say(f"teamup: cannot write standard output: {error.strerror}")
        return FAILED
    except KeyboardInterrupt:
        say("teamup: stopped")
        return INTERRUPTED
    return code if isinstance(code, int) else DONE


def _drop_output() -> None:
    """Let nothing more be written: Python would complain once more while it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def forget(secret: str) -> None:
    """Never show `secret`, whatever a message is made of."""
    _secrets.add(secret)


def execute(work: Coroutine[Any, Any, int], situation: Situation) -> int:
    """Run the work of a command to its end and explain what went wrong; returns the exit code.

    SIGTERM ends it like Ctrl-C: everything is cleaned up, and no half-written file stays.
    """
    import asyncio

    from ..errors import TeamUpError
    from .failures import OutputError, exit_code, explain

    try:
        return asyncio.run(_until_terminated(work))
    except (TeamUpError, OutputError) as single:
        error: Exception = single
    except ExceptionGroup as group:
        error = _first(group)
        if not isinstance(error, (TeamUpError, OutputError)):
            raise
    say(*explain(error, situation))
    return exit_code(error)


def say(*lines: str) -> None:
    """Print lines on stderr, without any token."""
    for line in lines:
        text = line
        for secret in _secrets:
            text = text.replace(secret, "***")
        print(text, file=sys.stderr)


async def _until_terminated(work: Coroutine[Any, Any, int]) -> int:
    import asyncio  # not needed for --help, which is to be quick

    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    # Not on Windows, and not outside of the main thread.
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if not terminated:
            raise
        say("teamup: stopped")
        return TERMINATED
    finally:
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGTERM)


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(cast("ExceptionGroup[Exception]", first)) if isinstance(first, ExceptionGroup) else first


def _tokens(arguments: Sequence[str]) -> set[str]:
    found = {os.environ.get("TEAMUP_TOKEN", "")}
    for place, argument in enumerate(arguments):
        if argument == "--token":
            found.update(arguments[place + 1 : place + 2])
        elif argument.startswith("--token="):
            found.add(argument.partition("=")[2])
    # Something as short as "x" is no token, and replacing it would spoil every message.
    return {token for token in found if len(token) > 3}


def _commands_first(arguments: Sequence[str]) -> list[str]:
    """`arguments` with the options that stand before the command moved behind it: ``teamup -q pull ...``."""
    from .options import Connection, Verbosity

    takes_value = {option_name(field.name) for field in attrs.fields(Connection)}
    flags = {option_name(field.name) for field in attrs.fields(Verbosity)} | {"-q", "-v"}
    rest = list(arguments)
    leading: list[str] = []
    while rest and rest[0].partition("=")[0] in takes_value | flags:
        length = 1 if rest[0] in flags or "=" in rest[0] else 2
        leading += rest[:length]
        del rest[:length]
    if not rest or rest[0].startswith("-"):
        return list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    return rest[:end] + leading + rest[end:]


def _routed(arguments: list[str]) -> list[str]:
    """``pull`` of several reports, or into a folder, is a command of its own."""
    if arguments[:1] == ["pull"]:
        names = {argument.partition("=")[0] for argument in arguments}
        if names & {"--out", "--accounts", "--dry-run"} or (len(arguments) > 2 and _is_report(arguments[2])):
            return ["pull-many", *arguments[1:]]
    return arguments


def _is_report(text: str) -> bool:
    """Whether `text` names a report, or nearly so."""
    from ..endpoints import endpoint_named
    from ..errors import QueryError

    try:
        endpoint_named(text)
    except QueryError as error:
        return error.suggestion is not None
    return True


def _usage(error: CycloptsError) -> list[str]:
    """What is wrong with the command line, in a line or two."""
    from cyclopts import MissingArgumentError, UnknownCommandError, UnknownOptionError, UnusedCliTokensError

    text = " ".join(str(error).split())
    argument = error.argument
    if isinstance(error, MissingArgumentError) and argument is not None and not argument.tokens:
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
        text = _other_pull((error.command_chain or ("",))[0], given) or text
    command = " ".join(("teamup", *(error.command_chain or ())))
    return [f"teamup: {text}", f"  See {command} --help"]


def _other_pull(command: str, option: str) -> str | None:
    """The advice for an option of the other way to pull: into a folder, or of one report."""
    if command == "pull" and option in _FOLDER_OPTIONS:
        return f"{option} goes with --out: teamup pull REPORT... {option} ... --out data"
    name = option.removeprefix("--").replace("-", "_")
    if command not in ("pull-many", "sync", "chart") or option in _FOLDER_OPTIONS:
        return None
    from ..endpoints import ENDPOINTS

    if not any(parameter.name == name for endpoint in ENDPOINTS for parameter in endpoint.filters):
        return None
    report = "" if command == "chart" else "REPORT."
    return f"{option} is a filter of a report: --set {report}{name}=VALUE"


def _unknown_command(given: str, app: App) -> str:
    from ..errors import nearest

    # Other spellings of a report are commands too, which are not shown.
    known = [name for name in app if not name.startswith("-") and app[name].show]
    near = nearest(given, known)
    hint = f"; did you mean {near!r}?" if near else "."
    return f"there is no command {given!r}{hint} Known: {', '.join(known)}"
