"""Which fields of `Dialect` may explain a refusal: from its status, its words, and what was sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from ..auth import Credentials
from ..dialect import Dialect
from ..errors import AuthenticationError, BadRequestError, PermissionDeniedError, StatusError

__all__ = ["is_token_refused", "suspects"]

_TOKEN_CODES: Final = frozenset(
    {"authentication_failed", "not_authenticated", "token_expired", "token_not_valid"}
)
_HEADER_WORDS: Final = ("header", "provider", "mode")


def is_token_refused(error: StatusError, dialect: Dialect) -> bool:
    """Whether an answer says that the token is not accepted, and not that its owner may not do this."""
    if isinstance(error, PermissionDeniedError):
        return dialect.bad_token == "forbidden" or error.code in _TOKEN_CODES  # noqa: S105 - a word
    return isinstance(error, AuthenticationError)


def suspects(error: StatusError, path: str, query: str, credentials: Credentials) -> tuple[str, ...]:
    """The fields that may explain why a request was refused; none for what no dialect explains."""
    report = path.startswith("/reports/")
    if isinstance(error, AuthenticationError):
        return ("auth_scheme",)
    if isinstance(error, PermissionDeniedError):
        mode = () if credentials.mode else ("mode_header",)
        return ("auth_scheme", "bad_token", *mode, *_headers(credentials, report=report))
    if not isinstance(error, BadRequestError):
        return ()
    named = _of_parameters(query, report=report)
    provider = () if credentials.provider_id else ("provider_header",)
    found = {**named, "header": (*provider, *_headers(credentials, report=report))}
    told = _told(error, found)
    return tuple(dict.fromkeys(field for name in told or found for field in found[name]))


def _headers(credentials: Credentials, *, report: bool) -> tuple[str, ...]:
    return ("report_headers",) if report and (credentials.provider_id or credentials.mode) else ()


def _of_parameters(query: str, *, report: bool) -> dict[str, tuple[str, ...]]:
    """The fields that each parameter of a query depends on."""
    found: dict[str, tuple[str, ...]] = {}
    arrays = "arrays" if report else "list_arrays"
    by_default = ("default_columns",) if report and "columns" not in query else ()
    for key, value in parse_qsl(query):
        name = key.removesuffix("[]")
        if name in ("limit", "page_size"):
            found[name] = ("largest_page", "paging") if report else ("largest_page",)
        elif name in ("offset", "page", "format"):
            continue
        elif name == "id_gt":
            found[name] = ("grouped_id_gt",)
        elif name == "columns":
            found[name] = (arrays, "column_names")
        elif name == "sort":
            by_id = ("sort_by_id",) if report and "id" in value.replace("-", "").split(",") else ()
            names = ("column_names", *by_default) if report else ()
            found[name] = (*found.get(name, ()), *by_id, *names, arrays)
        elif not name.endswith(("_gte", "_lte")):
            found[name] = (arrays,)
    return found


def _told(error: StatusError, found: Mapping[str, Iterable[str]]) -> list[str]:
    """Which of these the answer speaks of; none where it does not say."""
    text = " ".join((*error.field_errors, error.message or "", error.code or "")).lower()
    told = [name for name in found if name in text and name != "header"]
    return told or (["header"] if any(word in text for word in _HEADER_WORDS) else [])
