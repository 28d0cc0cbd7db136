"""A caller's own aiohttp: session, middlewares, proxy, TLS, tracing."""

from __future__ import annotations

import asyncio
import inspect
import logging
import ssl
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import trustme
from aiohttp import web

from teamup_async import (
    ClientClosedError,
    ConfigurationError,
    ConnectionFailedError,
    RetryPolicy,
    StatusError,
    TeamUp,
    Throttle,
)
from teamup_async.sandbox import Sandbox, faults


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=300, seed=4, rate=None) as sandbox:
        yield sandbox


async def test_own_session(sandbox):
    """A session that is handed in is used with its middlewares, its habits do not disturb, and it stays open."""
    seen: list[str] = []

    async def watching(request: aiohttp.ClientRequest, send: Any) -> aiohttp.ClientResponse:
        seen.append(request.method)
        return await send(request)

    async with aiohttp.ClientSession(
        middlewares=(watching,),
        raise_for_status=True,
        timeout=aiohttp.ClientTimeout(total=0.001),
        headers={"X-Own": "1"},
    ) as own:
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, session=own, rate=None) as teamup:
            sandbox.faults.add(faults.status(404), times=1)
            with pytest.raises(StatusError, match="404"):
                await teamup.reports.attendances().count()
            stream = teamup.reports.attendances()
            assert len(await stream.collect()) == 300
        assert not own.closed
        assert len(seen) == sandbox.requests == stream.stats.requests + 1
        assert sandbox.log[-1].headers["X-Own"] == "1"


async def test_proxy(sandbox):
    """A proxy is used for every request."""
    asked: list[str] = []
    port = urlsplit(sandbox.url).port

    async def forward(request: web.Request) -> web.Response:
        asked.append(request.raw_path)
        target = f"http://127.0.0.1:{port}{urlsplit(request.raw_path).path}?{request.query_string}"
        headers = {"Authorization": request.headers["Authorization"]}
        async with aiohttp.ClientSession() as session, session.get(target, headers=headers) as answer:
            return web.Response(body=await answer.read(), content_type="application/json")

    runner = web.ServerRunner(web.Server(forward))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    proxy = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, proxy=proxy, rate=None) as teamup:
        assert len(await teamup.reports.attendances().collect()) == 300
    await runner.cleanup()
    assert len(asked) == sandbox.requests
    assert all(path.startswith("http://127.0.0.1") for path in asked)


@pytest.fixture
def proxy_of_the_environment(monkeypatch):
    """A proxy, where nobody listens, for whatever there is."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")


@pytest.mark.usefixtures("proxy_of_the_environment")
async def test_proxy_of_the_environment(monkeypatch):
    """The proxy that the environment names is used, but not for hosts that it leaves out."""
    options: dict[str, Any] = {"token": "t", "rate": None, "retry": RetryPolicy(attempts=1)}
    url = "https://teamup.invalid/api/v2"
    async with TeamUp(base_url=url, **options) as teamup:
        with pytest.raises(ConnectionFailedError, match=r"127\.0\.0\.1:9"):
            await teamup.reports.attendances().count()
    monkeypatch.setenv("no_proxy", "teamup.invalid")
    async with TeamUp(base_url=url, **options) as teamup:
        with pytest.raises(ConnectionFailedError, match=r"teamup\.invalid:443"):
            await teamup.reports.attendances().count()


@pytest.mark.usefixtures("proxy_of_the_environment")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.53"])
async def test_loopback_goes_through_no_proxy(sandbox, host):
    """Requests to this machine go straight there, whatever proxy the environment names: a proxy would look for them on
    its own machine, and see the token in clear.
    """
    url = sandbox.url.replace("127.0.0.1", host)
    async with TeamUp(base_url=url, token=sandbox.token, rate=None) as teamup:
        if host == "127.0.0.53":
            assert teamup._requester._transport._proxy is None
        else:
            assert await teamup.reports.attendances().count() == 300


async def test_tls():
    """A TLS context decides whom to trust; an untrusted certificate fails at once, without another try."""
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(served)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with Sandbox(rows=200, rate=None, ssl=served) as sandbox:
        assert sandbox.url.startswith("https://")
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, ssl=trusting, rate=None) as teamup:
            assert len(await teamup.reports.attendances().collect()) == 200
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
            with pytest.raises(ConnectionFailedError, match="certificate") as caught:
                await teamup.reports.attendances().count()
    assert len(caught.value.attempts) == 1


async def test_tracing(sandbox):
    """Trace configs are called for every request."""
    ended: list[int] = []
    trace = aiohttp.TraceConfig()

    async def ends(_: object, __: object, params: aiohttp.TraceRequestEndParams) -> None:
        ended.append(params.response.status)

    trace.on_request_end.append(ends)
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None, trace_configs=[trace]) as teamup:
        await teamup.reports.attendances().collect()
    assert ended == [200] * sandbox.requests


async def test_closed(sandbox):
    """A client works between entering and leaving, and says so otherwise."""
    teamup = TeamUp(base_url=sandbox.url, token=sandbox.token)
    stream = teamup.reports.attendances()
    with pytest.raises(ClientClosedError, match="async with"):
        await stream.count()
    async with teamup:
        assert await stream.count() == 300
    with pytest.raises(ClientClosedError):
        await stream.count()
    with pytest.raises(ClientClosedError, match="make a new one"):
        async with teamup:
            pass


async def test_redirects_are_not_followed(sandbox):
    """A redirect to another server is an error, and that server hears nothing."""
    async with Sandbox(rows=10, rate=None) as other:
        sandbox.faults.add(faults.redirect(f"{other.url}/reports/attendances/data"), times=None)
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
            with pytest.raises(StatusError, match="redirect"):
                await teamup.reports.attendances().count()
        assert other.requests == 0


async def test_no_secrets_in_logs_or_errors(sandbox, caplog):
    """With every logger at DEBUG and asyncio's debug mode on, neither tokens nor headers are in logs or
    errors, whatever happens.
    """
    asyncio.get_running_loop().set_debug(True)
    caplog.set_level(logging.DEBUG)
    canary, refresh = sandbox.token, sandbox.refresh_token
    texts: list[str] = []
    async with TeamUp(
        base_url=sandbox.url, token=canary, rate=None, refresh_token=refresh, retry=RetryPolicy(attempts=2)
    ) as teamup:
        await teamup.reports.attendances().collect()
        for fault in (
            faults.status(500), faults.status(403), faults.reset_mid_body(), faults.html(), faults.wrong_shape(),
            faults.short_body(), faults.redirect("http://127.0.0.1:1/"), faults.status(401),
        ):  # fmt: skip
            sandbox.faults.add(fault, times=None)
            with pytest.raises(Exception) as caught:  # noqa: PT011 - all kinds
                await teamup.reports.attendances().collect()
            texts += [str(caught.value), repr(caught.value), repr(vars(caught.value)), str(caught.getrepr())]
            sandbox.faults.clear()
    said = "\n".join([*texts, caplog.text])
    assert "teamup_async" in caplog.text
    assert canary not in said
    assert refresh not in said
    assert all(canary not in str(request.params) for request in sandbox.log)


async def test_statistics(sandbox):
    """The client's statistics count all that it sent: streams, `count()`, `first()`, `get()` and retries."""
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
        await teamup.reports.attendances().collect()
        await teamup.reports.attendances().count()
        await teamup.reports.attendances().first()
        await teamup.get("/reports/attendances/data", format="json")
        sandbox.faults.add(faults.status(503))
        await teamup.patient().reports.attendances().count()
        assert teamup.stats.requests == sandbox.requests > 6
        assert teamup.stats.retries == 1
        assert teamup.stats.bytes > 10_000


def test_a_throttle_has_its_own_rate():
    """A throttle that is handed in can't be combined with a rate, not even with the default one."""
    throttle = Throttle(100)
    for options in ({"rate": 100}, {"rate": 250}, {"rate": None}, {"rate_window": 30.0}):
        with pytest.raises(ConfigurationError, match="throttle has a rate of its own"):
            TeamUp(token="t", throttle=throttle, **options)
    assert TeamUp(token="t", throttle=throttle).throttle is throttle


def test_every_argument_is_documented():
    """The docstring of the client has a line for each argument."""
    told = inspect.getdoc(TeamUp)
    assert told is not None
    for name in inspect.signature(TeamUp).parameters:
        assert f"\n* `{name}`: " in told
