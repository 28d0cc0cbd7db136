"""Queries as JSON, and back: a part of a plan must be able to travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeGuard, cast

from .._json import is_array
from ..endpoint import Endpoint
from ..errors import QueryError, clip
from ..query import Query

__all__ = ["Request", "Stream", "checked", "is_stream", "query_from_json", "query_to_json", "resolve"]


class Stream(Protocol):
    """What of a stream says what to pull: an async stream, or a blocking one."""

    @property
    def endpoint(self) -> Endpoint[..., Any]:
        """The endpoint, which need not be declared."""
        ...

    @property
    def query(self) -> Query[Any]:
        """Its query."""
        ...


Request = Query[Any] | Mapping[str, Any] | Stream
"""What to pull: a query, its keyword arguments, or a stream."""


def checked(requests: Any) -> Mapping[str, Request]:
    """What was asked for, if it is a mapping. Raises `QueryError` with the form that is right."""
    if isinstance(requests, Mapping):
        return cast("Mapping[str, Request]", requests)
    names = [requests] if isinstance(requests, str) else requests if is_array(requests) else ["attendances"]
    right = ", ".join(f'"{name}": {{}}' for name in names)
    raise QueryError(f"name each report with its filters: {clip(f'{{{right}}}', 200)}", value=requests)


def is_stream(request: Request) -> TypeGuard[Stream]:
    """Whether a request is a stream."""
    return isinstance(getattr(request, "endpoint", None), Endpoint) and not isinstance(
        request, (Query, Mapping)
    )


def query_to_json(query: Query[Any], endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """The values that were given, as JSON has them; times as ISO 8601."""
    values = ((parameter.name, getattr(query, parameter.name)) for parameter in endpoint.filters)
    return {name: _plain(value) for name, value in values if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, (list, tuple)):
        return list(map(_plain, value))  # pyright: ignore[reportUnknownArgumentType]
    return value


def query_from_json(endpoint: Endpoint[..., Any], values: Mapping[str, Any]) -> Query[Any]:
    """The query that `query_to_json` described. Raises `QueryError`."""
    kinds = {parameter.name: parameter for parameter in endpoint.filters}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in kinds:
            return endpoint.make_query(values)  # which says what is wrong
        read = _READERS.get(kinds[name].kind)
        made[name] = read(value) if read is not None and isinstance(value, str) else value
    return endpoint.make_query(made)


_READERS: Mapping[str, Any] = {
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "number": Decimal,
}


def resolve(
    name: str, request: Request, endpoints: Iterable[Endpoint[..., Any]]
) -> tuple[Endpoint[..., Any], Query[Any]]:
    """The endpoint and query that a request means; `name` is the endpoint's where the request does not tell.

    Raises `QueryError`.
    """
    from ..endpoints import endpoint_for, endpoint_named

    if is_stream(request):
        return request.endpoint, request.query
    if isinstance(request, Query):
        found = endpoint_for(request, endpoints)
        if found is None:
            raise QueryError(f"no endpoint takes a {type(request).__name__}", parameter=name)
        return found, request
    endpoint = endpoint_named(name, endpoints)
    return endpoint, endpoint.make_query(cast("Mapping[str, Any]", request))
