"""Endpoints as methods that take filters: ``teamup.reports.attendances(...)``, ``teamup.course_sessions(...)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from . import lists, reports
from .endpoint import Endpoint
from .stream import RowStream

__all__ = ["ListMethods", "Lists", "Method", "Reports"]

P = ParamSpec("P")
Row = TypeVar("Row")


class _Streams(Protocol):
    """What methods need of a client."""

    def stream(self, endpoint: Endpoint[..., Any], /, **filters: Any) -> RowStream[Any]: ...


class _Owner(Protocol):
    """What has methods: the client itself, or one of its namespaces."""

    @property
    def _streams(self) -> _Streams: ...


class Method(Generic[P, Row]):
    """An endpoint as a method, with the keyword arguments of its query class.

    It takes a function, so that a declaration is loaded when it is used.
    """

    def __init__(self, endpoint: Callable[[], Endpoint[P, Row]]) -> None:
        self._endpoint = endpoint

    @overload
    def __get__(self, owner: None, owner_class: type) -> Self: ...

    @overload
    def __get__(self, owner: _Owner, owner_class: type) -> Callable[P, RowStream[Row]]: ...

    def __get__(self, owner: _Owner | None, owner_class: type) -> Self | Callable[P, RowStream[Row]]:
        if owner is None:
            return self
        streams = owner._streams  # noqa: SLF001 - what a method needs of its owner
        endpoint = self._endpoint()

        def method(*args: P.args, **kwargs: P.kwargs) -> RowStream[Row]:
            return streams.stream(endpoint, *args, **kwargs)

        method.__doc__ = (
            f"{endpoint.title} (``GET {endpoint.path}``). Raises `QueryError` for what can't be sent."
        )
        method.__name__ = endpoint.python_name
        return method


class Reports:
    """The reports, as methods that take filters and return a `RowStream`."""

    def __init__(self, streams: _Streams) -> None:
        self._streams = streams

    attendance_strikes_grouped = Method(lambda: reports.ATTENDANCE_STRIKES_GROUPED)
    attendances = Method(lambda: reports.ATTENDANCES)
    course_session_attendances_grouped = Method(lambda: reports.COURSE_SESSION_ATTENDANCES_GROUPED)
    instructed_sessions = Method(lambda: reports.INSTRUCTED_SESSIONS)


class ListMethods:
    """The lists, as methods of the client and of `Lists`."""

    course_sessions = Method(lambda: lists.COURSE_SESSIONS)


class Lists(ListMethods):
    """The lists, as methods that take filters and return a `RowStream`."""

    def __init__(self, streams: _Streams) -> None:
        self._streams = streams
