"""Headless Chromium, driven through its own debugging protocol (DevTools) over a web socket.

    async with Browser() as browser, browser.tab(width=400) as tab:
        await tab.open("http://127.0.0.1:8000/")
        await tab.evaluate("document.title")

One process serves all tabs, and tabs work side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, Self

import aiohttp

from tests.services import need

__all__ = ["Browser", "Tab"]

OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # root, in a container; it only sees what the tests serve
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nothing leaves this machine
    "--remote-debugging-port=0",
)
PATIENCE = 60
"""Seconds for an answer of the browser, on a busy machine."""


class Tab:
    """A page of the browser. `errors`: what its console, its scripts and failed requests have said since `open`."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.errors: list[str] = []

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the protocol; give its result."""
        return await self._browser.send(method, self._session, **parameters)

    async def open(self, url: str) -> None:
        """Load a page, and wait until it and its scripts are loaded."""
        self.errors.clear()
        loaded = self._browser.expect(self._session, "Page.loadEventFired")
        await self.send("Page.navigate", url=url)
        async with asyncio.timeout(PATIENCE):
            await loaded

    async def evaluate(self, script: str) -> Any:
        """The value of a script; a promise is awaited."""
        answer = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def resize(self, width: int, height: int = 900) -> None:
        """Let the window have so many pixels."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,  # a telephone makes its window as wide as the page
        )


class Browser:
    """One process of Chromium. The test that asks for it is skipped where it is not installed."""

    def __init__(self) -> None:
        self._program = need("chromium")
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._expected: dict[tuple[str, str], list[asyncio.Future[None]]] = defaultdict(list)
        self._tabs: dict[str, Tab] = {}

    async def __aenter__(self) -> Self:
        self._folder = tempfile.mkdtemp(prefix="chromium-")
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            *OPTIONS,
            f"--user-data-dir={self._folder}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._http = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(PATIENCE):
                address = await self._address()
            self._socket = await self._http.ws_connect(address, max_msg_size=0, proxy=None)
        except BaseException:
            await self._end()
            raise
        self._reader = asyncio.create_task(self._read())
        return self

    async def _address(self) -> str:
        said = []
        assert self._process.stderr
        async for line in self._process.stderr:
            said.append(line.decode())
            if "DevTools listening on " in said[-1]:
                self._drain = asyncio.create_task(self._process.stderr.read())
                return said[-1].rpartition(" ")[2].strip()
        raise AssertionError("".join(said))

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_json({"id": 0, "method": "Browser.close"})
        async with asyncio.timeout(PATIENCE):
            await self._reader  # ends when the browser has closed the socket
        await self._socket.close()
        await self._end()

    async def _end(self) -> None:
        await self._http.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if hasattr(self, "_drain"):
            await self._drain
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextlib.asynccontextmanager
    async def tab(self, *, width: int = 1200) -> AsyncIterator[Tab]:
        """A new tab, which is closed in the end."""
        target = (await self.send("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        made = self._tabs[session] = Tab(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await made.send(f"{domain}.enable")
        await made.resize(width)
        try:
            yield made
        finally:
            await self.send("Target.closeTarget", targetId=target)

    async def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command, and wait for its result."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        addressed = {} if session is None else {"sessionId": session}
        await self._socket.send_json({"id": number, "method": method, "params": parameters, **addressed})
        async with asyncio.timeout(PATIENCE):
            return await answer

    def expect(self, session: str, event: str) -> asyncio.Future[None]:
        """Give what is done at the next event of a tab, counted from this call on."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._expected[session, event].append(future)
        return future

    async def _read(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                future = self._answers.pop(told["id"], None)
                if future is None or future.done():
                    continue
                if "error" in told:
                    future.set_exception(AssertionError(told["error"]))
                else:
                    future.set_result(told["result"])
                continue
            session, event = told.get("sessionId", ""), told["method"]
            for future in self._expected.pop((session, event), ()):
                if not future.done():
                    future.set_result(None)
            if session in self._tabs:
                self._tabs[session].errors += complaints(event, told["params"])


def complaints(event: str, told: dict[str, Any]) -> list[str]:
    """What an event says that a reader of the console would call an error."""
    if event == "Runtime.exceptionThrown":
        details = told["exceptionDetails"]
        return [details.get("exception", {}).get("description") or details["text"]]
    if event == "Log.entryAdded" and told["entry"]["level"] == "error":
        return [f"{told['entry']['text']} {told['entry'].get('url', '')}"]
    if event == "Network.loadingFailed" and not told.get("canceled"):
        return [f"a request failed: {told['errorText']}"]
    if event == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
        return [str([argument.get("value") for argument in told["args"]])]
    return []
