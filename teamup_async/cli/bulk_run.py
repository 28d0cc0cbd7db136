"""Runs a bulk pull or a sync from the command line: clients, progress, summary, exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import attrs

from .._bulk.result import PullResult
from .._bulk.watching import RunProgress
from ..bulk.accounts import load_accounts
from ..bulk.many import BulkPull
from ..bulk.redis_quota import RedisQuota
from ..bulk.shared import QuotaFile, SharedQuota
from ..client import TeamUp
from ..config_file import read_config
from ..dialect import Dialect
from .connection import RATE, Connection, Verbosity
from .options import Bulk
from .progress import Display
from .reporting import Reporter
from .saying import forget, say
from .summary import tell

__all__ = ["opened", "run"]


@asynccontextmanager
async def opened(bulk: Bulk, connection: Connection) -> AsyncGenerator[TeamUp | BulkPull]:
    """A client, or the clients of all accounts."""
    bulk.check(connection)
    rate = requests_a_minute(bulk, connection)
    async with AsyncExitStack() as stack:
        quota: SharedQuota | None = None
        redis = bulk.quota_redis or os.environ.get("TEAMUP_QUOTA_REDIS")
        if bulk.quota_file is not None:
            quota = stack.enter_context(QuotaFile(bulk.quota_file, rate=rate))
        elif redis:
            quota = await stack.enter_async_context(RedisQuota(redis, rate=rate))
        if bulk.accounts is None:
            more: dict[str, Any] = {}
            token = connection.secret()
            if quota is not None and token:
                concurrency = connection.settled().values.get("concurrency", 8)
                more["throttle"] = quota.throttle(token, concurrency=concurrency)
            yield await stack.enter_async_context(connection.client(**more))
            return
        accounts = load_accounts(bulk.accounts)
        for account in accounts:
            forget(account.token)
        shared = read_config(bulk.accounts).shared
        given = {**{name: shared[name] for name in ("timeout", "concurrency") if name in shared}}
        given |= connection.settings()
        options: Any = {
            name: given[name]
            for name in ("mode", "auth_scheme", "base_url", "timeout", "concurrency", "retry")
            if name in given
        }
        if "dialect" in given:
            options["dialect"] = Dialect.from_settings(given["dialect"])
        if connection.rate is not None:
            accounts = tuple(attrs.evolve(account, rate=None) for account in accounts)
        elif "rate" in shared:  # the rate of all is no account's own
            accounts = tuple(
                attrs.evolve(account, rate=None if account.rate == rate else account.rate)
                for account in accounts
            )
        many = BulkPull(accounts, rate=rate, quota=quota, **options)
        yield await stack.enter_async_context(many)


def requests_a_minute(bulk: Bulk, connection: Connection) -> int:
    """Requests a minute and caller that the command sends at most. Raises `ConfigurationError`."""
    if bulk.accounts is None or connection.rate is not None:
        return connection.requests_a_minute
    rate: int = read_config(bulk.accounts).shared.get("rate", RATE)
    return rate


async def run(
    bulk: Bulk,
    connection: Connection,
    verbosity: Verbosity,
    reporter: Reporter,
    work: Callable[[Any, Mapping[str, Any]], Awaitable[PullResult]],
) -> int:
    """Open the clients, do the work, tell how it went; returns the exit code."""
    async with opened(bulk, connection) as client:
        callers = len({a.token for a in client.accounts}) if isinstance(client, BulkPull) else 1
        rate = requests_a_minute(bulk, connection)

        def watch(progress: RunProgress) -> None:
            reporter.watch(progress)
            display.watch_parts(progress)

        display = Display(shown=verbosity.shown, rate=rate, callers=callers)
        async with display:
            options = {"restart": bulk.restart, "watch": watch, "remember": reporter.remembers}
            result = await work(client, options)
    report = reporter.report_of(result)
    whole = not verbosity.quiet and (verbosity.verbose or sys.stderr.isatty())
    said = tell(result, report, whole=whole)
    if not result.ok and verbosity.verbose:
        for part in result.incomplete:
            for number, attempt in enumerate(getattr(part.error, "attempts", ()), 1):
                say(f"  {part.part.id}, try {number}: {attempt.outcome} after {attempt.elapsed:.1f} s")
    report = reporter.write(report)
    if said or not report["ok"]:
        say(f"  {report['last_line']}" if not result.ok else report["last_line"])
    code: int = report["exit_code"]
    return code
