"""`TeamUp`: the parts put together, and nothing clever."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ssl import SSLContext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Self, TypeVar, overload
from urllib.parse import urlencode

import attrs

from ._bulk.methods import BulkMethods
from ._http.clock import SYSTEM_CLOCK, Clock
from ._http.ledger import Ledger
from ._http.policy import RetryPolicy
from ._http.requester import Requester
from ._http.retry import OnRetry
from ._http.slots import cap_of
from ._http.throttle import Throttle
from ._http.transport import Transport
from ._walking.learned import Learned
from .config import Settings, Timeouts
from .errors import ClientClosedError, ConfigurationError, QueryError, shown
from .methods import ListMethods, Lists, Reports
from .stats import Stats
from .telemetry import resolve
from .telemetry.hooks import Telemetry

if TYPE_CHECKING:
    import aiohttp

    from .auth import AuthScheme, Mode, RefreshedToken
    from .dialect import Dialect
    from .doctor.diagnosis import Diagnosis
    from .endpoint import Endpoint
    from .exports import ExportJob
    from .query import ArrayEncoding, Query
    from .stream import RowStream

__all__ = ["TeamUp"]

P = ParamSpec("P")
Row = TypeVar("Row")


class _Default(int):
    """A default that can be told from the same number given by the caller."""


_RATE: Final = _Default(250)
_RATE_WINDOW: Final = 60.0
_PAGES_PER_SLOT: Final = 4
"""Pages in flight or waiting, for each request in flight. Answers take unequally long and pages are yielded in order,
so a slow answer holds up all behind it unless there is enough to do meanwhile.
"""


class TeamUp(ListMethods, BulkMethods):
    """A client of the TeamUp API v2, for one token.

        async with TeamUp(token="...", provider_id=123) as teamup:
            async for row in teamup.reports.attendances(status=["attended"]):
                print(row.customer.name)

    Settings that are not given come from ``TEAMUP_TOKEN``, ``TEAMUP_PROVIDER_ID``, ``TEAMUP_REQUEST_MODE``,
    ``TEAMUP_AUTH_SCHEME``, ``TEAMUP_DIALECT`` and ``TEAMUP_BASE_URL``.

    * `token`: the access token, without the word before it.
    * `account`: what log lines and retry events call this client; by default its provider, or a digest of its
      token.
    * `provider_id`: the business to act for, where a token reaches several.
    * `mode`: ``"provider"`` or ``"customer"``; not sent by default.
    * `auth_scheme`: the word before the token, ``"Token"`` (default), ``"Bearer"`` or ``"JWT"``; short for
      `auth_scheme` of the dialect.
    * `base_url`: where the API is, by default https://goteamup.com/api/v2.
    * `refresh_token`: with it, an access token that has expired is refreshed, once for all requests.
    * `on_token_refresh`: called with the `RefreshedToken`, to keep it; a function or coroutine function.
    * `session`: your own ``aiohttp.ClientSession``; it is used, never closed, and brings its own TLS settings,
      tracing and connections.
    * `proxy`: URL of the proxy; by default the environment's, which is never used for loopback.
    * `ssl`: a TLS context, or False for no check of certificates.
    * `trace_configs`: aiohttp's hooks, for the session that this client makes.
    * `rate`: requests in each `rate_window`, for all streams together; None leaves the quota to the server.
    * `rate_window`: seconds in which `rate` requests may be sent.
    * `concurrency`: requests in flight at once.
    * `throttle`: a `Throttle` to share with other clients of the same token, instead of `rate` and `rate_window`.
    * `retry`: a `RetryPolicy`; by default five attempts, and more patience in bulk pulls and syncs.
    * `on_retry`: called with a `RetryEvent` before each retry; a plain function.
    * `timeout`: `Timeouts`, or seconds for one request with all its attempts (waits for quota do not count).
    * `dialect`: how the API answers where its documents are silent, a `Dialect` or text such as
      ``"sort_by_id=ignored arrays=comma"``. ``teamup doctor`` finds it out.
    * `array_encoding`: how lists go into the URL where no document says it: ``"repeat"`` (``a=1&a=2``),
      ``"comma"`` or ``"brackets"``; short for `arrays` and `list_arrays` of the dialect.
    * `max_body`: the largest answer that is read, in bytes.
    * `clock`: where time comes from; tests simulate it.
    * `telemetry`: True for spans and metrics of OpenTelemetry (extra ``otel``), or an `OpenTelemetry` with providers of
      its own. By default the variable ``TEAMUP_TELEMETRY`` decides: 1 or 0.

    Raises `ConfigurationError` for settings that can't work.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        account: str | None = None,
        provider_id: int | str | None = None,
        mode: Mode | None = None,
        auth_scheme: AuthScheme | None = None,
        base_url: str | None = None,
        refresh_token: str | None = None,
        on_token_refresh: Callable[[RefreshedToken], Awaitable[None] | None] | None = None,
        session: aiohttp.ClientSession | None = None,
        proxy: str | None = None,
        ssl: SSLContext | bool = True,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        rate: int | None = _RATE,
        rate_window: float = _RATE_WINDOW,
        concurrency: int = 8,
        throttle: Throttle | None = None,
        retry: RetryPolicy | None = None,
        on_retry: OnRetry | None = None,
        timeout: Timeouts | float | None = None,
        dialect: Dialect | str | None = None,
        array_encoding: ArrayEncoding | None = None,
        max_body: int = 64 * 1024 * 1024,
        clock: Clock = SYSTEM_CLOCK,
        telemetry: Telemetry | bool | None = None,
    ) -> None:
        try:
            self._settings = Settings.resolve(
                token=token,
                account=account,
                provider_id=provider_id,
                mode=mode,
                auth_scheme=auth_scheme,
                base_url=base_url,
                refresh_token=refresh_token,
                on_token_refresh=on_token_refresh,
                timeout=timeout,
                dialect=dialect,
                array_encoding=array_encoding,
                concurrency=concurrency,
                rate=rate,
                rate_window=rate_window,
                max_body=max_body,
            )
        except ConfigurationError as error:
            del token, refresh_token  # tools that show the locals of a traceback would show them
            raise error.with_traceback(None) from None
        settings = self._settings
        if throttle is not None and (rate is not _RATE or rate_window != _RATE_WINDOW):
            raise ConfigurationError("throttle has a rate of its own: give throttle, or rate and rate_window")
        self.throttle = throttle or Throttle(
            settings.rate,
            window=settings.rate_window,
            concurrency=settings.concurrency,
            clock=clock,
            cap=None if session is None else cap_of(session.connector),
        )
        transport = Transport(
            settings,
            clock=clock,
            http=session,
            proxy=proxy,
            ssl=ssl,
            trace_configs=trace_configs,
        )
        self._retry = retry
        self._learned = Learned(settings.dialect, sure=settings.sure)
        self._requester = Requester(
            settings,
            transport,
            throttle=self.throttle,
            policy=retry or RetryPolicy(),
            clock=clock,
            on_retry=on_retry,
            telemetry=resolve(telemetry, os.environ),
        )
        self._connect()

    @classmethod
    def from_config(
        cls, account: str | None = None, *, path: str | os.PathLike[str] | None = None, **options: Any
    ) -> Self:
        """A client with the settings of a configuration file; ``TeamUp()`` reads none.

            async with TeamUp.from_config("north") as teamup: ...

        What is given counts first, then the environment, then the file. An account that is named, here or in
        ``TEAMUP_ACCOUNT``, brings its own settings, which stand above the environment.

        Args:
            account: An account of the file; by default the file's own default, or its only account.
            path: The file; by default what ``TEAMUP_CONFIG`` names, ``teamup.toml`` in the working directory, or
                ``~/.config/teamup/teamup.toml``, if there is one.
            options: Any other argument of `TeamUp`.

        Raises:
            ConfigurationError: for a file that is not understood, an account that it does not have, and settings
                that can't work.
        """
        from .precedence import settle

        settled = settle(options, account=account, path=path)
        token = options.get("token") or settled.token(os.environ)
        given: dict[str, Any] = {**options, **settled.options(), "token": token}
        return cls(**given)

    def _connect(self) -> None:
        self.reports = Reports(self)
        self.lists = Lists(self)

    def __repr__(self) -> str:
        if not hasattr(self, "_settings"):
            return "<TeamUp, refused>"  # in the traceback of its settings' error
        credentials = self._settings.credentials
        return f"<TeamUp {self._settings.base_url}, provider {credentials.provider_id or 'of the token'}>"

    @property
    def _streams(self) -> Self:  # what its own methods need
        return self

    @property
    def stats(self) -> Stats:
        """What this client has done so far, in streams, pulls and outside of them, and in `patient` views.

        `total` is known to streams only.
        """
        return self._requester.ledger.meter.snapshot()

    async def get(self, path: str, /, **parameters: Any) -> Any:
        """The decoded JSON of any path, whether it is declared or not; quota, retries and errors are as everywhere.

            venue = await teamup.get("/venues/12", expand=["address"])

        `path`: the path below the base URL. `parameters`: the query; text, numbers, booleans, dates, times, and
        lists of these (`expand` and `fields` are sent comma-separated, others as the dialect says). None is left
        out.

        Raises `QueryError` for what can't be sent, and `RequestError`.
        """
        from ._http.undeclared import path_of, query_of, read_json

        settings = self._settings
        target, query = path_of(path), query_of(parameters, _arrays(path, settings.dialect))
        requester = self._open_requester()
        return await requester.get(target, query, read_json, overall=settings.timeout.walk)

    def patient(self, seconds: float = 600.0) -> TeamUp:
        """The same client for work that must outlast an outage of that many seconds, such as a night's pull.

        It shares connections, quota, token and statistics with this one, and is open and closed together with
        it. A policy that was given as `retry` is kept: then this is the client itself.
        """
        if self._retry is not None:
            return self
        return self._view(self._requester.with_policy(RetryPolicy.patient(seconds)))

    def _view(self, requester: Requester) -> TeamUp:
        """The same client with another requester."""
        view = object.__new__(type(self))
        vars(view).update(vars(self))
        view._requester = requester
        view._connect()
        return view

    def _for_a_run(self) -> TeamUp:
        """The same client for one pull or sync: patient, and with a `stats` of its own."""
        patient = self.patient()
        return self._view(patient._requester.metered())  # noqa: SLF001 - itself

    @overload
    def stream(self, endpoint: Endpoint[..., Row], query: Query[Row], /) -> RowStream[Row]: ...

    @overload
    def stream(self, endpoint: Endpoint[P, Row], /, *args: P.args, **kwargs: P.kwargs) -> RowStream[Row]: ...

    def stream(self, endpoint: Any, /, *args: Any, **kwargs: Any) -> RowStream[Any]:
        """A stream of any declared endpoint.

            teamup.stream(ATTENDANCES, status=["attended"])
            teamup.stream(ATTENDANCES, AttendancesQuery(status=["attended"]))

        It takes the keyword arguments of the endpoint's query class, or a ready query. Raises `QueryError` for
        what can't be sent.
        """
        from .stream import RowStream  # walking and decoding are loaded with the first stream

        settings = self._settings
        return RowStream(
            endpoint,
            _query(endpoint, *args, **kwargs),
            self._open_requester,
            dialect=settings.dialect,
            learned=self._learned,
            size=endpoint.max_page_size,
            window=_PAGES_PER_SLOT * settings.concurrency,
            timeout=settings.timeout.walk,
        )

    async def diagnose(
        self,
        *,
        quota: bool = False,
        record: str | os.PathLike[str] | None = None,
        told: Callable[[int, str], object] | None = None,
    ) -> Diagnosis:
        """How this account's API answers where its documents are silent: at most 40 small requests that change nothing.

            diagnosis = await teamup.diagnose()
            print(diagnosis.dialect, diagnosis.python)

        Args:
            quota: Spend the whole quota as well, to see what a 429 says.
            record: A folder for a page of every endpoint, with made-up values instead of the account's own: some 110
                requests more.
            told: Called with the number of requests sent, and what is being found out.

        Raises:
            RequestError: where nothing answers, or the token is not accepted.
            ConfigurationError: for a folder that can't be written, or holds other files.
        """
        from .doctor.examine import diagnose

        requester = self._open_requester()
        with requester.ledger.during("diagnose"):
            settings = attrs.evolve(self._settings, credentials=requester.credentials)
            return await diagnose(requester, settings, quota=quota, record=record, told=told)

    def export_job(self, saved: Mapping[str, Any]) -> ExportJob[Any]:
        """An export job that was started before, perhaps by another process.

        `saved`: what `ExportJob.to_json` gave. Nothing is sent. Raises `QueryError`.
        """
        from .exports import job_from_json

        return job_from_json(saved, self._open_requester)

    async def retrieve(
        self,
        endpoint: Endpoint[..., Row],
        object_id: int,
        /,
        *,
        expand: Sequence[str] | None = None,
        fields: Sequence[str] | None = None,
    ) -> Row:
        """One object of a list, by its id; one request (``GET <path of the list>/{id}``).

            await teamup.retrieve(VENUES, 12, expand=["venue_rooms"])
            await teamup.lists.venues.get(12, expand=["venue_rooms"])

        Args:
            endpoint: A list that declares that its objects can be retrieved.
            object_id: The object's id.
            expand: Objects to send whole, as in the list.
            fields: Fields to return, as in the list.

        Raises:
            QueryError: for what can't be sent.
            NotFoundError: where there is no such object.
        """
        from ._decoding.fast import decode_object
        from .query import encode

        path = endpoint.path_of(object_id)
        given = {"expand": expand, "fields": fields}
        query = endpoint.make_query({name: value for name, value in given.items() if value is not None})
        endpoint.check(query)
        encoded = urlencode(encode(query, self._settings.dialect.list_arrays))
        requester = self._open_requester().of(endpoint.key)
        return await requester.get(path, encoded, lambda body: decode_object(endpoint, body))

    def _bulk_clients(self) -> Mapping[str | None, TeamUp]:
        return {None: self._for_a_run()}

    def _bulk_accounts(self) -> tuple[str | None, ...]:
        return (None,)

    def _bulk_ledger(self) -> Ledger:
        return self._requester.ledger

    def _bulk_quota(self) -> tuple[Mapping[str | None, str], int | None, float]:
        return {None: ""}, self._settings.rate, self._settings.rate_window

    @property
    def identity(self) -> dict[str, str | None]:
        """Whose data this client reads, without the token: base URL, provider, mode.

        `caller` is a digest of the token, the same for the same token.
        """
        credentials = self._settings.credentials
        return {
            "base_url": self._settings.base_url,
            "provider": credentials.provider_id,
            "mode": credentials.mode,
            "caller": credentials.digest,
        }

    def _open_requester(self) -> Requester:
        if not self._requester.is_open:
            raise ClientClosedError("open the client first: async with TeamUp(...) as teamup")
        return self._requester

    async def __aenter__(self) -> Self:
        self._requester.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all requests and close the connections (not a session that was handed in)."""
        await self._requester.close()

    def __reduce__(self) -> Any:
        raise TypeError("a TeamUp client holds a token and connections and is not pickled")


def _arrays(path: str, dialect: Dialect) -> ArrayEncoding:
    return dialect.arrays if path.lstrip("/").startswith("reports/") else dialect.list_arrays


def _query(endpoint: Endpoint[..., Row], *args: Any, **kwargs: Any) -> Query[Row]:
    """The ready query, or the one with these values."""
    if not args:
        return endpoint.make_query(kwargs)
    [query, *more] = args
    if more or kwargs or not isinstance(query, endpoint.query_class):
        raise QueryError(
            f"{endpoint.name} takes filters by name, or one {endpoint.query_class.__name__}, not {shown(query, 80)}",
            parameter="query",
            value=query,
        )
    ready: Query[Row] = args[0]
    return ready
