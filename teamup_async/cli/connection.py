"""The options that every command takes: how to reach the API, and how much to say; and the client they make."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import contextlib
import math
import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

import attrs
from cyclopts import Group, Parameter

from ..errors import ConfigurationError
from .failures import Situation

if TYPE_CHECKING:
    from .._http.policy import RetryPolicy
    from ..client import TeamUp
    from ..precedence import Settled

__all__ = ["CONNECTION", "RATE", "Connection", "Verbosity", "situation"]

CONNECTION = Group("Connection", sort_key=8)
SHOWN = Group("What is shown", sort_key=9)
RATE = 250
"""Requests a minute unless asked otherwise, as TeamUp documents."""


Text = str | None


def _setting(text: str, metavar: str, variable: str | None = None) -> Parameter:
    shown = f"{text} [env: {variable}]" if variable else text
    return Parameter(help=shown, metavar=metavar, group=CONNECTION, show_default=False)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Connection:
    """How to reach the API. What is not given comes from the environment, from `teamup.toml`, then from defaults."""

    account: Annotated[
        Text, _setting("Account of the configuration file to read.", "NAME", "TEAMUP_ACCOUNT")
    ] = None
    config: Annotated[
        Text,
        _setting(
            "Configuration file (default: ./teamup.toml, then teamup/teamup.toml in the user's folder for settings).",
            "FILE",
            "TEAMUP_CONFIG",
        ),
    ] = None
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
    dialect: Annotated[
        list[str] | None,
        Parameter(
            help="How TeamUp answers where its documents are silent: --dialect sort_by_id=ignored. Can be repeated. "
            "`teamup doctor` finds out.",
            metavar="FIELD=VALUE",
            group=CONNECTION,
            negative=(),
            show_default=False,
        ),
    ] = None
    rate: Annotated[
        int | None, _setting("Requests a minute (default: 250, the documented quota).", "INT")
    ] = None
    concurrency: Annotated[int | None, _setting("Requests in flight at once (default: 8).", "INT")] = None
    timeout: Annotated[
        float | None, _setting("Seconds for one request with all its tries (default: 300).", "SECONDS")
    ] = None

    retries: Annotated[
        int | None,
        _setting("How often a request that failed is tried again (default: 4). A 429 does not count.", "INT"),
    ] = None
    patience: Annotated[
        float | None,
        _setting(
            "Seconds of an outage to outlast, beyond --retries (default: 600 on the way into files and tables, else 0; "
            "0 where --retries is given).",
            "SECONDS",
        ),
    ] = None

    def settings(self) -> dict[str, Any]:
        """What was given, as `TeamUp` takes it. Raises `ConfigurationError`."""
        given: dict[str, Any] = {
            name: value for name, value in attrs.asdict(self).items() if value is not None
        }
        for name in ("account", "config"):
            given.pop(name, None)
        if self.dialect is not None:
            from ..precedence import fields_of

            try:
                given["dialect"] = fields_of(*self.dialect)
            except ConfigurationError as error:
                raise ConfigurationError(f"--dialect: {error}") from None
        retries, patience = given.pop("retries", None), given.pop("patience", None)
        if retries is not None or patience is not None:
            given["retry"] = _policy(retries, patience)
        return given

    def settled(self) -> "Settled":
        """The settings that count: what was given, the environment, the file. Raises `ConfigurationError`."""
        from ..precedence import settle

        return settle(self.settings(), account=self.account, path=self.config)

    def secret(self) -> str | None:
        """The token that counts; None where there is none. Raises `ConfigurationError`."""
        from .saying import forget

        token = self.token or self.settled().token(os.environ)
        if token:
            forget(token)
        return token

    @property
    def requests_a_minute(self) -> int:
        """Requests a minute that the command sends at most."""
        rate: int = self.settled().values.get("rate", RATE)
        return rate

    def client(self, **more: Any) -> "TeamUp":
        """A client, to be entered with ``async with``; `more` are further settings. Raises `ConfigurationError`."""
        from ..client import TeamUp

        given: dict[str, Any] = {**self.settings(), **self.settled().options(), "token": self.secret()}
        if "throttle" in more:
            given.pop("rate", None)  # the throttle has it
        return TeamUp(**{**given, **more})


def _policy(retries: int | None, patience: float | None) -> "RetryPolicy":
    from .._http.policy import RetryPolicy

    if retries is not None and retries < 0:
        raise ConfigurationError(f"retries must be 0 or more, not {retries}")
    if patience is not None and not 0 <= patience < math.inf:
        raise ConfigurationError(f"patience must be 0 seconds or more, not {patience}")
    # A number of retries alone is that number: patience would go on beyond it.
    policy = RetryPolicy(patience=patience)
    return policy if retries is None else attrs.evolve(policy, attempts=retries + 1)


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
    log: Annotated[
        Literal["text", "json"] | None,
        Parameter(
            group=SHOWN,
            help="Write log lines on stderr instead of progress: text for people, json for programs, one object a "
            "line. With --verbose also each answer, with --quiet only what went wrong.",
        ),
    ] = None

    @property
    def shown(self) -> bool:
        """Whether progress is drawn, where stderr is a terminal."""
        return not self.quiet and self.log is None


def situation(connection: Connection, verbosity: Verbosity) -> Situation:
    """What advice after a failure depends on."""
    url, scheme, token = connection.base_url, connection.auth_scheme, None
    with contextlib.suppress(ConfigurationError):  # told where the client is made
        settled = connection.settled()
        settings = settled.values
        token = "--token" if connection.token else settled.token_place(os.environ)
        url = settings.get("base_url")
        scheme = settings.get("auth_scheme") or getattr(settings.get("dialect"), "auth_scheme", None)
    return Situation(base_url=url, auth_scheme=scheme, token=token, verbose=verbosity.verbose)
