"""Errors as lines a person can act on: what went wrong, and what to do about it. Never a token."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator

import attrs

from ..config import DEFAULT_BASE_URL
from ..errors import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectionFailedError,
    ExportError,
    NotFoundError,
    PaginationError,
    PermissionDeniedError,
    QueryError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    StatusError,
    TeamUpError,
    clip,
)
from .values import option_name

__all__ = [
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "USAGE",
    "OutputError",
    "Situation",
    "advised",
    "exit_code",
    "explain",
    "with_options",
]

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; the API, the network or the output failed; wrong usage; Ctrl-C."""

_MANY = 15
"""Allowed values that are too many to list where a near miss was found."""

_VARIABLES = {
    "token": "TEAMUP_TOKEN",
    "provider_id": "TEAMUP_PROVIDER_ID",
    "mode": "TEAMUP_REQUEST_MODE",
    "auth_scheme": "TEAMUP_AUTH_SCHEME",
    "base_url": "TEAMUP_BASE_URL",
    "account": "TEAMUP_ACCOUNT",
}
_SETTINGS = ("rate", "concurrency", "timeout", "timezone", "dialect", "retries", "patience")


class OutputError(Exception):
    """The output could not be written; the message is for the person at the terminal."""


@attrs.frozen(kw_only=True)
class Situation:
    """What the command was doing, as far as it changes the advice.

    `base_url` and `auth_scheme` as given on the command line, `token`: where the token is kept, in words,
    `resumable`: rows written so far are kept, so that ``--start`` makes sense, `diagnosing`: every
    word before the token was tried.
    """

    base_url: str | None = None
    auth_scheme: str | None = None
    token: str | None = None
    resumable: bool = False
    verbose: bool = False
    diagnosing: bool = False

    @property
    def url(self) -> str:
        """Where requests go."""
        return self.base_url or os.environ.get("TEAMUP_BASE_URL") or DEFAULT_BASE_URL

    @property
    def scheme(self) -> str:
        """The word before the token."""
        return self.auth_scheme or os.environ.get("TEAMUP_AUTH_SCHEME") or "Token"


def exit_code(error: Exception) -> int:
    """2 for what was refused before anything was sent, else 1."""
    return USAGE if isinstance(error, (QueryError, ConfigurationError)) else FAILED


def explain(error: Exception, situation: Situation) -> list[str]:
    """The lines for stderr."""
    return [f"teamup: {_message(error)}", *_details(error, situation)]


def _message(error: Exception) -> str:
    if isinstance(error, QueryError) and error.parameter:
        text = _named(str(error), [error.parameter])
        if error.suggestion and len(error.allowed) > _MANY:
            text = text.partition(" Allowed: ")[0]
        if error.parameter == "report" and text.endswith("'."):
            text += " `teamup reports` lists them."
        return text
    if isinstance(error, ConfigurationError):
        if str(error).startswith("No token"):
            return "no token: set the variable TEAMUP_TOKEN, or say in teamup.toml where the token is kept"
        return with_options(_named(str(error), (*_VARIABLES, *_SETTINGS)))
    if isinstance(error, TeamUpError):
        return with_options(error.summary)
    return str(error)


def with_options(text: str) -> str:
    """`text` for the command line: fields of a dialect as the options that set them, without what only Python can."""
    text = text.replace(" (with on_lost='slow', RedisQuota goes on without it)", "")
    text = re.sub(r"give (?:the client|it) Dialect\((\w+)='(\w+)'\)", r"give --dialect \1=\2", text)
    return re.sub(r"Dialect\(([\w=. ]+)\)", r"--dialect \1", text)


def _named(text: str, names: Iterable[str]) -> str:
    """`text` with the parameter at its beginning called what the command line calls it."""
    for name in names:
        found = re.match(rf"{re.escape(name)}\b", text)
        if found:
            variable = f" ({_VARIABLES[name]})" if name in _VARIABLES else ""
            return f"{option_name(name)}{variable}{text[found.end() :]}"
    return text


def _details(error: Exception, situation: Situation) -> Iterator[str]:
    if isinstance(error, StatusError):
        for field, problems in error.field_errors.items():
            if not all(problem in str(error) for problem in problems):
                yield f"  {field}: {clip(' '.join(problems), 200)}"
    advice = advised(error, situation)
    if advice:
        yield f"  {advice}"
    if situation.verbose and isinstance(error, RequestError):
        for number, attempt in enumerate(error.attempts, 1):
            waited = f", then waited {attempt.waited:.1f} s" if attempt.waited else ""
            yield f"  try {number}: {attempt.outcome}, after {attempt.elapsed:.1f} s{waited}"
    position = error.position if isinstance(error, TeamUpError) else None
    if position and situation.resumable:
        yield f"  The rows before this place were written. To go on from it: --start '{json.dumps(position)}'"


def advised(error: Exception, situation: Situation) -> str | None:
    """What to do about an error, if there is anything to say."""
    if situation.diagnosing and isinstance(error, (AuthenticationError, PermissionDeniedError)):
        return _TRIED.format(token=situation.token or "TEAMUP_TOKEN")
    for kind, advice in _ADVICE.items():
        if isinstance(error, kind):
            return advice.format(
                url=situation.url, scheme=situation.scheme, token=situation.token or "TEAMUP_TOKEN"
            )
    return None


_ADVICE: dict[type[Exception], str] = {
    AuthenticationError: (
        "The token is unknown, expired, or sent with the wrong word before it (now {scheme}): check {token}, "
        "or try --auth-scheme Token, Bearer or JWT."
    ),
    PermissionDeniedError: (
        "The token is good but may not read this: check --provider-id and --mode, and the rights of its user in TeamUp."
    ),
    NotFoundError: "Nothing is there: check --base-url (now {url}), which should end in /api/v2.",
    BadRequestError: "TeamUp refused a parameter, or needs a provider: give --provider-id, or set TEAMUP_PROVIDER_ID.",
    RateLimitError: "Something else uses this account's quota too: wait a minute, or go slower with --rate.",
    ServerError: "TeamUp, or something before it, is out of order. Try again later.",
    RequestTimeoutError: "No answer from {url} in time: check the network, or allow more with --timeout.",
    ConnectionFailedError: "Check the network and --base-url (now {url}).",
    ResponseDecodeError: "Is {url} the TeamUp API? Its answer has another shape.",
    ExportError: "Nothing was written. The job is TeamUp's: --job fetches its file later, --wait waits longer.",
    PaginationError: "Rows moved while they were read. Run it again, or see --on-drift.",
}
"""What to do about an error, the most special kinds first."""

_TRIED = (
    "The token is unknown or expired, or its user may not read venues and attendances: check {token}, "
    "--provider-id and --mode."
)
