"""Nothing that is exported holds a token, an id of the provider, or what a customer or a server said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from teamup_async import RequestError, RetryPolicy, TeamUp, TeamUpError
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated
from tests.telemetry.collected import Collected

CUSTOMER = "jones@example.com"


def words(collected: Collected) -> Iterator[str]:
    """All that is told of spans and metrics, but for numbers that nobody chose: ids of spans, and times."""
    for span in collected.spans:
        yield span.name
        yield str(span.status.description)
        yield repr(dict(span.attributes or {}))
        yield repr(dict(span.resource.attributes))
        for event in span.events:
            yield f"{event.name} {dict(event.attributes or {})}"
        for link in span.links:
            yield repr(dict(link.attributes or {}))
    for name, point in collected.points():
        yield f"{name} {dict(point.attributes)} {[dict(one.filtered_attributes) for one in point.exemplars]}"


async def everything(sandbox: Sandbox, collected: Collected, secrets: dict[str, Any], tmp_path: Any) -> None:
    """Do what may quote a secret: errors that send it back, paths and values that hold it, files named by it."""
    clock = Simulated()
    token, refresh = sandbox.token, sandbox.refresh_token
    echo = {"message": f"Bad token {token} of {sandbox.accounts[0].provider_id} ({CUSTOMER})", "code": token}
    async with TeamUp(
        base_url=sandbox.url,
        token=token,
        refresh_token=refresh,
        account="north",
        provider_id=sandbox.accounts[0].provider_id,
        rate=None,
        clock=clock,
        trace_configs=[clock.tracing()],
        retry=RetryPolicy(attempts=2),
        telemetry=collected.telemetry,
    ) as teamup:
        secrets["provider"] = str(sandbox.accounts[0].provider_id)
        for status in (400, 403, 409, 429, 500):
            sandbox.faults.add(
                faults.status(status, echo, headers={"X-Token": token, "Retry-After": "1"}), times=2
            )
            with suppress(TeamUpError):
                await teamup.reports.attendances(customers=[7]).paged(size=50).collect()
            sandbox.faults.clear()
        for path in (f"/customers/{token}", f"/{secrets['provider']}/x", f"/{CUSTOMER}/{refresh}"):
            with pytest.raises(RequestError):
                await teamup.get(path, **{token: refresh, "email": CUSTOMER, "limit": token})
        job = await teamup.reports.attendances().export()
        await job.wait()
        await job.download(tmp_path / "rows.csv")
        sandbox.faults.add(faults.redirect(f"{sandbox.url}/files/{token}?signature={token}"))
        with pytest.raises(TeamUpError):
            await teamup.reports.attendances().collect()
        sandbox.faults.add(faults.invalid_json(f'{{"token": "{token}'.encode()), times=2)
        with pytest.raises(TeamUpError):
            await teamup.reports.attendances().collect()
        sandbox.faults.clear()
        sandbox.expire_tokens()
        await teamup.reports.attendances().paged(size=50).collect()
        secrets["new token"] = teamup._requester._token.credentials.token
        secrets["new refresh token"] = str(teamup._requester._token.credentials.refresh_token)
        await teamup.pull({"attendances": {"customers": [7]}}, into=f"jsonl:{tmp_path / 'rows'}")


async def test_nothing_tells_a_secret(sandbox, collected, tmp_path):
    """Whatever a server sends back and wherever a caller puts them: tokens, provider and customers stay at home."""
    secrets: dict[str, Any] = {
        "token": sandbox.token,
        "refresh token": sandbox.refresh_token,
        "customer": CUSTOMER,
        "quoted customer": "jones%40example",
    }
    await everything(sandbox, collected, secrets, tmp_path)

    told = "\n".join(words(collected))
    assert len(collected.spans) > 60
    assert len({secrets["token"], secrets["new token"]}) == 2
    assert [name for name, secret in secrets.items() if secret in told] == []
