"""Pages of every endpoint as the sandbox sends them, and what may go wrong with them."""

import copy
import json
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from teamup_async import Endpoint

__all__ = ["mutated", "page", "trimmed"]

ODD: list[Any] = [
    None, True, False, 0, -1, 7, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**400, 1.5, -0.0, 1e16, 1e308,
    "", "1", "-0", "007", "1.50", "9" * 50, "NaN", "1e999999999", "0.00000000001", "\x00", "x" * 300, "Zoë", "😀",
    "2024-02-29", "2024-02-30", "2024-01-31T18:00:00Z", "2024-01-31T18:00:00", "2024-01-31T18:00:00.1234567Z",
    "2024-01-31 18:00:00+05:30", "2024-01-31T18:00+00:00", "2024-W05-3T18:00:00Z", "20240131T180000Z",
    "2024-01-31T24:00:00Z", "2024-01-31T23:59:60Z", "2024-01-31t18:00:00z", "1969-12-31T23:59:59.999999-12:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "18:00", "18:00:00", "18:00:00.5", "24:00",
    [], {}, [[]], [None], [{}], [1, "a"], {"id": {}}, {"id": "5"}, {"id": 1, "name": "A"}, [{"id": [1]}],
    {"": ""}, {"id": 1, "new": 2}, [{"id": 1, "name": None, "new": []}],
    {"decimal": "1.10", "string": "1.10"}, {"decimal": 1.10}, {"decimal": "12345678901234567890123456789.1"},
]  # fmt: skip
"""Values of all kinds, for any place."""
TEXTS = [
    b"NaN", b"-Infinity", b"1e999999999", b"-1e-999999999", b"1" * 5000, b"0x1", b"01", b"1.0", b"1E3", b"-0",
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud83d\\ude00"', b"\xff", b'"\xed\xa0\x80"', b'"\\u0000"', b"[" * 2000,
    b'{"a":' * 2000, b'1,"id":2', b'null,"id":3', b'{"id":1,"id":2}', b'{"id":1,"\\u0069d":2}', b'"a\nb"', b'"a',
]  # fmt: skip
"""The same as text that no encoder writes."""
MARK = "@@"

_words = st.text(max_size=6)
_any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=5,
)
_values = (
    st.sampled_from(ODD).map(copy.deepcopy)
    | _any
    | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
)


def page(endpoint: Endpoint[..., Any], rows: Sequence[Any], keys: Sequence[str]) -> dict[str, Any]:
    """A page with `rows`, as the endpoint's envelope has it."""
    made: dict[str, Any] = {endpoint.envelope.total: len(rows), endpoint.envelope.rows: list(rows)}
    if endpoint.envelope.headed:
        made["column_headers"] = [{"label": key, "key": key, "sortable": True} for key in keys]
    return made


def trimmed(row: dict[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """Only those fields of a row that are asked for."""
    made: dict[str, Any] = {}
    for path in paths:
        source: Any = row
        target = made
        *above, leaf = path.split(".")
        for name in above:
            source = source.get(name) if isinstance(source, dict) else None
            if not isinstance(source, dict):
                target.setdefault(name, source)
                break
            target = target.setdefault(name, {})
            if not isinstance(target, dict):
                break
        else:
            if leaf in source:
                target[leaf] = source[leaf]
    return made


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        found += _places(each, (*path, key))
    return found


def _at(document: Any, path: Iterable[Any]) -> Any:
    for step in path:
        document = document[step]
    return document


@st.composite
def _changed(draw: st.DrawFn, document: dict[str, Any]) -> None:
    """Change one place of the document."""
    places = _places(document)
    *above, last = draw(st.sampled_from(places))
    holder = _at(document, above)
    change = draw(st.sampled_from(["value", "value", "value", "null", "gone", "new", "text", "copy"]))
    if change == "gone":
        del holder[last]
    elif change == "copy":
        holder[last] = copy.deepcopy(_at(document, draw(st.sampled_from(places))))
    elif change == "new" and isinstance(holder, dict):
        holder[draw(_words)] = draw(_values)
    else:
        holder[last] = {"null": None, "text": MARK}.get(change) if change != "value" else draw(_values)


@st.composite
def mutated(draw: st.DrawFn, document: dict[str, Any]) -> bytes:
    """The document as JSON, after some changes: other values, fields that are gone or new, odd text, a cut end."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 3))):
        if document:
            draw(_changed(document))
    body = json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if MARK.encode() in body:
        body = body.replace(json.dumps(MARK).encode(), draw(st.sampled_from(TEXTS)))
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 30)) == 0 else body
