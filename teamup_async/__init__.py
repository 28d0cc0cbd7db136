"""Async client SDK for the TeamUp API v2: reports and lists as typed rows, walked without losing one."""

from ._version import __version__
from .auth import RefreshedToken
from .client import Reports, TeamUp
from .config import Timeouts
from .decoded import ColumnHeader
from .endpoint import LIST, REPORT, Endpoint, Envelope
from .endpoints import ENDPOINTS, endpoint_named
from .errors import (
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
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
    TeamUpDriftWarning,
    TeamUpError,
)
from .integrity import Integrity
from .query import Query, limits
from .retry import RetryPolicy
from .stats import Stats
from .stream import Page, RowStream
from .throttle import Throttle

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
    "Endpoint",
    "Envelope",
    "Integrity",
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
    "RetryPolicy",
    "RowStream",
    "ServerError",
    "Stats",
    "StatusError",
    "TeamUp",
    "TeamUpDriftWarning",
    "TeamUpError",
    "Throttle",
    "Timeouts",
    "__version__",
    "endpoint_named",
    "limits",
]
