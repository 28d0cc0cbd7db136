"""A pull that is left unfinished."""

from datetime import UTC, datetime
from typing import Any

from teamup_async.sandbox import Sandbox, faults

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


async def interrupted(client: Any, sandbox: Sandbox, into: Any, **options: Any) -> None:
    """Leave an unfinished pull."""
    rule = sandbox.faults.add(faults.status(503), path="attendances", nth=12, times=None)
    async with client() as teamup:
        result = await teamup.pull({"attendances": {"event_start_gte": SINCE}}, into=into, **options)
    assert not result.ok
    sandbox.faults.rules.remove(rule)
