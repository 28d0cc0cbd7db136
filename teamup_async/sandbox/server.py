"""The sandbox: a local TeamUp over real HTTP, with its own data, tokens, quota and faults."""

from __future__ import annotations

import asyncio
import ssl as tls
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Self

import attrs
from aiohttp import web

from ..dialect import Dialect
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..lists.providers import PROVIDERS
from .app import ROOT, App, Settings
from .auth import Account, Mode, Tokens
from .data.by_type import Generated
from .data.clock import NOW
from .data.dataset import Dataset
from .data.sizes import Sizes
from .data.words import STUDIOS
from .hooks import Hooks
from .jobs import Jobs
from .quota import Quota
from .record import Received
from .rules import Faults

PROVIDER_IDS: Final = (714_001, 714_002)
ArrayEncoding = Literal["repeat", "comma", "brackets"]
RetryAfter = Literal["seconds", "date"]


class Sandbox(Dataset, Hooks):
    """A local TeamUp. Use it as ``async with Sandbox(...) as sandbox:``, or `in_thread` from code that is
    not async.

    All arguments are optional, and given by name:

    * `rows` (int, 0 or more): attendances of past events in the first account. Everything else is in
      proportion; the second account has a quarter.
    * `seed` (int): the same `seed`, `rows` and `now` give the same data, tokens included, on every machine.
    * `rate` (int or None): requests per `window` for each caller; None switches the quota off.
    * `window` (float, seconds): the stretch of time that `rate` is about.
    * `host`, `port` (str, int): where it listens; port 0 takes a free one.
    * `endpoints`: what is served, all declared ones by default. One studio answers them, so their numbers agree. An
      endpoint that it has no table for gets rows made from its row class.
    * `course_sessions` (int or None): how many of them; by default one for 50 attendances.
    * `dialect` (`Dialect`, or text such as ``"sort_by_id=ignored arrays=comma"``): how it answers where no document
      says how the real API does. May be set while it runs: ``sandbox.dialect = Dialect(...)``.
    * `array_encoding` ("repeat", "comma" or "brackets"): short for `arrays` and `list_arrays` of the dialect.
    * `gzip` (bool): whether answers are compressed for those who accept it; short for `gzip` of the dialect.
    * `latency` (float, seconds): the wait before each answer, or a function from the request to it.
    * `retry_after` ("seconds", "date" or None): the form of the Retry-After header of a 429; short for `retry_after`
      of the dialect.
    * `clock` (function without arguments, to seconds): the time of the quota and the log.
    * `log_size` (int): how many requests `log` remembers.
    * `ssl` (ssl.SSLContext or None): serves https with it.
    * `now` (datetime with a time zone): the moment that it is at the start. The data are of the two years
      before it and the month after it. Time does not pass by itself: see `advance`.

    Raises ValueError when `rows` is negative or `now` has no time zone, and `ConfigurationError` for a dialect that
    there is not.
    """

    def __init__(
        self,
        *,
        rows: int = 50_000,
        seed: int = 1,
        rate: int | None = 250,
        window: float = 60.0,
        host: str = "127.0.0.1",
        port: int = 0,
        endpoints: Iterable[Endpoint[..., Any]] | None = None,
        course_sessions: int | None = None,
        dialect: Dialect | str | None = None,
        array_encoding: ArrayEncoding | None = None,
        gzip: bool | None = None,
        latency: float | Callable[[Received], float] = 0.0,
        retry_after: RetryAfter | None = None,
        clock: Callable[[], float] = time.monotonic,
        log_size: int = 10_000,
        ssl: tls.SSLContext | None = None,
        now: datetime = NOW,
    ) -> None:
        if rows < 0:
            raise ValueError("rows must be 0 or more")
        sizes = (Sizes.for_rows(rows, course_sessions), Sizes.for_rows(rows // 4, course_sessions))
        super().__init__(seed, ENDPOINTS if endpoints is None else endpoints, sizes, now)
        Hooks.__init__(self)
        self.rows = rows
        chosen = Dialect.parse(dialect or ()) if dialect is None or isinstance(dialect, str) else dialect
        short: dict[str, Any] = {}
        if array_encoding is not None:
            short = {"arrays": array_encoding, "list_arrays": array_encoding}
        if gzip is not None:
            short["gzip"] = "on_request" if gzip else "never"
        if retry_after is not None:
            short["retry_after"] = retry_after
        self.settings = Settings(attrs.evolve(chosen, **short), latency)
        self.faults = Faults()
        self.jobs = Jobs()
        self.quota = Quota(rate, window, clock)
        self.log: deque[Received] = deque(maxlen=log_size)
        self._host, self._port, self._ssl, self._clock = host, port, ssl, clock
        self._tokens = Tokens(seed, PROVIDER_IDS)
        self.accounts = tuple(
            Account(
                name=STUDIOS[index][0],
                provider_id=provider,
                index=index,
                token=self._tokens.issue(f"account {index + 1}", (index,)),
                refresh_token=self._tokens.issue_refresh(f"account {index + 1}", (index,)),
            )
            for index, provider in enumerate(PROVIDER_IDS)
        )
        """The two provider accounts; their data differ."""
        self.token = self.accounts[0].token
        """Reaches the first account only, in provider mode."""
        self.refresh_token = self.accounts[0].refresh_token
        """Refreshes `token`."""
        self.customer_token = self._tokens.issue("account 1", (0,), "customer")
        """Reaches the first account in customer mode; refused in provider mode."""
        self.shared_token = self._tokens.issue("shared", (0, 1))
        """Reaches both accounts, so that the provider header is required."""
        self.refused_token = self._tokens.issue("refused", (0,), allowed=False)
        """Known, and always answered with 403; any other token gets 401."""
        self._callers = 0
        self.listening = asyncio.Event()
        """Set while it listens (for the event loop it runs in)."""
        self._app: App | None = None
        self._runner: web.ServerRunner | None = None
        self._url = ""

    @property
    def dialect(self) -> Dialect:
        """How it answers where no document says how the real API does; may be set while it runs."""
        return self.settings.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect | str) -> None:
        self.settings.dialect = Dialect.parse(dialect) if isinstance(dialect, str) else dialect

    @property
    def url(self) -> str:
        """The base URL, ending in ``/api/v2``."""
        if not self._url:
            raise RuntimeError("the sandbox is not running")
        return self._url

    @property
    def requests(self) -> int:
        """Requests received so far."""
        return self._app.requests if self._app else 0

    @property
    def connections(self) -> int:
        """Connections on which a request arrived so far."""
        return self._app.connections if self._app else 0

    @property
    def peak(self) -> int:
        """The most requests that were being answered at once."""
        return self._app.peak if self._app else 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Make the data and listen; raises OSError when the port is taken."""
        if self._runner is not None:
            raise RuntimeError("the sandbox is already running")
        await asyncio.to_thread(self.generate)
        self._name_businesses()
        app = App(
            settings=self.settings,
            hooks=self,
            endpoints={endpoint.path: endpoint for endpoint in (PROVIDERS, *self.endpoints)},
            sources=self.source,
            objects=self.object,
            tokens=self._tokens,
            quota=self.quota,
            faults=self.faults,
            jobs=self.jobs,
            clock=self._clock,
            log=self.log,
        )
        self._app = app
        self._runner = web.ServerRunner(web.Server(app, access_log=None), shutdown_timeout=1.0)
        try:
            await self._runner.setup()
            await web.TCPSite(
                self._runner, self._host, self._port, ssl_context=self._ssl, backlog=1024
            ).start()
        except BaseException:
            await self.stop()
            raise
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._url = f"{'https' if self._ssl else 'http'}://{host}:{port}{ROOT}"
        self.listening.set()

    def _name_businesses(self) -> None:
        """Let each account's list of providers be its own business, and nothing else."""
        for account in self.accounts:
            source = self.source(account.index, PROVIDERS)
            if isinstance(source, Generated):
                source.delete(source.ids(), 0)
                source.insert(1, {"id": account.provider_id, "name": account.name})
            else:
                self.sql("UPDATE providers SET id = ?", account.provider_id, account=account.index)

    async def stop(self) -> None:
        """Answer nothing any more and throw the data away."""
        if self._app is not None:
            self._app.ended.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._url = ""
        self.listening.clear()
        self.discard()

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        if self._runner is None:
            async with self:
                await asyncio.Event().wait()
        await asyncio.Event().wait()

    @classmethod
    @contextmanager
    def in_thread(cls, **options: Any) -> Generator[Sandbox]:
        """A sandbox served from a thread of its own: ``with Sandbox.in_thread(rows=1000) as sandbox:``.

        `before_request`, `latency` and predicates of faults are called in that thread; everything else may
        be used from any.
        """
        sandbox = cls(**options)
        started = threading.Event()
        failed: list[BaseException] = []
        stopping: list[Callable[[], object]] = []

        async def serve() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            stopping.append(lambda: loop.call_soon_threadsafe(stop.set))
            async with sandbox:
                started.set()
                await stop.wait()

        def run() -> None:
            try:
                asyncio.run(serve())
            except BaseException as error:  # noqa: BLE001 - for the thread that waits for the start
                failed.append(error)
            finally:
                started.set()

        thread = threading.Thread(target=run, name="teamup-sandbox", daemon=True)
        thread.start()
        started.wait()
        try:
            if failed:
                raise failed[0]
            yield sandbox
        finally:
            if stopping:
                with suppress(RuntimeError):  # the loop may have ended by itself
                    stopping[0]()
            thread.join()

    def expire_tokens(self) -> None:
        """Let every access token there is expire (401), so that clients must refresh."""
        self._tokens.expire()

    def new_token(self, *accounts: int, mode: Mode = "provider") -> str:
        """A token of a new caller, with a quota of its own, that reaches these accounts (the first by
        default).
        """
        self._callers += 1
        return self._tokens.issue(f"caller {self._callers}", accounts or (0,), mode)
