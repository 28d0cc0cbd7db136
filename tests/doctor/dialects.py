"""Which dialects the doctor is tried on: all single deviations, packed together, and any that chance makes."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

from teamup_async import TeamUp
from teamup_async.dialect import UNKNOWNS, Dialect
from teamup_async.doctor import Diagnosis
from teamup_async.sandbox import Sandbox

__all__ = ["MANY", "NOT_ASKED", "SINGLE", "by_chance", "examined", "packed", "wrong"]

MANY: Final = int(os.environ.get("TEAMUP_ASYNC_DIALECTS", "0"))
"""How many dialects by chance; with any, each deviation is tried by itself too (`nox -s dialects`)."""
NOT_ASKED: Final = frozenset({"refresh_tokens", "quota_of", "job_id", "retry_after"})
"""What a diagnosis does not ask about."""
SINGLE: Final = tuple(
    (unknown.name, value) for unknown in UNKNOWNS for value in unknown.values if value != unknown.default
)
"""Every deviation from the default dialect."""


def packed(size: int = 4) -> Iterator[Dialect]:
    """Dialects that have all deviations among them, some in each."""
    rest = [one for one in SINGLE if one[0] not in ("format_json", *NOT_ASKED)]
    while rest:
        chosen: dict[str, str] = {}
        for name, value in list(rest):
            if name not in chosen and len(chosen) < size:
                chosen[name] = value
                rest.remove((name, value))
        yield Dialect.from_settings(chosen)


def by_chance(count: int, seed: int, share: float = 0.3) -> Iterator[Dialect]:
    """Dialects that differ from the default in that share of the fields."""
    chance = random.Random(seed)
    for _ in range(count):
        yield Dialect.from_settings(
            {
                unknown.name: chance.choice(list(unknown.values))
                for unknown in UNKNOWNS
                if chance.random() < share
            }
        )


async def examined(sandbox: Sandbox, **options: Any) -> Diagnosis:
    """The diagnosis of a running sandbox, by someone who knows provider and mode."""
    settings: dict[str, Any] = {
        "token": sandbox.token,
        "provider_id": sandbox.accounts[0].provider_id,
        "mode": "provider",
        "rate": None,
        **options,
    }
    async with TeamUp(base_url=sandbox.url, **settings) as teamup:
        return await teamup.diagnose()


def wrong(diagnosis: Diagnosis, dialect: Dialect) -> Iterable[str]:
    """The findings that are not true of a server of that dialect."""
    return [
        f"{field}={value}, not {getattr(dialect, field)} ({diagnosis.finding(field).reason})"
        for field, value in diagnosis.found.items()
        if value != getattr(dialect, field)
    ]


async def table(rows: int = 500) -> str:
    """For each field, in how many of its values the doctor finds it, and with how many requests."""
    lines = ["| field | values found | requests |", "|---|---|---|"]
    for unknown in UNKNOWNS:
        found, sent = 0, []
        for value in unknown.values:
            async with Sandbox(
                rows=rows, rate=None, dialect=Dialect.from_settings({unknown.name: value})
            ) as sandbox:
                diagnosis = await examined(sandbox)
            found += diagnosis.finding(unknown.name).value == value
            sent.append(diagnosis.requests)
        least, most = min(sent), max(sent)
        requests = f"{least}" if least == most else f"{least} to {most}"
        lines.append(f"| `{unknown.name}` | {found} of {len(unknown.values)} | {requests} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(table()) + "\n")
