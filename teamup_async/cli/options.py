"""The options that every command takes, and the client they make."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import contextlib
import math
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import attrs
from cyclopts import Group, Parameter

from ..errors import ConfigurationError, QueryError
from .failures import Situation
from .times import TAKES

if TYPE_CHECKING:
    from .._http.retry import RetryPolicy
    from ..client import TeamUp
    from ..precedence import Settled

__all__ = [
    "CONNECTION",
    "FILTERS",
    "HOW",
    "OUTPUT",
    "WALKING",
    "WHO",
    "Bulk",
    "Connection",
    "Kind",
    "Since",
    "Verbosity",
    "What",
    "length",
    "place",
    "situation",
]

FILTERS = Group("Filters", sort_key=1)
OUTPUT = Group("Where to", sort_key=2)
WHO = Group("Whose", sort_key=4)
HOW = Group("How", sort_key=5)
WALKING = Group("How the pages are walked (standard output, or one csv, jsonl or txt file)", sort_key=6)
CONNECTION = Group("Connection", sort_key=8)
SHOWN = Group("What is shown", sort_key=9)

RATE = 250
"""Requests a minute unless asked otherwise, as TeamUp documents."""

Kind = Literal["jsonl", "json", "csv", "table", "parquet", "arrow", "duckdb", "sqlite"]
"""What rows can be written as."""

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
            help="What TeamUp's documents leave open, as often as needed: --dialect sort_by_id=ignored. "
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
            given["dialect"] = _fields(self.dialect)
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
        from .running import forget

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


def _fields(texts: Sequence[str]) -> dict[str, str]:
    """The fields of a dialect that ``--dialect`` names. Raises `ConfigurationError`."""
    from ..dialect import Dialect

    fields: dict[str, str] = {}
    for text in texts:
        name, _, value = text.partition("=")
        Dialect.parse([text])
        fields[name.strip().lower().replace("-", "_")] = value
    return fields


def _policy(retries: int | None, patience: float | None) -> "RetryPolicy":
    from .._http.retry import RetryPolicy

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


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Since:
    """Which rows, beside the filters of the reports."""

    since: Annotated[
        Text, Parameter(group=FILTERS, metavar="WHEN", help=f"What happens at or after this time: {TAKES}.")
    ] = None
    timezone: Annotated[
        Text,
        Parameter(
            name="--timezone",
            metavar="ZONE",
            group=FILTERS,
            help=(
                "For times that name no zone: UTC (default), an offset such as +02:00, a name such as Europe/London. "
                "The --local-... filters take times without a zone, on the venue's clock."
            ),
        ),
    ] = None
    set: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            group=FILTERS,
            negative=(),
            metavar="REPORT.FILTER=VALUE",
            help="A filter for one of several reports, as often as needed: --set attendances.status=attended,no_show.",
        ),
    ] = None

    @property
    def end(self) -> str | None:
        """What ``--until`` says, where there is one."""
        return None

    def zoned(self, connection: Connection, accounts: str | None = None) -> Self:
        """The same, with the time zone of the configuration file where none was given; `accounts` is such a file.

        Raises `ConfigurationError` where accounts have several zones.
        """
        if self.timezone is not None:
            return self
        if accounts is None:
            return attrs.evolve(self, timezone=connection.settled().values.get("timezone"))
        from ..config_file import read_config

        try:
            file = read_config(accounts)
        except ConfigurationError:
            return self  # told where the accounts are loaded
        zones = {file.settings(name).get("timezone") for name in file.accounts}
        if len(zones) > 1:
            named = ", ".join(sorted(zone or "none" for zone in zones))
            raise ConfigurationError(f"timezone: the accounts of {accounts} have several ({named}): name one")
        return attrs.evolve(self, timezone=next(iter(zones), None))


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class What(Since):
    """Which rows, with both ends of a stretch of time."""

    until: Annotated[
        Text,
        Parameter(
            group=FILTERS,
            metavar="WHEN",
            help="What happens at or before this time; a day, a month or a year is included to its end.",
        ),
    ] = None

    @property
    def end(self) -> str | None:
        """What ``--until`` says."""
        return self.until


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Bulk:
    """What `pull` into files and tables and `sync` have in common: whose rows, and how the work is done."""

    accounts: Annotated[
        Text,
        Parameter(
            group=WHO,
            metavar="FILE",
            help="TOML file with accounts and where their tokens are kept; each has a quota of its own.",
        ),
    ] = None
    quota_file: Annotated[
        Text,
        Parameter(
            group=HOW,
            metavar="FILE",
            help="Share the quota with other runs on this machine through this file.",
        ),
    ] = None
    quota_redis: Annotated[
        Text,
        Parameter(
            group=HOW,
            metavar="URL",
            show_default=False,
            help="Share the quota with runs on any machine through this Redis server. A URL with a password is better "
            "kept in the variable. [env: TEAMUP_QUOTA_REDIS]",
        ),
    ] = attrs.field(default=None, repr=False)
    restart: Annotated[
        bool, Parameter(group=HOW, negative=(), help="Begin anew, although an unfinished run could go on.")
    ] = False
    dry_run: Annotated[
        bool,
        Parameter(
            group=HOW,
            negative=(),
            help="Show what would be read, the requests and the time that the quota will take; change nothing.",
        ),
    ] = False
    json: Annotated[
        bool, Parameter(group=HOW, negative=(), help="Print the result as JSON on standard output.")
    ] = False

    wait: Annotated[
        float,
        Parameter(
            group=HOW,
            metavar="SECONDS",
            help="How long to wait for another run, or for a program that has the database open.",
        ),
    ] = 0.0
    extra: Annotated[
        Literal["drop", "keep"],
        Parameter(
            group=HOW,
            help="What becomes of fields that this version does not know: keep puts them into a column of JSON.",
        ),
    ] = "drop"

    @property
    def sink_options(self) -> dict[str, Any]:
        """The keyword arguments of `sink_named`. Raises `QueryError`."""
        if not 0 <= self.wait < float("inf"):
            raise QueryError(
                f"wait must be 0 seconds or more, not {self.wait}", parameter="wait", value=self.wait
            )
        return {"wait": self.wait, "extra": self.extra}

    def check(self, connection: Connection) -> None:
        """Raise `ConfigurationError` for what does not go together."""
        if self.quota_file is not None and self.quota_redis is not None:
            raise ConfigurationError(
                "give --quota-file or --quota-redis, not both: a quota is counted in one place"
            )
        if self.accounts is None:
            return
        if connection.token or connection.provider_id:
            raise ConfigurationError(
                "with --accounts, tokens and providers come from that file: leave --token and --provider-id out"
            )
        if connection.account or connection.config:
            raise ConfigurationError(
                "with --accounts, all accounts of that file are read: leave --account and --config out"
            )


def situation(connection: Connection, verbosity: Verbosity) -> Situation:
    """What advice after a failure depends on."""
    url, scheme = connection.base_url, connection.auth_scheme
    with contextlib.suppress(ConfigurationError):  # told where the client is made
        settings = connection.settled().values
        url = settings.get("base_url")
        scheme = settings.get("auth_scheme") or getattr(settings.get("dialect"), "auth_scheme", None)
    return Situation(base_url=url, auth_scheme=scheme, verbose=verbosity.verbose)


def place(_: Any, value: str | None) -> None:
    """Refuse an option where a place to write to is missing; a dash alone is standard output."""
    if value is not None and value.startswith("-") and value != "-":
        raise ValueError(f"a file or folder was expected, not {value!r}; ./{value} would be one")


def length(name: str, value: int, *, least: int = 0, **unit: int) -> timedelta:
    """`value` of `unit` as a length of time. Raises `QueryError`, which calls it `name`."""
    if value < least:
        raise QueryError(f"{name} must be {least} or more, not {value}", parameter=name, value=value)
    try:
        return value * timedelta(**unit)
    except OverflowError:
        raise QueryError(f"{name} is too long: {value}", parameter=name, value=value) from None
