"""``teamup check``: whether the token is good, and for whom; one small request."""

from __future__ import annotations

import os
from time import monotonic
from typing import Any

from cyclopts import App

from ...endpoint import Endpoint
from ..line import Line, report_argument
from ..options import Connection, Verbosity, situation
from ..running import execute

__all__ = ["build"]


def build(line: Line) -> App:
    """The command for the endpoints that `line` knows."""
    known = line.known
    made = App(name="check")

    def check(
        report: str = known[0].command_name,
        *,
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
    ) -> int:
        return execute(_check(line, report, connection), situation(connection, verbosity))

    check.__annotations__["report"] = report_argument(
        line, "The report to ask for; rights may differ from one to another."
    )
    made.default(check)
    return made


async def _check(line: Line, report: str, connection: Connection) -> int:
    from ..tables import counted, facts, plain_console

    endpoint = line.endpoint(report)
    began = monotonic()
    async with connection.client() as teamup:
        rows = await teamup.stream(endpoint, **_smallest(endpoint)).count()
    took = monotonic() - began
    facts(
        "The token is good.",
        [
            ("base URL", _setting(connection.base_url, "TEAMUP_BASE_URL", "https://goteamup.com/api/v2")),
            ("scheme", _setting(connection.auth_scheme, "TEAMUP_AUTH_SCHEME", "Token")),
            (
                "provider",
                _setting(connection.provider_id, "TEAMUP_PROVIDER_ID", "the token's own (none was sent)"),
            ),
            ("mode", _setting(connection.mode, "TEAMUP_REQUEST_MODE", "the token's own (none was sent)")),
            (endpoint.command_name, f"{counted(rows, 'row')} (one request, {took:.2f} s)"),
        ],
        plain_console(),
    )
    return 0


def _smallest(endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """A query with one column only, where columns can be chosen."""
    if not endpoint.columns:
        return {}
    return {
        "columns": [
            "id" if "id" in endpoint.columns else next(p for p in endpoint.paths if p in endpoint.columns)
        ]
    }


def _setting(given: str | None, variable: str, default: str) -> str:
    return given or os.environ.get(variable) or default
