"""One run of the command line: arguments in, exit code out; and one run of a command's work."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Coroutine, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import attrs

from ..errors import QueryError
from ..logs import about
from .app import build_app
from .failures import OutputError, Situation, exit_code, explain, with_options
from .log_lines import log, log_lines
from .saying import clean, say, speaking
from .usage import misused
from .values import option_name

if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from .reporting import Reporter

__all__ = ["execute", "run"]

DONE, FAILED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
_STOPPED = "teamup: stopped"
_UNWRITABLE = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What writing to standard output may fail with; files have errors of their own, which name them."""


def run(arguments: Sequence[str], *, endpoints: Iterable[Endpoint[..., Any]] | None = None) -> int:
    """Run the command line for `endpoints` (default: all declared ones); returns the exit code."""
    with log_lines(arguments, clean) as write, speaking(arguments, write):
        try:
            return _run(arguments, endpoints)
        except Exception:
            if write is None:
                raise
            log.exception("something is wrong in this program", extra=about(None))
            return FAILED


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
        say(*misused(error, ordered))
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
