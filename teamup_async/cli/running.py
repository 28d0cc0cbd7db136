"""One run of the command line: arguments in, exit code out; and one run of a command's work."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, cast

import attrs

from ..errors import QueryError
from ..logs import about
from .app import build_app
from .failures import OutputError, Situation, exit_code, explain, with_options
from .log_lines import log, log_lines
from .values import option_name

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

    from ..endpoint import Endpoint
    from .reporting import Reporter

__all__ = ["clean", "execute", "forget", "invocation", "run", "say"]

DONE, FAILED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
_STOPPED = "teamup: stopped"
_UNWRITABLE = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What writing to standard output may fail with; files have errors of their own, which name them."""

_secrets: set[str] = set()
"""Tokens of this process: never shown, whatever a message is made of."""
_arguments: list[str] = []
"""What the command line was called with."""
_written: list[Callable[[str], None] | None] = [None]
"""What writes lines where ``--log`` is given."""


def run(arguments: Sequence[str], *, endpoints: Iterable[Endpoint[..., Any]] | None = None) -> int:
    """Run the command line for `endpoints` (default: all declared ones); returns the exit code."""
    _secrets.clear()
    _secrets.update(_tokens(arguments))
    _arguments[:] = arguments
    with log_lines(arguments, clean) as write:
        _written[0] = write
        try:
            return _run(arguments, endpoints)
        except Exception:
            if write is None:
                raise
            log.exception("something is wrong in this program", extra=about(None))
            return FAILED
        finally:
            _written[0] = None


def _run(arguments: Sequence[str], endpoints: Iterable[Endpoint[..., Any]] | None) -> int:
    from cyclopts import CycloptsError

    ordered = _commands_first(arguments)
    try:
        app = build_app(ordered, endpoints)
        code = app(ordered, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except QueryError as error:
        say(*explain(error, Situation()))
        return USAGE
    except CycloptsError as error:
        say(*_usage(error, ordered))
        return USAGE
    except BrokenPipeError:
        _drop_output()  # the reader has seen enough, as `head` does
        return DONE
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        _drop_output()
        why = "it is closed" if error.errno == errno.EBADF else error.strerror
        say(f"teamup: cannot write standard output: {why}")
        return FAILED
    except KeyboardInterrupt as stop:
        say(str(stop) or _STOPPED)
        return INTERRUPTED
    return code if isinstance(code, int) else DONE


def _drop_output() -> None:
    """Let nothing more be written: Python would complain once more while it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


def execute(
    work: Coroutine[Any, Any, int],
    situation: Situation,
    *,
    json: bool = False,
    reporter: Reporter | None = None,
) -> int:
    """Run the work of a command to its end and explain what went wrong; returns the exit code.

    SIGTERM ends it like Ctrl-C: everything is cleaned up, and no half-written file stays. With `json`, standard output
    has a JSON object also where the work failed before it had a result; a `reporter` writes that object, and files.
    """
    import asyncio

    from ..errors import TeamUpError

    try:
        with _warnings_told():
            return asyncio.run(_until_terminated(work))
    except _TerminatedError:
        say(_STOPPED if reporter is None else reporter.stopped(TERMINATED))
        return TERMINATED
    except KeyboardInterrupt:
        if reporter is not None:
            raise KeyboardInterrupt(reporter.stopped(INTERRUPTED)) from None
        if json:
            _print_failure("Interrupted", [_STOPPED])
        raise
    except BrokenPipeError:
        raise
    except Exception as raised:
        error = (
            _first(cast("ExceptionGroup[Exception]", raised))
            if isinstance(raised, ExceptionGroup)
            else raised
        )
        if not isinstance(error, (TeamUpError, OutputError)):
            if reporter is not None:  # it ends with a traceback
                reporter.failed(error, [f"{type(error).__name__}: {error}"], FAILED)
            raise
    return _failed(error, situation, json=json, reporter=reporter)


def _failed(error: Exception, situation: Situation, *, json: bool, reporter: Reporter | None) -> int:
    """Explain an error; returns the exit code."""
    lines = explain(error, situation)
    say(*lines)
    if reporter is not None:
        return reporter.failed(error, lines, exit_code(error))
    if json:
        _print_failure(type(error).__name__, lines)
    return exit_code(error)


class _TerminatedError(Exception):
    """SIGTERM came."""


@contextlib.contextmanager
def _warnings_told() -> Generator[None]:
    """Tell warnings about drift and dialects as lines of the command line, without a place in the code."""
    import warnings

    from ..errors import TeamUpDialectWarning, TeamUpDriftWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", TeamUpDialectWarning)  # a client says each once
        before = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, (TeamUpDriftWarning, TeamUpDialectWarning)):
                say(f"teamup: warning: {with_options(str(message))}")
            else:
                before(message, category, *rest, **more)

        warnings.showwarning = cast("Any", show)
        yield


def _print_failure(kind: str, lines: Sequence[str]) -> None:
    """What went wrong as the JSON object that a result would be."""
    from json import dumps

    told = {"type": kind, "message": clean(lines[0].removeprefix("teamup: "))}
    advice = " ".join(clean(line).strip() for line in lines[1:])
    error = {**told, "advice": advice} if advice else told
    print(dumps({"ok": False, "rows": 0, "parts": [], "error": error}), flush=True)


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
        raise _TerminatedError from None
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
    # Something as short as "wrong" is no token, and replacing it would spoil every message.
    return {token for token in found if len(token) > 7}


def _commands_first(arguments: Sequence[str]) -> list[str]:
    """`arguments` with the options that stand before the command moved behind it: ``teamup -q pull ...``."""
    from .connection import Connection, Verbosity

    takes_value = {option_name(field.name) for field in attrs.fields(Connection)}
    flags = {option_name(field.name) for field in attrs.fields(Verbosity)} | {"-q", "-v"}
    flags.remove("--log")
    takes_value.add("--log")
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


def _usage(error: CycloptsError, arguments: Sequence[str]) -> list[str]:
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
