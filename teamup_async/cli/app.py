"""The commands, by name. A module is imported when its command is called, so that ``teamup --help`` is quick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cyclopts import App, Parameter

from .._version import __version__

if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from .line import Line

__all__ = ["build_app"]

HELP = """Pull reports of the TeamUp API: every row once, within the quota.

New here? `teamup demo` shows it all without a token; `teamup reports` lists what can be pulled.

Settings come from options, from the environment (TEAMUP_TOKEN, TEAMUP_PROVIDER_ID, TEAMUP_REQUEST_MODE, \
TEAMUP_AUTH_SCHEME, TEAMUP_BASE_URL, TEAMUP_DIALECT), or from the file teamup.toml. Keep the token out of the command \
line: others can see it.

Exit codes: 0 done, 1 the API, the network or the output failed, 2 wrong usage, 130 interrupted."""

COMMANDS = {
    "reports": "List what can be pulled; with a name show its columns and filters, with another word search for it.",
    "check": "Check whether a token is good, and for which business.",
    "doctor": "Find out how the API answers where its documents are silent: 40 small requests at most.",
    "count": "Count the rows of a report: one or two small requests.",
    "pull": "Pull reports into files, a database, a pipe, or a table.",
    "export": "Let TeamUp write a report into a file, and fetch the file: a handful of requests.",
    "sync": "Keep tables up to date: read what changed since the last run.",
    "chart": "Draw revenue, visits, members, retention or any grouped report; without a name list the charts.",
    "demo": "Pull five reports from a local TeamUp in this process; needs no token.",
    "sandbox": "Serve a local TeamUp with made-up data, to try things and to test against.",
}
NAMING = frozenset({"count", "pull", "export", "sync", "chart"})
"""Commands whose options depend on the reports that are named behind them."""


def build_app(arguments: Sequence[str], endpoints: Iterable[Endpoint[..., Any]] | None = None) -> App:
    """The command line, with the one command in full that `arguments` begin with.

    Making the options of all commands would take longer than most of them run. `endpoints`: those that there are
    (default: all that are declared). Raises `QueryError` where a report is named that does not exist.
    """
    app = App(
        name="teamup",
        help=HELP,
        help_format="plaintext",
        version=__version__,
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(show_default=_telling),
        result_action="return_value",
    )
    called = arguments[0] if arguments else ""
    everything = "--install-completion" in arguments
    for order, (name, text) in enumerate(COMMANDS.items()):
        command = App(name=name)
        if everything or name == called:
            known = () if name == "sandbox" else _known(endpoints)
            line = _line(known, name, None if everything else arguments[1:])
            command = import_module(f"{__package__}.commands.{name}").build(line)
            told = () if everything else line.named
            text = "\n\n".join((text, *(f"{one.title}: GET {one.path}." for one in told)))  # noqa: PLW2901 - the same text, longer
        command.help = text
        command.sort_key = order
        app.command(command)
    # Writes only the script that the shell loads; nobody's start-up files are changed.
    app.register_install_completion_command(add_to_startup=False)  # pyright: ignore[reportUnknownMemberType]
    return app


def _telling(default: Any) -> str | None:
    """A default as help shows it; None for what says nothing: a switch that is off, no name."""
    return None if default is None or default is False or default == () else f"{default}".removesuffix(".0")


def _known(endpoints: Iterable[Endpoint[..., Any]] | None) -> Sequence[Endpoint[..., Any]]:
    if endpoints is not None:
        return tuple(endpoints)
    from ..endpoints import ENDPOINTS

    return ENDPOINTS


def _line(known: Sequence[Endpoint[..., Any]], name: str, arguments: Sequence[str] | None) -> Line:
    from .line import Line

    if arguments is None:
        return Line(known, known if name in NAMING else (), complete=True)
    if name == "chart":
        from .charts.named import reports_of

        arguments = reports_of(arguments, known)
    return Line.of(arguments if name in NAMING else (), known)
