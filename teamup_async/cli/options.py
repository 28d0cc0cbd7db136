"""The options that several commands take: which rows, whose, and how the work is done."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

import attrs
from cyclopts import Group, Parameter

from ..errors import ConfigurationError, QueryError
from .connection import Connection
from .times import TAKES, read_zone

__all__ = [
    "FILTERS",
    "HOW",
    "OUTPUT",
    "WALKING",
    "WHO",
    "Bulk",
    "Kind",
    "Since",
    "What",
    "length",
    "place",
]

FILTERS = Group("Filters", sort_key=1)
OUTPUT = Group("Where to", sort_key=2)
WHO = Group("Whose", sort_key=4)
HOW = Group("How", sort_key=5)
WALKING = Group("How the pages are walked (standard output, or one csv, jsonl or txt file)", sort_key=6)

Kind = Literal["jsonl", "json", "csv", "table", "parquet", "arrow", "xlsx", "delta", "duckdb", "sqlite"]
"""What rows can be written as."""

Text = str | None


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
                "For times that name no zone, and for those in xlsx: UTC (default), an offset such as +02:00, a name "
                "such as Europe/London. The --local-... filters take times without a zone, on the venue's clock."
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
            help="A filter for one of several reports: --set attendances.status=attended,no_show. Can be repeated.",
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
            settled = connection.settled()
            zone = settled.values.get("timezone")
            return attrs.evolve(self, timezone=zone and _known(zone, settled.origins["timezone"]))
        from ..config_file import read_config

        try:
            file = read_config(accounts)
        except ConfigurationError:
            return self  # told where the accounts are loaded
        zones = {file.settings(name).get("timezone") for name in file.accounts}
        if len(zones) > 1:
            named = ", ".join(sorted(zone or "none" for zone in zones))
            raise ConfigurationError(f"timezone: the accounts of {accounts} have several ({named}): name one")
        zone = next(iter(zones), None)
        return attrs.evolve(self, timezone=zone and _known(zone, accounts))


def _known(zone: str, file: str) -> str:
    """`zone`, which a file says. Raises `ConfigurationError` where there is none."""
    try:
        read_zone(zone)
    except QueryError as error:
        raise ConfigurationError(f"{file}: {error}") from None
    return zone


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
        bool, Parameter(group=HOW, negative=(), help="Print the run's report as JSON on standard output.")
    ] = False
    report: Annotated[
        list[str] | None,
        Parameter(
            name="--report",
            group=OUTPUT,
            negative=(),
            metavar="FILE",
            help="Write how the run went: FILE.html is a page to look at, FILE.json the same for programs. It "
            "is written even if the run fails or is stopped. Can be repeated.",
        ),
    ] = None

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

    names: Annotated[
        Literal["dotted", "snake"],
        Parameter(
            group=OUTPUT,
            help="What columns are called: dotted (customer.name) or snake (customer_name), which databases take "
            "without quotes.",
        ),
    ] = "dotted"

    @property
    def sink_options(self) -> dict[str, Any]:
        """The keyword arguments of `sink_named`. Raises `QueryError`."""
        if not 0 <= self.wait < float("inf"):
            raise QueryError(
                f"wait must be 0 seconds or more, not {self.wait}", parameter="wait", value=self.wait
            )
        return {"wait": self.wait, "extra": self.extra, "names": self.names}

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
