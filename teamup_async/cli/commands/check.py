"""``teamup check``: whether tokens are good, and for which business; two small requests for each."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import attrs
from cyclopts import App, Parameter

from ...endpoint import Endpoint
from ...errors import StatusError, TeamUpError
from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..line import Line, report_argument
from ..options import WHO, Bulk
from ..running import execute

if TYPE_CHECKING:
    from ...client import TeamUp
    from ...precedence import Settled
    from ..failures import Situation

__all__ = ["build"]

_IF_SET = ("dialect", "timezone", "rate", "concurrency", "timeout")
"""Settings that are shown where they are not the default."""


@attrs.frozen(kw_only=True)
class _Checked:
    """What a token is good for: the rows of the report, in so many seconds, and the businesses; or what went wrong.

    `rows`: None where the answer does not say how many there are.
    """

    rows: int | None = 0
    seconds: float = 0.0
    businesses: Sequence[str] | None = None
    error: TeamUpError | None = None

    @property
    def whose(self) -> str:
        """The businesses in words."""
        if self.businesses is None:
            return "TeamUp does not tell"
        if len(self.businesses) <= 3:
            return ", ".join(self.businesses) or "none"
        return f"{', '.join(self.businesses[:3])} and {len(self.businesses) - 3} more"


def build(line: Line) -> App:
    """The command for the endpoints that `line` knows."""
    made = Command(name="check", help_format="plaintext")

    def check(
        report: str = line.known[0].command_name,
        *,
        accounts: Annotated[
            str | None,
            Parameter(
                group=WHO,
                metavar="FILE",
                help="TOML file with accounts: check the token of each, and show them side by side.",
            ),
        ] = None,
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
    ) -> int:
        about = situation(connection, verbosity)
        endpoint = line.endpoint
        if accounts is None:
            return execute(_one(lambda: endpoint(report), connection), about)
        bulk = Bulk(accounts=accounts)
        return execute(_several(lambda: endpoint(report), bulk, connection, about), about)

    check.__annotations__["report"] = report_argument(
        line, "The report to ask for; rights may differ from one to another."
    )
    made.default(check)
    return made


async def _one(named: Any, connection: Connection) -> int:
    from ..tables import facts, plain_console

    endpoint: Endpoint[..., Any] = named()
    async with connection.client() as teamup:
        checked = await _checked(teamup, endpoint)
    if checked.error is not None:
        raise checked.error
    own = "the token's own (none was sent)"
    settled = connection.settled()
    facts(
        "The token is good.",
        [
            ("business", checked.whose),
            *((("account", settled.account),) if settled.account else ()),
            ("base URL", _setting(settled, "base_url", "https://goteamup.com/api/v2")),
            ("scheme", _scheme(settled)),
            ("provider", _setting(settled, "provider_id", own)),
            ("mode", _setting(settled, "mode", own)),
            *((name, _setting(settled, name, "")) for name in _IF_SET if name in settled.values),
            (endpoint.command_name, f"{_told(checked.rows)} ({checked.seconds:.2f} s)"),
        ],
        plain_console(),
    )
    return 0


async def _several(named: Any, bulk: Bulk, connection: Connection, about: "Situation") -> int:
    from rich.markup import escape
    from rich.table import Table

    from ...bulk.many import BulkPull
    from ...config_file import read_config
    from ..bulk_run import opened
    from ..failures import advised, with_options
    from ..tables import draw, plain_console

    endpoint: Endpoint[..., Any] = named()
    async with opened(bulk, connection) as many:
        assert isinstance(many, BulkPull)  # accounts were given
        clients = many.clients
        found = await asyncio.gather(*(_checked(client, endpoint) for client in clients.values()))
    console = plain_console()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("account", "token", "business"):
        table.add_column(name, overflow="fold", no_wrap=name == "token")
    table.add_column(endpoint.command_name, justify="right", overflow="fold")
    bad = {name: one.error for name, one in zip(clients, found, strict=True) if one.error is not None}
    for name, one in zip(clients, found, strict=True):
        whose, rows = (
            (one.whose, "?" if one.rows is None else f"{one.rows:,}") if name not in bad else ("", "")
        )
        table.add_row(escape(name), _verdict(one.error), escape(whose), rows)
    draw(console, table)
    good = len(clients) - len(bad)
    console.print(f"\n{good} of {len(clients)} tokens are good.", markup=False)
    config = read_config(bulk.accounts)
    for name, error in bad.items():
        console.print(f"{name}: {with_options(error.summary)}", markup=False, soft_wrap=True)
        advice = advised(error, attrs.evolve(about, token=config.token_place(name)))
        if advice:
            console.print(f"  {advice}", markup=False, soft_wrap=True)
    return 1 if bad else 0


def _verdict(error: TeamUpError | None) -> str:
    from ...errors import AuthenticationError, PermissionDeniedError

    if error is None:
        return "good"
    if isinstance(error, AuthenticationError):
        return "refused"
    return "may not" if isinstance(error, PermissionDeniedError) else "not known"


async def _checked(teamup: "TeamUp", endpoint: Endpoint[..., Any]) -> _Checked:
    began = monotonic()
    try:
        rows = await _rows(teamup, endpoint)
        took = monotonic() - began
        return _Checked(rows=rows, seconds=took, businesses=await _businesses(teamup))
    except TeamUpError as error:
        return _Checked(error=error)


async def _rows(teamup: "TeamUp", endpoint: Endpoint[..., Any]) -> int | None:
    """The total that the first page says: a look is enough here, and a count might read everything."""
    stream = teamup.stream(endpoint, **_smallest(endpoint)).paged(size=1, window=1)
    async with stream.pages() as pages:
        async for page in pages:
            return page.total
    return 0


async def _businesses(teamup: "TeamUp") -> list[str] | None:
    """The businesses that a token reaches; None where TeamUp does not tell."""
    from ...lists.providers import PROVIDERS, ProvidersQuery

    wanted = teamup.identity.get("provider")
    stream = teamup.stream(PROVIDERS, ProvidersQuery(fields=["id", "name"])).paged(size=10, window=1)
    try:
        async with stream.pages() as pages:
            async for page in pages:
                rows = [row for row in page.rows if wanted is None or str(row.id) == str(wanted)]
                return [f"{row.name or 'without a name'} ({row.id})" for row in rows]
    except StatusError:
        return None  # not every token may ask
    return None


def _smallest(endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """A query with one column only, where columns can be chosen."""
    if not endpoint.columns:
        return {}
    return {
        "columns": [
            "id" if "id" in endpoint.columns else next(p for p in endpoint.paths if p in endpoint.columns)
        ]
    }


def _told(rows: int | None) -> str:
    from ..tables import counted

    return "can be read" if rows is None else counted(rows, "row")


def _scheme(settled: "Settled") -> str:
    """The word before the token, which a dialect may say, too."""
    dialect = settled.values.get("dialect")
    if "auth_scheme" in settled.values or dialect is None or "auth_scheme" not in dialect.deviations():
        return _setting(settled, "auth_scheme", "Token")
    return f"{dialect.auth_scheme} ({settled.origins['dialect']})".removesuffix(" (given)")


def _setting(settled: "Settled", name: str, default: str) -> str:
    """A setting, and where it comes from."""
    if name not in settled.values:
        return default
    origin = settled.origins[name]
    return f"{settled.values[name]}" + ("" if origin == "given" else f" ({origin})")
