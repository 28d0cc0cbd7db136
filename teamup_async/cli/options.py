"""The options that every command takes, and the client they make."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from typing import TYPE_CHECKING, Annotated, Any

import attrs
from cyclopts import Group, Parameter

if TYPE_CHECKING:
    from ..client import TeamUp

__all__ = ["CONNECTION", "FILTERS", "Connection", "Verbosity", "Zone", "place"]

FILTERS = Group("Filters", sort_key=1)
CONNECTION = Group("Connection", sort_key=8)
SHOWN = Group("What is shown", sort_key=9)

Text = str | None


def _setting(text: str, metavar: str, variable: str | None = None) -> Parameter:
    shown = f"{text} [env: {variable}]" if variable else text
    return Parameter(help=shown, metavar=metavar, group=CONNECTION, show_default=False)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Connection:
    """How to reach the API. What is not given comes from the environment, then from the client's defaults."""

    token: Annotated[
        Text,
        _setting(
            "Access token. Better kept in the variable: command lines can be seen.", "TOKEN", "TEAMUP_TOKEN"
        ),
    ] = attrs.field(default=None, repr=False)
    provider_id: Annotated[Text, _setting("Provider (business) to act for.", "ID", "TEAMUP_PROVIDER_ID")] = (
        None
    )
    mode: Annotated[Text, _setting("Request mode: provider or customer.", "MODE", "TEAMUP_REQUEST_MODE")] = (
        None
    )
    auth_scheme: Annotated[
        Text,
        _setting("Word before the token: Token (default), Bearer or JWT.", "SCHEME", "TEAMUP_AUTH_SCHEME"),
    ] = None
    base_url: Annotated[Text, _setting("Default: https://goteamup.com/api/v2.", "URL", "TEAMUP_BASE_URL")] = (
        None
    )
    rate: Annotated[
        int | None, _setting("Requests a minute, 0 for no limit (default: 250, the documented quota).", "INT")
    ] = None
    concurrency: Annotated[int | None, _setting("Requests under way at once (default: 8).", "INT")] = None
    timeout: Annotated[
        float | None, _setting("Seconds for one request with all its tries (default: 300).", "SECONDS")
    ] = None

    def client(self, **more: Any) -> "TeamUp":
        """A client, to be entered with ``async with``; `more` are further settings. Raises `ConfigurationError`."""
        from ..client import TeamUp

        given: dict[str, Any] = {
            field.name: value
            for field in attrs.fields(Connection)
            if (value := getattr(self, field.name)) is not None
        }
        if given.get("rate") == 0:
            given["rate"] = None
        return TeamUp(**given, **more)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Verbosity:
    """How much is said on stderr."""

    quiet: Annotated[
        bool,
        Parameter(name=("--quiet", "-q"), negative=(), group=SHOWN, help="No progress, no closing line."),
    ] = False
    verbose: Annotated[
        bool,
        Parameter(
            name=("--verbose", "-v"),
            negative=(),
            group=SHOWN,
            help="Tell each try of a failed request, and what it took in the end.",
        ),
    ] = False


def place(_: Any, value: str) -> None:
    """Refuse an option where a place to write to is missing; a dash alone is standard output."""
    if value.startswith("-") and value != "-":
        raise ValueError(f"a file or folder was expected, not {value!r}; ./{value} would be one")


Zone = Annotated[
    str,
    Parameter(
        name="--timezone",
        metavar="ZONE",
        group=FILTERS,
        help=(
            "For times given without a zone (a date alone is its midnight): UTC, an offset such as +02:00, or a "
            "name such as Europe/London. The --local-... filters take times without a zone, on the venue's clock."
        ),
    ),
]
