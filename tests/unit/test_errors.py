"""The tree of exceptions: whole, public, picklable, and without secrets."""

import copy
import inspect
import pickle
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

import teamup_async
from teamup_async import TeamUp, errors
from teamup_async.errors import (
    Attempt,
    BadRequestError,
    ConnectionFailedError,
    DialectError,
    ExportError,
    ExportStalledError,
    PaginationDriftError,
    QueryError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    StatusError,
    TeamUpError,
    error_for_status,
    nearest,
)
from teamup_async.sandbox import Sandbox

CLASSES = [
    value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, TeamUpError)
]
POSITION = {"by": "offset", "offset": 200, "size": 100}


def drawn() -> dict[str, tuple[str | None, str | None]]:
    """The tree in the docstring: each name with its parent, and the built-in class it is also one of."""
    found: dict[str, tuple[str | None, str | None]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ([│├└─ ]*)(\w+)(?: \(also (\w+)\))?(?:  |$)", line)
        if match:
            level = len(match[1]) // 4
            del above[level:]
            found[match[2]] = (above[-1] if above else None, match[3])
            above.append(match[2])
    return found


def test_tree():
    """The tree in the docstring is the real one, with nothing left out."""
    real = {}
    for cls in CLASSES:
        ours, also = [], None
        for base in cls.__bases__:
            if issubclass(base, TeamUpError):
                ours.append(base.__name__)
            elif base is not Exception:
                also = base.__name__
        real[cls.__name__] = (ours[0] if ours else None, also)

    assert drawn() == real


@pytest.mark.parametrize("cls", CLASSES)
def test_public(cls):
    """Every exception is public, descends from the one base, and says what it means."""
    assert issubclass(cls, TeamUpError)
    assert cls.__name__ in errors.__all__
    assert getattr(teamup_async, cls.__name__) is cls
    assert cls.__doc__


def made(cls: type[TeamUpError]) -> TeamUpError:
    """An error with every attribute set to something."""
    given = {
        QueryError: {"parameter": "status", "value": ["x"], "allowed": ["a", "b"], "suggestion": "a"},
        ConnectionFailedError: {"retryable": False},
        ExportError: {"job": 7},
        ExportStalledError: {"job": 7},
        ResponseDecodeError: {"json_path": "$.rows[3].id", "excerpt": "<html>", "retryable": True},
    }.get(cls, {})
    if issubclass(cls, StatusError):
        given = {
            "status": 418,
            "code": "teapot",
            "message": "no coffee",
            "type": "conflict",
            "field_errors": {"status": ["wrong", "again"]},
            "retry_after": 1.5,
        }
    error = cls("it failed", **given)
    error.position = dict(POSITION)
    if isinstance(error, RequestError):
        error.method, error.path = "GET", "/reports/attendances/data"
        error.attempts = (Attempt("503", 0.1, 0.5), Attempt("timeout", 3.0))
        error.gave_up = "no time left"
    error.add_note("a note")
    return error


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("cls", CLASSES)
def test_pickle(cls, protocol):
    """An error comes whole out of another process: type, text, attributes, position, notes."""
    error = made(cls)
    again = pickle.loads(pickle.dumps(error, protocol))

    assert type(again) is cls
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.position == POSITION


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("cls", CLASSES)
def test_copy(cls, copied):
    """A copy of an error keeps all that the error says."""
    error = made(cls)
    again = copied(error)

    assert type(again) is cls
    assert (str(again), vars(again), again.args) == (str(error), vars(error), error.args)


@pytest.mark.parametrize("cls", CLASSES)
def test_position(cls):
    """Outside of a walk an error has no position."""
    assert cls("it failed").position is None


def test_text():
    """A failed request says which, why, and how often it was tried; the summary is one line."""
    error = made(RequestTimeoutError)

    said = "GET /reports/attendances/data: it failed"
    assert str(error) == f"{said} (gave up after 2 attempts: no time left)"
    error.attempts = error.attempts[:1]
    assert str(error) == f"{said} (no time left)"
    error.gave_up = None
    assert str(error) == said
    assert str(RequestError("it failed")) == "it failed"
    assert PaginationDriftError("rows\nmoved\t away").summary == "rows moved away"


def test_status_error():
    """What the API said is kept: field errors as tuples, nothing as an empty dict."""
    error = BadRequestError("no", field_errors={"columns": ["a", "b"]})

    assert error.field_errors == {"columns": ("a", "b")}
    assert StatusError("no").field_errors == {}
    assert (StatusError("no").status, StatusError("no").code) == (0, None)


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (418, "StatusError"),
        (429, "RateLimitError"),
        (500, "ServerError"),
        (503, "ServerError"),
        (599, "ServerError"),
        (302, "StatusError"),
    ],
)
def test_by_status(status, cls):
    """Each status has its class."""
    assert error_for_status(status).__name__ == cls
    assert issubclass(RateLimitError, StatusError)
    assert not issubclass(ServerError, BadRequestError)


def test_builtin_bases():
    """Mistakes of the caller can be caught as ValueError too, a closed client as RuntimeError."""
    with pytest.raises(ValueError, match="no"):
        raise QueryError("no")
    with pytest.raises(RuntimeError, match="no"):
        raise errors.ClientClosedError("no")


def test_query_error_is_small():
    """What was given is kept as text, and bounded, whatever it was."""

    class Unshowable:
        def __repr__(self) -> str:
            raise RecursionError

    assert QueryError("no", value=None).value is None
    assert QueryError("no", value="x" * 10**6).value == "'" + "x" * 198 + "…"
    assert QueryError("no", value=10**5000).value == "<int>"
    assert QueryError("no", value=Unshowable()).value == "<Unshowable>"


@given(st.text(), st.integers(1, 300))
def test_clip(text, limit):
    """A clipped text is never longer than asked, and says that it was cut."""
    clipped = errors.clip(text, limit)

    assert len(clipped) <= limit
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


def test_nearest():
    """The nearest of the allowed values, if one is near."""
    assert nearest("atended", ["registered", "attended"]) == "attended"
    assert nearest("x", ["registered", "attended"]) is None
    assert nearest("x", []) is None


async def test_no_token():
    """No token is shown by the error about it: not as text, in a traceback, a pickle or any attribute."""
    canary = "canary0123456789"
    async with Sandbox(rows=10) as sandbox, TeamUp(base_url=sandbox.url, token=canary) as teamup:
        with pytest.raises(errors.AuthenticationError) as caught:
            await teamup.reports.attendances().collect()
    error = caught.value
    shown = [str(error), repr(error), error.summary, repr(vars(error)), repr(pickle.dumps(error))]
    shown += traceback.TracebackException.from_exception(error, capture_locals=False).format()

    assert error.status == 401
    assert not [text for text in shown if canary in text]


def test_a_dialect_that_was_not_expected() -> None:
    """The error names the fields of `Dialect` and the command that finds out; copies of it, too."""
    error = DialectError("reports: rows came that were not asked for", "arrays", "total")
    for copied in (error, pickle.loads(pickle.dumps(error))):
        assert copied.fields == ("arrays", "total")
        assert str(copied) == (
            "reports: rows came that were not asked for; the API may speak another dialect: run `teamup doctor`, or "
            "give Dialect(arrays=... or total=...)"
        )
