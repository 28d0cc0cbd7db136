"""``teamup sandbox``: serve a local TeamUp until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import Annotated

from cyclopts import App, Parameter

from ...dialect import Dialect
from ...errors import ConfigurationError
from ..command import Command
from ..failures import FAILED, USAGE
from ..line import Line
from ..saying import say

__all__ = ["build"]


def build(_: Line) -> App:
    """The command."""
    made = Command(name="sandbox")
    made.default(_sandbox)
    return made


def _sandbox(
    *,
    port: Annotated[int, Parameter(metavar="INT", help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    rows: Annotated[
        int, Parameter(metavar="INT", help="Attendances of the first account; the rest in proportion.")
    ] = 50_000,
    seed: Annotated[
        int, Parameter(metavar="INT", help="The same seed and rows give the same data and tokens.")
    ] = 1,
    rate: Annotated[
        int, Parameter(metavar="INT", help="Requests a minute for each caller, 0 for no limit.")
    ] = 250,
    dialect: Annotated[
        list[str] | None,
        Parameter(
            metavar="FIELD=VALUE",
            negative="",
            help="How it answers where no document says so, such as sort_by_id=ignored. Can be repeated.",
        ),
    ] = None,
) -> int:
    """Serve a local TeamUp with made-up data, to try things and to test against. Ctrl-C stops it."""
    for name, value, least in (("--port", port, 0), ("--rows", rows, 0), ("--rate", rate, 0)):
        if value < least or (name == "--port" and value > 65_535):
            say(f"teamup: {name} must be {'0 to 65535' if name == '--port' else '0 or more'}, not {value}")
            return USAGE
    try:
        chosen = Dialect.parse(dialect or ())
    except ConfigurationError as error:
        say(f"teamup: --dialect: {error}")
        return USAGE
    try:
        return asyncio.run(_serve(port, rows, seed, rate or None, chosen))
    except KeyboardInterrupt:
        return 0  # where no signal handler can be set: Ctrl-C is how it ends


async def _serve(port: int, rows: int, seed: int, rate: int | None, dialect: Dialect) -> int:
    from ...sandbox import Sandbox

    served = Sandbox(port=port, rows=rows, seed=seed, rate=rate, dialect=dialect)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, stopped.set)
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
    if sys.stderr.isatty():
        say(f"Making {rows:,} attendances and what belongs to them ...")
    try:
        await served.start()
    except OSError as error:
        say(
            f"teamup: cannot listen on port {port}: {error.strerror or error}",
            "  Take another --port, or 0 for a free one.",
        )
        return FAILED
    try:
        first, second = served.accounts
        quota = f"{rate} requests a minute for each token" if rate else "no quota"
        lines = [
            f"A local TeamUp at {served.url}",
            f"{rows:,} attendances of {first.name}, a quarter for {second.name}; {quota}. Ctrl-C stops it.",
            *([] if dialect == Dialect() else [f"It speaks the dialect {dialect}."]),
            "",
            f"  token of {first.name} (provider {first.provider_id}):",
            f"    {first.token}",
            f"  token of {second.name} (provider {second.provider_id}):",
            f"    {second.token}",
            "  token that reaches both, so that --provider-id is needed:",
            f"    {served.shared_token}",
            "  token of a customer of the first (--mode customer):",
            f"    {served.customer_token}",
            "  token that is always refused (403):",
            f"    {served.refused_token}",
            "",
            "Paste this into another terminal:",
            "",
            f"  export TEAMUP_BASE_URL={served.url}",
            f"  export TEAMUP_TOKEN={first.token}",
            "  teamup check",
        ]
        print("\n".join(lines), flush=True)
        await stopped.wait()
    finally:
        await served.stop()
    return 0
