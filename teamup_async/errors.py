"""Every exception of this package, in one tree.

    TeamUpError
    ├── ConfigurationError (also ValueError)      a setting that cannot work: token, base URL, ...
    ├── QueryError (also ValueError)              a query that must not be sent; parameter, value, ...
    ├── ClientClosedError (also RuntimeError)     the client was closed, or never opened
    ├── RequestError                              a request was sent (or tried); method, path, attempts
    │   ├── ConnectionFailedError                 no connection, or it broke
    │   ├── RequestTimeoutError                   no answer in time
    │   ├── StatusError                           the API said no; status, code, message, field_errors, type
    │   │   ├── BadRequestError                   400
    │   │   ├── AuthenticationError               401
    │   │   ├── PermissionDeniedError             403
    │   │   ├── NotFoundError                     404
    │   │   ├── ConflictError                     409
    │   │   ├── RateLimitError                    429
    │   │   └── ServerError                       500 and above
    │   └── ResponseDecodeError                   the answer is not what the API documents; json_path, excerpt
    ├── ExportError                               an export job gave no file; job
    │   └── ExportStalledError                    it does not get on
    ├── DialectError                              the API answers in another dialect than expected; fields
    └── PaginationError                           pages do not fit together
        ├── PaginationStalledError                a page did not advance
        └── PaginationDriftError                  rows moved and a promise would be broken

``position`` is set on every error that a walk raises: the JSON-able place to resume from with ``start=``.
No error holds a token: headers are never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "DialectError",
    "ExportError",
    "ExportStalledError",
    "GaveUp",
    "NotFoundError",
    "PaginationDriftError",
    "PaginationError",
    "PaginationStalledError",
    "PermissionDeniedError",
    "QueryError",
    "RateLimitError",
    "RequestError",
    "RequestTimeoutError",
    "ResponseDecodeError",
    "ServerError",
    "StatusError",
    "TeamUpDialectWarning",
    "TeamUpDriftWarning",
    "TeamUpError",
    "ask_the_doctor",
    "error_for_status",
    "nearest",
]


GaveUp = Literal["not retryable", "tries spent", "retry budget spent", "no time left"]
"""Why a request was not tried again: trying can't help; as often as the `RetryPolicy` allows; the client made
as many retries as its budget allows, without success; the time given (a timeout, or the policy's patience) is over.
"""


def nearest(value: str, allowed: Iterable[str]) -> str | None:
    """The allowed value that `value` probably meant, or None."""
    from difflib import get_close_matches

    found = get_close_matches(value, list(allowed), n=1, cutoff=0.6)
    return found[0] if found else None


@attrs.frozen
class Attempt:
    """One try of a request: what came back, and how long was waited before the next (seconds)."""

    outcome: str
    elapsed: float
    waited: float = 0.0


class TeamUpDriftWarning(UserWarning):
    """Rows moved during a walk with ``on_drift="warn"``: some may be missing or repeated.

    What to do: take ``on_drift="raise"`` or the default where every row counts, or narrow the query in
    time.
    """


class TeamUpDialectWarning(UserWarning):
    """The API answers in another dialect than the client was told, and the client works in it; said once.

    What to do: run ``teamup doctor --save``, or give the field that the warning names to `Dialect`. It is
    not said again then.
    """


def ask_the_doctor(*fields: str) -> str:
    """Which fields of `Dialect` may explain an error, and what finds out."""
    settings = " or ".join(f"{field}=..." for field in fields)
    return f"the API may speak another dialect: run `teamup doctor`, or give Dialect({settings})"


class TeamUpError(Exception):
    """Base of everything this package raises.

    `position` is the place to give to ``start=`` to go on where a walk stood; None outside of walks.

    What to do: catch this where one answer does for all; the message says what was wrong and where.
    """

    position: dict[str, Any] | None = None

    @property
    def summary(self) -> str:
        """The message in one line, as the CLI shows it."""
        return " ".join(str(self).split())


class ConfigurationError(TeamUpError, ValueError):
    """A setting of the client cannot work; nothing was sent.

    What to do: correct the setting that the message names.
    """


class QueryError(TeamUpError, ValueError):
    """A query that must not be sent; nothing was sent.

    `parameter` is its name, `value` what was given (as text), `allowed` what would be right, `suggestion`
    the near miss.

    What to do: correct the parameter; the message names it, and the nearest one that there is.
    """

    def __init__(
        self,
        message: str,
        *,
        parameter: str | None = None,
        value: object = None,
        allowed: Sequence[str] = (),
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.value = None if value is None else shown(value, 200)
        self.allowed = tuple(allowed)
        self.suggestion = suggestion


class ClientClosedError(TeamUpError, RuntimeError):
    """The client was closed, or its ``async with`` was not entered.

    What to do: use the client inside of its ``async with``, and let streams end before it does.
    """


class RequestError(TeamUpError):
    """A request that failed for good.

    `attempts` tells what happened, oldest first; `gave_up` why there was no further attempt (None for an error
    that a `RetryEvent` shows: there was one). `suspects` names the fields of `Dialect` that may explain it.

    What to do: look at `gave_up`: what was tried until its tries were spent may work later, from
    `position`; what is not retryable needs a change.
    """

    method: str = ""
    path: str = ""
    attempts: tuple[Attempt, ...] = ()
    gave_up: GaveUp | None = None
    suspects: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = super().__str__()
        if self.path:
            text = f"{self.method} {self.path}: {text}"
        if self.suspects:
            text = f"{text.rstrip('.')}; {ask_the_doctor(*self.suspects)}"
        if self.gave_up is None:
            return text
        tried = f"gave up after {len(self.attempts)} attempts: " if len(self.attempts) > 1 else ""
        return f"{text} ({tried}{self.gave_up})"


class ConnectionFailedError(RequestError):
    """No connection could be made, or it broke before the whole answer had arrived.

    `retryable` is False where trying again can't help: a certificate that is not trusted.

    What to do: check network, proxy and ``base_url``, then go on from `position`. `TeamUp.patient` waits
    for longer.
    """

    def __init__(self, text: str, *, retryable: bool = True) -> None:
        super().__init__(text)
        self.retryable = retryable


class RequestTimeoutError(RequestError):
    """The answer did not arrive in time; see ``Timeouts``.

    What to do: go on from `position`; give `Timeouts` more seconds where answers are slow, or ask for
    fewer columns.
    """


class StatusError(RequestError):
    """The API answered with an error.

    API document: guide "errors": body ``{code, message, type, field_errors}``.

    What to do: read `message` and `field_errors`: TeamUp says there what it wants.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int = 0,
        code: str | None = None,
        message: str | None = None,
        type: str | None = None,  # noqa: A002 - the vendor's name
        field_errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.message = message
        self.type = type
        self.field_errors: dict[str, tuple[str, ...]] = {k: tuple(v) for k, v in (field_errors or {}).items()}
        self.retry_after = retry_after


class BadRequestError(StatusError):
    """400: a parameter was refused; see `field_errors`.

    What to do: change the parameters that `field_errors` names.
    """


class AuthenticationError(StatusError):
    """401: the token is unknown, expired, or sent with the wrong scheme.

    What to do: run ``teamup check``. Give a new token, or ``refresh_token=``, so that it renews itself.
    """


class PermissionDeniedError(StatusError):
    """403: the token is good but may not do this.

    What to do: ask the business for the right, or give the ``provider_id`` of a business that the token
    reaches.
    """


class NotFoundError(StatusError):
    """404: no such resource, or a page past the end of a list.

    What to do: check the id, and that the token's business owns it.
    """


class ConflictError(StatusError):
    """409: the request conflicts with the state of the resource.

    What to do: read the resource again, and decide anew.
    """


class RateLimitError(StatusError):
    """429, again and again: the account's quota is used by somebody else too.

    What to do: find out who else uses the token. Give this client a smaller ``rate``, or share the quota
    with a `QuotaFile` or a `RedisQuota`.
    """


class ServerError(StatusError):
    """500 and above: TeamUp, or a proxy before it, failed.

    What to do: go on from `position` later. `TeamUp.patient` outlasts ten minutes of it.
    """


class ResponseDecodeError(RequestError):
    """The answer is not what the API documents.

    `json_path` names the place (``$.rows[3].customer.id``), `excerpt` quotes at most 200 characters of the
    body.

    What to do: look at `json_path` and `excerpt`. A page of a proxy means a wrong ``base_url`` or a
    sign-in; a value that the documents do not have is worth a report of ``teamup doctor --report``.
    """

    def __init__(
        self, text: str, *, json_path: str | None = None, excerpt: str = "", retryable: bool = False
    ) -> None:
        super().__init__(text)
        self.json_path = json_path
        self.excerpt = excerpt
        self.retryable = retryable


class ExportError(TeamUpError):
    """An export job gave no file, or one that can't be right. `job`: its number at TeamUp.

    What to do: start the export again, or walk the report instead.
    """

    def __init__(self, text: str, *, job: int = 0) -> None:
        super().__init__(text)
        self.job = job


class ExportStalledError(ExportError):
    """An export job does not get on. It may yet: `TeamUp.export_job` waits for it again.

    What to do: wait for it again with `TeamUp.export_job`, or walk the report instead.
    """


class DialectError(TeamUpError):
    """The API answers in another dialect than the client expects, and going on might give wrong rows.

    `fields` names those of `Dialect` that may not be as expected; mostly one.

    What to do: run ``teamup doctor``, and give `Dialect` what it says.
    """

    def __init__(self, text: str, *fields: str) -> None:
        super().__init__(text)
        self.fields = fields

    def __str__(self) -> str:
        return f"{self.args[0]}; {ask_the_doctor(*self.fields)}"


class PaginationError(TeamUpError):
    """Pages do not fit together. `suspects` names the fields of `Dialect` that may explain it.

    What to do: go on from `position`. If it is always so, run ``teamup doctor``.
    """

    suspects: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}; if it is always so, {ask_the_doctor(*self.suspects)}" if self.suspects else text


class PaginationStalledError(PaginationError):
    """A page did not advance: going on would never end.

    What to do: run ``teamup doctor``: the API may ignore the parameter that the walk goes by. Another
    ``by=`` may do.
    """


class PaginationDriftError(PaginationError):
    """Rows were inserted, deleted or moved during the walk, and "each row exactly once" can't be promised
    any more.

    What to do: go on from `position`, or start again when less changes. Leave out your own ``sort=``, so
    that the walk can heal itself, or narrow the query in time.
    """


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def error_for_status(status: int) -> type[StatusError]:
    """The exception class for an HTTP status of 400 or above (or an unexpected one)."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else StatusError)


def clip(text: str, limit: int) -> str:
    """`text`, cut to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown(value: object, limit: int) -> str:
    """`value` as Python writes it, cut to `limit` characters; its type where it can't be written."""
    try:
        return clip(repr(value), limit)
    except Exception:  # noqa: BLE001 - whatever was given, the error about it must come through
        return f"<{type(value).__name__}>"
