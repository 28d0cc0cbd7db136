"""Secrets that a server sent back are taken out of errors, and what it said does nothing to a terminal."""

from __future__ import annotations

import pickle

import pytest

from teamup_async._http.answer import Answer, error_from, retry_after
from teamup_async._http.redact import conceal, excerpt, printable
from teamup_async.auth import Credentials, RefreshedToken
from teamup_async.errors import BadRequestError, ConnectionFailedError, ResponseDecodeError

SECRET = "canary-0123456789"


def test_conceal():
    """A secret goes from the text, the attributes, the notes and the causes of an error; the rest stays."""
    error = BadRequestError(
        f"400: {SECRET}",
        status=400,
        code=SECRET,
        message=f"said {SECRET} twice: {SECRET}",
        field_errors={SECRET: [f"no {SECRET}", "no"]},
    )
    error.add_note(f"note {SECRET}")
    error.__cause__ = ConnectionFailedError(SECRET)
    error.__cause__.__context__ = OSError(5, SECRET)
    conceal(error, [SECRET, "no"])
    assert (str(error), error.code, error.message) == ("400: ***", "***", "said *** twice: ***")
    assert error.field_errors == {"***": ("no ***", "no")}
    assert error.__notes__ == ["note ***"]
    assert str(error.__cause__) == "***"
    assert error.__cause__.__context__.args == (5, "***")
    assert error.status == 400


def test_conceal_in_groups():
    """What the exceptions of a group say is cleaned as well, however deep."""
    inner = ValueError(f"is {SECRET}")
    error = ResponseDecodeError("no")
    error.__context__ = ExceptionGroup("rows", [ExceptionGroup("row", [inner])])
    conceal(error, [SECRET])
    assert inner.args == ("is ***",)


@pytest.mark.parametrize("length", range(4, len(SECRET)))
def test_conceal_what_is_cut_off(length):
    """A quotation that ends inside of a secret shows no part of it."""
    error = ResponseDecodeError(f"the answer is '{SECRET[:length]}…'", excerpt=f"x{SECRET[:length]}…")
    conceal(error, [SECRET])
    assert (str(error), error.excerpt) == ("the answer is '***…'", "x***…")


def test_credentials():
    """What must not be shown: the token, and the refresh token if there is one. What holds them is not pickled."""
    assert Credentials(token="a").secrets == ("a",)
    assert Credentials(token="a", refresh_token="b").secrets == ("a", "b")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(RefreshedToken(access_token="a"))


def test_secret_answers_are_not_quoted():
    """Of an answer that holds tokens nothing is quoted, not even where it is not JSON."""
    answer = Answer(200, "text/\x1b[2Jplain", "", SECRET.encode(), secret=True)
    error = error_from(answer, 0.0)
    assert SECRET not in str(error) + repr(answer)
    assert str(error) == "the answer is text/ [2jplain, not JSON: ''"


def test_printable():
    """Control characters, lone surrogates and line ends become spaces; length is bounded."""
    assert printable("\x1b[2J\ud800a\r\nb\u202e", 20) == "[2J a  b"
    assert printable("x" * 30, 20) == "x" * 19 + "…"
    assert excerpt(b"\xff\x00" + b"y" * 10) == "\ufffd yyyyyyyyyy"


def test_retry_after_in_other_digits():
    """Digits of other scripts are no number of seconds."""
    assert retry_after("\u0663", 0.0) is None
