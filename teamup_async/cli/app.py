"""The commands, by name. Their modules are imported when a command runs, so that ``teamup --help`` is quick."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cyclopts import App

from .._version import __version__

if TYPE_CHECKING:
    from ..endpoint import Endpoint

__all__ = ["build_app"]

HELP = """Pull reports of the TeamUp API: every row once, within the quota.

New here? `teamup demo` shows it all without a token; `teamup reports` lists what can be pulled.

Settings come from options or from the environment: TEAMUP_TOKEN, TEAMUP_PROVIDER_ID, TEAMUP_REQUEST_MODE, \
TEAMUP_AUTH_SCHEME, TEAMUP_BASE_URL. Keep the token in the environment: others can see a command line.

Exit codes: 0 done, 1 the API, the network or the output failed, 2 wrong usage, 130 interrupted."""

# name, module, help: what depends on the endpoints ...
REPORT_COMMANDS = (
    ("reports", "What can be pulled; with a name: its columns, filters and pagings."),
    ("check", "Whether the token is good, and for whom: one small request."),
    ("count", "How many rows a report has: one small request."),
    ("pull", "Pull a report into a file, a pipe, or a table."),
    ("pull-many", "Pull several reports into a folder or database; `pull A B --out data` is the same."),
    ("sync", "Keep tables of reports up to date: read what changed."),
    ("chart", "Draw a grouped report: bars for one dimension, a heat map for two."),
    ("demo", "Pull all reports from a TeamUp inside this process; needs no token."),
)
# ... and what does not.
OTHER_COMMANDS = (("sandbox", "Serve a local TeamUp with made-up data, to try things and to test against."),)


def build_app(endpoints: Iterable[Endpoint[..., Any]] | None = None) -> App:
    """The command line for `endpoints` (default: all that are declared)."""
    app = App(
        name="teamup",
        help=HELP,
        help_format="plaintext",
        version=__version__,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    chosen = None if endpoints is None else tuple(endpoints)
    for order, (name, text) in enumerate((*REPORT_COMMANDS, *OTHER_COMMANDS)):
        if chosen is None or name == "sandbox":
            app.command(
                f"{__package__}.commands.{name.replace('-', '_')}:app", name=name, help=text, sort_key=order
            )
        else:
            app.command(_built(name, chosen, text, order))
    # Writes only the script that the shell loads; nobody's start-up files are changed.
    app.register_install_completion_command(add_to_startup=False)  # pyright: ignore[reportUnknownMemberType]
    return app


def _built(name: str, endpoints: tuple[Endpoint[..., Any], ...], text: str, order: int) -> App:
    from importlib import import_module

    command: App = import_module(f"{__package__}.commands.{name.replace('-', '_')}").build(endpoints)
    command.help = text
    command.sort_key = order
    return command
