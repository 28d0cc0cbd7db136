"""Real answers, mutated: only this package's exceptions come out, and none says much."""

from __future__ import annotations

import copy
import json
import os
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teamup_async import Endpoint, ResponseDecodeError, StatusError, TeamUpError
from teamup_async._decoding.exact import structure_page
from teamup_async._decoding.fast import decode
from teamup_async._http.answer import Answer, error_from, retry_after
from teamup_async._http.redact import conceal
from tests.endpoints import TYPICAL

EXAMPLES = int(os.environ.get("TEAMUP_ASYNC_SCHEDULES", "100"))
"""How many mutations each test tries."""

FACTS = Path(__file__).parents[1] / "facts" / "examples"
NAMES = [endpoint.name for endpoint in TYPICAL]
ERRORS = [
    b'{"code":"invalid","message":"Status: not a choice.","type":"client","field_errors":{"status":["No."]}}',
    b'{"detail":"Authentication credentials were not provided."}',
    b"<!doctype html><html><head><title>Sorry</title></head><body>502 Bad Gateway</body></html>",
    b"",
]

HOSTILE: list[Any] = [
    None, True, -1, 0, 2**63, -(2**63) - 1, 2**64, 10**400, 1.5, 1e308, "", "1", "-0", "9" * 50, "NaN", "1e999999999",
    "\ud800", "\x00\x1b[2J", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "24:00", "x" * 2000,
    [], {}, [[]], [None], {"id": {}}, [{"id": [1]}], {"": ""},
]  # fmt: skip
LITERALS = [
    b"NaN", b"-Infinity", b"1e999999999", b"-1e-999999999", b"1" * 5000, b"0x1", b"01", b"1.", b"-", b'"\\ud800"',
    b'"\\udc00\\ud800"', b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00", b'"\\u0000"', b"/**/", b"'", b",",
    b":", b"[" * 2000, b'{"a":' * 2000, b"]", b"}", b'"rows":', b'"total":-1,', b'"id":1,"id":2,', b"null", b"\\",
]  # fmt: skip


def real(endpoint: Endpoint[..., Any]) -> bytes:
    """The documented example of an answer."""
    return (FACTS / f"{endpoint.name}.json").read_bytes()


BODIES = {endpoint.name: real(endpoint) for endpoint in TYPICAL}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the values of a JSON document are."""
    inner: list[tuple[Any, ...]] = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        inner += places(each, (*path, key))
    return inner


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """`document` with another value at `path`."""
    document = copy.deepcopy(document)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return document


PLACES = {name: places(json.loads(body)) for name, body in BODIES.items()}


@st.composite
def bytes_mutated(draw: st.DrawFn, body: bytes) -> bytes:
    """`body` after a few changes of its bytes."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        to = min(len(body), at + draw(st.integers(0, 40)))
        change = draw(st.sampled_from(["flip", "cut", "insert", "copy", "literal", "end"]))
        if change == "flip" and at < len(body):
            body = body[:at] + bytes([body[at] ^ (1 << draw(st.integers(0, 7)))]) + body[at + 1 :]
        elif change == "cut":
            body = body[:at] + body[to:]
        elif change == "insert":
            body = body[:at] + draw(st.binary(max_size=8)) + body[at:]
        elif change == "copy":
            where = draw(st.integers(0, len(body)))
            body = body[:where] + body[at:to] * draw(st.integers(1, 3)) + body[where:]
        elif change == "literal":
            body = body[:at] + draw(st.sampled_from(LITERALS)) + body[to:]
        elif draw(st.booleans()):
            body = body[:at]
    return body


@st.composite
def values_mutated(draw: st.DrawFn, name: str) -> bytes:
    """A documented answer with values that it should not have, or with literals that JSON has not."""
    document = json.loads(BODIES[name])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PLACES[name]))
        try:
            document = put(document, path, draw(st.sampled_from(HOSTILE)))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    made = json.dumps(document).encode()
    if draw(st.booleans()):
        return made
    marked = json.dumps(put(json.loads(BODIES[name]), draw(st.sampled_from(PLACES[name])), "@@")).encode()
    return marked.replace(b'"@@"', draw(st.sampled_from(LITERALS)))


def check(endpoint: Endpoint[..., Any], body: bytes) -> None:
    """Rows, or one short error that can be shown and pickled."""
    for read in (decode, structure_page):
        try:
            page = read(endpoint, body)
        except ResponseDecodeError as error:
            assert len(str(error)) < 1000
            assert len(error.excerpt) <= 200
            assert len(error.json_path or "") <= 300
            assert error.excerpt.isprintable()
            str(error).encode()
            assert str(pickle.loads(pickle.dumps(error))) == str(error)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            assert read is structure_page  # which leaves what is no JSON to `decode`
        else:
            assert isinstance(page.rows, list)
            assert page.total is None or 0 <= page.total < 2**63
            repr(page.rows[:5]).encode("utf-8", "strict")


many = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", NAMES)
@many
@given(data=st.data())
def test_bytes(name, data):
    """Bytes flipped, cut, inserted, repeated."""
    endpoint = TYPICAL[NAMES.index(name)]
    check(endpoint, data.draw(bytes_mutated(BODIES[name])))


@pytest.mark.parametrize("name", NAMES)
@many
@given(data=st.data())
def test_values(name, data):
    """Values of another type, out of range, or that JSON has not."""
    check(TYPICAL[NAMES.index(name)], data.draw(values_mutated(name)))


@many
@given(data=st.data())
def test_errors(data):
    """Every answer is a success or one of this package's errors, with texts of bounded length."""
    body = data.draw(
        st.sampled_from([*ERRORS, *BODIES.values()]).flatmap(bytes_mutated) | st.binary(max_size=300)
    )
    headers = st.text(max_size=40) | st.sampled_from(["application/json", "text/html; charset=x", "a" * 9000])
    answer = Answer(
        data.draw(st.integers(0, 999) | st.sampled_from([200, 400, 401, 429, 500])),
        data.draw(headers),
        data.draw(headers | st.sampled_from(["-1", "9" * 500, "Wed, 21 Oct 2015 07:28:00 GMT"])),
        body,
    )
    error = error_from(answer, 1_760_000_000.0)
    if error is None:
        assert answer.status == 200
        return
    assert isinstance(error, TeamUpError)
    conceal(error, ["invalid", "Status"])
    assert len(str(error)) <= 1200
    assert "invalid" not in str(error)
    str(error).encode()
    assert str(error).isprintable()
    assert repr(vars(pickle.loads(pickle.dumps(error)))) == repr(vars(error))
    if isinstance(error, StatusError):
        assert error.status == answer.status
        assert len(error.field_errors) <= 50
        assert len(repr(vars(error))) < 50 * 20 * 320
        assert error.retry_after is None or 0 <= error.retry_after <= 3600


DATES = [
    "Wed",
    ",",
    " ",
    "21",
    "Oct",
    "2015",
    "07:28:00",
    "GMT",
    "-0000",
    "+9999",
    "99999999999",
    "0",
    ":",
    "-",
    "1e9",
    "٣",
]


@many
@given(value=st.text() | st.lists(st.sampled_from(DATES), max_size=9).map(" ".join))
def test_retry_after(value):
    """Any text in Retry-After is up to an hour, or nothing."""
    seconds = retry_after(value, 1_760_000_000.0)
    assert seconds is None or 0 <= seconds <= 3600
