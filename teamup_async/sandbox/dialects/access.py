"""Who is let in, in a dialect: schemes, headers, the status of a refusal, and whom the quota counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...dialect import Dialect
from ..auth import SCHEMES, Tokens
from ..problems import ProblemError, invalid

__all__ = ["admitted", "payer"]

_HEADERS: Final = ("TeamUp-Provider-ID", "TeamUp-Request-Mode")


def admitted(dialect: Dialect, tokens: Tokens, headers: Mapping[str, str], *, report: bool) -> int:
    """The index of the account that a request reads; raises `ProblemError` (400, 401, 403)."""
    try:
        _check_scheme(dialect, headers)
        return tokens.authorize(_taken(dialect, headers, report=report))
    except ProblemError as problem:
        if problem.status == 401 and dialect.bad_token == "forbidden":  # noqa: S105 - a word
            raise ProblemError(403, problem.code, str(problem), problem.field_errors) from None
        raise


def _check_scheme(dialect: Dialect, headers: Mapping[str, str]) -> None:
    """The default takes all three words; another dialect only its own, as if there were no token otherwise."""
    word = headers.get("Authorization", "").partition(" ")[0].lower()
    known = SCHEMES if dialect.auth_scheme == "Token" else (dialect.auth_scheme.lower(),)
    if word and word not in known:
        raise ProblemError(
            401,
            "not_authenticated",
            "Authentication credentials were not provided.",
            headers={"WWW-Authenticate": dialect.auth_scheme},
        )


def _taken(dialect: Dialect, headers: Mapping[str, str], *, report: bool) -> Mapping[str, str]:
    """The headers that count."""
    provider, mode = _HEADERS
    given = [name for name in _HEADERS if name in headers]
    if report and dialect.report_headers == "refused" and given:
        raise invalid(given[0], "This header is not allowed here.")
    if report and dialect.report_headers != "taken":
        return {name: value for name, value in headers.items() if name.lower() not in _LOWER}
    if dialect.provider_header == "required" and provider not in headers:
        raise ProblemError(400, "provider_header_missing", f"The header {provider} is required.")
    if dialect.mode_header == "required" and mode not in headers:
        raise ProblemError(403, "mode_not_allowed", f"The header {mode} is required.")
    return headers


_LOWER: Final = frozenset(name.lower() for name in _HEADERS)


def payer(dialect: Dialect, tokens: Tokens, headers: Mapping[str, str], caller: str) -> str:
    """Whom the quota counts: the caller, or the business that it reads."""
    if dialect.quota_of == "token":
        return caller
    try:
        return f"business {tokens.authorize(headers)}"
    except ProblemError:
        return caller
