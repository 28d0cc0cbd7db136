"""`TeamUp`: the parts put together, and nothing clever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from ssl import SSLContext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, Self, TypeVar

from .clock import SYSTEM_CLOCK, Clock
from .config import Settings, Timeouts
from .course_sessions import COURSE_SESSIONS
from .endpoint import MAX_PAGE_SIZE, Endpoint
from .errors import ClientClosedError
from .reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED
from .reports.attendances import ATTENDANCES
from .reports.course_session_attendances import COURSE_SESSION_ATTENDANCES_GROUPED
from .reports.instructed_sessions import INSTRUCTED_SESSIONS
from .retry import RetryPolicy
from .session import Session
from .stats import Stats
from .stream import RowStream
from .throttle import Throttle

if TYPE_CHECKING:
    import aiohttp

    from .auth import RefreshedToken

__all__ = ["Reports", "TeamUp"]

P = ParamSpec("P")
Row = TypeVar("Row")

_PAGES_PER_SLOT: Final = 2
"""Pages under way or waiting for each request under way: with as many as slots, one slow answer holds up
the rest.
"""


class _Method(Generic[P, Row]):
    """An endpoint as a method of the client, with the keyword arguments of its query class."""

    def __init__(self, endpoint: Endpoint[P, Row]) -> None:
        self._endpoint = endpoint
        self.__doc__ = (
            f"{endpoint.title} (``GET {endpoint.path}``). Raises `QueryError` for what can't be sent."
        )

    def __get__(self, owner: TeamUp | Reports, owner_class: type) -> Callable[P, RowStream[Row]]:
        teamup = owner if isinstance(owner, TeamUp) else owner.teamup
        endpoint = self._endpoint

        def method(*args: P.args, **kwargs: P.kwargs) -> RowStream[Row]:
            return teamup.walk(endpoint, *args, **kwargs)

        method.__doc__ = self.__doc__
        method.__name__ = endpoint.python_name
        return method


class Reports:
    """The reports, as methods that take filters and return a `RowStream`."""

    def __init__(self, teamup: TeamUp) -> None:
        self.teamup = teamup

    attendances = _Method(ATTENDANCES)
    attendance_strikes_grouped = _Method(ATTENDANCE_STRIKES_GROUPED)
    course_session_attendances_grouped = _Method(COURSE_SESSION_ATTENDANCES_GROUPED)
    instructed_sessions = _Method(INSTRUCTED_SESSIONS)


class TeamUp:
    """A client of the TeamUp API v2, for one token.

        async with TeamUp(token="...", provider_id=123) as teamup:
            async for row in teamup.reports.attendances(status=["attended"]):
                print(row.customer.name)

    Settings that are not given come from ``TEAMUP_TOKEN``, ``TEAMUP_PROVIDER_ID``, ``TEAMUP_REQUEST_MODE``,
    ``TEAMUP_AUTH_SCHEME`` and ``TEAMUP_BASE_URL``.

    `mode` is ``"provider"`` or ``"customer"``; `auth_scheme` ``"Token"``, ``"Bearer"`` or ``"JWT"``. With
    `refresh_token`, an
    expired access token is renewed, and `on_token_refresh` is told the new ones (a function or coroutine
    function that takes a
    `RefreshedToken`). `session` is a caller's own ``aiohttp.ClientSession``: it is used, never closed, and
    brings its
    own TLS settings and tracing. `rate` is requests in each `rate_window` seconds, for all streams
    together; None leaves the quota to
    the server. `concurrency` is requests under way at once. `timeout` is a `Timeouts`, or seconds for a
    request with all
    its retries. `array_encoding` says how lists go into the URL where no document does: ``"repeat"``
    (``a=1&a=2``),
    ``"comma"`` or ``"brackets"``. `max_body` is the largest answer that is read, in bytes. `throttle` may be
    shared by clients of one token.

    Raises `ConfigurationError` for settings that can't work.
    """

    course_sessions = _Method(COURSE_SESSIONS)

    def __init__(
        self,
        *,
        token: str | None = None,
        provider_id: int | str | None = None,
        mode: str | None = None,
        auth_scheme: str | None = None,
        base_url: str | None = None,
        refresh_token: str | None = None,
        on_token_refresh: Callable[[RefreshedToken], Awaitable[None] | None] | None = None,
        session: aiohttp.ClientSession | None = None,
        proxy: str | None = None,
        ssl: SSLContext | bool = True,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        rate: int | None = 250,
        rate_window: float = 60.0,
        concurrency: int = 8,
        retry: RetryPolicy | None = None,
        timeout: Timeouts | float | None = None,
        array_encoding: str = "repeat",
        max_body: int = 64 * 1024 * 1024,
        throttle: Throttle | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._settings = Settings.resolve(
            token=token,
            provider_id=provider_id,
            mode=mode,
            auth_scheme=auth_scheme,
            base_url=base_url,
            refresh_token=refresh_token,
            on_token_refresh=on_token_refresh,
            timeout=timeout,
            array_encoding=array_encoding,
            concurrency=concurrency,
            rate=rate,
            rate_window=rate_window,
            max_body=max_body,
        )
        settings = self._settings
        self.throttle = throttle or Throttle(
            settings.rate, window=settings.rate_window, concurrency=settings.concurrency, clock=clock
        )
        self._session = Session(
            settings,
            throttle=self.throttle,
            policy=retry or RetryPolicy(),
            clock=clock,
            http=session,
            proxy=proxy,
            ssl=ssl,
            trace_configs=trace_configs,
        )
        self._opened = False
        self.reports = Reports(self)

    def __repr__(self) -> str:
        credentials = self._settings.credentials
        return f"<TeamUp {self._settings.base_url}, provider {credentials.provider_id or 'of the token'}>"

    @property
    def stats(self) -> Stats:
        """What this client has sent so far outside of streams (token refreshes)."""
        return self._session.meter.snapshot()

    def walk(self, endpoint: Endpoint[P, Row], *args: P.args, **kwargs: P.kwargs) -> RowStream[Row]:
        """A stream of any declared endpoint, with the keyword arguments of its query class.

        Raises `QueryError` for what can't be sent.
        """
        settings = self._settings
        return RowStream(
            endpoint,
            endpoint.query(*args, **kwargs),
            self._open_session,
            arrays=settings.array_encoding,
            size=MAX_PAGE_SIZE,
            window=_PAGES_PER_SLOT * settings.concurrency,
            timeout=settings.timeout.walk,
        )

    def _open_session(self) -> Session:
        if not self._opened:
            raise ClientClosedError("open the client first: async with TeamUp(...) as teamup")
        return self._session

    async def __aenter__(self) -> Self:
        self._session.open()
        self._opened = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all requests and close the connections (not a session that was handed in)."""
        self._opened = False
        await self._session.close()

    def __reduce__(self) -> Any:
        raise TypeError("a TeamUp client holds a token and connections and is not pickled")
