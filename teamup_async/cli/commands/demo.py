"""``teamup demo``: the main job against a TeamUp inside this process; no token, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import App, Parameter

from ...endpoint import Endpoint
from ...stream import RowStream
from ..command import Command
from ..connection import Verbosity
from ..failures import USAGE, Situation
from ..line import Line
from ..running import execute
from ..saying import say

if TYPE_CHECKING:
    from rich.console import Console

    from ...client import TeamUp
    from ...sandbox import Sandbox

__all__ = ["build"]

SAMPLES: Final = 3
SHOW: Final = (
    "attendances",
    "attendance_strikes.grouped",
    "course_session_attendances.grouped",
    "instructed_sessions",
    "course_sessions",
)
"""What is pulled unless all is asked for: one of each shape."""

# What makes a good show; a report that is not named here is pulled with the first few of its columns.
QUERIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "attendance_strikes.grouped": {"columns": ["status", "event.venue.name", "day_of_week", "count"]},
    "course_session_attendances.grouped": {
        "columns": ["venue.name", "offering_type.name", "status", "count"]
    },
    "course_sessions": {"expand": ["venue", "instructors"]},
}
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "attendances": ("id", "customer.name", "event.name", "event.starts_at", "venue.name", "status"),
    "course_sessions": ("id", "starts_at", "venue", "instructors", "attending_count", "status"),
}


@attrs.define
class Pulled:
    """One report of the demo: its stream, the first rows, and how long it took (seconds)."""

    stream: RowStream[Any]
    columns: tuple[str, ...] = ()
    sample: list[Any] = attrs.field(factory=list[Any])
    seconds: float = 0.0


def build(line: Line) -> App:
    """The command for the endpoints that `line` knows."""
    known = line.known
    made = Command(name="demo")

    def demo(
        *,
        rows: Annotated[int, Parameter(metavar="INT", help="Attendances to make up.")] = 5_000,
        seed: Annotated[int, Parameter(metavar="INT", help="Another seed, other data.")] = 1,
        rate: Annotated[
            int,
            Parameter(
                metavar="INT",
                help=(
                    "Requests a minute, on both sides; 0 for no limit. TeamUp documents 250: with that, some "
                    "thousand rows are pulled at once and the rest as the minute allows."
                ),
            ),
        ] = 0,
        everything: Annotated[
            bool,
            Parameter(
                name="--all", negative="", help="Pull every report and list, not just one of each kind."
            ),
        ] = False,
        verbosity: Verbosity = Verbosity(),
    ) -> int:
        for name, value in (("--rows", rows), ("--rate", rate)):
            if value < 0:
                say(f"teamup: {name} must be 0 or more, not {value}")
                return USAGE
        some = [endpoint for endpoint in known if endpoint.key in SHOW]
        chosen = known if everything or not some else some
        return execute(
            _demo(chosen, rows, seed, rate or None, verbosity), Situation(verbose=verbosity.verbose)
        )

    made.default(demo)
    return made


async def _demo(
    endpoints: Sequence[Endpoint[..., Any]], rows: int, seed: int, rate: int | None, verbosity: Verbosity
) -> int:
    from ...sandbox import Sandbox
    from ..progress import Display
    from ..tables import plain_console

    console = plain_console()
    began = monotonic()
    async with Sandbox(rows=rows, seed=seed, rate=rate, endpoints=endpoints) as sandbox:
        console.print(
            f"A local TeamUp with {rows:,} attendances, ready in {monotonic() - began:.1f} s; pulling "
            f"{len(endpoints)} reports at once with one client.",
            markup=False,
        )
        async with (
            _client(sandbox, rate) as teamup,
            Display(shown=verbosity.shown) as display,
        ):
            pulled = [Pulled(teamup.stream(endpoint, **_query(endpoint))) for endpoint in endpoints]
            async with asyncio.TaskGroup() as tasks:
                for one in pulled:
                    display.watch(one.stream.endpoint.command_name, one.stream)
                    tasks.create_task(_pull(one))
        _tell(pulled, display.seconds, rate, console)
        _next_steps(sandbox, console)
    return 0


def _client(sandbox: Sandbox, rate: int | None) -> TeamUp:
    """A client that takes nothing from the environment, which is meant for the real API."""
    from ...client import TeamUp

    return TeamUp(
        base_url=sandbox.url,
        token=sandbox.token,
        auth_scheme="Token",
        provider_id=sandbox.accounts[0].provider_id,
        mode="provider",
        rate=rate,
    )


async def _pull(one: Pulled) -> None:
    began = monotonic()
    async with one.stream.pages() as pages:
        async for page in pages:
            one.columns = one.columns or page.columns
            one.sample += page.rows[: SAMPLES - len(one.sample)]
    one.seconds = monotonic() - began


def _query(endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    query = dict(QUERIES.get(endpoint.name, {}))
    required = [p.name for p in endpoint.filters if p.required]
    if "columns" in required and "columns" not in query:
        query["columns"] = [path for path in endpoint.paths if path in endpoint.columns][:3]
    return query


def _tell(pulled: list[Pulled], seconds: float, rate: int | None, console: Console) -> None:
    from ..tables import counted, draw, row_table

    rows = requests = 0
    for one in pulled:
        endpoint, stats = one.stream.endpoint, one.stream.stats
        rows, requests = rows + stats.rows, requests + stats.requests
        integrity = one.stream.integrity
        exact = "not checked to the end"
        if integrity.exact:
            exact = "each row once, checked"
        elif integrity.steady:
            exact = "each row that kept its place once, checked"
        elif integrity.finished:
            exact = "read to the end; a row that moved may be missing"
        console.print(f"\n{endpoint.command_name}", style="bold", markup=False)
        console.print(
            f"{counted(stats.rows, 'row')} · {counted(stats.pages, 'page')} · {counted(stats.requests, 'request')} · "
            f"{one.seconds:.2f} s · {exact}",
            style="dim",
            markup=False,
        )
        if one.sample:
            columns = SHOWN.get(endpoint.name, one.columns)
            draw(console, row_table(endpoint, columns, one.sample, console.width)[0])
    quota = (
        f"a quota of {rate} requests a minute" if rate else "no quota here; TeamUp's is 250 requests a minute"
    )
    console.print(
        f"\n{rows:,} rows in {requests:,} requests and {seconds:.2f} s ({quota}).", style="bold", markup=False
    )


def _next_steps(sandbox: Sandbox, console: Console) -> None:
    report = sandbox.endpoints[0].command_name
    lines = (
        "Where to go next",
        "  export TEAMUP_TOKEN=...            your token; TEAMUP_PROVIDER_ID where it reaches several businesses",
        "  teamup check                       is it good, and for whom?",
        "  teamup reports                     what can be pulled",
        f"  teamup pull {report} -o {report}.csv",
        "  teamup sandbox                     a local TeamUp to try all of this without a token",
    )
    console.print()
    for line in lines:
        console.print(line, markup=False)
