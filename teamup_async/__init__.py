"""Async client SDK for the TeamUp API v2: reports and lists as typed rows, walked without losing one.

Names are loaded when they are first used, so that importing this package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ._version import __version__

if TYPE_CHECKING:
    from ._decoding.page import ColumnHeader
    from ._http.policy import RetryPolicy
    from ._http.retry import RetryEvent
    from ._http.throttle import Throttle
    from ._walking.record import Integrity
    from .auth import RefreshedToken
    from .client import TeamUp
    from .config import Timeouts
    from .dialect import Dialect
    from .endpoint import Endpoint
    from .endpoints import ENDPOINTS, endpoint_named
    from .envelope import LIST, REPORT, Envelope
    from .errors import (
        AuthenticationError,
        BadRequestError,
        ClientClosedError,
        ConfigurationError,
        ConflictError,
        ConnectionFailedError,
        DialectError,
        ExportError,
        ExportStalledError,
        NotFoundError,
        PaginationDriftError,
        PaginationError,
        PaginationStalledError,
        PermissionDeniedError,
        QueryError,
        RateLimitError,
        RequestError,
        RequestTimeoutError,
        ResponseDecodeError,
        ServerError,
        StatusError,
        TeamUpDialectWarning,
        TeamUpDriftWarning,
        TeamUpError,
    )
    from .exports import ExportJob, ExportProgress
    from .methods import Lists, Reports
    from .page import Page
    from .query import Query, limits
    from .stats import Stats
    from .stream import RowStream

__all__ = [
    "ENDPOINTS",
    "LIST",
    "REPORT",
    "AuthenticationError",
    "BadRequestError",
    "ClientClosedError",
    "ColumnHeader",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "Dialect",
    "DialectError",
    "Endpoint",
    "Envelope",
    "ExportError",
    "ExportJob",
    "ExportProgress",
    "ExportStalledError",
    "Integrity",
    "Lists",
    "NotFoundError",
    "Page",
    "PaginationDriftError",
    "PaginationError",
    "PaginationStalledError",
    "PermissionDeniedError",
    "Query",
    "QueryError",
    "RateLimitError",
    "RefreshedToken",
    "Reports",
    "RequestError",
    "RequestTimeoutError",
    "ResponseDecodeError",
    "RetryEvent",
    "RetryPolicy",
    "RowStream",
    "ServerError",
    "Stats",
    "StatusError",
    "TeamUp",
    "TeamUpDialectWarning",
    "TeamUpDriftWarning",
    "TeamUpError",
    "Throttle",
    "Timeouts",
    "__version__",
    "endpoint_named",
    "limits",
]

_HOMES: Final = {
    "auth": "RefreshedToken",
    "client": "TeamUp",
    "config": "Timeouts",
    "dialect": "Dialect",
    "_decoding.page": "ColumnHeader",
    "endpoint": "Endpoint",
    "endpoints": "ENDPOINTS endpoint_named",
    "envelope": "LIST REPORT Envelope",
    "errors": (
        "AuthenticationError BadRequestError ClientClosedError ConfigurationError ConflictError "
        "ConnectionFailedError DialectError ExportError ExportStalledError NotFoundError PaginationDriftError "
        "PaginationError PaginationStalledError PermissionDeniedError QueryError RateLimitError RequestError "
        "RequestTimeoutError ResponseDecodeError ServerError StatusError "
        "TeamUpDialectWarning TeamUpDriftWarning TeamUpError"
    ),
    "exports": "ExportJob ExportProgress",
    "methods": "Lists Reports",
    "_walking.record": "Integrity",
    "query": "Query limits",
    "_http.policy": "RetryPolicy",
    "_http.retry": "RetryEvent",
    "stats": "Stats",
    "page": "Page",
    "stream": "RowStream",
    "_http.throttle": "Throttle",
}
"""Which module each name comes from."""

_HOME_OF: Final = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
