"""`TeamUp` and `BulkPull` for code that is not async."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, cast, overload

from .. import client, methods
from .._background import Background, background
from .._bulk.methods import BulkMethods
from ..bulk import many
from ..errors import ClientClosedError, ConfigurationError
from .streams import ExportJob, RetrievableList, RowStream
from .waiting import same, spoken, waits

if TYPE_CHECKING:
    from .._bulk.plan import Part
    from .._http.throttle import Throttle
    from ..bulk.accounts import Account
    from ..endpoint import Endpoint
    from ..query import Query
    from ..stats import Stats

__all__ = ["BulkPull", "Lists", "Reports", "TeamUp"]

P = ParamSpec("P")
Row = TypeVar("Row")


def _as(kind: Callable[P, object]) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]:
    """Give a constructor the parameters of `kind`."""

    def typed(constructor: Callable[..., None]) -> Callable[Concatenate[Any, P], None]:
        vars(constructor)["__wrapped__"] = cast("Any", kind).__init__
        return constructor

    return typed


class _Holder:
    """Holds an async client: opens it when it is first needed, closes it with itself or the interpreter."""

    _client: Any
    _owner: _Holder | None = None
    _is_open: bool | None = None

    def _hold(self, its: Any, owner: _Holder | None = None) -> None:
        """Hold `its`, which is `owner`'s where there is one, and opened and closed with it."""
        self._client, self._owner = its, owner
        if owner is not None:
            return
        self._opening = threading.Lock()
        self._there = there = background()
        forget = there.close_at_exit(its.aclose)

        def let_go() -> None:
            forget()
            there.soon(its.aclose)

        weakref.finalize(self, let_go).atexit = False

    def __repr__(self) -> str:
        if "_client" not in vars(self):
            return f"<{type(self).__name__}, refused>"  # in the traceback of its settings' error
        return f"{self._client!r}"[:-1] + ", blocking>"

    @property
    def _its(self) -> Any:
        self._open()
        return self._client

    @property
    def _background(self) -> Background:
        return self._open()

    def _open(self) -> Background:
        """The loop in which the client is open. Raises `ClientClosedError` where it was closed."""
        if self._owner is not None:
            return self._owner._open()  # noqa: SLF001 - one of its own kind
        there = self._there
        if self._is_open is None:
            if not there.is_here:
                raise ClientClosedError("it was made before this process was forked off: make one here")
            with self._opening:
                if self._is_open is None:
                    there.run(self._client.__aenter__)
                    self._is_open = True
        if not self._is_open:
            raise ClientClosedError("this client was closed; make a new one")
        return there

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all requests and close the connections. Without it they are closed with the client or the interpreter."""
        if self._owner is not None:
            self._owner.close()
        elif self._is_open:
            self._is_open = False
            self._there.run(self._client.aclose)

    def __reduce__(self) -> Any:
        raise TypeError("a client holds a token and connections and is not pickled")


class _Bulk(_Holder):
    """Pulls and syncs."""

    pull = waits(BulkMethods.pull)
    sync = waits(BulkMethods.sync)
    run = waits(BulkMethods.run)
    plan = same(BulkMethods.plan)
    plan_sync = waits(BulkMethods.plan_sync)
    estimate = waits(BulkMethods.estimate)

    def stream_of(self, part: Part) -> RowStream[Any]:
        return RowStream(self._its.stream_of(part), self._open)

    stream_of.__doc__ = spoken(BulkMethods.stream_of.__doc__ or "")


class Reports(methods.Reports, methods.Blocking):
    """The reports, as methods that take filters and return a `RowStream`."""


class Lists(methods.Lists, methods.Blocking):
    """The lists, as methods that take filters and return a `RowStream`.

    Where the API sends one object by its id, the method has a ``get``: ``teamup.lists.customers.get(7)``.
    """


class TeamUp(methods.ListMethods, methods.Blocking, _Bulk):
    """A client of the TeamUp API v2, for one token, for code that is not async.

        with TeamUp(token="...", provider_id=123) as teamup:
            for row in teamup.reports.attendances(status=["attended"]):
                print(row.customer.name)

    It has the arguments, methods and types of `teamup_async.TeamUp`, with ``for`` in place of ``async for`` and without
    ``await``. It works in scripts, notebooks and threads; ``with`` may be left out. Callbacks (`on_retry`, `watch`,
    `progress`, ...) are called in the thread of its event loop.

    Raises `ConfigurationError` for settings that can't work, and for `session`: that belongs to another event loop.
    """

    reports: Reports
    lists: Lists
    _retrievable = RetrievableList

    @_as(client.TeamUp)
    def __init__(self, **options: Any) -> None:
        if options.get("session") is not None:
            raise ConfigurationError("session belongs to the event loop in which it was made: leave it out")
        try:
            its = client.TeamUp(**options)
        except ConfigurationError as error:
            options.clear()  # tools that show the locals of a traceback would show the token
            raise error.with_traceback(None) from None
        self._hold(its)

    @classmethod
    def from_config(
        cls, account: str | None = None, *, path: str | os.PathLike[str] | None = None, **options: Any
    ) -> Self:
        return cls._of(client.TeamUp.from_config(account, path=path, **options))

    @classmethod
    def _of(cls, its: client.TeamUp, owner: _Holder | None = None) -> Self:
        made = cls.__new__(cls)
        made._hold(its, owner)  # noqa: SLF001 - it is made here
        return made

    def _hold(self, its: Any, owner: _Holder | None = None) -> None:
        super()._hold(its, owner)
        self.reports = Reports(cast("Any", self))
        self.lists = Lists(cast("Any", self))

    @property
    def _streams(self) -> Self:  # what its own methods need
        return self

    @property
    def throttle(self) -> Throttle:
        """What spends the quota; other clients of the same token may share it."""
        throttle: Throttle = self._client.throttle
        return throttle

    @property
    def stats(self) -> Stats:
        """What this client has sent so far."""
        stats: Stats = self._client.stats
        return stats

    @property
    def identity(self) -> dict[str, str | None]:
        """Whose data this client reads, without the token: base URL, provider, mode, and a digest of the caller."""
        identity: dict[str, str | None] = self._client.identity
        return identity

    get = waits(client.TeamUp.get)
    diagnose = waits(client.TeamUp.diagnose)

    def patient(self, seconds: float = 600.0) -> TeamUp:
        return self._of(self._client.patient(seconds), self._owner or self)

    @overload
    def stream(self, endpoint: Endpoint[..., Row], query: Query[Row], /) -> RowStream[Row]: ...

    @overload
    def stream(self, endpoint: Endpoint[P, Row], /, *args: P.args, **kwargs: P.kwargs) -> RowStream[Row]: ...

    def stream(self, endpoint: Any, /, *args: Any, **kwargs: Any) -> RowStream[Any]:
        return RowStream(self._client.stream(endpoint, *args, **kwargs), self._open)

    def export_job(self, saved: Mapping[str, Any]) -> ExportJob[Any]:
        return ExportJob(self._client.export_job(saved), self._open)

    def retrieve(
        self,
        endpoint: Endpoint[..., Row],
        object_id: int,
        /,
        *,
        expand: Sequence[str] | None = None,
        fields: Sequence[str] | None = None,
    ) -> Row:
        its: client.TeamUp = self._its
        return self._open().run(lambda: its.retrieve(endpoint, object_id, expand=expand, fields=fields))


class BulkPull(_Bulk):
    """Clients for several accounts, for code that is not async; see `teamup_async.bulk.BulkPull`.

        with BulkPull(load_accounts("teamup.toml")) as bulk:
            result = bulk.pull({"attendances": {}}, into="parquet:data")

    Raises `ConfigurationError` for what can't work.
    """

    @_as(many.BulkPull)
    def __init__(self, *args: Any, **options: Any) -> None:
        self._hold(many.BulkPull(*args, **options))

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts."""
        accounts: tuple[Account, ...] = self._client.accounts
        return accounts

    @property
    def stats(self) -> dict[str, Stats]:
        """What the client of each account has sent so far, by its name; empty where they are not open."""
        stats: dict[str, Stats] = self._client.stats
        return stats

    @property
    def clients(self) -> dict[str, TeamUp]:
        """The client of each account, by its name."""
        clients: Mapping[str, client.TeamUp] = self._its.clients
        return {name: TeamUp._of(one, self) for name, one in clients.items()}  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


for _name in ("from_config", "patient", "stream", "export_job", "retrieve"):
    _made: Any = vars(TeamUp)[_name]
    getattr(_made, "__func__", _made).__doc__ = spoken(getattr(client.TeamUp, _name).__doc__ or "")
