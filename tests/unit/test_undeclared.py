"""Paths and parameters that no declaration knows, and the JSON that comes for them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async import QueryError, ResponseDecodeError
from teamup_async._http.undeclared import path_of, query_of, read_json


@pytest.mark.parametrize(
    ("path", "sent"), [("/venues/12", "/venues/12"), ("venues", "/venues"), ("/a b/", "/a%20b/"), ("/5%", "/5%25")]
)  # fmt: skip
def test_paths(path, sent):
    """A path is encoded, and needs no slash at its beginning."""
    assert path_of(path) == sent


@pytest.mark.parametrize(
    "path",
    [
        "https://x/y",
        "//x/y",
        "/a?b=1",
        "/a#b",
        "/..",
        "/a/./b",
        "",
        "/",
        "/a//b",
        "/a\nb",
        "//[::1/",
    ],
)
def test_paths_refused(path):
    """A path that would lead elsewhere, or holds parameters, is refused."""
    with pytest.raises(QueryError, match="path must be one") as caught:
        path_of(path)
    assert caught.value.parameter == "path"


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.lists(st.text(), min_size=1)))
def test_queries(parameters):
    """What a server reads in the query is what was given, in order."""
    expected = [
        (name, str(item))
        for name, value in parameters.items()
        for item in ([",".join(value)] if name in ("expand", "fields") and isinstance(value, list) else
                     value if isinstance(value, list) else [value])
    ]  # fmt: skip
    assert parse_qsl(query_of(parameters, "repeat"), keep_blank_values=True) == expected


def test_values():
    """Dates, times, decimals and truth are written as declared parameters write them; None is left out."""
    given_ = {
        "a": date(2025, 1, 2),
        "b": datetime(2025, 1, 2, tzinfo=UTC),
        "c": Decimal("9.50"),
        "d": True,
        "e": None,
    }
    assert parse_qsl(query_of(given_, "repeat")) == [
        ("a", "2025-01-02"), ("b", "2025-01-02T00:00:00+00:00"), ("c", "9.50"), ("d", "true"),
    ]  # fmt: skip
    assert query_of({"ids": (1, 2)}, "comma") == "ids=1%2C2"
    assert query_of({"ids": [1]}, "brackets") == "ids%5B%5D=1"


@pytest.mark.parametrize("value", [b"x", {"a": 1}, [None], object()])
def test_values_refused(value):
    """What has no one way into a URL is refused."""
    with pytest.raises(QueryError, match="x must be text, a number"):
        query_of({"x": value}, "repeat")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_no_json(body):
    """What is no JSON is an error that may pass."""
    with pytest.raises(ResponseDecodeError, match="the answer is no JSON") as caught:
        read_json(body)
    assert caught.value.retryable
    assert read_json(b'{"a": [1, null]}') == {"a": [1, None]}
